"""What to do at the stage a case has reached (PA-G-3, PA-I-2, YQ-C-1); the rows are data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from procuratorate_node.cases.records import Compensation
from procuratorate_node.clues import Clue
from procuratorate_node.cluework.table_rows import parse_rows, table_bytes
from procuratorate_node.relief.table_file import wrong_setting

FILE: Final = "advice.toml"
COLOURS: Final = frozenset({"red", "orange", "yellow"})
STATES: Final = frozenset({*Compensation, "CONFLICT"})


@dataclass(frozen=True, slots=True)
class Advice:
    """Say what to do for clues whose case is at one of `stages`; an empty list fits every clue."""

    moment: str
    zh: str
    en: str
    source: str
    stages: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    compensation: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not set(self.colours) <= COLOURS or not set(self.compensation) <= STATES:
            raise wrong_setting("colours and compensation are words of the clues")
        if not (self.stages or self.colours or self.compensation):
            raise wrong_setting("a row without any condition would fit every clue")

    def fits(self, clue: Clue) -> bool:
        pairs = (
            (self.stages, clue.facts.get("stage", "")),
            (self.colours, clue.shown_colour),
            (self.compensation, clue.facts.get("compensation", "UNKNOWN")),
        )
        return all(not wanted or found in wanted for wanted, found in pairs)


def advise(clue: Clue, rows: tuple[Advice, ...]) -> tuple[Advice, ...]:
    """Return the rows that fit a clue, in the table's order."""
    return tuple(row for row in rows if row.fits(clue))


def parse_advice(content: bytes, *, name: str) -> tuple[Advice, ...]:
    """Read an advice file. Raises ConfigError with all faults."""
    return parse_rows(Advice, content, name=name, section="advice", key="moment")


def load_advice(file: Path | None) -> tuple[Advice, ...]:
    """Read an office's own file, the shipped one where there is none. Raises ConfigError."""
    content, name = table_bytes(file, FILE)
    return parse_advice(content, name=name)
