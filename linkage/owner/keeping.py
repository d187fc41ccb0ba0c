"""Backups of a node, and what it does when another party's log began again; agency and procuratorate alike."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.backup import words
from linkage.backup.accepting import accept_restart
from linkage.backup.holdings import Holdings
from linkage.backup.making import make_backup
from linkage.backup.restoring import Settle, restore_backup
from linkage.backup.verifying import verify_backup
from linkage.owner.settling import send_again


def run(name: str, holdings: Holdings, asked: argparse.Namespace, *, settle: Settle) -> int:
    """Run one of linkage.backup.words.COMMANDS but accept-restart. Raises LinkageError."""
    now = datetime.now(UTC)
    if name == "backup":
        return words.show_backup(make_backup(holdings, asked.folder, now=now))
    if name == "verify-backup":
        return words.show_backup(verify_backup(holdings, asked.folder))
    found = restore_backup(holdings, asked.folder, settle, by=asked.by, reason=asked.reason, now=now)
    return words.show_restored(found)


def accept(holdings: Holdings, asked: argparse.Namespace, *, opened: Callable[[], sa.Engine]) -> int:
    """Accept another party's restart; relays that a restored linkage unit may have forgotten leave once more."""
    keys = holdings.keys
    origin = origin_of(keys.manifest.consortium, keys.party.id)
    with AuditLog.open(holdings.audit, origin=origin, signer=keys.signing, clock=lambda: datetime.now(UTC)) as log:
        found = accept_restart(keys, log, asked.file, by=asked.by)
    if found.party == keys.manifest.coordinator.id:
        send_again(opened())
    return words.show_accepted(found)
