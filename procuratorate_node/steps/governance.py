"""governance show and export: figures of a period with small counts hidden."""

from __future__ import annotations

import argparse
import json
from datetime import date

from linkage.errors import InputError
from procuratorate_node.cluework.deadlines import local_day
from procuratorate_node.config import load_config
from procuratorate_node.governance.collecting import collect
from procuratorate_node.governance.report import Report, make_report
from procuratorate_node.governance.rows import Period
from procuratorate_node.governance.table import cell_text
from procuratorate_node.governance.titles import titled, titles_of
from procuratorate_node.governance.workbook import write_workbook
from procuratorate_node.node import Node, open_node
from procuratorate_node.steps.clues import parse_day


def show(asked: argparse.Namespace) -> int:
    """Print every table of the period."""
    node = open_node(load_config(asked.config))
    report = titled(_report(node, asked), titles_of(node.config))
    print(f"{report.period.since} – {report.period.until}，小于 {report.hidden_below} 不显示 hidden below it")
    for table in report.tables:
        if asked.table in ("", table.code):
            print(f"\n{table.zh} | {table.en} [{table.code}] {', '.join(table.rows)}")
            print("\t".join(table.columns))
            for line in table.lines:
                print("\t".join(cell_text(cell) for cell in line))
    return 0


def export(asked: argparse.Namespace) -> int:
    """Write the figures as .xlsx with charts, or as .json; the audit log notes period and bound."""
    node = open_node(load_config(asked.config))
    report, suffix = _report(node, asked), asked.file.suffix.lower()
    if suffix not in (".xlsx", ".json"):
        raise InputError("统计只能导出 .xlsx 或 .json", "figures are written as .xlsx or .json only")
    period = {"since": report.period.since.isoformat(), "until": report.period.until.isoformat()}
    node.trail.note("figures.exported", {**period, "hidden_below": report.hidden_below})
    if suffix == ".xlsx":
        write_workbook(titled(report, titles_of(node.config)), asked.file)
    else:
        asked.file.write_text(json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(f"{len(report.tables)} 张表 tables → {asked.file.name}")
    return 0


def _report(node: Node, asked: argparse.Namespace) -> Report:
    today = local_day(node.clock())
    since = parse_day(asked.since) if asked.since else date(today.year, 1, 1)
    until = parse_day(asked.until) if asked.until else today
    if until < since:
        raise InputError("起止日期颠倒", "the period ends before it begins")
    rows = collect(node.store)
    return make_report(rows, Period(since, until), below=node.config.work.hidden_below)
