"""Put gate and desk of one node together from its state folder; the shell around the pure parts."""

from __future__ import annotations

import argparse
import getpass
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from linkage.accounts.book import AccountBook
from linkage.accounts.carriers import FILE, FileCarrier
from linkage.accounts.desk import AccountDesk
from linkage.accounts.gate import EXERCISE, OPEN, SINGLE_USER, Gate, Rights, Titles
from linkage.accounts.picture import terminal_picture
from linkage.accounts.sessions import Sessions
from linkage.accounts.terminal import AccountTerminal
from linkage.accounts.words import admit
from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.keys.canonical import JSON
from linkage.keys.store import load_party_keys

ACCOUNTS: Final = "accounts."


def now_utc() -> datetime:
    return datetime.now(UTC)


def open_gate(state: Path, rights: Rights, *, titles: Titles) -> Gate:
    """Return the gate of the node whose state lies here; `titles` are its roles in words."""

    def record(kind: str, facts: Mapping[str, JSON]) -> None:
        # Opened for each entry: most commands write none here, and the running node appends beside us.
        keys = load_party_keys(state)
        origin = origin_of(keys.manifest.consortium, keys.party.id)
        with closing(AuditLog.open(state / "audit", origin=origin, signer=keys.signing, clock=now_utc)) as log:
            log.append(kind, facts)

    book = AccountBook(state, frozenset(titles))
    sessions = Sessions(book, FileCarrier(state / FILE), record, now_utc, os.urandom)
    return Gate(rights, book, sessions, record, os.environ.get(SINGLE_USER) == EXERCISE, titles)


@dataclass(frozen=True, slots=True)
class Entrance:
    """What stands before every command of a program: its rights, its roles in words, how it finds its state folder."""

    rights: Rights = field(repr=False)
    titles: Titles = field(repr=False)
    issuer: str
    state_of: Callable[[Path], Path] = field(repr=False)

    def admitted(self, action: str, asked: argparse.Namespace) -> str:
        """Return the officer acting, "" where nobody needs to be known. Raises PermissionRefused."""
        if OPEN in self.rights.get(action, ()) and not action.startswith(ACCOUNTS):
            return ""  # Such a command may run before there is a configuration.
        return admit(self.gate(asked.config), action, asked)

    def run_accounts(self, action: str, asked: argparse.Namespace, *, by: str) -> int:
        """Carry out one `accounts` command, with the terminal. Raises LinkageError."""
        gate = self.gate(asked.config)
        desk = AccountDesk(gate.book, gate.record, self.issuer, os.urandom)
        terminal = AccountTerminal(desk, gate.sessions, ask=getpass.getpass, show=print, draw=_drawn)
        return terminal.run(action, asked, by=by)

    def gate(self, config: Path) -> Gate:
        """Return the gate of the node with this configuration. Raises ConfigError."""
        return open_gate(self.state_of(config), self.rights, titles=self.titles)


def _drawn(uri: str) -> str:
    """Return the picture that the terminal can show; one whose width nobody knows is taken to have 80 columns."""
    return terminal_picture(uri, encoding=sys.stdout.encoding, columns=shutil.get_terminal_size().columns)
