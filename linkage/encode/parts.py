"""What of a person is encoded: the parts that tokens join, the grams that fill the filter, the availability flags.

A missing part is "" and makes no token and no gram, so a field missing on one side never counts as disagreement.
Only VALID and UPGRADED numbers are exact; a CONFLICT number (a relative's, by stated birth and sex) is not used at all.
MASKED, CORPORATE and EMPTY names give no name part (domain.md C1, B6).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator

from linkage.normalise.names import Name
from linkage.normalise.person import Birth, BirthPrecision, IdState, NameState, Person

EXACT_NUMBER = frozenset({IdState.VALID, IdState.UPGRADED})
WHOLE_NAME = frozenset({NameState.FULL, NameState.SINGLE})
SOME_NAME = WHOLE_NAME | {NameState.PARTIAL, NameState.PINYIN}
NEAR_SOUNDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("r", "n"), ("f", "h"))
ROUNDED = "000"  # A spreadsheet keeps 15 digits; one damaged number in eleven passes the check all the same.
MAX_YEARS = 3  # A stated age fits up to three birth years; a wider range says too little for a token.
Gram = tuple[str, str]


@functools.lru_cache(maxsize=4096)
def fold_sound(syllable: str) -> str:
    """Fold a toned syllable to its toneless near-miss class: zh/z, ch/c, sh/s, ng/n, l/n/r, f/h (domain.md D4)."""
    plain = syllable.rstrip("012345")
    for written, folded in NEAR_SOUNDS:
        if written == "ng":
            plain = plain.removesuffix("ng") + "n" if plain.endswith("ng") else plain
        elif plain.startswith(written):
            plain = folded + plain.removeprefix(written)
            break
    return plain


def digits_of(person: Person) -> str:
    """Return the number's 18 positional characters ("?" unknown), or "" when it is absent or a relative's."""
    return "" if person.id_state is IdState.CONFLICT else person.id_digits


def birth_of(person: Person) -> Birth:
    """Return the best birth date; from readable digits of a damaged number when nothing better is there."""
    if person.id_state is IdState.CONFLICT and person.stated_birth.precision is not BirthPrecision.NONE:
        return person.stated_birth
    return person.birth


def parts_of(person: Person, context: str = "") -> dict[str, str]:
    """Return every part a schema's tokens may join; "" where the person has none."""
    birth, digits = birth_of(person), digits_of(person)
    name, sound, surname = name_parts(person, person.name_state)
    years = list(range(birth.year_low, birth.year_high + 1)) if birth.year_low else []
    first, second, third = [f"{y:04d}" for y in years[:MAX_YEARS]] + [""] * (MAX_YEARS - len(years[:MAX_YEARS]))
    if len(years) > MAX_YEARS:
        first = second = third = ""
    return {
        "number": (number := person.id_number if person.id_state in EXACT_NUMBER else ""),
        "unrounded": "" if number.endswith(ROUNDED) else number,
        "name": name,
        "sound": sound,
        "surname": surname,
        "birth": birth.compact(),
        "year_1": first,
        "year_2": second,
        "year_3": third,
        "sex": person.sex,
        "village": person.village,
        "house": person.house,
        "phone": person.phone,
        "last4": digits[14:] if digits and "?" not in digits[14:] else "",
        "digits14": digits[:14] if digits and "?" not in digits[:14] else "",
        "context": context,
    }


def name_parts(name: Name | Person, state: NameState) -> tuple[str, str, str]:
    """Return the parts name, sound and surname."""
    whole = name.name if state in WHOLE_NAME else ""
    sound = "".join(fold_sound(r[0]) + " " for r in name.readings) if whole and all(name.readings) else ""
    return whole, sound, name.surname if state in SOME_NAME else ""


def grams_of(person: Person) -> Iterator[Gram]:
    """Yield (gram kind, gram); the kind is also the tag that keeps kinds apart in the filter."""
    if person.name_state in SOME_NAME:
        yield from name_grams(person)
    yield from _birth_grams(birth_of(person))
    digits = digits_of(person)
    if digits and "?" not in digits[:6]:
        yield "region", digits[:6]
    yield from (("digit", f"{i}{d}") for i, d in enumerate(digits) if i >= 14 and d != "?")
    yield from (
        (kind, value)
        for kind, value in (
            ("sex", person.sex),
            ("village", person.village),
            ("town", person.town),
            ("house", person.house),
            ("phone", person.phone),
        )
        if value
    )


def name_grams(name: Name | Person) -> Iterator[Gram]:
    """Yield the grams of a name that is not masked, of an organisation, or empty."""
    if name.surname:
        yield "surname", name.surname
    for character in name.given or name.name:
        if character != "?":
            yield "given", character
    known = [c for c in name.name if c != "?"]
    yield from (("bigram", a + b) for a, b in itertools.pairwise(known))
    for place, readings in enumerate(name.readings):
        for reading in dict.fromkeys(map(fold_sound, readings)):
            yield "sound", f"{min(place, 3)}{reading}"
        yield from (("tone", r) for r in readings[:1])
    yield from (("shape", s) for s in name.shapes if s)
    for alias in name.aliases:
        yield from (("given", c) for c in alias)


def _birth_grams(birth: Birth) -> Iterator[Gram]:
    if birth.precision is BirthPrecision.NONE or not birth.year_low:
        return
    if birth.year_low == birth.year_high:
        yield "year", str(birth.year_low)
        yield from (("near_year", str(birth.year_low + step)) for step in (-1, 0, 1))
    else:
        last = min(birth.year_high, birth.year_low + 3)
        yield from (("near_year", str(year)) for year in range(birth.year_low, last + 1))
    if birth.month:
        yield "month", str(birth.month)
    if birth.day:
        yield "day", str(birth.day)


def flags_of(person: Person) -> frozenset[str]:
    """Return the availability flags: which kinds of fields this row has."""
    birth, digits = birth_of(person), digits_of(person)
    present = {
        "name": person.name_state in WHOLE_NAME,
        "birth_day": birth.precision is BirthPrecision.DAY,
        "birth_year": bool(birth.year_low),
        "number": person.id_state in EXACT_NUMBER,
        "number_part": bool(digits),
        "sex": bool(person.sex),
        "village": bool(person.village),
        "house": bool(person.house),
        "phone": bool(person.phone),
    }
    return frozenset(name for name, there in present.items() if there)
