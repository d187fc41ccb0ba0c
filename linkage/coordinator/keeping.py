"""Backups of the coordinator, and what it does when another party's log began again."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.backup import words
from linkage.backup.accepting import accept_restart
from linkage.backup.holdings import Holdings
from linkage.backup.making import make_backup
from linkage.backup.restoring import restore_backup
from linkage.backup.verifying import verify_backup
from linkage.coordinator.config import Config
from linkage.coordinator.settling import forget_steps, settle
from linkage.coordinator.store import CHAIN, Store
from linkage.keys.store import PartyKeys, load_party_keys

PROGRAM: Final = "coordinator"


def holdings_of(config: Config, keys: PartyKeys) -> Holdings:
    return Holdings(PROGRAM, config.state, config.place, (CHAIN,), keys)


def run(name: str, config: Config, asked: argparse.Namespace) -> int:
    """Run one of linkage.backup.words.COMMANDS. Raises LinkageError."""
    keys, now = load_party_keys(config.state), datetime.now(UTC)
    if name == "accept-restart":
        return _accept(config, keys, asked)
    holdings = holdings_of(config, keys)
    if name == "backup":
        return words.show_backup(make_backup(holdings, asked.folder, now=now))
    if name == "verify-backup":
        return words.show_backup(verify_backup(holdings, asked.folder))
    found = restore_backup(holdings, asked.folder, settle, by=asked.by, reason=asked.reason, now=now)
    return words.show_restored(found)


def _accept(config: Config, keys: PartyKeys, asked: argparse.Namespace) -> int:
    origin = origin_of(keys.manifest.consortium, keys.party.id)
    with (
        closing(Store(config.place)) as store,
        AuditLog.open(
            config.state / "audit", origin=origin, signer=keys.signing, clock=lambda: datetime.now(UTC)
        ) as log,
        store.transaction() as connection,
    ):
        found = accept_restart(keys, log, asked.file, by=asked.by)
        forget_steps(connection, found.party)
    return words.show_accepted(found)
