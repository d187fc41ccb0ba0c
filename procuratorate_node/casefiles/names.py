"""Find where a person's name stands in running text, and where it ends."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator
from typing import Final

from linkage.normalise.characters import fold, is_han
from linkage.normalise.names import read_name
from linkage.normalise.person import NameState
from linkage.normalise.remarks import compound_surnames, surnames
from procuratorate_node.casefiles.name_words import HARD, MORE_SURNAMES, NEVER, NOT_NAMES, STRONG, WEAK

DOTS: Final = "·•‧・∙⋅●"
LONGEST_PART: Final = 7
MASKED: Final = re.compile(
    r"(?P<surname>[\u3400-\u9fff]{1,2}?)(?:某{1,3}|[×ＸX*＊○〇]{1,2})(?:[甲乙丙丁戊己庚辛]|[一二三四五六七八九十\d])?"
)
DOTTED: Final = re.compile(rf"[\u3400-\u9fff]{{1,{LONGEST_PART}}}(?:[{DOTS}.][\u3400-\u9fff]{{1,{LONGEST_PART}}})+")
SEX_AFTER: Final = re.compile(r"\s?[（(，,]\s?(?:性别[:：]?)?[男女][，,、。）)\s]")
KNOWN: Final = 12
OTHER_PLACES: Final = 12  # Occurrences elsewhere in the paper that are looked at.


class NameFinder:
    """Find names in one paper. `known` are names the case's own tables give; they only help to see a name's end."""

    def __init__(self, text: str, known: Collection[str] = ()) -> None:
        self.text = text
        self.known = frozenset(known)

    def at(self, start: int, *, plain: bool = False) -> str:
        """Return the name that begins at an offset, "" where none does; `plain` asks for a listed surname."""
        text = self.text
        if start >= len(text) or not is_han(text[start]):
            return ""
        masked = MASKED.match(text, start)
        if masked is not None and _masked_end(text, masked):
            return masked[0]
        options = [n for n in self._options(start) if not plain or shaped(n) or n in self.known or DOTTED.fullmatch(n)]
        if not options:
            return ""
        best = max(options, key=lambda name: (self._score(name, start), len(name)))
        return best if self._score(best, start) > 0 else ""

    def _options(self, start: int) -> Iterator[str]:
        text = self.text
        yield from (name for name in self.known if text.startswith(name, start))
        if NOT_NAMES.match(text, start):
            return
        dotted = DOTTED.match(text, start)
        if dotted is not None:
            yield _cut_short(text, start, dotted)
            return
        run = re.match(r"[\u3400-\u9fff\U00020000-\U0003ffff]{1,4}", text[start : start + 8])
        if run is None:
            return
        for length in range(1, len(run[0]) + 1):
            name = run[0][:length]
            if shaped(name) or (length <= 3 and self._vouched(name, start)):
                yield name

    def _vouched(self, name: str, start: int) -> bool:
        """Tell whether the words around vouch for a name without a listed surname: a label, a sex right after it,
        or the same word used as a name all over the paper."""
        end = start + len(name)
        if SEX_AFTER.match(self.text, end):
            return True
        if self.text[max(0, start - 2) : start].rstrip(" ")[-1:] in ("：", ":"):
            return self.text[end : end + 1] in ("", *"，,（( \n。")
        return len(name) > 1 and ends_here(self.text, end) >= 2 and self._elsewhere(name) >= 4

    @functools.lru_cache(maxsize=512)  # noqa: B019 - a finder lives as long as its paper.
    def _elsewhere(self, name: str) -> int:
        """Return how well other places of the paper agree that the name ends where this one does."""
        points = place = 0
        for _ in range(OTHER_PLACES):
            place = self.text.find(name, place)
            if place < 0:
                break
            points += min(2, ends_here(self.text, place + len(name)))
            place += len(name)
        return min(points, 6)

    def _score(self, name: str, start: int) -> int:
        end = start + len(name)
        here = ends_here(self.text, end)
        if len(name) == 1 and self.text[end : end + 1] not in tuple("，,（("):
            return 0
        points = 2 * here + self._elsewhere(name) + (KNOWN if name in self.known else 0)
        if len(name) > 2 and STRONG.match(self.text, end - 1):
            points -= 5  # The last character rather begins the next word.
        if not NEVER.isdisjoint(name[1:]):
            return 0
        if shaped(name):
            points += 2 - (len(name) == 1)
        return points if here or self._elsewhere(name) else points - 4


def _cut_short(text: str, start: int, dotted: re.Match[str]) -> str:
    """Return a name with dots up to the first sign of an end in its last part."""
    head = start + max(dotted[0].rfind(d) for d in DOTS + ".") + 1
    ends = (end for end in range(head + 1, dotted.end()) if ends_here(text, end) >= 2)
    return text[start : next(ends, dotted.end())]


def ends_here(text: str, end: int) -> int:
    """Return how surely a name ends at an offset: 3 by a mark, 2 by a word, 1 perhaps, 0 no sign."""
    if end >= len(text) or text[end] in HARD or not is_han(text[end]):
        return 3 if end >= len(text) or text[end] not in DOTS else 0
    if STRONG.match(text, end):
        return 2
    return 1 if text[end] in WEAK or text[end] in NEVER else 0


def _masked_end(text: str, found: re.Match[str]) -> bool:
    surname = found["surname"]
    return (surname in compound_surnames() or surname[-1:] in surnames() or fold(surname) in surnames()) and len(
        surname
    ) <= (2 if surname in compound_surnames() else 1)


def shaped(name: str) -> bool:
    """Tell whether a text has the shape of a Han name: a surname and one or two characters more."""
    folded = fold(name)
    if folded[:2] in compound_surnames():
        return 3 <= len(name) <= 4
    return 2 <= len(name) <= 3 and (folded[0] in surnames() or folded[0] in MORE_SURNAMES)


def before(text: str, end: int) -> str:
    """Return the name that ends at an offset, judged by its surname; the longest that fits."""
    for length in (4, 3, 2):
        name = text[max(0, end - length) : end]
        if len(name) == length and all(map(is_han, name)) and shaped(name) and not NOT_NAMES.match(name):
            return name
    return ""


def is_masked(name: str) -> bool:
    """Tell whether a name hides its given part; such a name never enters linkage (domain B6)."""
    return read_name(name).state is NameState.MASKED


def may_link(name: str) -> bool:
    """Tell whether a name found in a paper may stand in a record that is linked."""
    return read_name(name).state in (NameState.FULL, NameState.SINGLE, NameState.PINYIN)
