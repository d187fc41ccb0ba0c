"""What a node does when another party's log began again; agency and procuratorate alike."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.backup.accepting import accept_restart
from linkage.backup.holdings import Holdings
from linkage.backup.words import show_accepted
from linkage.owner.database import open_database
from linkage.owner.settling import send_again


def accept(holdings: Holdings, asked: argparse.Namespace) -> int:
    """Accept another party's restart; relays that a restored linkage unit may have forgotten leave once more."""
    keys = holdings.keys
    origin = origin_of(keys.manifest.consortium, keys.party.id)
    with AuditLog.open(holdings.audit, origin=origin, signer=keys.signing, clock=lambda: datetime.now(UTC)) as log:
        found = accept_restart(keys, log, asked.file, by=asked.by)
    if found.party == keys.manifest.coordinator.id:
        send_again(open_database(holdings.place))
    return show_accepted(found)
