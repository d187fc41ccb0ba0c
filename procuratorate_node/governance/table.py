"""A finished table of figures: what a page, a sheet and a terminal show alike. A hidden figure is None."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from procuratorate_node.governance.hiding import hide
from procuratorate_node.relief.money import plain

Cell = str | int | Decimal | None
HIDDEN: Final = "＊"
TOTAL: Final = "合计 total"


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` are the domain rows it answers; a line begins with its label; `chart` is bar, stacked, line or "".

    `drawn` are the columns of the chart, counted from 1 behind the label.
    """

    code: str
    zh: str
    en: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]
    chart: str = ""
    drawn: tuple[int, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the table with sums as text and null for hidden."""
        lines = [[plain(c) if isinstance(c, Decimal) else c for c in line] for line in self.lines]
        return {
            "code": self.code,
            "zh": self.zh,
            "en": self.en,
            "rows": list(self.rows),
            "columns": list(self.columns),
            "lines": lines,
            "chart": self.chart,
            "drawn": list(self.drawn),
        }


def cell_text(cell: Cell) -> str:
    """Return what a person reads."""
    if cell is None:
        return HIDDEN
    return plain(cell) if isinstance(cell, Decimal) else str(cell)


def crossed(
    counts: Mapping[tuple[str, str], int], labels: Sequence[str], columns: Sequence[str], *, below: int
) -> tuple[tuple[Cell, ...], ...]:
    """Return the lines of a table of counts with both margins, small ones hidden."""
    shown = hide([[counts.get((label, column), 0) for column in columns] for label in labels], below)
    lines: list[tuple[Cell, ...]] = [
        (label, *cells, total) for label, cells, total in zip(labels, shown.cells, shown.row_totals, strict=True)
    ]
    return (*lines, (TOTAL, *shown.column_totals, shown.total)) if labels else ()
