"""Signing in with both factors, and the session that follows: a token with its carrier, its hash in the account.

A session ends 15 minutes after its last use, 8 hours after signing in, and when the account is disabled or signs in
elsewhere. Every refusal says the same, whatever was wrong; the audit log says which account was tried. The carrier is a
private file for commands (carriers.py) and a cookie for pages (linkage/web); the rules are the same for both.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, NoReturn, Protocol

from linkage.accounts.book import Account, AccountBook, moment
from linkage.accounts.proofs import RandomBytes, hash_password, is_password, step_of_code
from linkage.errors import PermissionRefused
from linkage.keys.canonical import JSON

TOKEN_BYTES: Final = 32
IDLE_SECONDS: Final = 900
LONGEST_SECONDS: Final = 8 * 3600
Record = Callable[[str, Mapping[str, JSON]], object]  # Writes one durable audit entry.


class Carrier(Protocol):
    """Where a session's token is kept between two uses, on the side of who signed in."""

    def read(self) -> str:
        """Return what was written last, "" for nothing."""
        ...

    def write(self, text: str) -> None: ...

    def clear(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sign in, know who is signed in, sign out. `record` writes the audit entry before anything is answered.

    `counts` is False for what no person does, such as a page that asks by itself how far a round is.
    """

    book: AccountBook
    carrier: Carrier = field(repr=False)
    record: Record = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)
    random_bytes: RandomBytes = field(repr=False)
    counts: bool = True

    def sign_in(self, name: str, *, password: str, code: str) -> Account:
        """Return the account and leave its token with the carrier. Raises PermissionRefused, after an audit entry."""
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
            failed = self.book.change(name, lambda a: a.failed(now))
            self._refuse("locked by failures" if failed.is_locked(now) else "wrong password or code", name)
        token = self.random_bytes(TOKEN_BYTES)
        self.record("account.signed-in", {"account": name, "role": account.role})
        entered = self.book.change(name, lambda a: self._entered(a, step, _digest(token)))
        self.carrier.write(f"{token.hex()} {name}")
        return entered

    def _entered(self, account: Account, step: int, digest: str) -> Account:
        """Return the account with its session, unless it was disabled, locked or used this code meanwhile."""
        now = self.clock()
        if not account.enabled or account.is_locked(now) or step <= account.last_step:
            self._refuse("changed meanwhile", account.name)
        at = moment(now)
        return replace(account, failures=0, last_step=step, session=digest, signed_in_at=at, seen_at=at)

    def current(self) -> Account | None:
        """Return who is signed in, and count this as use; None for nobody. Raises nothing but a damaged file."""
        account = self._holder()
        if account is None:
            return None
        at = moment(self.clock())
        if not account.enabled or seconds_left(account, self.clock()) < 0:
            self.book.change(account.name, lambda a: a.ended() if a.session == account.session else a)
            self.carrier.clear()
            return None
        if not self.counts or account.seen_at == at:
            return account
        return self.book.change(account.name, lambda a: replace(a, seen_at=at) if a.session == account.session else a)

    def _holder(self) -> Account | None:
        token, _, name = self.carrier.read().partition(" ")
        try:
            digest = _digest(bytes.fromhex(token))
        except ValueError:
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
            self.book.change(account.name, lambda a: a.ended() if a.session == account.session else a)
        self.carrier.clear()

    def _refuse(self, why: str, name: str) -> NoReturn:
        self.record("account.refused", {"account": name, "reason": why})
        raise PermissionRefused(
            "登录被拒绝：账户、密码或动态码不正确，或账户已锁定",
            "signing in was refused: account, password or code is wrong, or the account is locked",
            hint_zh="连续五次失败锁定十五分钟；安全管理员可以解锁",
            hint_en="five failures lock for fifteen minutes; the security administrator can unlock",
        )


def seconds_left(account: Account, now: datetime) -> int:
    """Return how long the account's session lasts when it is not used; negative when it is over."""
    at = moment(now)
    return min(account.seen_at + IDLE_SECONDS, account.signed_in_at + LONGEST_SECONDS) - at


def _digest(token: bytes) -> str:
    return hashlib.sha256(b"linkage/v1/session\0" + token).hexdigest()
