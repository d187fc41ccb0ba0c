"""The `accounts` commands on a command line, and what the gate changes about every other one."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from linkage.accounts.desk import COMMANDS
from linkage.accounts.gate import Gate
from linkage.errors import PermissionRefused

TITLE = "账户、登录 | accounts and signing in"
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
