"""Clues over several rounds, their decisions, and the opening to a name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from linkage.audit.log import AuditLog
from linkage.errors import LimitError, PermissionRefused, RoundStateError
from linkage.keys.signing import SigningKey
from linkage.owner.database import open_database
from linkage.owner.trail import AuditTrail
from linkage.plan import Verdict
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.casework import Casework, load_casework
from procuratorate_node.clues import CONFIRMED, REJECTED, Clue, ClueBook, make_clue
from procuratorate_node.config import Config
from procuratorate_node.outcome import ClueRow, Link
from procuratorate_node.reidentify import Desk
from procuratorate_node.store import Store
from tests.procuratorate_node.conftest import LI, NOW, TODAY

ROW = RowRef(Source.PARTIES, "c1", "D1")
FOUND = ClueRow("SX-1", "c1", "p1", (ROW,), Verdict.YES, "A", ("DIBAO",), (Link("dibao", 4, "A"),))


@pytest.fixture
def work(config: Config) -> Casework:
    return load_casework(config, today=TODAY)


@pytest.fixture
def store(config: Config, database: str) -> Store:
    return Store(open_database(database or config.place))


@pytest.fixture
def book(store: Store) -> ClueBook:
    return ClueBook(store)


@pytest.fixture
def desk(config: Config, store: Store, book: ClueBook) -> Desk:
    log = AuditLog.open(config.state / "audit", origin="test/p", signer=SigningKey.generate(), clock=lambda: NOW)
    return Desk(store, book, AuditTrail(log, peer="coordinator"), config)


def clue_of(work: Casework, row: ClueRow = FOUND) -> Clue:
    return make_clue(row, work.facts, locality=None)


def audit(config: Config) -> str:
    return (config.state / "audit" / "entries.jsonl").read_text("utf-8")


def test_a_clue_shows_masked_facts_only(work: Casework) -> None:
    clue = clue_of(work)

    assert clue.facts == {
        "role": "被害人",
        "category": "刑事",
        "charge": "故意伤害",
        "stage": "审查起诉",
        "harm": "轻伤二级",
        "compensation": "NOT",
    }
    assert "李晓梅" not in repr(clue) and LI not in repr(clue)


def test_a_case_level_clue_helps_the_probe_persons_not_the_suspect(work: Casework) -> None:
    suspect = RowRef(Source.PARTIES, "c2", "D4")

    clue = clue_of(work, replace(FOUND, case="c2", person="", rows=(suspect,)))

    assert (clue.level, [r.row for r in clue.people]) == ("case", ["D3"])


def test_rounds_are_compared_new_kept_changed_gone(work: Casework, book: ClueBook) -> None:
    clue = clue_of(work)
    other = clue_of(work, replace(FOUND, case="c2", rows=(RowRef(Source.PARTIES, "c2", "D3"),)))

    assert book.take_round("r1", ["SX-1"], [clue, other]) == {"new": 2, "gone": 0}
    assert book.take_round("r2", ["SX-1"], [clue]) == {"kept": 1, "gone": 1}
    assert book.take_round("r3", ["SX-1"], [replace(clue, tags=("DIBAO", "CARD")), other]) == {"changed": 2, "gone": 0}
    assert book.get(clue.clue_id).first_round == "r1"


def test_a_round_of_other_models_leaves_clues_alone(work: Casework, book: ClueBook) -> None:
    book.take_round("r1", ["SX-1"], [clue_of(work)])
    book.take_round("r2", ["SX-2"], [])

    assert [c.change for c in book.list()] == ["new"]


def test_a_decision_stays_and_a_rejected_clue_that_changed_is_looked_at_again(work: Casework, book: ClueBook) -> None:
    clue = clue_of(work)
    book.take_round("r1", ["SX-1"], [clue])
    book.decide(clue.clue_id, status=REJECTED, by="甲", reason="已有救助", at="2026-11-01T00:00:00Z")

    book.take_round("r2", ["SX-1"], [clue])
    assert book.get(clue.clue_id).status == REJECTED
    book.take_round("r3", ["SX-1"], [replace(clue, grade="D")])
    assert book.get(clue.clue_id).status == "candidate"


def test_a_rejection_needs_a_reason_and_a_decision_is_made_once(work: Casework, book: ClueBook) -> None:
    clue = clue_of(work)
    book.take_round("r1", ["SX-1"], [clue])

    with pytest.raises(RoundStateError, match="reason"):
        book.decide(clue.clue_id, status=REJECTED, by="甲", reason=" ", at="")
    book.decide(clue.clue_id, status=CONFIRMED, by="甲", reason="", at="")
    with pytest.raises(RoundStateError, match="already"):
        book.decide(clue.clue_id, status=REJECTED, by="甲", reason="错", at="")


def opened(desk: Desk, work: Casework, opening: str, *, by: str = "乙") -> list[str]:
    people = desk.approve(opening, by=by, now=NOW, file=work.read.file, person_of=work.facts.person_of)
    return [p.fields["name"] for p in people]


@pytest.fixture
def confirmed(work: Casework, book: ClueBook) -> str:
    clue = clue_of(work)
    book.take_round("r1", ["SX-1"], [clue])
    book.decide(clue.clue_id, status=CONFIRMED, by="甲", reason="", at="")
    return clue.clue_id


def test_two_people_open_a_confirmed_clue_and_the_log_names_nobody(
    desk: Desk, work: Casework, confirmed: str, config: Config
) -> None:
    opening = desk.request(confirmed, by="甲", reason="核实", now=NOW)

    assert opened(desk, work, opening) == ["李晓梅"]
    assert audit(config).count("person.opened") == 1 and "李晓梅" not in audit(config)
    assert desk.was_opened(confirmed)


def test_an_unconfirmed_clue_cannot_be_opened(desk: Desk, work: Casework, book: ClueBook) -> None:
    clue = clue_of(work)
    book.take_round("r1", ["SX-1"], [clue])

    with pytest.raises(RoundStateError, match="confirmed"):
        desk.request(clue.clue_id, by="甲", reason="核实", now=NOW)


def test_who_asks_cannot_approve_and_duties_are_kept(
    desk: Desk, work: Casework, confirmed: str, config: Config
) -> None:
    both = replace(config, officers=(replace(config.officers[0], may=("reidentify", "approve")), config.officers[1]))
    lone = replace(desk, config=both)
    opening = lone.request(confirmed, by="甲", reason="核实", now=NOW)

    with pytest.raises(PermissionRefused, match="two people"):
        opened(lone, work, opening, by="甲")
    with pytest.raises(PermissionRefused, match="may not"):
        desk.request(confirmed, by="乙", reason="核实", now=NOW)
    with pytest.raises(PermissionRefused, match="not listed"):
        opened(desk, work, opening, by="丙")
    assert "person.opened" not in audit(config)


def test_an_opening_is_used_once_and_a_quota_bounds_openings(desk: Desk, work: Casework, confirmed: str) -> None:
    first = desk.request(confirmed, by="甲", reason="核实", now=NOW)
    opened(desk, work, first)

    with pytest.raises(RoundStateError, match="already"):
        opened(desk, work, first)
    for _ in range(2):
        opened(desk, work, desk.request(confirmed, by="甲", reason="再核", now=NOW))
    over = desk.request(confirmed, by="甲", reason="再核", now=NOW)
    with pytest.raises(LimitError, match="24 hours"):
        opened(desk, work, over)
    later = NOW + timedelta(hours=25)
    assert desk.approve(over, by="乙", now=later, file=work.read.file, person_of=work.facts.person_of)


def test_no_name_is_returned_when_the_audit_log_takes_no_entry(
    desk: Desk, work: Casework, confirmed: str, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = desk.request(confirmed, by="甲", reason="核实", now=NOW)

    def full(self: AuditTrail, kind: str, facts: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(AuditTrail, "note", full)
    with pytest.raises(OSError, match="full"):
        opened(desk, work, opening)


def test_nobodys_name_or_number_is_in_the_database(
    desk: Desk, work: Casework, confirmed: str, config: Config, tmp_path: Path
) -> None:
    opened(desk, work, desk.request(confirmed, by="甲", reason="核实", now=NOW))

    content = b"".join(p.read_bytes() for p in config.state.glob("node.db*"))
    assert not any(text.encode() in content for text in ("李晓梅", LI, "14100000001", "钟桥"))
