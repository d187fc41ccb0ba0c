"""Whom a round may ask about: nobody stands out, whatever became of earlier rounds and in whatever order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.normalise.person import IdState, Person
from linkage.owner.database import open_database
from procuratorate_node.config import load_config
from procuratorate_node.node import open_node
from procuratorate_node.rounds.overlap import (
    EarlierRound,
    Fate,
    Question,
    commitment,
    fading,
    fingerprint,
    hold_back,
    state_overlap,
)
from procuratorate_node.store import ASKED_PEOPLE, Store
from tests.procuratorate_node.test_command import file, run

__all__ = ["file"]

DATASET = ("civil", "dibao")
BOTH = (Question("dibao", DATASET, 0b01), Question("tekun", ("civil", "tekun"), 0b10))
LEAST = 5


def marks(*people: int) -> frozenset[bytes]:
    return frozenset(p.to_bytes(16, "big") for p in people)


def scopes(people: range | set[int], bits: int = 0b01) -> dict[bytes, int]:
    return dict.fromkeys(marks(*people), bits)


def before(people: range | set[int], state: Fate = "answered") -> EarlierRound:
    return EarlierRound("ab" * 16, {DATASET: marks(*people)}, state)


def kept(people: range | set[int], *earlier: EarlierRound) -> frozenset[bytes]:
    return frozenset(hold_back(BOTH, scopes(people), earlier, least=LEAST))


def test_a_few_people_are_not_asked_about_at_all() -> None:
    assert kept(range(LEAST - 1)) == frozenset()
    assert kept(range(LEAST)) == marks(*range(LEAST))


def test_people_who_may_be_forgotten_before_the_answer_are_asked_about_as_a_crowd_or_not_at_all() -> None:
    fades = before(range(LEAST - 1), "fading")

    assert kept(range(50), before(range(50)), fades) == marks(*range(50))
    assert kept(range(50), fades) == marks(*range(LEAST - 1, 50))
    assert kept(range(50), before(range(LEAST), "fading")) == marks(*range(50))


def test_only_an_answer_that_will_lie_too_far_back_is_fading() -> None:
    day, later = "2026-08-01T00:00:00Z", "2026-08-02T00:00:00Z"

    assert fading("answered", last=day, forgotten=later) == "fading"
    assert fading("answered", last=later, forgotten=day) == "answered"
    assert fading("open", last=day, forgotten=later) == "open"


def test_one_more_beside_a_crowd_asked_before_waits() -> None:
    assert kept(range(101), before(range(100))) == marks(*range(100))


def test_new_people_go_along_once_they_are_enough() -> None:
    assert kept(range(105), before(range(100))) == marks(*range(105))


def test_a_repeated_question_is_unchanged_and_may_lose_people() -> None:
    assert kept(range(1, 100), before(range(100))) == marks(*range(1, 100))


@pytest.mark.parametrize("state", ["open", "ended"])
def test_one_more_beside_a_crowd_that_was_perhaps_answered_waits(state: Fate) -> None:
    assert kept(range(101), before(range(100), state)) == marks(*range(100))


def test_a_round_that_never_went_out_says_nothing() -> None:
    assert kept(range(101), before(range(100), "void")) == marks(*range(101))


def test_an_open_round_may_not_be_left_with_a_few_of_its_people() -> None:
    assert kept(range(1, 100), before(range(100), "open")) == frozenset()
    assert kept(range(LEAST, 100), before(range(100), "open")) == marks(*range(LEAST, 100))


def test_a_person_asked_of_one_dataset_is_new_to_another() -> None:
    asked = scopes(range(100), 0b01) | scopes({100}, 0b10)
    earlier = (EarlierRound("ab" * 16, {("civil", "tekun"): marks(*range(50))}, "answered"),)

    assert hold_back(BOTH, asked, earlier, least=LEAST) == scopes(range(100), 0b01)


people_sets = st.sets(st.integers(0, 40), max_size=40)
rounds = st.lists(st.tuples(people_sets, st.sampled_from(["answered", "open", "ended"])), max_size=3)


@given(people_sets, rounds, st.integers(0, 7))
def test_whatever_is_answered_in_the_end_new_people_are_none_or_many(
    people: set[int], past: list[tuple[set[int], Fate]], outcome: int
) -> None:
    found = kept(people, *(before(p, s) for p, s in past))

    answered: set[bytes] = set()
    for at, (asked, state) in enumerate(past):
        if state == "answered" or outcome >> at & 1:
            answered |= marks(*asked)
    new = found - answered
    assert not 0 < len(found) < LEAST
    assert not 0 < len(new) < LEAST


@given(people_sets, rounds)
def test_the_statement_a_warrant_takes_never_names_a_few(people: set[int], past: list[tuple[set[int], Fate]]) -> None:
    earlier = [before(p, s) for p, s in past]
    found = hold_back(BOTH, scopes(people), earlier, least=LEAST)
    said = state_overlap(BOTH, found, earlier, least=LEAST, days=90)

    assert not any(0 < count < LEAST for a in said.asked for count in (a.people, a.new))


def test_a_fingerprint_follows_the_number_and_without_one_the_name_and_birth() -> None:
    li = Person(name="李晓梅", id_number="1" * 18, id_state=IdState.VALID)
    key = bytes(32)

    assert fingerprint(key, li) == fingerprint(key, replace(li, name="李小梅"))
    assert fingerprint(key, li) != fingerprint(bytes(31) + b"x", li)
    nameless = replace(li, id_state=IdState.ABSENT, id_number="")
    assert fingerprint(key, nameless) != fingerprint(key, replace(nameless, name="李小梅"))


def test_the_commitment_tells_people_and_scopes_apart_but_not_their_order() -> None:
    one = scopes(range(3))

    assert commitment(one) == commitment(dict(reversed(one.items())))
    assert commitment(one) != commitment(scopes(range(3), 0b10))
    assert commitment(one) != commitment(scopes(range(4)))


def test_an_approved_warrant_states_its_people_and_an_auditor_can_recompute_it(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    round_id = approve(file, capsys)

    assert run(file, "overlap", "verify") == 0
    assert f"{round_id}  " in capsys.readouterr().out


def test_people_changed_after_signing_are_found(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    approve(file, capsys)
    store = stored(file)
    with store.engine.begin() as connection:
        connection.execute(ASKED_PEOPLE.update().values(scope=ASKED_PEOPLE.c.scope + 1))

    assert run(file, "overlap", "verify") == 1
    assert "not those committed to" in capsys.readouterr().out


def test_who_came_after_the_approval_waits_for_the_next_round(
    file: Path, cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    round_id = approve(file, capsys)
    with (cases / "parties.csv").open("a", encoding="utf-8") as target:
        target.write("D99,c1,被害人,沈新来,女,,1999-09-09,,柳湾镇钟桥村9组9号,,,,否,,,\n")
    node = open_node(load_config(file))
    placed, people = node.requests.anchors(round_id)

    assert placed and not any(people[a.person].person.name == "沈新来" for a in placed)
    assert any(p.person.name == "沈新来" for p in people.values())


def stored(file: Path) -> Store:
    return Store(open_database(load_config(file).state / "node.db"))


def approve(file: Path, capsys: Any) -> str:
    assert run(file, "screen", "request", "--models", "SX-1", "--reference", "专项一", "--by", "甲") == 0
    round_id = str(capsys.readouterr().out).strip()
    assert run(file, "screen", "approve", round_id, "--by", "乙") == 0
    return round_id
