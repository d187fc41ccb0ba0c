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
from procuratorate_node.governance.collecting import Heard, collect, heard_by_nobody
from procuratorate_node.governance.kept import Counted
from procuratorate_node.governance.report import Report, make_report
from procuratorate_node.governance.rows import Period
from procuratorate_node.governance.table import HIDDEN, cell_text
from procuratorate_node.governance.titles import titled, titles_of
from procuratorate_node.governance.workbook import write_workbook
from procuratorate_node.node import Node
from procuratorate_node.workbench.governance.drawing import draw, words_of

TITLE = Text("统计", "Figures")
SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PATIENCE_SECONDS: Final = 0.2  # A small office's figures are counted by then, and no page that waits need be shown.
FIRST: Final = ("key_figures", "funnel", "colours_by_month", "spread", "days", "budget", "clues_by_department")


def show(page: Page) -> Response:
    """Show a report that is kept, or count one meanwhile showing how far that is."""
    node, period = page.node(Node), _period(page)
    if page.query.get("anew") or node.figures.find(period, now=node.clock()) is None:
        job = node.jobs.join(_job(period), lambda job: _counted(node, period, anew=True, heard=job.counted))
        job.wait(PATIENCE_SECONDS)
        if job.state == "running":
            return page.render("governance/counting.html", title=TITLE, period=period, job=job)
        if job.error is not None:
            raise job.error
    counted = _counted(node, period)
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


def progress(page: Page) -> Response:
    """Return how far the counting is; when it has ended, the figures are to be asked for."""
    period = _period(page)
    job = page.node(Node).jobs.find(_job(period))
    if job is None or job.state == "done":
        return Response(headers={"HX-Redirect": f"/figures?since={period.since}&until={period.until}"})
    return page.part("governance/counted.html", period=period, job=job)


def _job(period: Period) -> str:
    return f"figures {period.since} {period.until}"


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
    node = page.node(Node)
    report = _counted(node, _period(page)).report
    period = {"since": report.period.since.isoformat(), "until": report.period.until.isoformat()}
    node.trail.note("figures.exported", {**period, "hidden_below": report.hidden_below})
    return report


def _counted(node: Node, period: Period, *, anew: bool = False, heard: Heard = heard_by_nobody) -> Counted:
    return node.figures.of(
        period,
        lambda: titled(
            make_report(collect(node.store, heard), period, below=node.config.work.hidden_below),
            titles_of(node.config),
        ),
        now=node.clock(),
        anew=anew,
    )


def _period(page: Page) -> Period:
    """Return the days asked for, this year without. Raises InputError."""
    today = local_day(page.node(Node).clock())
    since = _day(page.query.get("since", ""), date(today.year, 1, 1))
    until = _day(page.query.get("until", ""), today)
    if until < since:
        raise InputError("起止日期颠倒", "the period ends before it begins")
    return Period(since, until)


def _day(text: str, missing: date) -> date:
    try:
        return date.fromisoformat(text) if text else missing
    except ValueError:
        raise InputError("日期格式应为 2026-10-31", "a day must look like 2026-10-31") from None


SECTION = Section(
    TITLE,
    get("/figures", "governance.show", show),
    get("/figures/progress", "governance.show", progress, live=True),
    get("/figures/figures.xlsx", "governance.export", workbook),
    get("/figures/figures.csv", "governance.export", table_csv),
)
