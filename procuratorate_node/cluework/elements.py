"""Elements of social governance that a check finds in a case (WD-D-3); a list of codes as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linkage.errors import ConfigError, NotFoundError
from procuratorate_node.cluework.deadlines import table_bytes
from procuratorate_node.relief.grammar import read_record, read_records
from procuratorate_node.relief.table_file import Head, open_table, repeated

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


def parse_elements(content: bytes, *, name: str) -> tuple[Element, ...]:
    """Read a file of elements. Raises ConfigError with all faults."""
    data, faults = open_table(content, ("table", "elements"), name=name)
    head = read_record(Head, data.get("table"), "table", faults)
    rows = read_records(Element, data.get("elements"), "elements", faults)
    if repeated(r.code for r in rows):
        faults.append("a code stands twice")
    if faults or head is None:
        text = "; ".join(faults)
        raise ConfigError(f"治理要素表 {name} 有误：{text}", f"the table of elements {name} is wrong: {text}")
    return rows


def load_elements(file: Path | None) -> tuple[Element, ...]:
    """Read an office's own file, the shipped one where there is none. Raises ConfigError."""
    return parse_elements(table_bytes(file, FILE), name=FILE if file is None else file.name)
