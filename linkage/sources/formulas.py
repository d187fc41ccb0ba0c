"""Find the cells of an .xlsx sheet that show nothing although something is there: uncalculated formulas, error values.

The workbook reader gives "" for both, which would pass for an empty cell. Only sheets that hold a formula or an error
are parsed, so the usual export costs one look at its bytes.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

from linkage.sources.table import RejectReason

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
CHUNK_BYTES = 1 << 20
OVERLAP = 16

Cell = tuple[int, int]


def blind_cells(path: Path, sheet: str) -> Mapping[Cell, RejectReason]:
    """Return (row, column), both from 0, of cells without a readable value. Empty for what is not .xlsx."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        try:
            part = _sheet_part(archive, sheet)
            if part is None or not _mentions_formula(archive, part):
                return {}
            return _scan(archive, part)
        except (KeyError, ElementTree.ParseError):
            return {}


def _sheet_part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    workbook = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {r.get("Id"): r.get("Target", "") for r in relations}
    for entry in workbook.iter(f"{MAIN}sheet"):
        if entry.get("name") == sheet:
            target = targets.get(entry.get(RELATION), "")
            return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    return None


def _mentions_formula(archive: zipfile.ZipFile, part: str) -> bool:
    tail = b""
    with archive.open(part) as file:
        while chunk := file.read(CHUNK_BYTES):
            window = tail + chunk
            if b"<f>" in window or b"<f " in window or b"<f/" in window or b't="e"' in window:
                return True
            tail = chunk[-OVERLAP:]
    return False


def _scan(archive: zipfile.ZipFile, part: str) -> dict[Cell, RejectReason]:
    found: dict[Cell, RejectReason] = {}
    with archive.open(part) as file:
        for _, element in ElementTree.iterparse(file):
            if element.tag == f"{MAIN}c":
                reason = _blind(element)
                place = REFERENCE.fullmatch(element.get("r", ""))
                if reason is not None and place is not None:
                    found[(int(place[2]) - 1, _column_index(place[1]))] = reason
            elif element.tag == f"{MAIN}row":
                element.clear()
    return found


def _blind(cell: ElementTree.Element) -> RejectReason | None:
    if cell.get("t") == "e":
        return RejectReason.ERROR_CELL
    if cell.find(f"{MAIN}f") is None or cell.findtext(f"{MAIN}v") or cell.get("t") == "str":
        return None
    return RejectReason.FORMULA


def _column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
