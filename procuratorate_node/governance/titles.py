"""What figures count by codes of the office's own lists, under the titles people know: units, services, peer groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from procuratorate_node.awards.preparing import own_tables
from procuratorate_node.config import Config
from procuratorate_node.governance.money_figures import peers
from procuratorate_node.governance.report import Report
from procuratorate_node.governance.table import Table, cell_text
from procuratorate_node.referrals.catalogue import load_catalogue
from procuratorate_node.relief.wording import HARM

Titles = Mapping[str, str]  # "中文 | English" by code.


def titles_of(config: Config) -> Mapping[str, Titles]:
    """Read the titles for each table that needs some, by the table's code. Raises ConfigError."""
    catalogue, scales = load_catalogue(config.office.catalogue), own_tables(config.work.relief).scales
    return {
        "referrals_by_unit": {unit.code: f"{unit.title} | {unit.title_en}" for unit in catalogue.units},
        "referrals_by_service": {one.code: f"{one.title} | {one.title_en}" for one in catalogue.services},
        "spread": {
            peers(kind.code, level): f"{kind.zh}／{zh} | {kind.en} / {en}"
            for scale in scales
            for kind in scale.case_types
            for level, (zh, en) in enumerate(HARM)
        },
    }


def titled(report: Report, titles: Mapping[str, Titles]) -> Report:
    """Return the report with its lines under their titles; a code that no list has stands for itself."""
    return replace(report, tables=tuple(_titled(table, titles.get(table.code, {})) for table in report.tables))


def _titled(table: Table, titles: Titles) -> Table:
    named = [(titles.get(label := cell_text(first), label), *rest) for first, *rest in table.lines]
    return replace(table, lines=tuple(named)) if titles else table
