"""Number everything a chunk's rows mention that other rows will mention again: characters, places, years, odd names.

A number is a row of the table of bitmaps, so a gram is hashed once and then only looked up. Bounded: when the table
is full, or the reader forgets, everything is numbered anew. Numbers never show in the output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from linkage.encode.filters import FilterEncoder, Words
from linkage.encode.material import (
    AS_SURNAME,
    CHAR_COLUMNS,
    GIVEN,
    MOST_READINGS,
    MOST_SOUND_BYTES,
    SAID,
    SHAPE,
    SOUND_2,
    SOUND_3,
    SURNAME_SAID,
    SURNAME_SOUND,
    SURNAME_TONE,
    TONE,
    YEAR_ZERO,
    YEARS,
    Listed,
)
from linkage.encode.parts import SOME_NAME, WHOLE_NAME, fold_sound, name_grams, name_parts
from linkage.normalise.columns import PersonColumns
from linkage.normalise.growing import Growing
from linkage.normalise.names import Name
from linkage.normalise.plain_cells import HAN_COUNT, HAN_FIRST
from linkage.normalise.shapes import shape_code
from linkage.normalise.sounds import char_readings, surname_readings

MAX_SHARED_BYTES: Final = 1 << 22
UNSEEN: Final = -2
REGIONS: Final = 1_000_000
FRESH_IN_NAMES: Final = "bigram"
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """Hold the numbers of grams by value, -1 where the schema has none: those of one chunk's rows never change.

    chars (Chinese characters, CHAR_COLUMNS) · years, near_years: by year + 200 · months (13,) · days (32,) · digits
    (4, 11): place, value, 10 = X · sexes (3,) · regions (10**6,) · towns, villages: by index of a text · texts (k, 2):
    start and size of a text in `shared` · listed: the odd names · table: bitmaps by number.
    """

    chars: Ints
    years: Ints
    near_years: Ints
    months: Ints
    days: Ints
    digits: Ints
    sexes: Ints
    regions: Ints
    towns: Ints
    villages: Ints
    texts: Ints
    shared: Bytes
    listed: Listed
    table: Words

    def __repr__(self) -> str:
        return f"Known(grams={len(self.table)})"


class Vocabulary:
    """Number grams under one round's filter key, as chunks mention them. One thread only."""

    def __init__(self, filters: FilterEncoder) -> None:
        self._filters = filters
        self._forget(0)

    def __repr__(self) -> str:
        return f"Vocabulary(grams={len(self._filters)})"

    def _forget(self, generation: int) -> None:
        self._generation = generation
        self._filters.forget()
        self._shared = Growing(dtype=np.uint8)
        self._texts, self._towns, self._villages = Growing(2), Growing(), Growing()
        self._parts, self._whole = Growing(6), Growing(dtype=np.uint8)
        self._grams, self._gram_ends, self._bigrams, self._bigram_ends = (Growing(), Growing(), Growing(2), Growing())
        self._gram_ends.extend([0])
        self._bigram_ends.extend([0])
        self._seen_surnames, self._seen_given = np.zeros(HAN_COUNT, np.bool_), np.zeros(HAN_COUNT, np.bool_)
        self._chars = np.full((HAN_COUNT, CHAR_COLUMNS), -1, np.int32)
        self._years, self._near_years = np.full(YEARS, UNSEEN, np.int32), np.full(YEARS, UNSEEN, np.int32)
        self._regions = np.full(REGIONS + 1, UNSEEN, np.int32)
        self._regions[-1] = -1
        self._months = self._all("month", ["", *map(str, range(1, 13))])
        self._days = self._all("day", ["", *map(str, range(1, 32))])
        self._sexes = self._all("sex", ["", "1", "2"])
        self._digits = self._all("digit", (f"{i}{d}" for i in range(14, 18) for d in "0123456789X")).reshape(4, 11)

    def _all(self, kind: str, grams: Iterable[str]) -> Ints:
        return np.array([self._filters.number_of(kind, gram) if gram else -1 for gram in grams], np.int32)

    def learn(self, people: PersonColumns, regions: npt.NDArray[np.int64]) -> Known:
        """Number what the chunk mentions and no chunk before it did; regions (n,), -1 where there is none."""
        is_full = self._filters.is_full or len(self._shared) > MAX_SHARED_BYTES
        if is_full or people.generation != self._generation:
            self._forget(people.generation)
        self._learn_chars(people.name_chars)
        self._learn_texts(people)
        self._list_names(people.names[len(self._whole) :])
        self._learn_years(people.births)
        for region in np.unique(regions[self._regions[regions] == UNSEEN]).tolist():
            self._regions[region] = self._filters.number_of("region", f"{region:06d}")
        return self._known()

    def _known(self) -> Known:
        whole: Bytes = self._whole.view  # type: ignore[assignment]
        shared: Bytes = self._shared.view  # type: ignore[assignment]
        return Known(
            chars=self._chars,
            years=self._years,
            near_years=self._near_years,
            months=self._months,
            days=self._days,
            digits=self._digits,
            sexes=self._sexes,
            regions=self._regions,
            towns=self._towns.view,
            villages=self._villages.view,
            texts=self._texts.view,
            shared=shared,
            listed=Listed(
                self._parts.view,
                whole,
                self._gram_ends.view,
                self._grams.view,
                self._bigram_ends.view,
                self._bigrams.view,
            ),
            table=self._filters.table,
        )

    def _keep(self, texts: Sequence[str]) -> Ints:
        """Put texts among the shared bytes; return (k, 2) where they lie."""
        contents = [text.encode() for text in texts]
        sizes = np.array([len(content) for content in contents], np.int64)
        starts = len(self._shared) + np.cumsum(sizes) - sizes
        self._shared.extend(np.frombuffer(b"".join(contents), np.uint8))
        return np.stack((starts, sizes), axis=1).astype(np.int32)

    def _learn_years(self, births: npt.NDArray[np.int16]) -> None:
        years = np.unique(births[:, :2])
        for year in {y + step for y in years[years != 0].tolist() for step in range(-1, 4)}:
            place = year + YEAR_ZERO
            if self._years[place] == UNSEEN:
                self._years[place] = self._filters.number_of("year", str(year))
                self._near_years[place] = self._filters.number_of("near_year", str(year))

    def _learn_texts(self, people: PersonColumns) -> None:
        fresh = people.texts[len(self._texts) :]
        if fresh:
            self._texts.extend(self._keep(fresh))
            for growing in (self._towns, self._villages):
                growing.extend(np.full(len(fresh), UNSEEN))
                growing.view[:1] = -1  # Text 0 is no text.
        towns, villages = self._towns.view, self._villages.view
        for rows, numbers, kind in ((people.town, towns, "town"), (people.village, villages, "village")):
            for index in np.unique(rows[numbers[rows] == UNSEEN]).tolist():
                numbers[index] = self._filters.number_of(kind, people.texts[index])

    def _learn_chars(self, chars: npt.NDArray[np.uint32]) -> None:
        places = chars.astype(np.int64) - HAN_FIRST
        lessons: tuple[tuple[npt.NDArray[np.bool_], Callable[[str, Ints], None], npt.NDArray[np.int64]], ...] = (
            (self._seen_surnames, self._learn_surname, places[:, 0]),
            (self._seen_given, self._learn_given, places[:, 1:].reshape(-1)),
        )
        for seen, learn, found in lessons:
            known = found[found >= 0]
            for place in np.unique(known[~seen[known]]).tolist():
                learn(chr(place + HAN_FIRST), self._chars[place])
                seen[place] = True

    def _learn_surname(self, char: str, row: Ints) -> None:
        """Look a character up as parts.name_grams does at the first place of a name."""
        number, readings = self._filters.number_of, surname_readings(char)[0]
        row[AS_SURNAME] = number("surname", char)
        row[SHAPE] = self._shape(char)
        row[SURNAME_TONE] = number("tone", readings[0]) if readings else -1
        row[SURNAME_SAID : SURNAME_SAID + 2] = self._keep_sound(readings)
        for i, sound in enumerate(_sounds(readings)):
            row[SURNAME_SOUND + i] = number("sound", f"0{sound}")

    def _learn_given(self, char: str, row: Ints) -> None:
        """Look a character up as parts.name_grams does at the second and third place of a name."""
        number, readings = self._filters.number_of, char_readings(char)
        row[GIVEN] = number("given", char)
        row[SHAPE] = self._shape(char)
        row[TONE] = number("tone", readings[0]) if readings else -1
        row[SAID : SAID + 2] = self._keep_sound(readings)
        for i, sound in enumerate(_sounds(readings)):
            row[SOUND_2 + i], row[SOUND_3 + i] = number("sound", f"1{sound}"), number("sound", f"2{sound}")

    def _shape(self, char: str) -> int:
        code = shape_code(char)
        return self._filters.number_of("shape", code) if code else -1

    def _keep_sound(self, readings: Sequence[str]) -> Ints:
        """Keep the folded first reading and a blank, as name_parts joins them."""
        kept: Ints = self._keep([fold_sound(readings[0]) + " " if readings else ""])[0]
        if kept[1] > MOST_SOUND_BYTES:
            raise ValueError("a syllable is longer than the compiled reader takes")
        return kept

    def _list_names(self, names: Sequence[Name]) -> None:
        """List odd names' parts and grams by the rules of parts.py."""
        texts: list[str] = []
        bigrams: list[str] = []
        grams: list[int] = []
        gram_ends: list[int] = []
        bigram_ends: list[int] = []
        number = self._filters.number_of
        for name in names:
            texts += name_parts(name, name.state)
            for kind, gram in name_grams(name) if name.state in SOME_NAME else ():
                if kind == FRESH_IN_NAMES:
                    bigrams.append(gram)
                else:
                    grams.append(number(kind, gram))
            gram_ends.append(len(grams))
            bigram_ends.append(len(bigrams))
        if names:
            self._gram_ends.extend(np.array(gram_ends) + len(self._grams))
            self._bigram_ends.extend(np.array(bigram_ends) + len(self._bigrams))
            self._grams.extend(grams)
            self._whole.extend([name.state in WHOLE_NAME for name in names])
            self._parts.extend(self._keep(texts))
            self._bigrams.extend(self._keep(bigrams))


def _sounds(readings: Sequence[str]) -> list[str]:
    sounds = list(dict.fromkeys(map(fold_sound, readings)))
    if len(sounds) > MOST_READINGS:
        raise ValueError("a character has more readings than the compiled reader takes")
    return sounds
