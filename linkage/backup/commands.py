"""The commands that every program carries out alike: make, prove and restore a backup."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from linkage.backup.holdings import Holdings
from linkage.backup.making import make_backup
from linkage.backup.restoring import Settle, restore_backup
from linkage.backup.verifying import verify_backup
from linkage.backup.words import show_backup, show_restored


def run_command(name: str, holdings: Holdings, asked: argparse.Namespace, *, settle: Settle) -> int:
    """Run backup, verify-backup or restore. Raises LinkageError."""
    now = datetime.now(UTC)
    if name == "backup":
        return show_backup(make_backup(holdings, asked.folder, now=now))
    if name == "verify-backup":
        return show_backup(verify_backup(holdings, asked.folder))
    found = restore_backup(holdings, asked.folder, settle, by=asked.by, reason=asked.reason, now=now)
    return show_restored(found)
