"""A small consortium whose programs can be killed: folders, registers, and processes to run them in."""

from __future__ import annotations

import hashlib
import json
import os
import random
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Self

from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.keys.quickstart import quickstart
from linkage.warrant import RoundWarrant
from tests.faults.forked import Forked, Program
from tests.faults.invariants import broken_invariants
from tests.faults.programs import HOST, REQUESTER, Clock, Registers, now_utc, run_coordinator, run_owner
from tests.faults.records import COORDINATOR, Records
from tests.owner.conftest import PARTIES, SCHEMA, Town, people

OWNERS = ("procuratorate", "civil", "disabled")
LOG = Path(COORDINATOR, "audit", "entries.jsonl")
ORDER = ("", "PROPOSED", "CONSENTED", "COLLECTING", "MATCHING", "READY", "DELIVERED", "CLOSED")
TARGETS = ("", "PROPOSED", "COLLECTING", "COLLECTING", "MATCHING", "READY", "DELIVERED")  # Where faults may begin.
STUCK_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows of each register, and how many of the anchors stand in one, and in both."""

    rows: int = 600
    linked: int = 100
    excluded: int = 50

    def registers(self) -> Registers:
        return {
            "anchors": tuple(people(self.rows)),
            "dis": tuple(people(self.rows, start=self.rows - self.linked)),
            "dibao": tuple(people(self.rows, start=self.rows - self.excluded)),
        }

    def content(self) -> str:
        """Return the digest of what every result must say: the linked who are not excluded, each by its number."""
        found = [f"row-{i}" for i in range(self.rows - self.linked, self.rows - self.excluded)]
        said = sorted((ref, "yes", [["dis", "A"]]) for ref in found)
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class SmallTown:
    """Three owners and a coordinator below `root`, each a process once started."""

    root: Path
    sizes: Sizes = field(default_factory=Sizes)
    port: int = field(default_factory=free_port)
    rounds: list[str] = field(default_factory=list)
    registers: Registers = field(default_factory=dict)
    records: Records = field(init=False)
    processes: Forked = field(init=False)
    town: Town = field(init=False)
    clock: Clock = now_utc
    host: str = HOST  # Where the coordinator listens.
    placed: Callable[[str, Program], Program] = lambda name, program: program  # Puts a party's program in its place.
    addresses: Mapping[str, str] = field(default_factory=dict)  # Of the databases that lie on a PostgreSQL server.

    def __post_init__(self) -> None:
        quickstart(
            self.root,
            consortium="county-test",
            parties=PARTIES,
            now=now_utc(),
            random_bytes=os.urandom,
            days=90,
            schema_digests=[SCHEMA.digest],
            server_names=[self.host],
        )
        for folder in ("asked", "results"):
            (self.root / REQUESTER / folder).mkdir()
        logs = self.root / "logs"
        logs.mkdir()
        self.records = Records(self.root, self.addresses)
        self.processes = Forked(logs)
        self.town = Town(self.root, self.root)
        self.registers = self.registers or self.sizes.registers()

    def start(self, name: str) -> None:
        """Start a party's program."""
        if name == COORDINATOR:
            program = partial(run_coordinator, self.records, self.port, host=self.host, clock=self.clock)
        else:
            program = partial(run_owner, self.records, name, self.port, registers=self.registers, host=self.host)
        self.processes.start(name, self.placed(name, program))

    def start_all(self) -> None:
        """Start every program and wait until all have opened their folders."""
        RowEncoder(
            SCHEMA, RoundKey(bytes(32))
        ).golden_digest()  # Loads its tables here, so that no forked program has to.
        for name in (COORDINATOR, *OWNERS):
            self.start(name)
        opened = [self.root / COORDINATOR / "endpoint", *(self.root / o / "acknowledged.jsonl" for o in OWNERS)]
        assert wait_until(lambda: all(file.exists() for file in opened), seconds=60), self.said()

    def ask(self, **changes: object) -> RoundWarrant:
        """Have the requester propose a round; it does so when it runs."""
        self.town.moment = self.clock()
        warrant = self.town.warrant(now=self.town.moment, **changes)
        file = self.root / REQUESTER / "asked" / warrant.round_id
        part = file.parent.parent / f"{warrant.round_id}.part"
        part.write_bytes(self.town.signed(warrant))
        os.replace(part, file)
        self.rounds.append(warrant.round_id)
        return warrant

    def state(self, round_id: str) -> str:
        return self.records.state_of(round_id)

    def reaches(self, round_id: str, target: str) -> bool:
        """Wait until the round is at least so far, or has ended; tell whether it came to that."""

        def reached() -> bool:
            state = self.state(round_id)
            return state not in ORDER or ORDER.index(state) >= ORDER.index(target)

        return wait_until(reached, seconds=STUCK_SECONDS)

    def comes_to_an_end(self, round_id: str) -> bool:
        """Wait until the round has ended everywhere; tell whether it did."""
        return wait_until(lambda: self.has_ended(round_id), seconds=STUCK_SECONDS, every=0.1)

    def has_ended(self, round_id: str) -> bool:
        """Tell whether the round ended and every owner is done with it."""
        found = self.records.rows(COORDINATOR, "SELECT state FROM rounds WHERE id = ? AND erased", round_id)
        if not found or found[0][0] not in ("CLOSED", "REFUSED", "EXPIRED", "FAILED", "CANCELLED"):
            return False
        query = "SELECT round_id FROM owner_rounds WHERE round_id = ? AND step = 'ENDED' AND state = ?"
        return all(self.records.rows(owner, query, round_id, found[0][0]) for owner in OWNERS)

    def broken(self) -> list[str]:
        """Return which invariants do not hold."""
        manifest = self.town.keys(COORDINATOR).manifest
        return broken_invariants(self.records, self.rounds, manifest, content=self.sizes.content())

    def said(self) -> str:
        """Return what the programs wrote, for a failure's message."""
        return "\n".join(f"{log.name}: {log.read_text()[-2000:]}" for log in self.processes.logs.iterdir())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.processes.__exit__()


def moments(chance: random.Random, most: int) -> list[str]:
    """Return so many states of a round to wait for, in the order it comes to them."""
    return sorted(chance.choices(TARGETS, k=most), key=ORDER.index)


def wait_until(done: Callable[[], bool], *, seconds: float, every: float = 0.02) -> bool:
    """Wait until `done` says so; tell whether it ever did."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
