"""Backups of the coordinator, and what it does when another party's log began again."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.backup.accepting import accept_restart
from linkage.backup.commands import run_command
from linkage.backup.holdings import Holdings
from linkage.backup.words import show_accepted
from linkage.coordinator.config import Config
from linkage.coordinator.settling import forget_steps, settle
from linkage.coordinator.store import CHAIN, Store
from linkage.keys.store import PartyKeys, load_party_keys

PROGRAM: Final = "coordinator"


def holdings_of(config: Config, keys: PartyKeys) -> Holdings:
    return Holdings(PROGRAM, config.state, config.place, (CHAIN,), keys)


def run(name: str, config: Config, asked: argparse.Namespace) -> int:
    """Run one of linkage.backup.words.COMMANDS. Raises LinkageError."""
    keys = load_party_keys(config.state)
    if name == "accept-restart":
        return _accept(config, keys, asked)
    return run_command(name, holdings_of(config, keys), asked, settle=settle)


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
    return show_accepted(found)
