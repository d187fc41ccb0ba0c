"""Read a CSV file as a stream: encoding tried, delimiter and header found, every record numbered.

Memory stays bounded by one record. A record with more cells than the header is rejected; one with fewer keeps its
cells and says which columns are missing, because spreadsheet programs drop empty cells at the end of a row.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from linkage.errors import InputError
from linkage.sources.encodings import find_encoding
from linkage.sources.header import Header, find_header, is_header_again
from linkage.sources.table import HEADER_SEARCH_ROWS, HeaderFit, Reject, RejectReason, Row, Table, cell_text

DELIMITERS = (",", "\t", ";", "|")
LONGEST_RECORD_LINES = 50  # A record over more lines is an unclosed quotation mark that swallows its neighbours.


def read_csv(path: Path, fit: HeaderFit) -> Table:
    """Open a text table. Raises InputError when no encoding fits or no row of the first twenty is a known header."""
    encoding = find_encoding(path)
    found = _find_layout(path, encoding, fit)
    if found is None:
        raise _no_header(path.name, encoding)
    delimiter, header, titles = found
    rows = _rows(path, encoding, delimiter, (header, fit))
    return Table(path.name, "", header.titles, header.last_line, rows, titles)


def _find_layout(path: Path, encoding: str, fit: HeaderFit) -> tuple[str, Header, tuple[str, ...]] | None:
    """Return the delimiter under which a header is best known, that header, and the texts above it."""
    best: tuple[str, Header, tuple[str, ...]] | None = None
    for delimiter in DELIMITERS:
        with path.open(encoding=encoding, newline="") as text:
            records = _records(path.name, text, delimiter)
            first = [(line, cells) for line, cells in itertools.islice(records, HEADER_SEARCH_ROWS) if any(cells)]
        header = find_header(first, fit)
        if header is not None and (best is None or header.known > best[1].known):
            titles = tuple(c for line, cells in first if line < header.last_line for c in cells if c)
            best = (delimiter, header, titles)
    return best


def _records(name: str, text: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (record number from 1, trimmed cells). Raises InputError where quotation marks are broken."""
    reader = csv.reader(text, delimiter=delimiter)
    line, before = 0, 0
    while True:
        line += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise _broken_quotes(name, line) from None
        if reader.line_num - before > LONGEST_RECORD_LINES:
            raise _broken_quotes(name, line)
        before = reader.line_num
        yield line, [cell_text(c) for c in cells]


def _rows(path: Path, encoding: str, delimiter: str, found: tuple[Header, HeaderFit]) -> Iterator[Row | Reject]:
    header, fit = found
    with path.open(encoding=encoding, newline="") as text:
        for line, cells in _records(path.name, text, delimiter):
            if line > header.last_line and any(cells):
                yield _row(path.name, line, cells, (header, fit))


def _row(name: str, line: int, cells: Sequence[str], found: tuple[Header, HeaderFit]) -> Row | Reject:
    header, fit = found
    titles = header.titles
    if any("\x00" in c for c in cells):
        return Reject(name, "", line, RejectReason.NUL_BYTE)
    if any(cells[len(titles) :]):
        return Reject(name, "", line, RejectReason.RAGGED)
    if is_header_again(line, cells, header, fit):
        return Reject(name, "", line, RejectReason.REPEATED_HEADER)
    faults = {t: RejectReason.MISSING_CELL for t in titles[len(cells) :] if t}
    return Row(line, {t: c for t, c in zip(titles, cells, strict=False) if t}, faults)


def _no_header(name: str, encoding: str) -> InputError:
    return InputError(
        f"{name} 的前 {HEADER_SEARCH_ROWS} 行里没有可识别的表头（按 {encoding.upper()} 解码）",
        f"no known header in the first {HEADER_SEARCH_ROWS} rows of {name} (decoded as {encoding.upper()})",
        hint_zh="若打开后是乱码，请另存为“CSV UTF-8”；若列名特殊，请在 mapping.toml 中指定列名",
        hint_en="if it looks garbled, save it as “CSV UTF-8”; if its titles are unusual, name them in mapping.toml",
    )


def _broken_quotes(name: str, line: int) -> InputError:
    return InputError(
        f"{name} 第 {line} 条记录的引号没有闭合",
        f"record {line} of {name} has an unclosed quotation mark",
        hint_zh="在该行补上引号，或在 Excel 中重新另存",
        hint_en="close the quotation mark in that row, or save the file again",
    )
