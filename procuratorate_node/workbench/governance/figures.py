"""The dashboard: every table of a period with its drawing, and downloads."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from starlette.responses import Response

from linkage.errors import InputError
from linkage.web.page import Page
from linkage.web.routes import Section, get
from linkage.web.texts import Text
from procuratorate_node.cluework.deadlines import local_day
from procuratorate_node.export import safe_cell
from procuratorate_node.governance.collecting import collect
from procuratorate_node.governance.kept import Counted
from procuratorate_node.governance.report import Report, make_report
from procuratorate_node.governance.rows import Period
from procuratorate_node.governance.table import HIDDEN, cell_text
from procuratorate_node.governance.workbook import write_workbook
from procuratorate_node.node import Node
from procuratorate_node.workbench.governance.drawing import draw, words_of

TITLE = Text("统计", "Figures")
SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIRST: Final = ("key_figures", "funnel", "colours_by_month", "spread", "days", "budget", "clues_by_department")


def show(page: Page) -> Response:
    counted = _counted(page)
    report = counted.report
    by_code = {table.code: table for table in report.tables}
    first = [by_code[code] for code in FIRST]
    rest = [table for table in report.tables if table.code not in FIRST]
    return page.render(
        "governance/figures.html",
        title=TITLE,
        report=report,
        counted_at=counted.at,
        groups=[(Text("总览", "Overview"), first), (Text("其他表", "Other tables"), rest)],
        draw=lambda table: draw(table, page.language),
        words=words_of,
        cell_text=cell_text,
        hidden=HIDDEN,
    )


def workbook(page: Page) -> Response:
    """Answer with all tables as a workbook with charts; the audit log notes it."""
    report = _noted(page)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "figures.xlsx"
        write_workbook(report, file)
        return _download(file.read_bytes(), SHEET, "figures.xlsx")


def table_csv(page: Page) -> Response:
    """Answer with all tables in one CSV file, as spreadsheets read it."""
    report, target = _noted(page), io.StringIO(newline="")
    writer = csv.writer(target)
    for table in report.tables:
        writer.writerow([f"{table.zh} {table.en}"])
        writer.writerow(table.columns)
        writer.writerows([safe_cell(cell_text(cell)) for cell in line] for line in table.lines)
        writer.writerow([])
    return _download(target.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", "figures.csv")


def _download(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _noted(page: Page) -> Report:
    report, node = _counted(page).report, page.node(Node)
    period = {"since": report.period.since.isoformat(), "until": report.period.until.isoformat()}
    node.trail.note("figures.exported", {**period, "hidden_below": report.hidden_below})
    return report


def _counted(page: Page) -> Counted:
    node = page.node(Node)
    today = local_day(node.clock())
    since = _day(page.query.get("since", ""), date(today.year, 1, 1))
    until = _day(page.query.get("until", ""), today)
    if until < since:
        raise InputError("起止日期颠倒", "the period ends before it begins")
    period, below = Period(since, until), node.config.work.hidden_below
    return node.figures.of(
        period,
        lambda: make_report(collect(node.store), period, below=below),
        now=node.clock(),
        anew=bool(page.query.get("anew")),
    )


def _day(text: str, missing: date) -> date:
    try:
        return date.fromisoformat(text) if text else missing
    except ValueError:
        raise InputError("日期格式应为 2026-10-31", "a day must look like 2026-10-31") from None


SECTION = Section(
    TITLE,
    get("/figures", "governance.show", show),
    get("/figures/figures.xlsx", "governance.export", workbook),
    get("/figures/figures.csv", "governance.export", table_csv),
)
