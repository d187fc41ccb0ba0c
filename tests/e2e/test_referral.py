"""A referral outlives days without its unit, arrives once whatever breaks, and nobody in between can read it.

Real programs. The unit is killed before the referral is sent, the linkage unit is killed while it holds it and finds
itself two days later, the unit is killed after it took it and made to take every event again, and the sender is made to
send again what it sent. Searched for the people referred: every file of the linkage unit, its log, every wire.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

import docx
import pytest

from linkage.demo.consortium import APPROVING, OPERATOR, REQUESTING
from linkage.demo.parties import COORDINATOR, PROCURATORATE
from linkage.demo.running import READY_SECONDS
from linkage.owner.database import open_database
from linkage.plan import Verdict
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.casework import load_casework
from procuratorate_node.clues import CONFIRMED, ClueBook, make_clue
from procuratorate_node.config import load_config
from procuratorate_node.letters.filling import paragraphs_of
from procuratorate_node.outcome import ClueRow
from procuratorate_node.store import Store
from tests.e2e.inside import may_read_memory, memory_of
from tests.e2e.parade import Parade, small_county, start_parade
from tests.e2e.searching import Marks, marks_of
from tests.e2e.strangers import Stranger, append_rows, case_of, strangers, victim_row

pytestmark = pytest.mark.slow
UNIT = "civil_affairs"
TWO_DAYS_MS = 2 * 86_400_000
Hits = Counter[str]


@dataclass(slots=True)
class Story:
    """What happened, as each side has it."""

    people: Sequence[Stranger]
    referrals: list[str] = field(default_factory=list)
    offline: str = ""
    taken: list[str] = field(default_factory=list)  # The unit's list at each look.
    at_the_end: str = ""
    opened: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    relays: int = 0
    again: int = 0
    disk: dict[str, Hits] = field(default_factory=dict)
    memory: Hits | None = None
    log: Hits = field(default_factory=Counter)
    wires: dict[str, Hits] = field(default_factory=dict)
    control: Hits = field(default_factory=Counter)


def change(parade: Parade, party: str, file: str, statement: str, *values: object) -> None:
    with contextlib.closing(sqlite3.connect(parade.running.root / party / file, timeout=20)) as database:
        database.execute(statement, values)
        database.commit()


def count(parade: Parade, party: str, file: str, query: str) -> int:
    with contextlib.closing(sqlite3.connect(parade.running.root / party / file, timeout=20)) as database:
        return int(database.execute(query).fetchone()[0])


def wake(parade: Parade, party: str) -> None:
    parade.running.start_again(party).wait_for(r"\bready\b", seconds=READY_SECONDS)


def seed(parade: Parade, people: int) -> list[str]:
    """Put confirmed clues of the strangers' cases into the procuratorate's database."""
    config = load_config(parade.running.files[PROCURATORATE])
    facts = load_casework(config, today=config.as_of).facts  # type: ignore[arg-type]  # The county names its day.
    engine = open_database(config.state / "node.db")
    book, found = ClueBook(Store(engine)), []
    for at in range(people):
        ref = RowRef(Source.PARTIES, case_of(at), f"MK{at:06d}")
        row = ClueRow("SX-1", ref.case, "p", (ref,), Verdict.YES, "A", ())
        clue = replace(make_clue(row, facts, locality=None), status=CONFIRMED, decided_by=APPROVING)
        book.add(clue, "0" * 32)
        found.append(clue.clue_id)
    engine.dispose()
    return found


def refer(parade: Parade, clue: str) -> str:
    """Open a clue to a name, draft, approve and send a referral of its person; return the referral's id."""
    ask = parade.running.procuratorate
    opening = ask("reidentify", "request", clue, "--by", REQUESTING, "--reason", "转介").strip()
    ask("reidentify", "approve", opening, "--by", APPROVING, secret=True)
    drafted = ask("referral", "draft", clue, "--service", "dibao", "--by", REQUESTING)
    referral = drafted.splitlines()[0]
    ask("referral", "approve", referral, "--by", APPROVING)
    ask("referral", "send", referral, "--by", REQUESTING)
    return referral


def sent_while_the_unit_is_away(parade: Parade, story: Story) -> None:
    clues = seed(parade, len(story.people))
    parade.kill(UNIT)
    story.referrals = [refer(parade, clue) for clue in clues]
    parade.wait(
        lambda: count(parade, COORDINATOR, "coordinator.db", "SELECT count(*) FROM relays") == len(clues),
        "the linkage unit holds the referrals",
    )
    marks = story_marks(story)
    story.disk["held"] = marks.in_folder(parade.unit_folder)
    unit = parade.running.program(COORDINATOR).process.pid
    if may_read_memory(unit):
        story.memory = marks.in_pieces(memory_of(unit, overlap=marks.longest))
    parade.kill(COORDINATOR)
    change(parade, COORDINATOR, "coordinator.db", "UPDATE events SET at_ms = at_ms - ?", TWO_DAYS_MS)
    wake(parade, COORDINATOR)
    story.offline = parade.running.procuratorate("referral", "list")


def taken_once(parade: Parade, story: Story) -> None:
    """Bring the unit back, break it and the sender in the worst moments, and look at its list each time."""
    wake(parade, UNIT)
    inbox = "SELECT count(*) FROM referral_inbox"
    parade.wait(lambda: count(parade, UNIT, "node.db", inbox) == len(story.people), "the unit has the referrals")
    story.taken.append(parade.running.agency(UNIT, "referrals"))
    parade.kill(UNIT)  # As if it had ended between storing the referral and noting its event as handled.
    change(parade, UNIT, "node.db", "UPDATE owner_cursor SET sequence = 0")
    wake(parade, UNIT)
    parade.wait(lambda: count(parade, UNIT, "node.db", "SELECT max(sequence) FROM owner_cursor") > 0, "all came again")
    story.taken.append(parade.running.agency(UNIT, "referrals"))
    change(parade, PROCURATORATE, "node.db", "UPDATE owner_outbox SET sent = 0 WHERE kind = 'referral'")
    waiting = "SELECT count(*) FROM owner_outbox WHERE sent = 0"
    parade.wait(lambda: count(parade, PROCURATORATE, "node.db", waiting) == 0, "all was sent again")
    story.taken.append(parade.running.agency(UNIT, "referrals"))


def answered(parade: Parade, story: Story, folder: Path) -> None:
    """Let the unit open, accept and do what it was asked, and wait until the procuratorate knows."""
    ask, relays = parade.running.agency, re.findall(r"^([0-9a-f]{32})  ", story.taken[-1], re.MULTILINE)
    for relay in relays:
        file = folder / f"{relay}.docx"
        story.opened.append(ask(UNIT, "referrals", "--open", relay, "--save", str(file), "--by", OPERATOR))
        document = docx.Document(BytesIO(file.read_bytes()))
        story.letters.append("\n".join(p.text for p in paragraphs_of(document)))
    told = "SELECT count(*) FROM referral_inbox WHERE state != told"
    done = ("DONE", "--item", "纳入低保", "--date", "2026-11-20")
    for state in (("ACCEPTED",), done):
        parade.wait(lambda: count(parade, UNIT, "node.db", told) == 0, "the last status has left")
        for relay in relays:
            ask(UNIT, "referral-update", relay, *state, "--by", OPERATOR)
    finished = "SELECT count(*) FROM referrals WHERE state = 'DONE'"
    parade.wait(
        lambda: count(parade, PROCURATORATE, "node.db", finished) == len(story.people), "the procuratorate knows"
    )
    story.at_the_end = parade.running.procuratorate("referral", "list")


def story_marks(story: Story) -> Marks:
    return Marks(marks_of(story.people))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    found = Story(list(strangers(2, seed=4)))
    county = small_county(tmp_path_factory.mktemp("county"), (UNIT,))
    case = {"案件类别": "刑事", "案由": "故意伤害", "受理日期": "2025-03-01", "案发日期": "2025-02-01"}
    append_rows(county / "procuratorate" / "cases.csv", [case | {"案号": case_of(i)} for i in range(2)])
    append_rows(county / "procuratorate" / "parties.csv", [victim_row(i, p) for i, p in enumerate(found.people)])
    out = tmp_path_factory.mktemp("referral")
    with start_parade(county, out) as parade:
        sent_while_the_unit_is_away(parade, found)
        taken_once(parade, found)
        answered(parade, found, out)
        found.relays = count(
            parade, COORDINATOR, "coordinator.db", "SELECT count(*) FROM relays WHERE kind = 'referral'"
        )
        log = (parade.unit_folder / "audit" / "entries.jsonl").read_text("utf-8")
        found.again = log.count('"relay.again"')
        marks = story_marks(found)
        found.disk["answered"] = marks.in_folder(parade.unit_folder)
        found.wires = {party: marks.in_file(out / f"{party}.wire") for party in parade.wires}
        found.control = marks.in_bytes("\n".join([*found.opened, *found.letters]).encode())
    found.log = story_marks(found).in_file(out / "logs" / f"{COORDINATOR}.log")
    yield found


def test_a_referral_waits_for_a_unit_that_is_away_for_days(story: Story) -> None:
    assert story.offline.count("  SENT ") == len(story.people)
    assert story.taken[0].count("  RECEIVED  ") == len(story.people)


def test_a_referral_arrives_once_whatever_is_sent_or_delivered_again(story: Story) -> None:
    assert story.taken == [story.taken[0]] * 3
    assert (story.relays, len(story.opened)) == (len(story.people), len(story.people))
    assert story.again >= len(story.people)  # It really was sent again.


def test_the_unit_reads_the_person_and_the_letter_and_its_answer_comes_back(story: Story) -> None:
    for person in story.people:
        assert any(all(v in text for v in (person.name, person.number, person.phone)) for text in story.opened)
        assert any(all(v in text for v in (person.name, person.number, "社会救助建议函")) for text in story.letters)
    assert story.at_the_end.count("  DONE ") == story.at_the_end.count("纳入低保 2026-11-20") == len(story.people)


def test_nobody_in_between_can_read_it(story: Story) -> None:
    assert story.disk == {"held": Counter(), "answered": Counter()}
    assert story.wires == {party: Counter() for party in (UNIT, PROCURATORATE)}
    assert story.log == Counter()


def test_the_linkage_units_memory_holds_nothing_of_the_person_while_it_holds_the_referral(story: Story) -> None:
    if story.memory is None:
        pytest.skip("this account may not read another process's memory")
    assert story.memory == Counter()


def test_the_same_search_finds_the_people_where_the_unit_opened_them(story: Story) -> None:
    assert story.control["name utf-8"] == story.control["phone utf-8"] == len(story.people)
