"""The lexicon (PA-M-2, WD-K-2, WD-R-6; domain C2): six categories, 62 words, near-synonyms, exclusion words.

It says which words stand for what, never what a person is: the tree counts words of hardship and of urgency, a
reviewer sees every word with the page it stands on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from procuratorate_node.relief.grammar import read_record, read_records
from procuratorate_node.relief.table_file import open_table, wrong_setting
from procuratorate_node.warning.file import Head, digest_of, shipped, wrong_file

FILE: Final = "lexicon.toml"
SECTIONS: Final = ("lexicon", "categories", "exclusions", "hardship", "urgent", "cells")
SUMMARY, PAPERS = "summary", "papers"
EXCLUSION: Final = "X"  # The category under which a found exclusion word is shown.


@dataclass(frozen=True, slots=True)
class Category:
    """One category: every list of `words` begins with the keyword, its near-synonyms follow."""

    code: str
    title: str
    title_en: str
    words: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        if len(self.code) != 1 or not self.code.isupper() or self.code == EXCLUSION:
            raise wrong_setting("code is one capital letter other than X")
        if not self.words or any(not group or not all(w.strip() for w in group) for group in self.words):
            raise wrong_setting("words is a list of lists, each beginning with its keyword")

    @property
    def keywords(self) -> tuple[str, ...]:
        return tuple(group[0] for group in self.words)


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Words that seem to say "paid" (YQ-M1-2); the sentence around them decides."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """Which words one input of the tree counts, and where they are looked for."""

    categories: tuple[str, ...]
    words: tuple[str, ...]
    near: bool
    read: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.read or not set(self.read) <= {SUMMARY, PAPERS}:
            raise wrong_setting("read is summary, papers or both")
        if not self.categories and not self.words:
            raise wrong_setting("there is neither a category nor a word to count")


@dataclass(frozen=True, slots=True)
class Cells:
    """What single cells of the parties mean."""

    no_injury: tuple[str, ...]
    faults: tuple[str, ...]
    waivers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One keyword found: as it is written there, and its category's code."""

    category: str
    keyword: str
    written: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A parsed lexicon. `digest` is the hex SHA-256 of the file."""

    head: Head
    categories: tuple[Category, ...]
    exclusions: Exclusions
    hardship: Count
    urgent: Count
    cells: Cells
    digest: str

    def counted(self, count: Count, texts: Sequence[str]) -> tuple[str, ...]:
        """Return the different words found, each once, in the file's order: category words first, then the rest."""
        groups = [g for c in self.categories if c.code in count.categories for g in c.words]
        groups += [(w,) for w in count.words]
        tried = (group if count.near else group[:1] for group in groups)
        found = (group[0] for group in tried if any(w in text for w in group for text in texts))
        return tuple(dict.fromkeys(found))

    def found_in(self, text: str) -> Iterator[Found]:
        """Yield every keyword that a text holds, by itself or by a near-synonym, and every exclusion word."""
        for category in self.categories:
            for group in category.words:
                written = next((w for w in sorted(group, key=len, reverse=True) if w in text), None)
                if written is not None:
                    yield Found(category.code, group[0], written)
        for word in self.exclusions.words:
            if word in text:
                yield Found(EXCLUSION, word, word)


def shipped_lexicon() -> Lexicon:
    """Read the lexicon that comes with the program."""
    return parse_lexicon(shipped(FILE), name=FILE)


def parse_lexicon(content: bytes, *, name: str) -> Lexicon:
    """Parse a lexicon; `name` stands in errors. Raises ConfigError with all faults."""
    data, faults = open_table(content, SECTIONS, name=name)
    head = read_record(Head, data.get("lexicon"), "lexicon", faults)
    categories = read_records(Category, data.get("categories"), "categories", faults)
    exclusions = read_record(Exclusions, data.get("exclusions"), "exclusions", faults)
    hardship = read_record(Count, data.get("hardship"), "hardship", faults)
    urgent = read_record(Count, data.get("urgent"), "urgent", faults)
    cells = read_record(Cells, data.get("cells"), "cells", faults)
    faults += _faults(categories, [c for c in (hardship, urgent) if c is not None])
    if faults or head is None or exclusions is None or hardship is None or urgent is None or cells is None:
        raise wrong_file(name, faults)
    return Lexicon(head, categories, exclusions, hardship, urgent, cells, digest_of(content))


def _faults(categories: Sequence[Category], counts: Sequence[Count]) -> list[str]:
    """Return what is wrong among the parts: codes that repeat, a word that stands twice, an unknown category."""
    codes = [c.code for c in categories]
    words = [w for c in categories for group in c.words for w in group]
    faults = [] if categories else ["[[categories]] is missing"]
    faults += [f"category {c} stands twice" for c in sorted({c for c in codes if codes.count(c) > 1})]
    faults += [f"the word {w} stands twice" for w in sorted({w for w in words if words.count(w) > 1})]
    return faults + [f"no such category {c}" for count in counts for c in count.categories if c not in codes]
