"""Elements of social governance that a check finds in a case (WD-D-3); a list of codes as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linkage.errors import NotFoundError
from procuratorate_node.cluework.table_rows import parse_rows, table_bytes

FILE: Final = "elements.toml"


@dataclass(frozen=True, slots=True)
class Element:
    """One element and the unit to coordinate with."""

    code: str
    zh: str
    en: str
    unit: str


def known_elements(codes: Iterable[str], rows: Iterable[Element]) -> tuple[Element, ...]:
    """Return the elements named. Raises NotFoundError that lists what there is."""
    known = {row.code: row for row in rows}
    wanted = list(codes)
    if unknown := [code for code in wanted if code not in known]:
        text = ", ".join(unknown)
        raise NotFoundError(
            f"没有社会治理要素 {text}",
            f"there is no governance element {text}",
            hint_zh="可用：" + "、".join(f"{row.code} {row.zh}" for row in known.values()),
            hint_en="known: " + ", ".join(known),
        )
    return tuple(known[code] for code in wanted)


def load_elements(file: Path | None) -> tuple[Element, ...]:
    """Read an office's own file, the shipped one where there is none. Raises ConfigError."""
    content, name = table_bytes(file, FILE)
    return parse_rows(Element, content, name=name, section="elements", key="code")
