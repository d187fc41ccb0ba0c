"""What of a Latin row is encoded: the parts that tokens join, and the grams that share a field's hashes.

Rows are folded (linkage.normalise.latin). A missing cell is "" and makes no token and no gram, so it never counts as
disagreement. A gram that a field repeats gets the number of the repetition, so that multiplicity counts.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from linkage.normalise.latin import LatinRow, soundex
from linkage.schema import EncodingSchema, FieldKind

EDGE = "_"
CountedGram = tuple[str, str, int]  # Tag, gram, number of positions.


def parts_of(row: LatinRow) -> dict[str, str]:
    """Return every part a schema's tokens may join; "" where the row has none."""
    sounds = {"given_sound": soundex(row.given_name), "surname_sound": soundex(row.surname)}
    return row._asdict() | sounds


def bigrams(text: str) -> Iterator[str]:
    """Yield pairs of neighbours, the edges of the text included."""
    yield from (a + b for a, b in itertools.pairwise(f"{EDGE}{text}{EDGE}"))


def places(text: str) -> Iterator[str]:
    """Yield every character with its place from the beginning."""
    yield from (f"{i}={c}" for i, c in enumerate(text))


def places_from_end(text: str) -> Iterator[str]:
    """Yield every character with its place from the end."""
    yield from (f"-{i}={c}" for i, c in enumerate(reversed(text)))


def whole(text: str) -> Iterator[str]:
    yield f"={text}"


def sound(text: str) -> Iterator[str]:
    """Yield the Soundex code, if there are letters."""
    code = soundex(text)
    if code:
        yield f"~{code}"


GRAMS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "bigram": bigrams,
    "soundex": sound,
    "place": places,
    "place_from_end": places_from_end,
    "whole": whole,
}


def numbered(grams: Sequence[str]) -> list[str]:
    """Return the grams with the second and later occurrences numbered."""
    seen: Counter[str] = Counter()
    out = []
    for gram in grams:
        seen[gram] += 1
        out.append(gram if seen[gram] == 1 else f"{gram}#{seen[gram]}")
    return out


def field_grams(kind: FieldKind, text: str) -> Iterator[CountedGram]:
    """Yield a field's grams, which share its hashes as evenly as whole numbers can; the first get one more."""
    if not text:
        return
    grams = numbered([gram for name in kind.grams for gram in GRAMS[name](text)])
    share, more = divmod(kind.hashes, len(grams)) if grams else (0, 0)
    yield from ((kind.tag, gram, share + (i < more)) for i, gram in enumerate(grams))


def grams_of(row: LatinRow, schema: EncodingSchema) -> list[CountedGram]:
    """Return all grams of a folded row."""
    return [gram for kind in schema.fields for gram in field_grams(kind, getattr(row, kind.id))]
