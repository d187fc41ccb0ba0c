"""Write a report as a workbook: one sheet for each table, with a chart that the spreadsheet draws from its cells."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from openpyxl.utils import get_column_letter

from procuratorate_node.export import safe_cell
from procuratorate_node.governance.report import Report
from procuratorate_node.governance.table import HIDDEN, TOTAL, Cell, Table

if TYPE_CHECKING:
    from openpyxl.chart import BarChart, LineChart
    from openpyxl.worksheet.worksheet import Worksheet

FIRST_LINE: Final = 3
WIDTH: Final = 18


def write_workbook(report: Report, path: Path) -> None:
    """Write the report; a hidden figure is written as ＊ and drawn as nothing."""
    from openpyxl import Workbook

    book = Workbook()
    cover = book.active
    assert cover is not None
    cover.title = "说明"
    for line in _cover(report):
        cover.append([line])
    cover.column_dimensions["A"].width = 100
    for table in report.tables:
        sheet = book.create_sheet(table.zh[:31])
        _fill(sheet, table)
        if table.chart and _drawable(table):
            sheet.add_chart(_chart(sheet, table), f"{get_column_letter(len(table.columns) + 2)}{FIRST_LINE}")
    book.save(path)


def _cover(report: Report) -> tuple[str, ...]:
    below = report.hidden_below
    return (
        f"司法救助统计 Figures of judicial aid：{report.period.since} – {report.period.until}",
        f"1 至 {below - 1} 的计数及可由合计推出的计数以 {HIDDEN} 表示，不显示。",
        f"Counts from 1 to {below - 1}, and those a total would give away, are shown as {HIDDEN}.",
        "线索按发现日、救助按决定日、函件按发出日统计。Clues by day found, aid by decision, letters by sending.",
    )


def _fill(sheet: Worksheet, table: Table) -> None:
    sheet.append([f"{table.zh} {table.en}（{', '.join(table.rows)}）"])
    sheet.append(list(table.columns))
    for line in table.lines:
        sheet.append([_value(cell) for cell in line])
    for number in range(1, len(table.columns) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDTH
    sheet.freeze_panes = f"B{FIRST_LINE}"


def _value(cell: Cell) -> str | int | float:
    """Return a cell as a number where it is one, so that charts can draw it."""
    if cell is None:
        return HIDDEN
    if isinstance(cell, Decimal):
        return float(cell)  # A spreadsheet's numbers are binary; cents stay exact to fifteen digits.
    if isinstance(cell, str):
        try:
            return float(cell)
        except ValueError:
            return safe_cell(cell)
    return cell


def _drawable(table: Table) -> int:
    """Return how many lines the chart draws: all but the total."""
    return sum(line[0] != TOTAL for line in table.lines)


def _chart(sheet: Worksheet, table: Table) -> BarChart | LineChart:
    from openpyxl.chart import BarChart, LineChart, Reference

    chart: BarChart | LineChart = LineChart() if table.chart == "line" else BarChart()
    if isinstance(chart, BarChart) and table.chart == "stacked":
        chart.grouping, chart.overlap = "stacked", 100
    last = FIRST_LINE + _drawable(table) - 1
    for column in table.drawn:
        values = Reference(sheet, min_col=column + 1, min_row=FIRST_LINE - 1, max_row=last)
        chart.add_data(values, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=FIRST_LINE, max_row=last))
    chart.title, chart.width, chart.height = f"{table.zh} {table.en}", 18, 9
    return chart
