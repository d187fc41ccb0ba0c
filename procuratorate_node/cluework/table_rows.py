"""Read a table of clue work: a head and rows of one kind, an office's own file or the shipped one."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TypeVar

from linkage.errors import ConfigError
from procuratorate_node.relief.grammar import read_record, read_records
from procuratorate_node.relief.table_file import Head, open_table, repeated

T = TypeVar("T")


def table_bytes(file: Path | None, shipped: str) -> tuple[bytes, str]:
    """Return the bytes and the name of an office's own table or of the shipped one. Raises ConfigError."""
    if file is None:
        return resources.files("procuratorate_node.cluework").joinpath("tables", shipped).read_bytes(), shipped
    try:
        return file.read_bytes(), file.name
    except OSError:
        raise ConfigError(f"读不到数据表 {file.name}", f"cannot read the table {file.name}") from None


def parse_rows(cls: type[T], content: bytes, *, name: str, section: str, key: str) -> tuple[T, ...]:
    """Return the rows of `[[section]]`, whose field `key` stands once each. Raises ConfigError with all faults."""
    data, faults = open_table(content, ("table", section), name=name)
    read_record(Head, data.get("table"), "table", faults)
    rows = read_records(cls, data.get(section), section, faults)
    if repeated(str(getattr(row, key)) for row in rows):
        faults.append(f"a {key} stands twice")
    if faults:
        text = "; ".join(faults)
        raise ConfigError(f"数据表 {name} 有误：{text}", f"the table {name} is wrong: {text}")
    return rows
