"""How two normalised rows of our own agree or contradict each other: names, numbers, births, places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from linkage.normalise.person import BirthPrecision, IdState, NameState, Person

USABLE: Final = (IdState.VALID, IdState.UPGRADED)
SEEN: Final = (IdState.MASKED, IdState.EXCEL_LOST, IdState.TRUNCATED, IdState.BAD_CHECK, IdState.BAD_DATE)
LEAST_DIGITS: Final = 10  # Known digits two damaged numbers must share before they count.


def usable_number(person: Person) -> str:
    """Return the number when it is valid and the person's own, else ""."""
    return person.id_number if person.id_state in USABLE else ""


class Names:
    """Compare names as written, as sounded and by what is known of them."""

    @staticmethod
    def sound(person: Person) -> str:
        """Return the first toneless reading of every character, "" where a character is unknown."""
        if not person.readings or not all(person.readings):
            return ""
        return " ".join(r[0].rstrip("012345") for r in person.readings)

    @staticmethod
    def sounds_equal(p: Person, q: Person) -> bool:
        if len(p.readings) != len(q.readings) or len(p.readings) < 2:
            return False
        return all(
            {s.rstrip("012345") for s in x} & {s.rstrip("012345") for s in y}
            for x, y in zip(p.readings, q.readings, strict=True)
        )

    @staticmethod
    def known_equal(p: Person, q: Person) -> bool:
        """Tell whether names with unknown characters agree in every known one, at least one of them given."""
        if len(p.name) != len(q.name) or NameState.PARTIAL not in (p.name_state, q.name_state):
            return False
        pairs = [(x, y) for x, y in zip(p.name, q.name, strict=True) if "?" not in (x, y)]
        return bool(pairs) and all(x == y for x, y in pairs)


def names_alike(p: Person, q: Person) -> int:
    """Return 3 equal (or an alias equal), 2 one character apart by sound, shape or loss, 1 a part in common, 0 else."""
    if p.name == q.name or p.name in q.aliases or q.name in p.aliases or set(p.aliases) & set(q.aliases):
        return 3
    if Names.sounds_equal(p, q) or Names.known_equal(p, q) or _one_apart(p, q):
        return 2
    same_part = bool(p.surname and p.surname == q.surname) or bool(p.given and p.given == q.given)
    return 1 if same_part or set(p.name) & set(q.name) else 0


def _one_apart(p: Person, q: Person) -> bool:
    """Tell whether one character was dropped, or differs with a like shape, in names of three or more."""
    long, short = (p, q) if len(p.name) >= len(q.name) else (q, p)
    if len(long.name) < 3 or long.surname != short.surname:
        return False
    if len(long.name) == len(short.name) + 1:
        return any(long.name[:i] + long.name[i + 1 :] == short.name for i in range(1, len(long.name)))
    differing = [i for i, (x, y) in enumerate(zip(long.name, short.name, strict=False)) if x != y]
    return len(long.name) == len(short.name) and len(differing) == 1 and _shapes_near(long, short, differing[0])


def _shapes_near(p: Person, q: Person, at: int) -> bool:
    """Tell whether two characters have nearly one four-corner code: at most one corner differs."""
    x, y = (p.shapes[at] if at < len(p.shapes) else ""), (q.shapes[at] if at < len(q.shapes) else "")
    return bool(x and y) and sum(c != d for c, d in zip(x[:4], y[:4], strict=False)) <= 1


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two rows have in common. `day` full birth, `birth` compatible and known on both sides, `digits` number."""

    day: bool
    birth: bool
    digits: bool
    phone: bool
    village: bool
    house: bool


def agree(p: Person, q: Person) -> Agreement:
    day = bool(p.birth.compact()) and p.birth.compact() == q.birth.compact()
    known = BirthPrecision.NONE not in (p.birth.precision, q.birth.precision)
    return Agreement(
        day=day,
        birth=known and not births_apart(p, q),
        digits=_digits_agree(p, q),
        phone=bool(p.phone) and p.phone == q.phone,
        village=bool(p.village) and p.village == q.village,
        house=bool(p.house) and p.house == q.house,
    )


def births_apart(p: Person, q: Person) -> int:
    """Return 0 when two births can be one, 1 when a slip of the pen explains them, 2 when nothing does.

    A slip is one part of a full date, or day and month exchanged, in one year. Years from an age may be one apart.
    """
    a, b = p.birth, q.birth
    if BirthPrecision.NONE in (a.precision, b.precision):
        return 0
    slack = 1 if BirthPrecision.RANGE in (a.precision, b.precision) else 0
    if a.year_low > b.year_high + slack or b.year_low > a.year_high + slack:
        return 2
    months = bool(a.month and b.month and a.month != b.month)
    days = bool(a.day and b.day and a.day != b.day)
    exchanged = (a.month, a.day) == (b.day, b.month)
    return 2 if months and days and not exchanged else int(months or days)


def contradictions(p: Person, q: Person) -> int:
    """Count what speaks against one person: from 2 on it is decided, 1 needs strong agreement elsewhere."""
    x, y = usable_number(p), usable_number(q)
    if x and y:
        return 0 if x == y else 2
    sexes = int(bool(p.sex and q.sex and p.sex != q.sex))
    return sexes + births_apart(p, q) + _digits_apart(p, q)


def _digit_pairs(p: Person, q: Person) -> list[tuple[str, str]]:
    if IdState.CONFLICT in (p.id_state, q.id_state) or not p.id_digits or not q.id_digits:
        return []
    return [(x, y) for x, y in zip(p.id_digits, q.id_digits, strict=True) if "?" not in (x, y)]


def _damaged(p: Person, q: Person) -> bool:
    return IdState.BAD_CHECK in (p.id_state, q.id_state) or IdState.BAD_DATE in (p.id_state, q.id_state)


def _digits_agree(p: Person, q: Person) -> bool:
    pairs = _digit_pairs(p, q)
    differing = sum(x != y for x, y in pairs)
    return len(pairs) >= LEAST_DIGITS and differing <= (2 if _damaged(p, q) else 0)


def _digits_apart(p: Person, q: Person) -> int:
    """Return 0, 1 or 2: masked digits must agree but for one slip; a mistyped number may differ in a few places."""
    differing = sum(x != y for x, y in _digit_pairs(p, q))
    if _damaged(p, q):
        return 0 if differing <= 4 else 2
    return min(differing, 2)
