"""Lists of clues as files: for people (masked, CSV or XLSX) and for scoring against a known truth."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from linkage.errors import InputError
from procuratorate_node.clues import Clue
from procuratorate_node.cluework.board import WorkItem

HEADINGS: Final = (
    *("线索编号", "模型", "案号", "角色", "案由", "诉讼阶段", "伤情", "损失", "赔偿状态", "标签", "户籍"),
    *("结论", "把握等级", "变化", "状态", "办理人", "理由"),
    *("预警颜色", "判定颜色", "判定步骤", "判定理由"),
)
SCORE_HEADINGS: Final = ("model", "case_no", "party_row", "verdict", "grade", "tags", "colour")
WORK_HEADINGS: Final = ("进展", "承办人", "发现日", "期限", "逾期", "特别关注", "需求", "治理要素")
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def clue_lines(clues: Iterable[Clue]) -> list[tuple[str, ...]]:
    """Return the rows for people: masked facts only."""
    return [_line(clue) for clue in clues]


def _line(clue: Clue) -> tuple[str, ...]:
    fact = clue.facts.get
    return (
        clue.clue_id,
        clue.model,
        clue.case_number,
        fact("role", ""),
        fact("charge", ""),
        fact("stage", ""),
        fact("harm", ""),
        fact("loss", ""),
        fact("compensation", ""),
        ";".join(clue.tags),
        fact("locality", ""),
        clue.verdict,
        clue.grade,
        clue.change,
        clue.status,
        clue.decided_by,
        clue.decision_reason,
        clue.shown_colour,
        clue.colour,
        str(clue.colouring.get("step", "")),
        "；".join(clue.colour_reasons),
    )


def item_lines(items: Iterable[WorkItem], *, today: date) -> list[tuple[str, ...]]:
    """Return the rows for people with the work on each clue, under HEADINGS and WORK_HEADINGS."""
    return [(*_line(item.clue), *work_line(item, today)) for item in items]


def work_line(item: WorkItem, today: date) -> tuple[str, ...]:
    return (
        item.phase,
        item.officer,
        "" if item.found is None else item.found.isoformat(),
        "" if item.due is None else item.due.text,
        "是" if item.overdue(today) else "",
        "是" if item.watched else "",
        ";".join(item.needs),
        ";".join(item.elements),
    )


def score_lines(clues: Iterable[Clue]) -> list[tuple[str, ...]]:
    """Return model, case, row id, verdict, grade, tags, colour; one line per clue, the first of a person's rows.

    The colour is the tree's own, not lowered for a weak match.
    """
    return [
        (c.model, c.case_number, c.rows[0].row, c.verdict, c.grade, ";".join(c.tags), c.colour)
        for c in clues
        if c.change != "gone"
    ]


def write_list(path: Path, headings: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    """Write a CSV or an XLSX file. Raises InputError for another suffix."""
    path.write_bytes(list_content(path.suffix, headings, lines))


def list_content(suffix: str, headings: Sequence[str], lines: Iterable[Sequence[str]]) -> bytes:
    """Return a CSV (UTF-8 with BOM, as spreadsheets expect) or an XLSX file. Raises InputError for another suffix."""
    safe = [[safe_cell(cell) for cell in line] for line in lines]
    if suffix.lower() == ".csv":
        text = io.StringIO(newline="")
        csv.writer(text).writerows([headings, *safe])
        return text.getvalue().encode("utf-8-sig")
    if suffix.lower() == ".xlsx":
        return _workbook([list(headings), *safe])
    raise InputError("只能导出 .csv 或 .xlsx", "lists are written as .csv or .xlsx only")


def _workbook(lines: Iterable[Sequence[str]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("线索")
    for line in lines:
        sheet.append(list(line))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def safe_cell(cell: str) -> str:
    """Keep a spreadsheet from taking a text for a formula; +DIBAO and the like are our own tags."""
    return f"'{cell}" if cell.startswith(FORMULA) and not cell[1:].replace("_", "").replace(";", "").isupper() else cell
