"""What every validity-dated file of the amounts has: a head, days of validity, one way to open it and to refuse it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from linkage.errors import ConfigError
from procuratorate_node.relief.grammar import parse_table_file, unknown_sections

STATUSES: Final = ("draft", "adopted")


@dataclass(frozen=True, slots=True)
class Head:
    """Name a file: id, version, days of validity, whether an authority has adopted it, and where it comes from."""

    id: str
    version: int
    title_zh: str
    title_en: str
    status: str
    valid_from: date
    source: str
    valid_to: date | None = None

    def __post_init__(self) -> None:
        if self.status not in STATUSES or self.version < 1 or not self.id:
            raise wrong_setting("status is draft or adopted, version starts at 1, id is not empty")


class TableFile:
    """A parsed file: valid on the days of its head."""

    __slots__ = ()
    head: Head

    @property
    def valid_from(self) -> date:
        return self.head.valid_from

    @property
    def valid_to(self) -> date | None:
        return self.head.valid_to


def open_table(content: bytes, sections: tuple[str, ...], *, name: str) -> tuple[Mapping[str, object], list[str]]:
    """Return a file's sections and the names of those nobody knows. Raises ConfigError where it cannot be parsed."""
    data = parse_table_file(content, name=name)
    return data, unknown_sections(data, sections)


def wrong_file(name: str, faults: Iterable[str]) -> ConfigError:
    """Return the refusal of a whole file, with all that is wrong in it."""
    text = "; ".join(faults)
    return ConfigError(f"救助金额表 {name} 有误：{text}", f"the relief table {name} is wrong: {text}")


def wrong_setting(text: str) -> ConfigError:
    """Return the refusal of one row or setting; it becomes part of the file's."""
    return ConfigError(text, text)


def repeated(codes: Iterable[str]) -> bool:
    """Tell whether a code stands twice."""
    found = list(codes)
    return len(set(found)) != len(found)
