"""Put gate and desk of one node together from its state folder; the shell around the pure parts."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from linkage.accounts.book import AccountBook
from linkage.accounts.desk import AccountDesk
from linkage.accounts.gate import EXERCISE, SINGLE_USER, Gate, Rights
from linkage.accounts.sessions import FILE, Sessions
from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.keys.canonical import JSON
from linkage.keys.store import load_party_keys


def now_utc() -> datetime:
    return datetime.now(UTC)


def open_gate(state: Path, rights: Rights, *, known: frozenset[str]) -> Gate:
    """Return the gate of the node whose state lies here; `known` are its roles."""

    def record(kind: str, facts: Mapping[str, JSON]) -> None:
        # Opened for each entry: most commands write none here, and the running node appends beside us.
        keys = load_party_keys(state)
        origin = origin_of(keys.manifest.consortium, keys.party.id)
        with closing(AuditLog.open(state / "audit", origin=origin, signer=keys.signing, clock=now_utc)) as log:
            log.append(kind, facts)

    book = AccountBook(state, known)
    sessions = Sessions(book, state / FILE, record, now_utc, os.urandom)
    return Gate(rights, book, sessions, record, single_user=os.environ.get(SINGLE_USER) == EXERCISE)


def open_desk(gate: Gate, *, issuer: str) -> AccountDesk:
    """Return the desk of the `accounts` commands, with the terminal."""
    return AccountDesk(
        gate.book,
        gate.sessions,
        gate.record,
        issuer,
        ask=getpass.getpass,
        show=print,
        clock=now_utc,
        random_bytes=os.urandom,
    )
