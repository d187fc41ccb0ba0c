"""Say which person a passage is about: the one named last before it, in its sentence first, then further back."""

from __future__ import annotations

import bisect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

JOINT: Final = re.compile(r"[（(][^（）()\n]{1,60}[)）]|[、，]|和|及|与|以及|被害人|受害人")
SIDE: Final = re.compile(r"[甲乙丙]方")
BLANK: Final = "□"
SENTENCE_END: Final = "。；;\n"


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """One occurrence of a person's name; `who` is the name he is kept under."""

    start: int
    end: int
    who: str
    side: bool = False  # 甲方, 乙方: a word and no name.

    def __repr__(self) -> str:
        return f"Place({self.start}:{self.end})"


class Places:
    """All occurrences of the people's names in a paper, in order; a longer name hides a shorter one inside it.

    `aliases` maps any other name a person goes by in this paper (乙方, his relative's name) to the name he is kept
    under.
    """

    def __init__(self, text: str, names: Sequence[str], aliases: Mapping[str, str]) -> None:
        self.text = text
        who = {name: name for name in names} | dict(aliases)
        words = sorted((w for w in who if w), key=len, reverse=True)
        pattern = re.compile("|".join(map(re.escape, words))) if words else None
        found = pattern.finditer(text) if pattern is not None else ()
        self.all = [Place(m.start(), m.end(), who[m[0]], side=SIDE.match(m[0]) is not None) for m in found]
        self._starts = [p.start for p in self.all]

    def blanked(self) -> str:
        """Return the text with every name hidden, character by character: 若 and 无 in a name are no words."""
        parts = list(self.text)
        for place in (p for p in self.all if not p.side):
            parts[place.start : place.end] = BLANK * (place.end - place.start)
        return "".join(parts)

    def between(self, start: int, end: int) -> list[Place]:
        return self.all[bisect.bisect_left(self._starts, start) : bisect.bisect_left(self._starts, end)]

    def sentence(self, offset: int) -> tuple[int, int]:
        """Return the bounds of the sentence an offset stands in."""
        start = max(self.text.rfind(c, 0, offset) for c in SENTENCE_END) + 1
        ends = [e for e in (self.text.find(c, offset) for c in SENTENCE_END) if e >= 0]
        return start, min(ends, default=len(self.text))

    def nearest(self, offset: int, among: frozenset[str]) -> list[str]:
        """Return whom words at an offset are about: the last of `among` named before them in their sentence together
        with those joined to him (张三、李四), else the first named after them there, else the last named before."""
        start, end = self.sentence(offset)
        before = [p for p in self.between(start, offset) if p.who in among]
        if before:
            return self._joined(before)
        after = [p for p in self.between(offset, end) if p.who in among]
        if after:
            return [after[0].who]
        earlier = [p for p in self.between(0, start) if p.who in among]
        return [earlier[-1].who] if earlier else []

    def _joined(self, before: Sequence[Place]) -> list[str]:
        group = [before[-1]]
        for place in reversed(before[:-1]):
            if JOINT.sub("", self.text[place.end : group[-1].start]).strip():
                break
            group.append(place)
        return list(dict.fromkeys(p.who for p in group))
