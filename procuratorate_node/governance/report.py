"""All tables of one period, from frozen rows; the same for page, sheet and terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from procuratorate_node.governance.clue_figures import clue_tables
from procuratorate_node.governance.flow_figures import flow_tables
from procuratorate_node.governance.key_figures import comparison, key_figures, key_table, published_figures
from procuratorate_node.governance.letter_figures import letter_tables
from procuratorate_node.governance.money_figures import money_tables
from procuratorate_node.governance.rows import Period, Rows
from procuratorate_node.governance.table import Table

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Report:
    """The tables of a period; counts from 1 to `hidden_below` − 1 are hidden."""

    period: Period
    hidden_below: int
    tables: tuple[Table, ...]

    def to_json(self) -> dict[str, object]:
        return {
            "version": VERSION,
            "since": self.period.since.isoformat(),
            "until": self.period.until.isoformat(),
            "hidden_below": self.hidden_below,
            "tables": [t.to_json() for t in self.tables],
        }


def make_report(rows: Rows, period: Period, *, below: int) -> Report:
    """Return every table of the period. Pure: the same rows give the same report."""
    before = period.year_before()
    own, last, earlier = (p.of(rows) for p in (period, before, before.year_before()))
    tables = (
        key_table(own, last, earlier, below),
        *flow_tables(own.clues, below),
        *clue_tables(own.clues, below),
        *money_tables(own.awards, own.budgets, below),
        *letter_tables(own.letters, own.lane, below),
        comparison(key_figures(own, last, below), published_figures()),
    )
    return Report(period, below, tables)
