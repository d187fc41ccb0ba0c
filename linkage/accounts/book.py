"""The accounts of one node, in state/accounts.json (mode 0600); every change replaces the file whole, under a lock.

An account has one role and nothing beside it: rights of different roles cannot meet in one person's account. After 5
failures an account is locked for 15 minutes. Nothing here is shown: passwords are hashes, second factors stay inside.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from linkage.errors import ConfigError, NotFoundError
from linkage.keys.canonical import JSON, canonical_json, parse_canonical_json
from linkage.keys.files import PRIVATE, read_private, write_file

FILE: Final = "accounts.json"
FORMAT: Final = "linkage/v1/accounts"
FAILURES: Final = 5
LOCKED_SECONDS: Final = 900


@dataclass(frozen=True, slots=True)
class Account:
    """One person's account. Moments are seconds since 1970 in UTC, 0 = never; `last_step` is the last code's step."""

    name: str
    role: str
    password: str = field(repr=False)
    secret: str = field(repr=False)  # Hex of the second factor.
    enabled: bool = True
    failures: int = 0
    locked_until: int = 0
    last_step: int = 0
    session: str = field(repr=False, default="")  # Hex SHA-256 of the session's token.
    signed_in_at: int = 0
    seen_at: int = 0

    def is_locked(self, now: datetime) -> bool:
        return self.locked_until > now.timestamp()

    def failed(self, now: datetime) -> Account:
        """Return the account after one more failure; the fifth locks it."""
        failures = self.failures + 1
        if failures < FAILURES:
            return replace(self, failures=failures)
        return replace(self, failures=0, locked_until=int(now.timestamp()) + LOCKED_SECONDS)

    def ended(self) -> Account:
        """Return the account without a session."""
        return replace(self, session="", signed_in_at=0, seen_at=0)


@dataclass(frozen=True, slots=True)
class AccountBook:
    """Read and change the accounts. `roles` are the roles this kind of node knows."""

    state: Path
    roles: frozenset[str]

    @property
    def file(self) -> Path:
        return self.state / FILE

    def is_empty(self) -> bool:
        """Tell whether no account was ever made here."""
        return not self.file.exists()

    def all(self) -> tuple[Account, ...]:
        """Return every account by name. Raises ConfigError, or KeyMaterialError when others may read the file."""
        return () if self.is_empty() else tuple(self._read().values())

    def get(self, name: str) -> Account:
        """Return one account. Raises NotFoundError."""
        for account in self.all():
            if account.name == name:
                return account
        raise _unknown()

    def add(self, account: Account) -> None:
        """Add an account. Raises ConfigError for an unknown role or a name that is taken."""
        if account.role not in self.roles:
            known = "、".join(sorted(self.roles))
            raise ConfigError(f"没有这个角色；可用：{known}", f"there is no such role; known: {sorted(self.roles)}")
        if not account.name.strip() or not account.name.isprintable() or len(account.name) > 64:
            raise ConfigError("账户名不正确", "malformed account name")
        with self._changing() as accounts:
            if account.name in accounts:
                raise ConfigError("账户名已被使用，停用后也不再给别人", "this name is taken, also when disabled")
            accounts[account.name] = account

    def change(self, name: str, step: Callable[[Account], Account]) -> Account:
        """Take an account one step on from what it is now, and return it. Raises NotFoundError, or what `step` does.

        Never from what was read before: several commands and pages change the same account at one time.
        """
        with self._changing() as accounts:
            if name not in accounts:
                raise _unknown()
            accounts[name] = step(accounts[name])
            return accounts[name]

    @contextlib.contextmanager
    def _changing(self) -> Iterator[dict[str, Account]]:
        with (self.state / f"{FILE}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            accounts = {} if self.is_empty() else self._read()
            yield accounts
            listed: list[JSON] = [_to_json(accounts[name]) for name in sorted(accounts)]
            write_file(self.file, canonical_json({"format": FORMAT, "accounts": listed}), mode=PRIVATE)

    def _read(self) -> dict[str, Account]:
        data = parse_canonical_json(read_private(self.file))
        rows = data.get("accounts") if isinstance(data, dict) and data.get("format") == FORMAT else None
        if not isinstance(rows, list):
            raise _damaged()
        accounts = [_from_json(row) for row in rows]
        return {account.name: account for account in sorted(accounts, key=lambda a: a.name)}


def moment(now: datetime) -> int:
    return int(now.astimezone(UTC).timestamp())


def _to_json(account: Account) -> dict[str, JSON]:
    return {f.name: getattr(account, f.name) for f in fields(Account)}


def _from_json(row: JSON) -> Account:
    kinds = {f.name: {"str": str, "bool": bool, "int": int}[str(f.type)] for f in fields(Account)}
    if not isinstance(row, Mapping) or set(row) != set(kinds) or any(type(row[n]) is not k for n, k in kinds.items()):
        raise _damaged()
    return Account(**row)  # type: ignore[arg-type]  # Every value was checked by its field's type.


def _unknown() -> NotFoundError:
    return NotFoundError("没有这个账户", "there is no such account")


def _damaged() -> ConfigError:
    return ConfigError(
        f"账户文件 {FILE} 已损坏，任何人都不能登录",
        f"the file {FILE} is damaged: nobody can sign in",
        hint_zh="从备份恢复",
        hint_en="restore it from a backup",
    )
