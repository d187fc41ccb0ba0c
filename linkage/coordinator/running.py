"""A coordinator in one object: open its state, serve, tend, drain. Nothing here is decided, only put together."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.coordinator import upkeep
from linkage.coordinator.bell import Bell
from linkage.coordinator.config import Config
from linkage.coordinator.events import newest_events
from linkage.coordinator.matching import WORKER, Matching
from linkage.coordinator.measuring import meter_of
from linkage.coordinator.service import Service
from linkage.coordinator.steps import Steps
from linkage.coordinator.store import Store
from linkage.coordinator.unit import Unit, milliseconds
from linkage.database.claim import ClaimLost
from linkage.errors import AuditError, ConfigError
from linkage.keys.files import FOLDER, PUBLIC, make_folder, sole_use, write_file
from linkage.keys.manifest import Party
from linkage.keys.peer import authenticate_peer
from linkage.keys.store import load_party_keys
from linkage.keys.times import Clock
from linkage.operations.metrics import Meter
from linkage.operations.port import NO_DATABASE, STOPPING, Port
from linkage.rpc.server import build_server
from linkage.schema import load_schema

log = logging.getLogger(__name__)
ENDPOINT_FILE = "endpoint"
LOCK_FILE = "coordinator.lock"


def now_utc() -> datetime:
    return datetime.now(UTC)


def open_unit(
    config: Config, *, clock: Clock = now_utc, worker: Sequence[str] = WORKER, meter: Meter | None = None
) -> tuple[Unit, AuditLog]:
    """Open a coordinator's state: its shared parts, and its log apart, for only its owner closes that."""
    make_folder(config.state)
    config.state.chmod(FOLDER)  # Encodings, database and log are for this account alone.
    make_folder(config.rounds)
    keys = load_party_keys(config.state, now=clock())
    if keys.party.role != "coordinator":
        raise ConfigError("这里的密钥不是链接单元的", "the keys here are not the coordinator's")
    origin = origin_of(keys.manifest.consortium, keys.party.id)
    log = AuditLog.open(config.state / "audit", origin=origin, signer=keys.signing, clock=clock)
    meter, store, bell = meter or Meter(), Store(config.place), Bell()
    steps = Steps(
        store,
        write=meter.audited(log.write),
        settle=meter.settled(log.settle),
        ring=bell.ring,
        now_ms=lambda: milliseconds(clock()),
    )
    unit = Unit(
        config=config,
        keys=keys,
        store=store,
        steps=steps,
        note=meter.audited(log.append),
        clock=clock,
        schema_of=load_schema,
        matching=Matching(time.monotonic, worker),
        bell=bell,
    )
    return unit, log


class Coordinator:
    """Open a coordinator over its state folder; `start` serves, `stop` drains. Opening takes up unfinished rounds.

    When another one has taken its database over, it serves no more: `fault` says so and `given_up` is called.
    """

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock = now_utc,
        worker: Sequence[str] = WORKER,
        given_up: Callable[[], None] = lambda: None,
    ) -> None:
        make_folder(config.state)
        self._alone = ExitStack()  # Two programs over one folder would hand out two truths.
        if not self._alone.enter_context(sole_use(config.state / LOCK_FILE)):
            raise ConfigError(
                "另一个链接单元程序正在使用这个状态目录",
                "another coordinator is running over this state folder",
                hint_zh="停掉其中一个；每个状态目录只能有一个链接单元",
                hint_en="stop one of them: a state folder has one coordinator only",
            )
        meter = Meter()
        self._unit, self._log = open_unit(config, clock=clock, worker=worker, meter=meter)
        keys = self._unit.keys
        self._hold = self._unit.store.claim()
        self._given_up = given_up
        self.fault: ClaimLost | None = None
        self.meter = meter_of(self._unit, meter)
        self._metrics: Port | None = None

        def authenticate(certificate: bytes) -> Party:
            return authenticate_peer(
                certificate, manifest=keys.manifest, revocations=keys.revocations.current(), now=clock()
            )

        self._stopping = threading.Event()
        self._ended = threading.Event()  # A round has ended since upkeep last erased.
        self._service = Service(
            self._unit, self._log, authenticate=authenticate, erase=lambda unit, round_id: self._ended.set()
        )
        self._server, self.port = build_server(
            self._service,
            config.listen,
            keys,
            authenticate=authenticate,
            record=self._unit.note,
            last_leaf=self._log.last_leaf,
            observer=meter,
        )
        self._tending = threading.Thread(target=self._tend, name="upkeep", daemon=True)
        self._announce_newest(self._unit)

    @property
    def unit(self) -> Unit:
        return self._unit

    @property
    def metrics_port(self) -> int:
        """Return the loopback port as bound, 0 where there is none."""
        return self._metrics.number if self._metrics else 0

    @property
    def endpoint(self) -> str:
        """Return host:port as bound; a port 0 in the configuration is replaced by the real one."""
        return f"{self._unit.config.listen.rsplit(':', 1)[0]}:{self.port}"

    def start(self) -> None:
        """Take up what is unfinished, serve, and say where in state/endpoint."""
        if self._unit.config.operations.metrics:
            self._metrics = Port(self._unit.config.operations.metrics, self.meter.registry, self.trouble)
        self._unit.note("coordinator.started", {"port": self.port})
        upkeep.tend(self._unit)
        self._server.start()
        write_file(self._unit.config.state / ENDPOINT_FILE, self.endpoint.encode() + b"\n", mode=PUBLIC)
        self._tending.start()

    def trouble(self) -> str:
        """Return why calls are not taken, "" while they are: before `start`, while draining, without the database."""
        if not self._tending.is_alive() or self._service.draining.is_set():
            return STOPPING
        return "" if self._unit.store.answers() else NO_DATABASE

    def stop(self) -> None:
        """Drain: end watch streams, let running calls finish, end workers, close the log and the database.

        New calls are refused at once and tried again by their callers; the health page says NOT_SERVING until the end.
        """
        self._service.draining.set()
        self._unit.bell.close()
        self._server.stop(self._unit.config.times.drain_seconds).wait()
        self._stopping.set()
        self._ended.set()
        if self._tending.is_alive():
            self._tending.join()
        self._unit.matching.close()
        self._unit.note("coordinator.stopped", {})
        self._log.close()
        self._unit.store.close()
        if self._metrics is not None:
            self._metrics.close()
        self._alone.close()

    def _tend(self) -> None:
        """Erase whenever a round has ended, and a last time at the end; look after everything once every tick."""
        times = self._unit.config.times
        tended = signed = time.monotonic()
        while not self._stopping.is_set():
            self._ended.wait(tended + times.tick_seconds - time.monotonic())
            self._ended.clear()
            self._try(upkeep.erase_ended)
            if time.monotonic() - tended < times.tick_seconds:
                continue
            self._try(self._keep_claim)
            self._try(upkeep.tend)
            self._try(self._announce_newest)
            self._service.look_at_streams()
            tended = time.monotonic()
            if tended - signed >= times.checkpoint_minutes * 60:
                self._sign_checkpoint()
                signed = tended
        self._try(upkeep.erase_ended)

    def _try(self, task: Callable[[Unit], None]) -> None:
        try:
            task(self._unit)
        except Exception as exc:  # A full disk, perhaps: rounds must still expire once it has room again.
            log.error("upkeep: %s", type(exc).__name__)

    def _keep_claim(self, unit: Unit) -> None:
        """Take the claim again after the database was restarted; stop serving where another coordinator has it."""
        try:
            self._hold()
        except ClaimLost as lost:
            log.critical("%s", lost)
            self.fault = lost
            self._service.draining.set()
            unit.bell.close()
            self._server.stop(0)
            self._given_up()

    def _sign_checkpoint(self) -> None:
        """Sign the log as it is, so that it can be held to what it says today even if no party asks."""
        try:
            self._log.checkpoint()
        except AuditError as error:
            log.error("no checkpoint signed: %s", error)

    @staticmethod
    def _announce_newest(unit: Unit) -> None:
        """Ring for what is stored, also by another program: carried files are taken in by one of their own."""
        with unit.store.reading() as connection:
            found = newest_events(connection)
        unit.bell.ring(found)
