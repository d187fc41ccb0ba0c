"""Nothing personal at the linkage unit: a thousand marked people go through a round and none is seen on the other side.

Searched: every file the unit keeps, at every stage; its log; its memory and its worker's; what goes over the wires.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from linkage.demo.parties import COORDINATOR, PROCURATORATE
from linkage.rpc.limits import CHUNK_BYTES
from tests.e2e.inside import go_on, may_read_memory, memory_of, stop_in_mid_match, worker_of
from tests.e2e.parade import Parade, small_county, start_parade
from tests.e2e.searching import Marks, marks_of
from tests.e2e.strangers import (
    Stranger,
    add_disabled,
    append_rows,
    case_of,
    strangers,
    victim_row,
    write_table,
)

pytestmark = pytest.mark.slow
MARKED = 1000
FILLING = 4000  # Unmarked rows, so that one upload has several chunks and can be held up in its middle.
AGENCY, POPULATION = "disabled_federation", "disabled"
CHILD_CARE = "civil_affairs"
HALF = CHUNK_BYTES + CHUNK_BYTES // 4  # Past the first chunk.
STAGES = ("COLLECTING", "MATCHING", "READY", "CLOSED")
Hits = Counter[str]


@dataclass(slots=True)
class Seen:
    """What the search found: hits by place and stage, and the clues of the marked people's cases."""

    marks: Marks
    round_id: str = ""
    disk: dict[str, Hits] = field(default_factory=dict)
    memory: dict[str, Hits] = field(default_factory=dict)
    worker: Hits | None = None
    agency: Hits | None = None
    log: Hits = field(default_factory=Counter)
    wires: dict[str, Hits] = field(default_factory=dict)
    wire_bytes: dict[str, int] = field(default_factory=dict)
    round_files: set[str] = field(default_factory=set)
    registers: Hits = field(default_factory=Counter)
    cases_with_clue: int = 0

    def look(self, stage: str, parade: Parade) -> None:
        """Search what the linkage unit has on its disk and in its memory now."""
        self.disk[stage] = self.marks.in_folder(parade.unit_folder)
        self.round_files |= {f"{stage} {path.name}" for path in parade.unit_folder.glob("rounds/**/*")}
        pid = parade.running.program(COORDINATOR).process.pid
        if may_read_memory(pid):
            self.memory[stage] = self.in_memory(pid)

    def in_memory(self, pid: int) -> Hits:
        """Search a process's memory. The round's id must be there: else the memory was not really read."""
        control, there = self.round_id.encode(), False
        found: Hits = Counter()
        for piece in memory_of(pid, overlap=self.marks.longest):
            there = there or control in piece
            found |= self.marks.in_bytes(piece)
        assert there
        return found


def child_row(person: Stranger) -> dict[str, str]:
    return {
        "姓名": person.name,
        "身份证号": person.number,
        "性别": person.sex,
        "出生日期": f"{person.birth:%Y-%m-%d}",
        "儿童类别": "困境儿童",
        "监护人姓名": "",
        "住址": person.address,
        "联系电话": person.phone,
    }


def plant(county: Path, grown: Sequence[Stranger], children: Sequence[Stranger]) -> None:
    """List everybody in a register, every second one also as the victim of a case of his own."""
    add_disabled(county, [*grown, *strangers(FILLING, seed=5)])
    write_table(county / "agencies" / CHILD_CARE / "儿童福利信息补录_202610.csv", map(child_row, children))
    victims = [*grown, *children][::2]
    case = {"案件类别": "刑事", "案由": "故意伤害", "受理日期": "2025-03-01", "案发日期": "2025-02-01"}
    append_rows(county / "procuratorate" / "cases.csv", [case | {"案号": case_of(i)} for i in range(len(victims))])
    append_rows(county / "procuratorate" / "parties.csv", [victim_row(i, p) for i, p in enumerate(victims)])


def march(parade: Parade, seen: Seen) -> None:
    """Play one round, stopping the time at every stage for a look."""
    wire = parade.wires[AGENCY]
    wire.hold_after(HALF)
    round_id, waiting = parade.begin("SX-2", "SX-3")
    seen.round_id = round_id
    parade.hold_while_uploading(POPULATION, round_id)
    seen.look("COLLECTING", parade)
    agency = parade.running.program(AGENCY).process.pid
    seen.agency = seen.in_memory(agency) if may_read_memory(agency) else None
    wire.release()
    unit = parade.running.program(COORDINATOR).process.pid
    parade.wait(lambda: worker_of(unit) is not None, "a worker runs")
    look_at_worker(parade, seen, worker_of(unit) or 0)
    parade.wait_for_state(round_id, "READY")
    seen.look("READY", parade)
    parade.finish(round_id, waiting)
    parade.close(round_id)
    seen.look("CLOSED", parade)


def look_at_worker(parade: Parade, seen: Seen, worker: int) -> None:
    stop_in_mid_match(worker)
    try:
        seen.look("MATCHING", parade)
        seen.worker = seen.in_memory(worker) if may_read_memory(worker) else None
    finally:
        go_on(worker)


def clue_cases(parade: Parade, file: Path) -> set[str]:
    parade.running.procuratorate("export", str(file), "--score")
    with file.open(encoding="utf-8-sig", newline="") as source:
        return {row["case_no"] for row in csv.DictReader(source)}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    grown = list(strangers(MARKED * 7 // 10, seed=2))
    children = list(strangers(MARKED - len(grown), seed=3, first_year=2012, last_year=2024))
    county = small_county(tmp_path_factory.mktemp("county"), (AGENCY, CHILD_CARE))
    plant(county, grown, children)
    found = Seen(Marks(marks_of([*grown, *children])))
    out = tmp_path_factory.mktemp("canary")
    with start_parade(county, out) as parade:
        march(parade, found)
        marked = {case_of(i) for i in range(MARKED // 2)}
        found.cases_with_clue = len(clue_cases(parade, out / "clues.csv") & marked)
    found.log = found.marks.in_file(out / "logs" / f"{COORDINATOR}.log")
    for party in parade.wires:
        found.wires[party] = found.marks.in_file(out / f"{party}.wire")
        found.wire_bytes[party] = (out / f"{party}.wire").stat().st_size
    found.registers = found.marks.in_folder(county / "agencies")
    yield found


def test_the_marked_people_really_went_through_the_round(seen: Seen) -> None:
    assert seen.cases_with_clue >= 0.95 * MARKED / 2


def test_the_linkage_unit_keeps_nothing_personal_in_any_file_at_any_stage(seen: Seen) -> None:
    assert seen.disk == {stage: Counter() for stage in STAGES}
    for file in ("COLLECTING tokens.bin", "COLLECTING spool", "MATCHING filter.bin", "READY result.sealed"):
        assert file in seen.round_files


def test_the_linkage_unit_says_nothing_personal(seen: Seen) -> None:
    assert seen.log == Counter()


def test_the_linkage_units_memory_holds_nothing_personal_at_any_stage(seen: Seen) -> None:
    if not seen.memory or seen.worker is None:
        pytest.skip("this account may not read another process's memory")
    assert seen.memory == {stage: Counter() for stage in STAGES}
    assert seen.worker == Counter()


def test_nothing_personal_goes_over_the_wires_in_the_clear(seen: Seen) -> None:
    assert seen.wires == {party: Counter() for party in (AGENCY, CHILD_CARE, PROCURATORATE)}
    assert seen.wire_bytes[AGENCY] > HALF and min(seen.wire_bytes.values()) > 10_000


def test_the_search_finds_every_kind_of_mark_where_there_is_one() -> None:
    person = next(p for p in strangers(99, seed=9) if p.number.endswith("X"))  # So that there is a form in lower case.
    everything = list(marks_of([person]))
    marks = Marks(everything)
    for kind, mark in everything:
        assert marks.in_bytes(os.urandom(999) + mark + os.urandom(7))[kind] == 1, kind
    assert marks.in_bytes(os.urandom(99_999)) == Counter()
    assert len(marks) == len(everything) == 4 * 3 + 4 * 2 + 2 * 4 * 5


def test_the_search_finds_a_mark_across_the_edge_of_two_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.e2e.searching.FILE_PIECE", 64)
    person = next(strangers(1, seed=9))
    marks = Marks(marks_of([person]))
    for before in range(40, 70):
        (tmp_path / "file").write_bytes(b"." * before + person.number.encode() + b"." * 50)
        assert marks.in_file(tmp_path / "file")["number utf-8"] == 1


def test_the_same_search_finds_the_marked_people_in_the_registers(seen: Seen) -> None:
    assert {kind: seen.registers[f"{kind} gb18030"] for kind in ("name", "number", "phone")} == {
        "name": MARKED,
        "number": MARKED,
        "phone": MARKED,
    }


def test_the_same_search_finds_marked_people_in_the_agencys_memory(seen: Seen) -> None:
    if seen.agency is None:
        pytest.skip("this account may not read another process's memory")
    assert sum(count for kind, count in seen.agency.items() if re.match("name|number|phone|address", kind)) > 5
