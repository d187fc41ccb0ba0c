"""Put one person's cells together: name, number, birth, sex, place, phone (domain C1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from linkage.normalise import births, names, places
from linkage.normalise.characters import clean_cell
from linkage.normalise.checkdigit import birth_of, real_date, sex_of
from linkage.normalise.numbers import Number, read_number
from linkage.normalise.person import (
    Birth,
    BirthPrecision,
    BirthSource,
    IdState,
    Person,
    RawPerson,
)

_OWN = (IdState.VALID, IdState.UPGRADED)
_SURE_DATE = (IdState.MASKED, IdState.EXCEL_LOST, IdState.TRUNCATED)
_SEX = {"男": "1", "M": "1", "1": "1", "女": "2", "F": "2", "2": "2"}
_PHONE = re.compile(r"1[0-9]{10}")


@dataclass(frozen=True, slots=True, repr=False)
class Evidence:
    """Hold number, birth and sex after they were weighed against one another."""

    number: Number
    state: IdState
    birth: Birth
    sex: str

    def __repr__(self) -> str:
        return f"Evidence(state={self.state.value})"


def normalise(raw: RawPerson, *, as_of: date) -> Person:
    """Turn one person's cells into the record that matching uses; pure, and never fails on any text.

    `as_of` bounds dates and stands in for a missing `age_on`. A valid number that belongs to somebody else by the
    rule of births.is_relatives gets CONFLICT: then birth and sex are the stated ones and `region` is empty. Otherwise
    a valid number's birth and sex win. A damaged number gives a birth only where its date is certain (MASKED,
    EXCEL_LOST, TRUNCATED) or fits what is stated less exactly. Errors: none. Reveals nothing in repr.
    """
    stated = stated_birth(raw, as_of)
    sex = read_sex(raw.sex)
    found = weigh(read_number(raw.id_number, as_of=as_of, stated=stated, sex=sex), stated, sex, as_of)
    name = names.read_name(raw.name)
    place = places.read_place(raw.address, raw.town, raw.village)
    return Person(
        name=name.name,
        name_state=name.state,
        aliases=name.aliases,
        surname=name.surname,
        given=name.given,
        readings=name.readings,
        shapes=name.shapes,
        id_number=found.number.number,
        id_state=found.state,
        id_type=found.number.kind,
        id_digits=found.number.digits,
        repairs=found.number.repairs,
        birth=found.birth,
        stated_birth=stated,
        sex=found.sex,
        region=found.number.number[:6] if found.state in _OWN else "",
        town=place.town,
        village=place.village,
        house=place.house,
        phone=read_phone(raw.phone),
    )


def stated_birth(raw: RawPerson, as_of: date) -> Birth:
    """Return what a row states about the birth apart from the number: a date, else what an age allows."""
    on = raw.age_on or as_of
    found = births.read_birth(raw.birth, as_of=as_of, age_on=on)
    if found.precision is not BirthPrecision.NONE:
        return found
    aged = births.read_age(raw.age, on=on)
    # Some offices put the date into the age column.
    return aged if aged.precision is not BirthPrecision.NONE else births.read_birth(raw.age, as_of=as_of, age_on=on)


def weigh(number: Number, stated: Birth, sex: str, as_of: date) -> Evidence:
    """Weigh a number against the stated birth and sex."""
    if number.state in _OWN:
        return _weigh_own(number, stated, sex, as_of)
    seen_sex = sex_of(number.digits)
    return Evidence(number, number.state, _damaged_birth(number, stated, as_of), sex or seen_sex)


def _weigh_own(number: Number, stated: Birth, sex: str, as_of: date) -> Evidence:
    own = birth_of(number.number, as_of)
    own_sex = sex_of(number.number)
    if own is None:  # Not reachable for VALID and UPGRADED; keeps the types honest.
        return Evidence(number, number.state, stated, sex)
    if births.is_relatives(own, stated, sexes_differ=bool(sex) and sex != own_sex):
        return Evidence(number, IdState.CONFLICT, stated, sex)
    return Evidence(number, number.state, births.from_date(own, BirthSource.ID), own_sex)


def _damaged_birth(number: Number, stated: Birth, as_of: date) -> Birth:
    """Return the better of the stated birth and what is visible in a damaged number."""
    if stated.precision is BirthPrecision.DAY or not number.digits:
        return stated
    seen = number.digits[6:14]
    whole = real_date(seen, as_of)
    sure = number.state in _SURE_DATE
    if whole and births.agrees(stated, whole) and (sure or stated.precision is not BirthPrecision.NONE):
        return births.from_date(whole, BirthSource.ID)
    if not sure or "?" in seen[:4] or not 1900 <= int(seen[:4]) <= as_of.year:
        return stated
    year = int(seen[:4])
    if stated.precision in (BirthPrecision.NONE, BirthPrecision.RANGE):
        fits = stated.precision is BirthPrecision.NONE or stated.year_low <= year <= stated.year_high
        return Birth(year, year, 0, 0, BirthPrecision.YEAR, BirthSource.ID) if fits else stated
    return stated


def read_sex(cell: str) -> str:
    """Return "1" for 男, M, male, 1; "2" for 女, F, female, 2; "" for anything else (0, 9, 未说明)."""
    text = clean_cell(cell).upper()
    return _SEX.get(text[:1], "") or next((_SEX[char] for char in text if char in "男女"), "")


def read_phone(cell: str) -> str:
    """Return the first mobile number as eleven digits, without +86, spaces and a spreadsheet's ".0"; "" if none."""
    text = re.sub(r"\.0+$", "", clean_cell(cell).strip("'‘’` "))
    text = re.sub(r"[\s\-‐‑–—()]", "", text)
    for part in re.split(r"[^\d+]+", text):
        digits = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", part)
        if _PHONE.fullmatch(digits):
            return digits
    return ""


def clear_caches() -> None:
    """Forget every personal value held for speed; call it when a run ends. Tables by character stay loaded."""
    names.read_name.cache_clear()
    places.clear_caches()
