"""The person record before and after normalisation (domain.md C1). Neither type ever crosses the wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class NameState(StrEnum):
    FULL = "FULL"
    SINGLE = "SINGLE"  # One Han character, or a one-word name.
    PARTIAL = "PARTIAL"  # Has a placeholder (□ ? _ 口 *) or a private-use character: only known characters count.
    MASKED = "MASKED"  # 某, ×, X, *: never enters linkage.
    PINYIN = "PINYIN"  # Latin letters stand where Han characters should.
    CORPORATE = "CORPORATE"
    EMPTY = "EMPTY"


class IdType(StrEnum):
    CN18 = "CN18"
    CN15 = "CN15"
    HMT18 = "HMT18"  # Residence permit of Hong Kong, Macao, Taiwan residents: 81, 82, 83.
    FPR18 = "FPR18"  # Foreign permanent resident card, first digit 9.
    FPR15 = "FPR15"  # Older foreign card: three letters and twelve digits.
    DISCERT = "DISCERT"  # Disability certificate: a citizen number, category, grade, perhaps a suffix.
    PASSPORT = "PASSPORT"
    USCC = "USCC"
    NONE = "NONE"


class IdState(StrEnum):
    VALID = "VALID"
    UPGRADED = "UPGRADED"  # A 15-digit number written with 18 digits.
    CONFLICT = "CONFLICT"  # Valid by itself, but stated birth or sex say it is another person's.
    BAD_CHECK = "BAD_CHECK"
    BAD_DATE = "BAD_DATE"
    MASKED = "MASKED"
    TRUNCATED = "TRUNCATED"
    EXCEL_LOST = "EXCEL_LOST"  # A spreadsheet kept 15 digits.
    ABSENT = "ABSENT"


class BirthPrecision(StrEnum):
    DAY = "DAY"
    MONTH = "MONTH"
    YEAR = "YEAR"
    RANGE = "RANGE"  # Only an age was stated: year_low..year_high.
    NONE = "NONE"


class BirthSource(StrEnum):
    ID = "ID"
    STATED = "STATED"
    AGE = "AGE"
    NONE = "NONE"


@dataclass(frozen=True, slots=True, repr=False)
class RawPerson:
    """Hold one person's cells as read, "" where absent. `age_on` is the date a stated age refers to."""

    name: str = ""
    id_number: str = ""
    sex: str = ""
    birth: str = ""
    age: str = ""
    address: str = ""
    town: str = ""
    village: str = ""
    phone: str = ""
    age_on: date | None = None

    def __repr__(self) -> str:
        filled = [f for f in ("name", "id_number", "sex", "birth", "age", "address", "phone") if getattr(self, f)]
        return f"RawPerson(fields={filled})"


@dataclass(frozen=True, slots=True, repr=False)
class Birth:
    """Hold a birth date as far as it is known. year_low == year_high unless precision is RANGE; 0 = unknown part."""

    year_low: int = 0
    year_high: int = 0
    month: int = 0
    day: int = 0
    precision: BirthPrecision = BirthPrecision.NONE
    source: BirthSource = BirthSource.NONE

    def compact(self) -> str:
        """Return YYYYMMDD when the day is known, else ""."""
        if self.precision is not BirthPrecision.DAY:
            return ""
        return f"{self.year_low:04d}{self.month:02d}{self.day:02d}"

    def __repr__(self) -> str:
        return f"Birth(precision={self.precision.value}, source={self.source.value})"


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Hold one normalised person.

    `name` is folded for matching only (simplified, variants folded, dots U+00B7, no spaces inside Han names); unknown
    characters of a PARTIAL name stand as "?". `aliases` are other names, folded the same way. `surname`/`given` split
    Han names ("" surname for names with a middle dot). `readings` gives per character of `name` the tuple of its toned
    syllables ("dan4", "shan4"), several for surnames read two ways, () for "?". `shapes` gives per character its shape
    code ("" if unknown). `id_number` is 18 characters when id_state is VALID, UPGRADED or CONFLICT, else "".
    `id_digits` is always "" or 18 characters, "?" where a digit is masked, lost or unknown (also for damaged numbers).
    `stated_birth` is what the row states apart from the number; `birth` is the best of both (the number's when they
    agree or only it is there). `region` is the first six characters of a usable number. `town`/`village` are folded.
    """

    name: str = ""
    name_state: NameState = NameState.EMPTY
    aliases: tuple[str, ...] = ()
    surname: str = ""
    given: str = ""
    readings: tuple[tuple[str, ...], ...] = ()
    shapes: tuple[str, ...] = ()
    id_number: str = ""
    id_state: IdState = IdState.ABSENT
    id_type: IdType = IdType.NONE
    id_digits: str = ""
    repairs: tuple[str, ...] = ()  # Plausible 18-digit repairs of a failed number, at most 9, sorted.
    birth: Birth = Birth()
    stated_birth: Birth = Birth()
    sex: str = ""  # "1" male, "2" female, "" unknown.
    region: str = ""
    town: str = ""
    village: str = ""
    house: str = ""  # What follows the village, folded: group and door number, or building-unit-room.
    phone: str = ""  # Eleven digits or "".

    def __repr__(self) -> str:
        return f"Person(name_state={self.name_state.value}, id_state={self.id_state.value}, birth={self.birth!r})"


USABLE_NUMBERS = frozenset({IdState.VALID, IdState.UPGRADED})
USABLE_NAMES = frozenset({NameState.FULL, NameState.SINGLE, NameState.PARTIAL, NameState.PINYIN})


def is_known(person: Person) -> bool:
    """Tell whether a row says by name or number who it is about."""
    return person.id_state in USABLE_NUMBERS or person.name_state in USABLE_NAMES
