"""The `accounts` commands, the same for both kinds of node: add, list, disable, unlock, reset, sign in and out.

Passwords and codes come from the terminal or from a private file, never from the command line or the environment.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from linkage.accounts.book import Account, AccountBook
from linkage.accounts.gate import OPEN, Rights, roles
from linkage.accounts.proofs import SECRET_BYTES, RandomBytes, check_password, enrolment_uri, hash_password
from linkage.accounts.sessions import Record, Sessions
from linkage.errors import ConfigError, PermissionRefused
from linkage.keys.files import read_private

SECURITY: Final = "security-administrator"
SYSTEM: Final = "system-administrator"
AUDITOR: Final = "auditor"
ADMINISTRATION: Final = roles(SECURITY, SYSTEM, AUDITOR)
RIGHTS: Final[Rights] = {
    "accounts.add": roles(SECURITY),
    "accounts.disable": roles(SECURITY),
    "accounts.unlock": roles(SECURITY),
    "accounts.reset": roles(SECURITY),
    "accounts.list": roles(SECURITY, AUDITOR),
    "accounts.sign_in": roles(OPEN),
    "accounts.sign_out": roles(OPEN),
    "accounts.whoami": roles(OPEN),
}


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """Carry out one command; who may has been decided by the gate. `ask` reads a secret from the terminal."""

    book: AccountBook
    sessions: Sessions = field(repr=False)
    record: Record = field(repr=False)
    issuer: str
    ask: Callable[[str], str] = field(repr=False)
    show: Callable[[str], object] = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)
    random_bytes: RandomBytes = field(repr=False)

    def run(self, action: str, asked: argparse.Namespace, *, by: str) -> int:
        """Do "accounts.<step>". Raises LinkageError."""
        step: Callable[[argparse.Namespace, str], int] = getattr(self, f"_{action.removeprefix('accounts.')}")
        return step(asked, by)

    def _add(self, asked: argparse.Namespace, by: str) -> int:
        first = self.book.is_empty()
        if first and asked.role != SECURITY:
            raise ConfigError(
                f"第一个账户必须是安全管理员（{SECURITY}）",
                f"the first account is the security administrator's ({SECURITY})",
            )
        password, secret = self._new_password(asked), self.random_bytes(SECRET_BYTES)
        account = Account(asked.name, asked.role, hash_password(password, self.random_bytes), secret.hex())
        self.record("account.added", {"account": asked.name, "role": asked.role, "by": by, "first": first})
        self.book.add(account)
        self._enrol(account)
        return 0

    def _list(self, asked: argparse.Namespace, by: str) -> int:
        now = self.clock()
        for account in self.book.all():
            state = "锁定 locked" if account.is_locked(now) else "可用 usable"
            state = state if account.enabled else "停用 disabled"
            seen = datetime.fromtimestamp(account.seen_at, UTC).strftime("%Y-%m-%d %H:%M") if account.seen_at else "—"
            self.show(f"{account.name}  {account.role}  {state}  最近使用 last used (UTC) {seen}")
        return 0

    def _disable(self, asked: argparse.Namespace, by: str) -> int:
        account = self.book.get(asked.name)
        if account.name == by:
            raise PermissionRefused("不能停用自己的账户", "nobody disables the account in use")
        self.record("account.disabled", {"account": account.name, "by": by})
        self.book.change(account.name, lambda now: replace(now.ended(), enabled=False))
        return 0

    def _unlock(self, asked: argparse.Namespace, by: str) -> int:
        account = self.book.get(asked.name)
        self.record("account.unlocked", {"account": account.name, "by": by})
        self.book.change(account.name, lambda now: replace(now, failures=0, locked_until=0))
        return 0

    def _reset(self, asked: argparse.Namespace, by: str) -> int:
        account = self.book.get(asked.name)
        password, secret = self._new_password(asked), self.random_bytes(SECRET_BYTES)
        hashed = hash_password(password, self.random_bytes)
        self.record("account.reset", {"account": account.name, "by": by})
        proofs = {"password": hashed, "secret": secret.hex(), "failures": 0, "locked_until": 0, "last_step": 0}
        self._enrol(self.book.change(account.name, lambda now: replace(now.ended(), **proofs)))
        return 0

    def _sign_in(self, asked: argparse.Namespace, by: str) -> int:
        password = _from_file(asked.password_file) or self.ask("密码 password: ")
        code = _from_file(asked.code_file) or self.ask("动态码 code: ")
        account = self.sessions.sign_in(asked.name, password=password, code=code.strip())
        self.show(f"已登录 signed in：{account.name}（{account.role}）")
        return 0

    def _sign_out(self, asked: argparse.Namespace, by: str) -> int:
        self.sessions.sign_out()
        self.show("已退出 | signed out")
        return 0

    def _whoami(self, asked: argparse.Namespace, by: str) -> int:
        account = self.sessions.current()
        self.show(f"{account.name}  {account.role}" if account else "没有登录 | nobody is signed in")
        return 0 if account else 1

    def _new_password(self, asked: argparse.Namespace) -> str:
        password = _from_file(asked.password_file)
        if not password:
            password = self.ask("新密码 new password: ")
            if self.ask("再输一次 once more: ") != password:
                raise ConfigError("两次输入的密码不同", "the two passwords differ")
        check_password(password, name=asked.name)
        return password

    def _enrol(self, account: Account) -> None:
        self.show("动态码密钥，只显示这一次，请本人录入设备 | the second factor, shown this once:")
        self.show(enrolment_uri(bytes.fromhex(account.secret), issuer=self.issuer, name=account.name))


def _from_file(file: Path | None) -> str:
    """Return the first line of a private file, "" without a file. Raises KeyMaterialError."""
    return "" if file is None else (read_private(file).decode("utf-8", "replace").splitlines() or [""])[0]
