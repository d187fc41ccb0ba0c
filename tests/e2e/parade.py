"""A consortium of real programs in which every party has a wire of its own, so that a test can stop time anywhere.

What the linkage unit holds is read from its files, as somebody with that machine in hand would read them.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from rich.console import Console

from linkage.coordinator.config import load_config
from linkage.database.opening import open_database, reading
from linkage.demo import steps
from linkage.demo.consortium import read_county, write_agency, write_coordinator, write_procuratorate
from linkage.demo.county import generate_county
from linkage.demo.parties import COORDINATOR, PROCURATORATE, find_offices, quickstart_arguments
from linkage.demo.processes import Program, Programs
from linkage.demo.running import LINKAGE, READY_SECONDS, Running
from linkage.demo.view import View
from linkage.keys.signing import Signed
from linkage.warrant import RoundWarrant
from tests.e2e.conftest import ROOT, free_port
from tests.e2e.wires import Wire

STEP_SECONDS = 180.0
STATE = 'state = "."'
NO_DATABASES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Held:
    """How many bytes of one population the linkage unit holds durably, of how many, and their announced digest."""

    offset: int
    total: int
    sealed: bool
    content: bytes


@dataclass(frozen=True, slots=True)
class Parade:
    """The running consortium. `wires` is by party, without the linkage unit."""

    running: Running
    wires: Mapping[str, Wire]
    view: View

    @property
    def unit_folder(self) -> Path:
        """Return the linkage unit's whole state folder."""
        return self.running.root / COORDINATOR

    def begin(self, *models: str) -> tuple[str, Program]:
        """Let two officers ask for a round and start it; return its id and the program that waits for its clues."""
        round_id = steps.propose(self.running, models, self.view)
        return round_id, steps.start_round(self.running, round_id)

    def finish(self, round_id: str, waiting: Program) -> None:
        """Let everything pass and wait until the clues are there; fail when the round ends otherwise."""
        for wire in self.wires.values():
            wire.release()
        self.wait(lambda: not waiting.running, f"round {round_id} is over")
        self.running.programs.forget(waiting)
        assert waiting.process.returncode == 0, waiting.tail()

    def close(self, round_id: str) -> None:
        """Close the round and wait until everybody has erased."""
        steps.close_round(self.running, round_id, self.view)

    def kill(self, party: str) -> None:
        """End a party's program as a power cut would."""
        self.running.programs.kill(self.running.program(party))

    def hold_while_uploading(self, population: str, round_id: str) -> Held:
        """Wait until the held-up population is half there and all others are sealed, then hold the requester's wire.

        From here on the round can become READY but not DELIVERED, until `finish`.
        """

        def half_there() -> bool:
            held = self.held(round_id)
            there = {name for name, found in held.items() if found.sealed or (name == population and found.offset)}
            return bool(there) and there == self.populations(round_id)

        self.wait(half_there, f"{population} is partly uploaded")
        self.wires[PROCURATORATE].hold()
        held = self.held(round_id)[population]
        assert held.offset < held.total, "the upload was not held up in its middle"
        return held

    def wait_for_state(self, round_id: str, state: str) -> None:
        self.wait(lambda: self.state(round_id) == state, f"the round is {state}, it is {self.state(round_id)}")

    def wait(self, done: Callable[[], bool], what: str) -> None:
        """Look often until `done`; fail when that takes too long or a program has ended."""
        deadline = time.monotonic() + STEP_SECONDS
        while not done():
            self.running.programs.require_alive([p for p in self.running.programs.started if p.name != "round"])
            assert time.monotonic() < deadline, f"waited in vain until {what}"
            time.sleep(0.02)

    def state(self, round_id: str) -> str:
        """Return the round's state as the linkage unit has stored it."""
        rows = self._select("SELECT state FROM rounds WHERE id = :round", round_id)
        return str(rows[0][0]) if rows else ""

    def populations(self, round_id: str) -> set[str]:
        """Return the ids of the populations that the round's warrant names."""
        ((envelope,),) = self._select("SELECT warrant FROM rounds WHERE id = :round", round_id)
        return {spec.id for spec in RoundWarrant.from_bytes(Signed.parse(envelope).body).populations}

    def held(self, round_id: str) -> dict[str, Held]:
        """Return what the linkage unit holds of the round, by population."""
        query = (
            'SELECT population, "offset", rows * row_bytes, sealed, content_digest FROM uploads WHERE round_id = :round'
        )
        rows = self._select(query, round_id)
        return {str(name): Held(at, total, bool(sealed), content) for name, at, total, sealed, content in rows}

    def _select(self, query: str, round_id: str) -> list[Any]:  # Any: the columns are the query's.
        engine = open_database(load_config(self.running.files[COORDINATOR]).place)
        try:
            with reading(engine) as connection:
                return list(connection.execute(sa.text(query), {"round": round_id}).all())
        finally:
            engine.dispose()

    def entries(self, party: str, kind: str, round_id: str) -> list[Mapping[str, object]]:
        """Return the facts of a party's audit entries of one kind about one round."""
        log = steps.audit_of(self.running, party) / "entries.jsonl"
        found = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        return [e["facts"] for e in found if e["kind"] == kind and e["facts"].get("round") == round_id]


@contextmanager
def start_parade(county: Path, out: Path, databases: Mapping[str, str] = NO_DATABASES) -> Iterator[Parade]:
    """Start the linkage unit at a fixed port and everybody else with a wire to it; stop them all afterwards.

    `databases` are addresses by party, the linkage unit's and the procuratorate's; without one it is SQLite.
    """
    root, logs, port = out / "state", out / "logs", free_port()
    logs.mkdir(parents=True)
    facts, offices = read_county(county), find_offices(county)
    parties = [office.id for office in offices]
    with contextlib.ExitStack() as stack:
        wires = {p: stack.enter_context(Wire(port, out / f"{p}.wire")) for p in (*parties, PROCURATORATE)}
        ends = {party: f"127.0.0.1:{wire.port}" for party, wire in wires.items()}
        programs = stack.enter_context(Programs(logs, {"PYTHONPATH": str(ROOT)}))
        programs.run("linkage", [LINKAGE, *quickstart_arguments(root, offices)])
        files = {COORDINATOR: write_coordinator(root, port=port)}
        for office in offices:
            files[office.id] = write_agency(root, office, facts, endpoint=ends[office.id], by_hand=False)
        files[PROCURATORATE] = write_procuratorate(root, facts, endpoint=ends[PROCURATORATE])
        for party, address in databases.items():
            files[party].write_text(
                files[party].read_text("utf-8").replace(STATE, f'{STATE}\ndatabase = "{address}"'), "utf-8"
            )
        running = Running(programs, root, offices, files)
        started = [running.start_coordinator(), *map(running.start_agency, parties), running.start_procuratorate()]
        for program in started:
            program.wait_for(r"\bready\b", seconds=READY_SECONDS)
        yield Parade(running, wires, View(Console(file=io.StringIO(), width=120)))


def small_county(folder: Path, offices: Sequence[str]) -> Path:
    """Make a county of 3000 people with these offices only."""
    generate_county(folder, seed=7, population=3000)
    for office in (folder / "agencies").iterdir():
        if office.name not in offices:
            shutil.rmtree(office)
    return folder
