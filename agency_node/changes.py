"""Find the people in one snapshot of a register who are not in another one: locally, on normalised clear text.

Two exports of one register write the same person differently: a number as text and then as a spreadsheet number that
lost digits, a name with a remark, another form of date. A row therefore counts as present when any row of the other
snapshot is plausibly the same person: equal usable numbers, or equal names with nothing that contradicts and something
that supports it. Who is "gained" or "lost" was really not found, not just written otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from agency_node.registers import RegisterRow
from linkage.normalise import Birth, BirthPrecision, IdState, NameState, Person, RawPerson, normalise

USABLE = frozenset({IdState.VALID, IdState.UPGRADED})
NAMELESS = frozenset({NameState.EMPTY, NameState.MASKED, NameState.CORPORATE})
FEW_WRONG = 2  # Digits that differ when one of two numbers was mistyped, or two digits were swapped.
STRONG_DIGITS = 14  # A spreadsheet keeps fifteen digits, of which one more may be wrong.
SOME_DIGITS = 8  # A masked number shows at least the region and part of the serial.
Key = tuple[str, str]


def changed_rows(
    here: Iterable[RegisterRow], there: Iterable[RegisterRow], *, as_of: tuple[date, date]
) -> Iterator[RegisterRow]:
    """Yield the rows of `here` whose person has no row in `there`. `as_of` is the day of each, in this order.

    Holds the persons of `there` in memory; reads `here` as a stream. A row that stands there letter by letter is not
    looked at further: that is most of a register.
    """
    written: set[int] = set()

    def persons() -> Iterator[Person]:
        for row in there:
            written.add(_as_written(row.person))
            yield normalise(row.person, as_of=as_of[1])

    roster = Roster(persons())
    for row in here:
        if _as_written(row.person) not in written and normalise(row.person, as_of=as_of[0]) not in roster:
            yield row


def _as_written(person: RawPerson) -> int:
    """Return a 64-bit hash over all cells, in memory only; the day an age was counted on is none of them."""
    return hash(replace(person, age_on=None))


class Roster:
    """Hold persons so that `person in roster` means: some row of it is plausibly that person."""

    def __init__(self, persons: Iterable[Person]) -> None:
        self._by_key: dict[Key, list[Person]] = defaultdict(list)
        for person in persons:
            for key in _keys(person):
                self._by_key[key].append(person)

    def __contains__(self, person: Person) -> bool:
        keys = (k for k in _keys(person) if k in self._by_key)
        return any(is_same_person(person, other) for key in keys for other in self._by_key[key])


def is_same_person(one: Person, other: Person) -> bool:
    """Tell whether two rows of one register are plausibly one person; symmetric."""
    names_equal = _names_equal(one, other)
    if one.id_number and one.id_number == other.id_number:
        # A spouse's or parent's number may stand in a row, and a household shares house and telephone: unrelated
        # names then need the same birth day, stated apart from the number.
        return names_equal or _names_alike(one, other) or _same_stated_day(one, other)
    support = _support(one, other)
    agree, differ = _digits(one, other)
    if one.id_state in USABLE and other.id_state in USABLE:
        return names_equal and support >= 2 and _births_fit(one.stated_birth, other.stated_birth)
    if _sexes_clash(one, other) and support < 2:
        return False
    near_number = agree >= STRONG_DIGITS and differ <= FEW_WRONG
    births_fit = _births_fit(one.birth, other.birth)
    if not names_equal:
        return _names_alike(one, other) and (near_number or (support >= 2 and births_fit))
    if near_number or (agree >= SOME_DIGITS and not differ):
        return True
    return support >= (1 if births_fit else 2) or (births_fit and not _comparable(one, other))


def _keys(person: Person) -> Iterator[Key]:
    if person.id_number:
        yield "number", person.id_number
    if "?" not in person.id_digits[:15] and person.id_digits:
        yield "digits", person.id_digits[:15]
    if person.name_state not in NAMELESS:
        for name in _names(person):
            yield "name", name
        if person.readings and all(person.readings):
            yield "sound", " ".join(r[0].rstrip("12345") for r in person.readings)
    if person.birth.compact():
        yield "birth", person.birth.compact()
    if person.phone:
        yield "phone", person.phone


def _names(person: Person) -> frozenset[str]:
    return frozenset({person.name, *person.aliases} - {""})


def _names_equal(one: Person, other: Person) -> bool:
    if one.name_state in NAMELESS or other.name_state in NAMELESS:
        return False
    return not _names(one).isdisjoint(_names(other))


def _names_alike(one: Person, other: Person) -> bool:
    """Tell whether names may be one name written twice: a mask, a wrong character, one left out, the same sound."""
    states = {one.name_state, other.name_state}
    if NameState.CORPORATE in states:
        return len(states) == 1
    if not states.isdisjoint(NAMELESS):
        return True  # A masked or missing name speaks for nobody and against nobody.
    if one.readings and len(one.readings) == len(other.readings) and _sound_alike(one, other):
        return True
    shared = set(one.name) & set(other.name) - {"?"}
    return len(shared) * 2 >= max(len(one.name), len(other.name)) or (bool(shared) and "?" in one.name + other.name)


def _sound_alike(one: Person, other: Person) -> bool:
    return all(set(a) & set(b) or not a or not b for a, b in zip(one.readings, other.readings, strict=True))


def _support(one: Person, other: Person) -> int:
    """Count the signs that two rows are one person: birth day, telephone, house, birth year with village."""
    same_day = _same_stated_day(one, other) or (one.birth.compact() and one.birth.compact() == other.birth.compact())
    same_phone = one.phone and one.phone == other.phone
    same_village = one.village and one.village == other.village
    same_house = same_village and one.house and one.house == other.house
    near_year = _has_year(one.birth) and _has_year(other.birth) and _births_fit(one.birth, other.birth)
    return bool(same_day) + bool(same_phone) + bool(same_house) + bool(same_village and near_year)


def _same_stated_day(one: Person, other: Person) -> bool:
    day = one.stated_birth.compact()
    return bool(day) and day == other.stated_birth.compact()


def _digits(one: Person, other: Person) -> tuple[int, int]:
    """Return how many places of the two numbers are known on both sides and agree, and how many differ."""
    pairs = [(a, b) for a, b in zip(one.id_digits, other.id_digits, strict=False) if "?" not in (a, b)]
    agree = sum(a == b for a, b in pairs)
    return agree, len(pairs) - agree


def _has_year(birth: Birth) -> bool:
    return birth.precision is not BirthPrecision.NONE


def _births_fit(one: Birth, other: Birth) -> bool:
    if not (_has_year(one) and _has_year(other)):
        return True
    if one.year_high < other.year_low - 1 or other.year_high < one.year_low - 1:
        return False
    if BirthPrecision.RANGE in (one.precision, other.precision):
        return True
    if one.year_low != other.year_low:
        return False
    return all(not (a and b) or a == b for a, b in ((one.month, other.month), (one.day, other.day)))


def _sexes_clash(one: Person, other: Person) -> bool:
    return bool(one.sex and other.sex and one.sex != other.sex)


def _comparable(one: Person, other: Person) -> bool:
    """Tell whether both rows show anything beside the name that could have agreed."""
    both_born = _has_year(one.birth) and _has_year(other.birth)
    both_placed = one.village and other.village
    return bool(both_born or both_placed or (one.phone and other.phone) or (one.id_digits and other.id_digits))
