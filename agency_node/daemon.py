"""Put an agency node together and keep it running until SIGTERM; nothing is decided here."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agency_node.config import Config
from agency_node.datasets import Registers
from agency_node.decisions import Decisions
from agency_node.desk import AgencyDesk
from agency_node.entering import entered_files
from agency_node.importing import imported_files
from agency_node.referrals import Referrals, send_statuses
from agency_node.releases import ReleaseDesk, Releases
from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.encode.secret import load_party_secret
from linkage.errors import ConfigError
from linkage.keys.files import make_folder
from linkage.keys.store import PartyKeys, load_party_keys
from linkage.operations.metrics import Meter
from linkage.operations.port import STOPPING, opened_port
from linkage.operations.stopping import stop_by_signal
from linkage.owner.database import FILE, open_database
from linkage.owner.measuring import MeteredLog, heard_by, watch_node
from linkage.owner.office import Office
from linkage.owner.participation import Participation
from linkage.owner.progress import Progress
from linkage.owner.session import OwnerSession, session_lock
from linkage.owner.trail import AuditTrail
from linkage.owner.witnessing import Witness
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import LinkageClient, connect

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, repr=False)
class Node:
    """One agency node, ready to run."""

    config: Config
    keys: PartyKeys
    audit: AuditLog
    desk: AgencyDesk
    office: Office
    client: LinkageClient
    session: OwnerSession
    meter: Meter


def open_node(config: Config, *, clock: Clock = now_utc, connects: bool = True) -> Node:
    """Load keys, secret, audit log, database and registers. Raises what is missing or wrong, before connecting.

    A node that does not connect needs no certificate that is still valid.
    """
    keys = load_party_keys(config.state, now=clock() if connects else None)
    if keys.party.role != "agency":
        raise ConfigError("这里的密钥不是数据单位的", "the keys here are not an agency's")
    secret = load_party_secret(keys)
    make_folder(config.state / "rounds")
    origin = origin_of(keys.manifest.consortium, keys.party.id)
    audit = AuditLog.open(config.state / "audit", origin=origin, signer=keys.signing, clock=clock)
    book = Participation(open_database(config.state / FILE))
    meter = Meter()
    watch_node(meter, book, keys)
    trail = AuditTrail(MeteredLog(audit, meter), peer=keys.manifest.coordinator.id)
    releases, referrals = Releases(book.engine), Referrals(book.engine)
    desk = AgencyDesk(
        keys.party.id,
        Decisions(book.engine),
        releases=releases,
        referrals=referrals,
        policy_file=config.policy,
        open_registers=lambda: open_registers(config, keys, clock),
        clock=clock,
    )
    desk.policy()
    for problem in desk.registers().problems:
        log.warning("%s: %s", problem.file, problem.error)
    office = Office(
        keys=keys,
        secret=secret,
        book=book,
        trail=trail,
        policy=desk,
        state=config.state,
        clock=clock,
        monotonic=time.monotonic,
        random_bytes=os.urandom,
        keep_maps=timedelta(days=config.keep_map_days),
        report=show_progress,
    )
    client = connect(
        config.coordinator,
        keys,
        last_leaf=trail.last_leaf,
        seen=heard_by(meter, trail.seen),
        backoff=Backoff(attempts=3, longest=5.0),
    )
    release_desk = ReleaseDesk(office, releases, policy=desk.policy, registers=desk.registers)
    witness = Witness(client, audit, keys, trail=trail, monotonic=time.monotonic)

    def chores() -> None:
        release_desk.work()
        send_statuses(office, referrals)

    desk.chores = chores
    return Node(config, keys, audit, desk, office, client, OwnerSession(office, client, witness=witness), meter)


def open_registers(config: Config, keys: PartyKeys, clock: Clock) -> Registers:
    """Look at the register folder as it is now."""
    return Registers(
        config.data,
        today=config.day(clock().date()),
        datasets=keys.party.datasets,
        entries=(*config.entries, *entered_files(config.state), *imported_files(config.state)),
        config=config.folder,
    )


def show_progress(found: Progress) -> None:
    """Log a long step's progress: counts only."""
    total = f"/{found.total}" if found.total else ""
    left = f", {found.seconds_left:.0f} s left" if found.seconds_left >= 0 else ""
    log.info("%s: %d%s, %.0f/s%s", found.stage, found.done, total, found.rate, left)


def run_node(config: Config, stop: threading.Event, *, ready: Callable[[], None]) -> None:
    """Run until `stop` is set, then end cleanly. Raises ConfigError when another process has this party's session."""
    make_folder(config.state)
    with session_lock(config.state) as mine:
        if not mine:
            raise ConfigError("本单位的节点已在运行", "this party's node is running already")
        node = open_node(config)
        try:
            with opened_port(config.operations.metrics, node.meter.registry, lambda: STOPPING if stop.is_set() else ""):
                node.session.run(stop, ready=ready)
        finally:
            node.office.book.engine.dispose()
            node.audit.close()


def serve(config: Config) -> int:
    """Run in the foreground until SIGTERM or SIGINT."""
    run_node(config, stop_by_signal(), ready=lambda: print("ready", flush=True))
    return 0
