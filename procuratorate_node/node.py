"""Open everything the node works with, once, at the edge: keys, database, audit log, models, case files."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.database.claim import ClaimLost, Hold, claimed
from linkage.database.opening import answers
from linkage.encode.secret import load_party_secret
from linkage.errors import ConfigError, LinkageError
from linkage.keys.store import PartyKeys, load_party_keys
from linkage.operations.metrics import Meter
from linkage.operations.port import NO_DATABASE, STOPPING, opened_port
from linkage.owner.database import TAKES_NOTHING, open_database
from linkage.owner.measuring import MeteredLog, heard_by, watch_node
from linkage.owner.office import Office
from linkage.owner.participation import Participation
from linkage.owner.progress import Progress, Report, report_nothing
from linkage.owner.relays import OpenedRelay
from linkage.owner.session import OwnerSession
from linkage.owner.trail import AuditTrail
from linkage.owner.witnessing import Witness
from linkage.rpc.client import connect
from linkage.web.jobs import Jobs
from procuratorate_node.awards.office import AwardOffice
from procuratorate_node.awards.preparing import own_tables
from procuratorate_node.casefiles.cache import FILE as PAPERS
from procuratorate_node.cases.reading import read_cases
from procuratorate_node.casework import Casework, Reading, load_casework, load_preset
from procuratorate_node.casework_kept import KeptCasework
from procuratorate_node.clues import Clue, ClueBook
from procuratorate_node.cluework.board import Board
from procuratorate_node.cluework.deadlines import load_deadlines
from procuratorate_node.cluework.marks import mark_older
from procuratorate_node.cluework.moves import adopt_older
from procuratorate_node.cluework.work import ClueWork
from procuratorate_node.config import Config
from procuratorate_node.governance.kept import KeptFigures
from procuratorate_node.letters.templates import shipped_templates
from procuratorate_node.messages import PostRoom
from procuratorate_node.model import ScreeningModel, shipped_files
from procuratorate_node.pages import pages_of
from procuratorate_node.referrals.after_round import after_round
from procuratorate_node.referrals.answers import take_status
from procuratorate_node.referrals.catalogue import load_catalogue
from procuratorate_node.referrals.table import ReferralTable
from procuratorate_node.referrals.worklist import MODEL as UNMATCHED
from procuratorate_node.referrals.worklist import UnmatchedTable
from procuratorate_node.referrals.workplace import Workplace
from procuratorate_node.reidentify import Desk
from procuratorate_node.rounds.following import Follower
from procuratorate_node.rounds.policy import RequesterPolicy
from procuratorate_node.rounds.register import RoundRegister
from procuratorate_node.rounds.requests import Requests
from procuratorate_node.rule_book import RuleBook, active_files
from procuratorate_node.rule_changes import RuleChanges
from procuratorate_node.rule_files import Library, RuleSet
from procuratorate_node.searching import Searches
from procuratorate_node.set_aside import SetAside
from procuratorate_node.standing.book import StandingBook
from procuratorate_node.standing.stages import Reached, stages_reached
from procuratorate_node.store import Store
from procuratorate_node.working_days import load_calendar

log = logging.getLogger(__name__)


def _log_progress(at: Progress) -> None:
    """Say how far the reading of papers is; papers read before are taken from the cache and say nothing."""
    left = f", {at.seconds_left:.0f} s left" if at.seconds_left >= 0 else ""
    log.info("%s %d/%d, %.1f/s%s", at.stage, at.done, at.total, at.rate, left)


POLL_SECONDS: Final = 0.5


def model_files(config: Config) -> dict[str, bytes]:
    """Return the model files the node starts from: the configured folder's, else those of the program."""
    if config.models is None:
        return shipped_files("campaigns", "search")
    files = {file.name: file.read_bytes() for file in sorted(config.models.glob("*.toml"))}
    if not files:
        raise ConfigError("模型文件夹为空", "the models folder is empty")
    return files


def rules_in_force(config: Config) -> RuleSet:
    """Return the files in force, without opening keys or log. Raises ConfigError."""
    missing = isinstance(config.place, Path) and not config.place.exists()
    return RuleSet(model_files(config), {} if missing else active_files(Store(open_database(config.place))))


@dataclass(frozen=True, slots=True)
class Node:
    """One procuratorate's node. `clock` gives UTC moments."""

    config: Config
    keys: PartyKeys = field(repr=False)
    store: Store = field(repr=False)
    participation: Participation = field(repr=False)
    trail: AuditTrail = field(repr=False)
    base: Mapping[str, bytes] = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)
    audit: AuditLog = field(repr=False)
    meter: Meter = field(default_factory=Meter, repr=False)
    kept: KeptCasework = field(default_factory=KeptCasework, repr=False)
    figures: KeptFigures = field(default_factory=KeptFigures, repr=False)
    jobs: Jobs = field(default_factory=Jobs, repr=False)

    def library(self) -> Library:
        """Return the models and tables in force now."""
        return self.rule_book.rules().library()

    @property
    def models(self) -> tuple[ScreeningModel, ...]:
        return self.library().models

    def models_asked(self, clue: Clue) -> list[ScreeningModel]:
        """Return the clue's model; for a person no register knew, every model of the round that did not find him."""
        ids = {clue.model}
        if clue.model == UNMATCHED:
            ids = set(self.rounds.get(clue.last_round).models)
        return [m for m in self.models if m.id in ids]

    @property
    def rule_book(self) -> RuleBook:
        return RuleBook(self.store, self.trail, self.config, self.base)

    def rule_changes(self) -> RuleChanges:
        """Return what a changed file is held to: the clues, and the case files as they are now."""
        pages = pages_of(self.config.cases, self.config.state / PAPERS)
        return RuleChanges(self.store, self.rule_book.rules(), self.casework().facts, pages)

    @property
    def book(self) -> ClueBook:
        return ClueBook(self.store)

    @property
    def requests(self) -> Requests:
        return Requests(self.store, self.trail, self.keys, self.config, lambda: self.library().models, self.casework)

    @property
    def rounds(self) -> RoundRegister:
        return RoundRegister(self.store)

    @property
    def standing(self) -> StandingBook:
        return StandingBook(self.store, self.trail, self.config, self.requests, os.urandom, self._stages)

    def _stages(self) -> Reached:
        cases = read_cases(self.config.cases, load_preset(self.config)).file.cases
        return stages_reached(cases.values(), self.library().table.charges)

    @property
    def searches(self) -> Searches:
        return Searches(self.store, self.trail, self.config, self.requests)

    @property
    def set_aside(self) -> SetAside:
        return SetAside(self.store)

    @property
    def desk(self) -> Desk:
        return Desk(self.store, self.book, self.trail, self.config)

    @property
    def board(self) -> Board:
        """Return the board with the office's own tables. Raises ConfigError."""
        deadlines, calendar = load_deadlines(self.config.work.deadlines), load_calendar(self.config.office.holidays)
        return Board(self.store, deadlines, calendar)

    @property
    def awards(self) -> AwardOffice:
        """Return where amounts are worked on, with the office's own tables. Raises ConfigError."""
        return AwardOffice(self.store, self.trail, self.config, own_tables(self.config.work.relief))

    @property
    def work(self) -> ClueWork:
        return ClueWork(self.store, self.trail, self.config)

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
            colours=self.library().table,
            random_bytes=os.urandom,
        )

    def take_relay(self, relay: OpenedRelay) -> None:
        """Take an answer to a release or the status of a referral; fits rounds.policy.RequesterPolicy."""
        if relay.head.kind == "referral_status":
            take_status(ReferralTable(self.store.engine), self.trail, relay, now=self.clock())
        else:
            self.post_room.take_relay(relay, now=self.clock())

    def casework(self, report: Report = _log_progress) -> Casework:
        return load_casework(self.config, today=self.clock().date(), reading=Reading(report=report))

    def casework_kept(self) -> Casework:
        """Return the casework for pages, read again only when a file changed; new scans wait for `papers read`."""
        reading = Reading(report=_log_progress, scans=False)
        return self.kept.of(
            self.config.cases, lambda: load_casework(self.config, today=self.clock().date(), reading=reading)
        )

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
            lambda: self.library().table,
            lambda compiled, round_id, placed, work: after_round(
                self.workplace, self.store, round_id, placed, compiled=compiled, work=work, now=self.clock()
            ),
        )


def open_node(
    config: Config, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), connects: bool = True
) -> Node:
    """Open keys, database and audit log of a node. Raises KeyMaterialError, AuditError, ConfigError.

    A node that does not connect needs no certificate that is still valid.
    """
    keys = load_party_keys(config.state, now=clock() if connects else None)
    if keys.party.role != "procuratorate":
        raise ConfigError("这套密钥不是检察院的", "these keys are not a procuratorate's")
    engine = open_database(config.place)
    origin = origin_of(keys.manifest.consortium, keys.party.id)
    audit = AuditLog.open(config.state / "audit", origin=origin, signer=keys.signing, clock=clock)
    meter = Meter()
    trail = AuditTrail(MeteredLog(audit, meter), peer=keys.manifest.coordinator.id)
    store, book = Store(engine), Participation(engine)
    adopt_older(engine)
    mark_older(engine)
    watch_node(meter, book, keys)
    node = Node(config, keys, store, book, trail, model_files(config), clock, audit, meter)
    node.library()  # Faults of the files are told now, not when the first round asks.
    return node


def office_of(node: Node, *, wake: Callable[[], None], report: Report = report_nothing) -> Office:
    """Return our part as an owner; `wake` is called when something happened that our part as the requester must see."""
    return Office(
        keys=node.keys,
        secret=load_party_secret(node.keys),
        book=node.participation,
        trail=node.trail,
        policy=RequesterPolicy(node.requests, node.take_relay, wake),
        state=node.config.state,
        clock=node.clock,
        monotonic=time.monotonic,
        random_bytes=os.urandom,
        report=report,
    )


def serve(
    node: Node,
    stop: threading.Event,
    *,
    report: Report = report_nothing,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Keep our rounds going until `stop` is set: watch and upload as an owner, propose and fetch as the requester.

    Raises ConfigError when another service has the database, ClaimLost when one has taken it over meanwhile.
    """
    wake = threading.Event()
    office = office_of(node, wake=wake.set, report=report)
    seen = heard_by(node.meter, node.trail.seen)
    client = connect(node.config.coordinator, node.keys, last_leaf=node.trail.last_leaf, seen=seen)
    witness = Witness(client, node.audit, node.keys, trail=node.trail, monotonic=time.monotonic)
    session = OwnerSession(office, client, witness=witness, poll_seconds=POLL_SECONDS)
    metrics = node.config.operations.metrics

    def trouble() -> str:
        return STOPPING if stop.is_set() else "" if answers(node.store.engine) else NO_DATABASE

    with claimed(node.store.engine) as hold, opened_port(metrics, node.meter.registry, trouble):
        follow = partial(_follow, node, stop, wake, woken=session.wake, hold=hold)
        follower = threading.Thread(target=follow, name="follow", daemon=True)
        follower.start()
        session.run(stop, ready=ready)
        follower.join(10.0)
        with suppress(*TAKES_NOTHING):
            hold()  # Says so where losing the database is what has stopped us.
    node.audit.checkpoint()


def _follow(node: Node, stop: threading.Event, wake: threading.Event, *, woken: Callable[[], None], hold: Hold) -> None:
    """Carry our requests on until told to stop or the database is lost; other errors are logged and tried again."""
    follower, failures = node.follower(stop), 0
    with connect(node.config.coordinator, node.keys, last_leaf=node.trail.last_leaf, seen=node.trail.seen) as client:
        while not stop.is_set():
            try:
                hold()
                node.standing.work(node.clock())
                failures = failures + 1 if follower.follow(client) else 0
            except ClaimLost as lost:
                log.critical("%s", lost)
                stop.set()
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
