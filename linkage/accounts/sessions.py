"""Signing in with both factors, and the session that follows: a token in a private file, its hash in the account.

A session ends 15 minutes after its last command, 8 hours after signing in, and when the account is disabled or signs
in elsewhere. Every refusal says the same, whatever was wrong; the audit log says which account was tried.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final, NoReturn

from linkage.accounts.book import Account, AccountBook, moment
from linkage.accounts.proofs import RandomBytes, hash_password, is_password, step_of_code
from linkage.errors import KeyMaterialError, PermissionRefused
from linkage.keys.canonical import JSON
from linkage.keys.files import PRIVATE, read_private, write_file

FILE: Final = "session"
TOKEN_BYTES: Final = 32
IDLE_SECONDS: Final = 900
LONGEST_SECONDS: Final = 8 * 3600
Record = Callable[[str, Mapping[str, JSON]], object]  # Writes one durable audit entry.


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sign in, know who is signed in, sign out. `record` writes the audit entry before anything is answered."""

    book: AccountBook
    file: Path
    record: Record = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)
    random_bytes: RandomBytes = field(repr=False)

    def sign_in(self, name: str, *, password: str, code: str) -> Account:
        """Return the account and leave its session file. Raises PermissionRefused, after an audit entry."""
        now = self.clock()
        account = next((a for a in self.book.all() if a.name == name), None)
        if account is None:
            hash_password(password, self.random_bytes)  # So that an unknown name takes as long as a wrong password.
            self._refuse("unknown account", "")
        if account.is_locked(now) or not account.enabled:
            self._refuse("locked" if account.enabled else "disabled", name)
        step = step_of_code(bytes.fromhex(account.secret), code, now)
        proven = is_password(password, account.password)
        if not proven or step is None or step <= account.last_step:
            failed = account.failed(now)
            self.book.put(failed)
            self._refuse("locked by failures" if failed.is_locked(now) else "wrong password or code", name)
        token = self.random_bytes(TOKEN_BYTES)
        at = moment(now)
        self.record("account.signed-in", {"account": name, "role": account.role})
        entered = replace(account, failures=0, last_step=step or 0, session=_digest(token), signed_in_at=at, seen_at=at)
        self.book.put(entered)
        write_file(self.file, f"{token.hex()} {name}\n".encode(), mode=PRIVATE)
        return entered

    def current(self) -> Account | None:
        """Return who is signed in, and count this as use; None for nobody. Raises nothing but a damaged file."""
        account, now = self._holder(), self.clock()
        if account is None:
            return None
        at = moment(now)
        if not account.enabled or at - account.seen_at > IDLE_SECONDS or at - account.signed_in_at > LONGEST_SECONDS:
            self.book.put(account.ended())
            self.file.unlink(missing_ok=True)
            return None
        used = replace(account, seen_at=at)
        self.book.put(used)
        return used

    def _holder(self) -> Account | None:
        try:
            token, _, name = read_private(self.file).decode().strip().partition(" ")
            digest = _digest(bytes.fromhex(token))
        except (KeyMaterialError, ValueError):
            return None
        account = next((a for a in self.book.all() if a.name == name), None)
        if account is None or not account.session or not hmac.compare_digest(account.session, digest):
            return None
        return account

    def sign_out(self) -> None:
        """End the session, if there is one."""
        account = self._holder()
        if account is not None:
            self.record("account.signed-out", {"account": account.name})
            self.book.put(account.ended())
        self.file.unlink(missing_ok=True)

    def _refuse(self, why: str, name: str) -> NoReturn:
        self.record("account.refused", {"account": name, "reason": why})
        raise PermissionRefused(
            "登录被拒绝：账户、密码或动态码不正确，或账户已锁定",
            "signing in was refused: account, password or code is wrong, or the account is locked",
            hint_zh="连续五次失败锁定十五分钟；安全管理员可以解锁",
            hint_en="five failures lock for fifteen minutes; the security administrator can unlock",
        )


def _digest(token: bytes) -> str:
    return hashlib.sha256(b"linkage/v1/session\0" + token).hexdigest()
