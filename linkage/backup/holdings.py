"""What a program has that a backup must hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from linkage.database.migrating import Chain
from linkage.keys.store import PartyKeys

AUDIT: Final = "audit"
DATABASE: Final = "database.sqlite"
FILES: Final = "files"


@dataclass(frozen=True, slots=True)
class Holdings:
    """`place` is the database with its chains; `files` are files or folders in `state` beside it and audit/."""

    program: str
    state: Path
    place: Path | str
    chains: Sequence[Chain]
    keys: PartyKeys = field(repr=False)
    files: Sequence[str] = ()

    @property
    def audit(self) -> Path:
        return self.state / AUDIT

    def found(self) -> Iterator[Path]:
        """Yield the files that are there, as paths below `state`."""
        for name in self.files:
            place = self.state / name
            inside = sorted(place.rglob("*")) if place.is_dir() else [place]
            yield from (file.relative_to(self.state) for file in inside if file.is_file())
