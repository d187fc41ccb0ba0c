"""Draw names: surnames by village, given names by sex and cohort, shared characters of siblings."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from linkage.demo.county.words import Cohort, Names, names

_SINGLE = ((1950, 0.10), (1970, 0.16), (1985, 0.34), (2000, 0.26), (2100, 0.085))


@dataclass(slots=True)
class NameGiver:
    """Draw names from `rng`; remembers each village's two leading surnames."""

    rng: random.Random
    words: Names = field(default_factory=names)
    leading: dict[str, list[str]] = field(default_factory=dict)

    def surname(self, village: str = "") -> str:
        """Return a surname; a third of a village bears one of its two leading surnames."""
        if village and village not in self.leading:
            self.leading[village] = self.rng.choices(self.words.surnames, self.words.weights, k=2)
        if village and self.rng.random() < 0.33:
            return self.rng.choice(self.leading[village])
        if self.rng.random() < 0.01:
            return self.rng.choice(self.words.compound)
        return self.rng.choices(self.words.surnames, self.words.weights)[0]

    def given(self, sex: str, year: int, *, shared: str = "", taken: frozenset[str] = frozenset()) -> str:
        """Return a given name; `shared` is the character the siblings share, `taken` the siblings' names."""
        name = self._draw(sex, year, shared)
        for _ in range(4):
            if name not in taken:
                break
            name = self._draw(sex, year, shared)
        return self._maybe_rare(name)

    def _draw(self, sex: str, year: int, shared: str) -> str:
        cohort = self._cohort(sex, year)
        single = next(share for limit, share in _SINGLE if year < limit)
        if not shared and self.rng.random() < single:
            return self._character(cohort)
        if shared:
            other = self._character(cohort)
            return shared + other if self.rng.random() < 0.8 else other + shared
        if self.rng.random() < 0.035:
            return self._character(cohort) * 2
        return self._character(cohort) + self._character(cohort)

    def _cohort(self, sex: str, year: int) -> Cohort:
        return next(item for item in self.words.cohorts if item.sex == sex and item.first <= year <= item.last)

    def _character(self, cohort: Cohort) -> str:
        # The square of a uniform draw favours the front of the list, as real frequencies fall.
        place = int(len(cohort.characters) * self.rng.random() ** 1.7)
        return cohort.characters[place]

    def _maybe_rare(self, name: str) -> str:
        if self.rng.random() >= 0.035:
            return name
        rare = self.rng.choice(tuple(self.words.rare))
        place = self.rng.randrange(len(name))
        return name[:place] + rare + name[place + 1 :]

    def dotted(self, sex: str, father: str = "") -> str:
        """Return a minority name: own name, dot, the father's own name."""
        own = self.rng.choice(self.words.dotted[sex])
        return f"{own}·{father or self.rng.choice(self.words.dotted['X'])}"

    def alias(self, surname: str, given: str, *, sex: str, year: int, husband: str) -> str:
        """Return another name somebody goes by: married form, child name, or a former name."""
        draw = self.rng.random()
        if sex == "F" and year < 1962 and husband and draw < 0.55:
            return f"{husband}{surname}氏"
        if year < 1965 and draw < 0.8:
            word = self.rng.choice(("大", "二", "三", "小", "老"))
            pet = self.rng.choice("丫妮妹" if sex == "F" else "牛毛狗娃伢")
            return f"{surname}{word}{pet}"
        if year >= 2006 and draw < 0.7:
            return f"小{given[-1]}" if self.rng.random() < 0.7 else given[-1] * 2
        return surname + self._draw(sex, max(year - 6, 1900), "")
