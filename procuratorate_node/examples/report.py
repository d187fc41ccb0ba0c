"""What a run over labelled examples says: how many, how many right, and every miss with its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Final

COMMENT: Final = "#"


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled example after it was run. `line` is its line in the file, from 1."""

    line: int
    expected: str
    got: str

    @property
    def right(self) -> bool:
        return self.expected == self.got


@dataclass(frozen=True, slots=True)
class Report:
    """The examples of one file. `name` is the file's."""

    name: str
    examples: tuple[Example, ...]

    @property
    def right(self) -> int:
        return sum(e.right for e in self.examples)

    @property
    def share(self) -> float:
        """Return the share that is right, from 0 to 1; 1 without examples."""
        return self.right / len(self.examples) if self.examples else 1.0


def lines_of(name: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of an example file that are neither empty nor remarks."""
    text = resources.files("procuratorate_node.examples").joinpath(name).read_text("utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith(COMMENT):
            yield number, line


def rows_of(name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the numbered rows of a tab-separated example file by the names of its columns."""
    lines = lines_of(name)
    names = next(lines)[1].split("\t")
    for number, line in lines:
        cells = line.split("\t")
        yield number, dict(zip(names, cells + [""] * (len(names) - len(cells)), strict=True))
