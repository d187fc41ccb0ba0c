"""A node's state folder, a clock that can be moved, and an audit log that is a list."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linkage.accounts.book import Account, AccountBook
from linkage.accounts.carriers import FileCarrier
from linkage.accounts.gate import Gate, Rights, roles
from linkage.accounts.proofs import code_at, hash_password
from linkage.accounts.sessions import Sessions
from linkage.keys.canonical import JSON

PASSWORD = "正确的马电池订书钉-42"
HASHED = hash_password(PASSWORD, os.urandom)  # Once: it is slow on purpose.
SECRET = bytes(range(20))
RIGHTS: Rights = {"look": roles("clerk", "chief"), "sign": roles("chief"), "begin": roles("open")}


@dataclass(slots=True)
class Office:
    """Everything of one node's accounts, with the time in hand."""

    state: Path
    moment: datetime = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    entries: list[tuple[str, Mapping[str, JSON]]] = field(default_factory=list)

    @property
    def book(self) -> AccountBook:
        return AccountBook(self.state, roles("clerk", "chief", "security-administrator"))

    @property
    def session_file(self) -> Path:
        return self.state / "session"

    @property
    def sessions(self) -> Sessions:
        record = lambda kind, facts: self.entries.append((kind, facts))  # noqa: E731
        return Sessions(self.book, FileCarrier(self.session_file), record, lambda: self.moment, os.urandom)

    def gate(self, *, single_user: bool = False) -> Gate:
        return Gate(RIGHTS, self.book, self.sessions, self.sessions.record, single_user=single_user)

    def add(self, name: str, role: str) -> None:
        self.book.add(Account(name, role, HASHED, SECRET.hex()))

    def code(self) -> str:
        return code_at(SECRET, self.moment)

    def later(self, **span: float) -> None:
        self.moment += timedelta(**span)

    def enter(self, name: str) -> None:
        """Sign in with what is right, at a time whose code was not used yet."""
        self.later(seconds=60)
        self.sessions.sign_in(name, password=PASSWORD, code=self.code())

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.entries]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)
