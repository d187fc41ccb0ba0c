"""The `accounts` commands on a command line, and what the gate changes about every other one."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from linkage.errors import PermissionRefused

if TYPE_CHECKING:
    from linkage.accounts.gate import Gate  # What a command line can tell, it tells without loading this.

TITLE: Final = "账户、登录 | accounts and signing in"
NAME = ("name", {"metavar": "NAME", "help": "账户名 | the account's name"})
PASSWORD = ("--password-file", {"type": Path, "metavar": "FILE", "help": "密码文件，权限 0600 | file, mode 0600"})
CODE = ("--code-file", {"type": Path, "metavar": "FILE", "help": "动态码文件，权限 0600 | file, mode 0600"})
ROLE = ("--role", {"required": True, "help": "角色 | the one role of this account"})
Argument = tuple[str, Mapping[str, object]]
COMMANDS: Final[tuple[tuple[str, str, tuple[Argument, ...]], ...]] = (
    ("add", "建立账户，显示一次动态码密钥 | add an account; shows its second factor once", (NAME, ROLE, PASSWORD)),
    ("list", "列出账户 | list the accounts", ()),
    ("disable", "停用账户 | disable an account for good", (NAME,)),
    ("unlock", "解锁 | unlock an account", (NAME,)),
    ("reset", "重设密码和动态码 | new password and second factor", (NAME, PASSWORD)),
    ("sign-in", "登录 | sign in", (NAME, PASSWORD, CODE)),
    ("sign-out", "退出 | sign out", ()),
    ("whoami", "谁已登录 | who is signed in", ()),
)
Commands = argparse._SubParsersAction  # The only name argparse has for it.


def add_account_commands(
    commands: Commands[argparse.ArgumentParser], name_action: Callable[[argparse.ArgumentParser, str], None]
) -> None:
    """Add `accounts STEP`; `name_action` notes "accounts.step" the way the program names its actions."""
    accounts = commands.add_parser("accounts", help=TITLE, description=TITLE, allow_abbrev=False)
    steps = accounts.add_subparsers(dest="step", required=True, metavar="STEP")
    for name, text, arguments in COMMANDS:
        step = steps.add_parser(name, help=text, description=text, allow_abbrev=False)
        name_action(step, f"accounts.{name.replace('-', '_')}")
        for flag, options in arguments:
            step.add_argument(flag, **options)  # type: ignore[arg-type]


def admit(gate: Gate, action: str, asked: argparse.Namespace) -> str:
    """Let the gate decide, and make who is signed in the officer acting (`asked.by`). Raises PermissionRefused."""
    named = getattr(asked, "by", "")
    name = gate.admit(action, by=named or "")
    if hasattr(asked, "by"):
        if named is None and not name:
            raise PermissionRefused("请用 --by 写明经办人", "say with --by who acts")
        asked.by = name or named
    return name
