"""The whole record: how number, birth and sex are weighed, phones, and that nothing personal is shown."""

from __future__ import annotations

from datetime import date

import pytest

from linkage.normalise import (
    BirthPrecision,
    BirthSource,
    IdState,
    NameState,
    RawPerson,
    clear_caches,
    normalise,
)
from linkage.normalise.checkdigit import check_character
from linkage.normalise.names import read_name
from linkage.normalise.record import read_phone, read_sex

AS_OF = date(2026, 10, 31)


def number(birth: str, sequence: str = "001") -> str:
    first17 = "327024" + birth + sequence
    return first17 + check_character(first17)


def test_an_agreeing_number_gives_birth_sex_and_region() -> None:
    own = number("19800507", "002")
    person = normalise(RawPerson("张三", own, "女", "1980-05-07"), as_of=AS_OF)
    assert (person.id_number, person.id_state, person.region) == (own, IdState.VALID, "327024")
    assert (person.birth.compact(), person.birth.source, person.sex) == ("19800507", BirthSource.ID, "2")
    assert person.stated_birth.source is BirthSource.STATED


def test_a_slip_in_the_stated_birth_is_outvoted_by_the_number() -> None:
    person = normalise(RawPerson("张三", number("19800507"), "男", "1980-05-17"), as_of=AS_OF)
    assert (person.id_state, person.birth.compact()) == (IdState.VALID, "19800507")
    assert person.stated_birth.compact() == "19800517"


def test_a_fathers_number_for_a_child_is_a_conflict() -> None:
    own = number("19800507")
    person = normalise(RawPerson("张小三", own, "女", "2012-03-09"), as_of=AS_OF)
    assert (person.id_state, person.id_number, person.region) == (IdState.CONFLICT, own, "")
    assert (person.birth.compact(), person.birth.source, person.sex) == ("20120309", BirthSource.STATED, "2")


def test_a_spouses_number_is_a_conflict() -> None:
    person = normalise(RawPerson("李四", number("19800507"), "女", "1981-02-09"), as_of=AS_OF)
    assert person.id_state is IdState.CONFLICT


def test_an_age_counts_from_its_own_day() -> None:
    raw = RawPerson("张三", number("19800507"), "男", "", "20", age_on=date(2000, 10, 1))
    assert normalise(raw, as_of=AS_OF).id_state is IdState.VALID
    assert normalise(RawPerson("张三", number("19800507"), "男", "", "20"), as_of=AS_OF).id_state is IdState.CONFLICT


def test_a_number_without_stated_birth_gives_the_sex_it_shows() -> None:
    person = normalise(RawPerson("张三", "327024********0014"), as_of=AS_OF)
    assert (person.sex, person.id_state, person.id_number) == ("1", IdState.MASKED, "")


@pytest.mark.parametrize(
    ("cell", "birth", "precision", "source"),
    [
        ("327024198005070**X", "", BirthPrecision.DAY, BirthSource.ID),
        ("3270241980****001X", "", BirthPrecision.YEAR, BirthSource.ID),
        ("3270241980****001X", "45", BirthPrecision.YEAR, BirthSource.ID),
        ("3270241980****001X", "1980-05-07", BirthPrecision.DAY, BirthSource.STATED),
        ("327024198005070000", "", BirthPrecision.DAY, BirthSource.ID),
        ("327024198005070018", "", BirthPrecision.NONE, BirthSource.NONE),  # BAD_CHECK: the date may be what is wrong.
        ("327024198005070018", "46岁", BirthPrecision.DAY, BirthSource.ID),
        ("327024198005070018", "20岁", BirthPrecision.RANGE, BirthSource.AGE),
    ],
)
def test_damaged_numbers_give_a_birth_only_where_it_is_sure(
    cell: str, birth: str, precision: BirthPrecision, source: BirthSource
) -> None:
    raw = RawPerson("张三", cell, "", "" if "岁" in birth or birth == "45" else birth, birth if len(birth) < 5 else "")
    person = normalise(raw, as_of=AS_OF)
    assert (person.birth.precision, person.birth.source) == (precision, source)


@pytest.mark.parametrize(
    ("cell", "sex"),
    [
        ("男", "1"),
        ("女 ", "2"),
        ("男性", "1"),
        ("M", "1"),
        ("female", "2"),
        ("1", "1"),
        ("2", "2"),
        ("1-男", "1"),
        ("性别：女", "2"),
        ("", ""),
        ("0", ""),
        ("9", ""),
        ("未说明", ""),
    ],
)
def test_sex_cells(cell: str, sex: str) -> None:
    assert read_sex(cell) == sex


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("14101704388", "14101704388"),
        ("14101704388.0", "14101704388"),
        ("+86 141 0170 4388", "14101704388"),
        ("8614101704388", "14101704388"),
        ("0086-14101704388", "14101704388"),
        ("１４１０１７０４３８８", "14101704388"),
        ("14101704388/14101704389", "14101704388"),
        ("0512-12345678、14101704388", "14101704388"),
        ("'14101704388", "14101704388"),
        ("0512-12345678", ""),
        ("141017043881", ""),
        ("1.41E+10", ""),
        ("", ""),
    ],
)
def test_phone_cells(cell: str, phone: str) -> None:
    assert read_phone(cell) == phone


def test_lengths_of_readings_and_shapes_follow_the_name() -> None:
    for cell in ("张三", "阿卜来提·如则托合提", "李yan", "VOLKOVA ANNA", "某某有限公司", "", "张某", "涛"):
        person = normalise(RawPerson(cell), as_of=AS_OF)
        assert len(person.readings) == len(person.shapes) == len(person.name)


def test_nothing_personal_is_shown() -> None:
    own = number("19800507")
    raw = RawPerson("张三丰", own, "男", "1980-05-07", "46", "云桥县三汊乡何集村", "三汊乡", "何集村", "14101704388")
    person = normalise(raw, as_of=AS_OF)
    shown = repr(raw) + str(raw) + repr(person) + str(person) + f"{person.birth}" + repr(read_name("张三丰"))
    for value in ("张", "三丰", own, own[:6], "1980", "三汊", "何集", "14101704388"):
        assert value not in shown


def test_an_empty_row_is_an_empty_person() -> None:
    person = normalise(RawPerson(), as_of=AS_OF)
    assert (person.name_state, person.id_state, person.birth.precision) == (
        NameState.EMPTY,
        IdState.ABSENT,
        BirthPrecision.NONE,
    )


def test_caches_can_be_emptied() -> None:
    normalise(RawPerson("张三", address="三汊乡何集村"), as_of=AS_OF)
    assert read_name.cache_info().currsize > 0
    clear_caches()
    assert read_name.cache_info().currsize == 0
