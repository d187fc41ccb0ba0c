"""Open everything the node works with, once, at the edge: keys, database, audit log, models, case files."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.encode.secret import load_party_secret
from linkage.errors import ConfigError, LinkageError
from linkage.keys.store import PartyKeys, load_party_keys
from linkage.owner.database import FILE, open_database
from linkage.owner.office import Office
from linkage.owner.participation import Participation
from linkage.owner.progress import Report, report_nothing
from linkage.owner.relays import OpenedRelay
from linkage.owner.session import OwnerSession
from linkage.owner.trail import AuditTrail
from linkage.owner.witnessing import Witness
from linkage.rpc.client import connect
from procuratorate_node.casework import Casework, load_casework
from procuratorate_node.clues import ClueBook
from procuratorate_node.colour_table import load_colour_table
from procuratorate_node.config import Config
from procuratorate_node.letters.templates import shipped_templates
from procuratorate_node.messages import PostRoom
from procuratorate_node.model import ScreeningModel, parse_model, shipped_models
from procuratorate_node.referrals.after_round import after_round
from procuratorate_node.referrals.answers import take_status
from procuratorate_node.referrals.catalogue import load_catalogue
from procuratorate_node.referrals.table import ReferralTable
from procuratorate_node.referrals.worklist import UnmatchedTable
from procuratorate_node.referrals.workplace import Workplace
from procuratorate_node.reidentify import Desk
from procuratorate_node.rounds.following import Follower
from procuratorate_node.rounds.policy import RequesterPolicy
from procuratorate_node.rounds.requests import Requests
from procuratorate_node.store import Store
from procuratorate_node.working_days import load_calendar

log = logging.getLogger(__name__)
POLL_SECONDS: Final = 0.5


def load_models(config: Config) -> tuple[ScreeningModel, ...]:
    """Return the configured models, sorted by id. Raises ConfigError."""
    if config.models is None:
        return shipped_models()
    files = sorted(config.models.glob("*.toml"))
    models = [parse_model(file.read_bytes(), name=file.name) for file in files]
    if not models or len({m.id for m in models}) != len(models):
        raise ConfigError("模型文件夹为空，或模型编号重复", "the models folder is empty, or ids repeat")
    return tuple(sorted(models, key=lambda m: m.id))


@dataclass(frozen=True, slots=True)
class Node:
    """One procuratorate's node. `clock` gives UTC moments."""

    config: Config
    keys: PartyKeys = field(repr=False)
    store: Store = field(repr=False)
    participation: Participation = field(repr=False)
    trail: AuditTrail = field(repr=False)
    models: tuple[ScreeningModel, ...] = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)
    audit: AuditLog = field(repr=False)

    @property
    def book(self) -> ClueBook:
        return ClueBook(self.store)

    @property
    def requests(self) -> Requests:
        return Requests(self.store, self.trail, self.keys, self.config, self.models)

    @property
    def desk(self) -> Desk:
        return Desk(self.store, self.book, self.trail, self.config)

    @property
    def post_room(self) -> PostRoom:
        return PostRoom(self.store, self.book, self.trail, self.keys, self.config, os.urandom)

    @property
    def workplace(self) -> Workplace:
        """Return what referrals work with, with the files of the office as they are now. Raises ConfigError."""
        office = self.config.office
        return Workplace(
            table=ReferralTable(self.store.engine),
            worklist=UnmatchedTable(self.store.engine),
            book=self.book,
            was_opened=self.desk.was_opened,
            trail=self.trail,
            keys=self.keys,
            config=self.config,
            catalogue=load_catalogue(office.catalogue),
            templates=shipped_templates(office.letters),
            calendar=load_calendar(office.holidays),
            colours=load_colour_table(self.config.colours),
            models=self.models,
            random_bytes=os.urandom,
        )

    def take_relay(self, relay: OpenedRelay) -> None:
        """Take an answer to a release or the status of a referral; fits rounds.policy.RequesterPolicy."""
        if relay.head.kind == "referral_status":
            take_status(ReferralTable(self.store.engine), self.trail, relay, now=self.clock())
        else:
            self.post_room.take_relay(relay, now=self.clock())

    def casework(self) -> Casework:
        return load_casework(self.config, today=self.clock().date())

    def follower(self, stop: threading.Event) -> Follower:
        return Follower(
            self.config,
            self.keys,
            self.store,
            self.participation,
            self.requests,
            self.book,
            self.trail,
            self.casework,
            self.clock,
            stop,
            lambda round_id, placed, work: after_round(
                self.workplace, self.store, round_id, placed, work=work, now=self.clock()
            ),
        )


def open_node(config: Config, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Node:
    """Open keys, database and audit log of a node. Raises KeyMaterialError, AuditError, ConfigError."""
    keys = load_party_keys(config.state, now=clock())
    if keys.party.role != "procuratorate":
        raise ConfigError("这套密钥不是检察院的", "these keys are not a procuratorate's")
    engine = open_database(config.state / FILE)
    origin = origin_of(keys.manifest.consortium, keys.party.id)
    audit = AuditLog.open(config.state / "audit", origin=origin, signer=keys.signing, clock=clock)
    trail = AuditTrail(audit, peer=keys.manifest.coordinator.id)
    return Node(config, keys, Store(engine), Participation(engine), trail, load_models(config), clock, audit)


def serve(
    node: Node,
    stop: threading.Event,
    *,
    report: Report = report_nothing,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Keep our rounds going until `stop` is set: watch and upload as an owner, propose and fetch as the requester."""
    wake = threading.Event()
    policy = RequesterPolicy(
        node.requests,
        node.casework,
        node.take_relay,
        wake.set,
    )
    office = Office(
        keys=node.keys,
        secret=load_party_secret(node.keys),
        book=node.participation,
        trail=node.trail,
        policy=policy,
        state=node.config.state,
        clock=node.clock,
        monotonic=time.monotonic,
        random_bytes=os.urandom,
        report=report,
    )
    client = connect(node.config.coordinator, node.keys, last_leaf=node.trail.last_leaf, seen=node.trail.seen)
    witness = Witness(client, node.audit, node.keys, trail=node.trail, monotonic=time.monotonic)
    session = OwnerSession(office, client, witness=witness, poll_seconds=POLL_SECONDS)
    follower = threading.Thread(target=_follow, args=(node, stop, wake, session.wake), name="follow", daemon=True)
    follower.start()
    session.run(stop, ready=ready)
    follower.join(10.0)
    node.audit.checkpoint()


def _follow(node: Node, stop: threading.Event, wake: threading.Event, woken: Callable[[], None]) -> None:
    """Carry our requests on until told to stop; errors are logged by kind and tried again."""
    follower, failures = node.follower(stop), 0
    with connect(node.config.coordinator, node.keys, last_leaf=node.trail.last_leaf, seen=node.trail.seen) as client:
        while not stop.is_set():
            try:
                failures = failures + 1 if follower.follow(client) else 0
            except LinkageError as error:
                log.error("following: %s", error)
                failures += 1
            except Exception as error:
                # A bug or a full disk; its text might quote a row, so only its kind is told.
                log.error("following failed: %s", type(error).__name__)
                failures += 1
            woken()
            wake.wait(min(30.0, POLL_SECONDS * 2 ** min(failures, 6)))
            wake.clear()
