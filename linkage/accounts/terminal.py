"""The `accounts` commands at a terminal: add, list, disable, unlock, reset, sign in and out.

Passwords and codes come from the terminal or from a private file, never from the command line or the environment.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from linkage.accounts.book import Account
from linkage.accounts.desk import AccountDesk
from linkage.accounts.proofs import typed_secret
from linkage.accounts.sessions import Sessions
from linkage.errors import ConfigError
from linkage.keys.files import read_private


@dataclass(frozen=True, slots=True)
class AccountTerminal:
    """Carry out one command. `ask` reads a secret from the terminal, `draw` makes a picture of a link for it."""

    desk: AccountDesk
    sessions: Sessions = field(repr=False)
    ask: Callable[[str], str] = field(repr=False)
    show: Callable[[str], object] = field(repr=False)
    draw: Callable[[str], str] = field(repr=False)

    def run(self, action: str, asked: argparse.Namespace, *, by: str) -> int:
        """Do "accounts.<step>". Raises LinkageError."""
        step: Callable[[argparse.Namespace, str], int] = getattr(self, f"_{action.removeprefix('accounts.')}")
        return step(asked, by)

    def _add(self, asked: argparse.Namespace, by: str) -> int:
        self._enrol(self.desk.add(asked.name, asked.role, self._new_password(asked), by=by))
        return 0

    def _list(self, asked: argparse.Namespace, by: str) -> int:
        now = self.sessions.clock()
        for account in self.desk.book.all():
            state = "锁定 locked" if account.is_locked(now) else "可用 usable"
            state = state if account.enabled else "停用 disabled"
            seen = datetime.fromtimestamp(account.seen_at, UTC).strftime("%Y-%m-%d %H:%M") if account.seen_at else "—"
            self.show(f"{account.name}  {account.role}  {state}  最近使用 last used (UTC) {seen}")
        return 0

    def _disable(self, asked: argparse.Namespace, by: str) -> int:
        self.desk.disable(asked.name, by=by)
        return 0

    def _unlock(self, asked: argparse.Namespace, by: str) -> int:
        self.desk.unlock(asked.name, by=by)
        return 0

    def _reset(self, asked: argparse.Namespace, by: str) -> int:
        self._enrol(self.desk.reset(asked.name, self._new_password(asked), by=by))
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
        return password

    def _enrol(self, account: Account) -> None:
        self.show("动态码密钥，只显示这一次，请本人录入设备 | the second factor, shown this once:")
        self.show(typed_secret(bytes.fromhex(account.secret)))
        uri = self.desk.enrolment(account)
        self.show(uri)
        if picture := self.draw(uri):
            self.show(picture)


def _from_file(file: Path | None) -> str:
    """Return the first line of a private file, "" without a file. Raises KeyMaterialError."""
    return "" if file is None else (read_private(file).decode("utf-8", "replace").splitlines() or [""])[0]
