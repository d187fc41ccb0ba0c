"""Links and grades on real encodings of fictitious people."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.encoded import EncodedPopulation, Grade, population_from_rows
from linkage.match import Links, link
from linkage.match.evidence import features
from linkage.normalise import RawPerson, normalise
from linkage.schema import load_schema

SCHEMA = load_schema("person-v1")
KEY = RoundKey(bytes(range(32)))
AS_OF = date(2026, 10, 31)
NUMBER = "11010519491231002X"
FULL = RawPerson("欧阳秋兰", NUMBER, "女", "1949-12-31", address="三汊乡何集村14组21号", phone="14100000001")
OTHERS = [
    RawPerson("张伟", "", "男", "1985-07-02", address="青塘镇袁寨社区3号楼2单元402室"),
    RawPerson("李梦琪", "", "女", "1999-11-20", address="龙泉乡高湾村7组3号"),
    RawPerson("赵铁柱", "", "男", "1955-01-30", address="白石镇朱岗村1组24号"),
]


def encoded(people: list[RawPerson], contexts: list[str] | None = None) -> EncodedPopulation:
    persons = [normalise(p, as_of=AS_OF) for p in people]
    return population_from_rows(RowEncoder(SCHEMA, KEY).encode(persons, contexts=contexts or ()))


def links(left: list[RawPerson], right: list[RawPerson], *, wide: bool = False) -> Links:
    return link(encoded(left), encoded(right), SCHEMA, need_context=False, wide=wide)


def found(result: Links) -> list[tuple[int, int, str]]:
    return [
        (int(i), int(j), Grade(int(g)).name) for i, j, g in zip(result.anchor, result.other, result.grade, strict=True)
    ]


def with_(raw: RawPerson, **change: str) -> RawPerson:
    fields = ("name", "id_number", "sex", "birth", "age", "address", "phone")
    return RawPerson(**{f: change.get(f, getattr(raw, f)) for f in fields}, age_on=raw.age_on)


@pytest.mark.parametrize(
    ("other", "grade"),
    [
        (FULL, "A"),
        (with_(FULL, name="欧阳丫头"), "B"),
        (with_(FULL, id_number=""), "C"),
        (with_(FULL, id_number="", name="欧阳秋南"), "D"),
        (with_(FULL, id_number="", birth="1949-12-13"), "D"),
        (with_(FULL, id_number="", birth="", age="76"), "D"),
    ],
)
def test_the_grade_says_what_the_link_rests_on(other: RawPerson, grade: str) -> None:
    assert found(links([FULL], [*OTHERS, other])) == [(0, 3, grade)]


def test_strangers_are_not_linked_even_in_the_wide_band() -> None:
    assert found(links(OTHERS[:1], OTHERS[1:], wide=True)) == []


def test_a_missing_field_never_lowers_a_link_to_none() -> None:
    for field in ("sex", "phone", "id_number"):
        assert found(links([FULL], [with_(FULL, **{field: ""})])), field


def test_two_namesakes_in_the_register_are_cannot_tell() -> None:
    anchor = RawPerson("王静", "", "女", "", "40", "三汊乡何集村", age_on=AS_OF)
    twins = [
        RawPerson("王静", "327024198603021466", "女", "1986-03-02", address="三汊乡何集村2组8号"),
        RawPerson("王静", "327024198609110268", "女", "1986-09-11", address="三汊乡何集村9组1号"),
    ]
    assert {g for *_, g in found(links([anchor], twins))} <= {"E"}


def test_two_different_valid_numbers_are_no_sure_link_unless_one_household_explains_them() -> None:
    other = with_(FULL, id_number="327024194912310264")
    assert normalise(other, as_of=AS_OF).id_state.value == "VALID"
    assert found(links([FULL], [other])) == [(0, 0, "C")]
    elsewhere = with_(other, address="三汊乡何集村", phone="")
    assert found(links([FULL], [elsewhere])) == [(0, 0, "E")]


def test_a_number_that_a_spreadsheet_rounded_is_no_second_number_even_where_its_check_passes() -> None:
    rounded = with_(FULL, id_number="110105195003011000", birth="1950-03-01", phone="")
    assert found(links([rounded], [with_(rounded, id_number="110105195003011262", address="")])) == [(0, 0, "C")]
    assert found(links([rounded], [rounded])) == [(0, 0, "A")]


def test_twins_of_one_house_are_no_sure_link_where_both_numbers_are_known() -> None:
    first = RawPerson("李秋月", "110105195003011262", "女", "1950-03-01", address="三汊乡何集村14组21号")
    second = RawPerson("李秋星", "110105195003011246", "女", "1950-03-01", address="三汊乡何集村14组21号")
    assert found(links([first], [second])) == [(0, 0, "E")]
    assert found(links([first], [with_(second, id_number="")])) == [(0, 0, "D")]  # Nothing shows that these are two.


@pytest.mark.parametrize(("birth", "differs"), [("1965-09-04", True), ("1965-12-10", False), ("1965", False)])
def test_namesakes_of_one_year_differ_only_where_both_days_are_known(birth: str, differs: bool) -> None:
    anchor = encoded([RawPerson("张梅香", "", "女", "1965-12-10", address="三汊乡何集村14组21号")])
    pair = (np.zeros(1, np.int32), np.zeros(1, np.int32))
    seen = features(anchor, encoded([RawPerson("张梅香", "", "女", birth)]), pair, SCHEMA)
    assert seen["agree:sound_year"] == 1
    assert seen["differ:both_birth_year"] == differs


def test_a_duplicate_row_of_one_person_is_no_ambiguity() -> None:
    row = with_(FULL, id_number="")
    assert {g for *_, g in found(links([FULL], [row, row]))} == {"C"}


def test_the_outcome_does_not_depend_on_row_order() -> None:
    people = [FULL, *OTHERS, with_(FULL, id_number="", name="欧阳秋南"), with_(OTHERS[0], birth="")]
    forward = {(i, j, g) for i, j, g in found(links([FULL, *OTHERS], people))}
    order = [3, 1, 5, 0, 4, 2]
    backward = {(i, order[j], g) for i, j, g in found(links([FULL, *OTHERS], [people[o] for o in order]))}
    assert forward == backward


def test_context_links_need_an_equal_context() -> None:
    anchors = encoded([FULL, FULL], ["案一", "案二"])
    register = encoded([FULL, FULL], ["案二", "案三"])
    result = link(anchors, register, SCHEMA, need_context=True, wide=False)
    assert [(i, j) for i, j, _ in found(result)] == [(1, 0)]
    assert result.effort.compared == 0


@pytest.mark.parametrize(("left", "right"), [([], [FULL]), ([FULL], []), ([], [])])
def test_an_empty_side_gives_no_link(left: list[RawPerson], right: list[RawPerson]) -> None:
    assert len(links(left, right)) == 0


def test_rows_without_any_field_link_to_nothing() -> None:
    assert len(links([RawPerson()], [RawPerson(), FULL], wide=True)) == 0


def test_links_are_sorted_by_anchor_then_grade() -> None:
    result = links([FULL, OTHERS[0]], [OTHERS[0], with_(FULL, id_number=""), FULL])
    order = np.lexsort((result.other, result.grade, result.anchor))
    assert order.tolist() == list(range(len(result)))
