"""Which of our own rows are one person."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from linkage.normalise.person import IdState, RawPerson
from linkage.normalise.record import normalise
from procuratorate_node.cases.preset import standard_preset
from procuratorate_node.cases.reading import read_cases
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.merging import merged_person
from procuratorate_node.persons import OwnRow, own_rows, person_keys, resolve_persons
from tests.procuratorate_node.conftest import LI, TODAY, WU, number_of
from tests.procuratorate_node.oracle import Truth

HOME = "柳湾镇钟桥村3组6号"
TWIN = number_of("327425", "19800512", "146")


def row(number: int, raw: RawPerson, *, case: str = "", role: str = "被害人", about: str = "") -> OwnRow:
    ref = RowRef(Source.PARTIES, case or f"c{number}", f"D{number}")
    return OwnRow(ref, normalise(raw, as_of=TODAY), role, about)


def one_person(*raws: RawPerson) -> bool:
    return len(resolve_persons([row(i, raw) for i, raw in enumerate(raws)])) == 1


def li(**cells: str) -> RawPerson:
    return RawPerson(**({"name": "李晓梅"} | cells))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        li(id_number=LI),
        li(id_number=LI[:14] + "****"),
        li(birth="1980-05-12"),
        li(birth="1980-05-12", address="青塘镇姜寨村1组"),
        li(phone="14100000001"),
        li(address=HOME, birth="1980年"),
        li(address=HOME),
        RawPerson(name="李小梅", birth="1980-05-12", phone="14100000001"),
        RawPerson(name="李晓梅（已搬走）", id_number=LI),
    ],
)
def test_rows_of_one_person_are_joined(other: RawPerson) -> None:
    assert one_person(li(id_number=LI, sex="女", address=HOME, phone="14100000001"), other)


@pytest.mark.parametrize(
    "other",
    [
        li(id_number=TWIN, address=HOME, phone="14100000001"),
        li(birth="1981-05-12"),
        li(sex="男", birth="1980-05-12"),
        li(),
        RawPerson(name="王建国", id_number=LI),
        RawPerson(name="李晓兰", birth="1980-05-12", address="青塘镇姜寨村1组"),
        RawPerson(name="李某某", birth="1980-05-12", address=HOME),
        RawPerson(name="张国庆", birth="1980-05-12", address=HOME, phone="14100000001"),
    ],
)
def test_rows_of_two_people_stay_apart(other: RawPerson) -> None:
    assert not one_person(li(id_number=LI, sex="女", address=HOME, phone="14100000001"), other)


def test_a_row_that_fits_two_different_numbers_joins_neither() -> None:
    rows = [
        row(0, li(id_number=LI, address=HOME)),
        row(1, li(id_number=TWIN, address=HOME)),
        row(2, li(address=HOME, birth="1980年")),
    ]

    assert len(resolve_persons(rows)) == 3


def test_a_victim_and_his_near_relative_are_never_one_person() -> None:
    rows = [
        row(1, li(birth="1980-05-12"), case="c"),
        row(2, li(birth="1980-05-12"), case="c", role="近亲属", about="D1"),
    ]

    assert len(resolve_persons(rows)) == 2


def test_the_order_of_rows_changes_neither_persons_nor_keys() -> None:
    raws = [li(id_number=LI), li(birth="1980-05-12"), RawPerson(name="吴大海", id_number=WU), li(phone="14100000001")]
    rows = [row(i, raw) for i, raw in enumerate(raws)]

    assert person_keys(resolve_persons(rows)) == person_keys(resolve_persons(rows[::-1]))


def test_a_row_under_a_former_name_is_joined_whichever_row_comes_first() -> None:
    former, now = li(address=HOME), RawPerson(name="王秀兰（曾用名李晓梅）", address=HOME)

    assert one_person(former, now) and one_person(now, former)


def test_the_merged_person_has_the_best_of_every_row() -> None:
    people = [
        normalise(li(birth="1980-05-12", address=HOME), as_of=TODAY),
        normalise(RawPerson(name="李小梅", id_number=LI), as_of=TODAY),
        normalise(li(phone="14100000001"), as_of=TODAY),
    ]

    merged = merged_person(people)

    assert (merged.name, merged.aliases) == ("李晓梅", ("李小梅",))
    assert (merged.id_number, merged.id_state, merged.sex) == (LI, IdState.VALID, "2")
    assert (merged.birth.compact(), merged.village, merged.phone) == ("19800512", people[0].village, "14100000001")


def test_nothing_of_a_person_shows_in_a_repr() -> None:
    rows = [row(0, li(id_number=LI, address=HOME))]

    assert "李" not in repr(rows) + repr(resolve_persons(rows)) and LI not in repr(rows)


def test_the_countys_own_rows_are_resolved_with_few_errors(county: Path) -> None:
    file = read_cases(county / "procuratorate", standard_preset()).file
    truth = Truth(county).person_of(file)
    rows = [r for r in own_rows(file, as_of=TODAY) if r.ref in truth]
    persons = resolve_persons(rows)

    joined = {frozenset(pair) for p in persons for pair in combinations(p.rows, 2)}
    groups: dict[str, list[RowRef]] = {}
    for r in rows:
        groups.setdefault(truth[r.ref], []).append(r.ref)
    true = {frozenset(pair) for refs in groups.values() for pair in combinations(refs, 2)}

    precision, recall = len(joined & true) / len(joined), len(joined & true) / len(true)
    print(f"pairs {len(true)}, precision {precision:.4f}, recall {recall:.4f}")
    assert precision >= 0.998 and recall >= 0.98
