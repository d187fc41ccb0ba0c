"""How clues flow: the funnel from found to paid, colours by month, and the departments (SX-F-2, PA-M-8, GY-M1-2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from procuratorate_node.cluework.states import AwardState
from procuratorate_node.governance.clue_figures import COLUMNS, VERDICTS, precision
from procuratorate_node.governance.hiding import hide_line
from procuratorate_node.governance.rows import ClueRow
from procuratorate_node.governance.table import TOTAL, Cell, Table, crossed

LEVELS: Final = (
    "发现 found",
    "核查 checked",
    "确认 confirmed",
    "还原身份 opened",
    "决定救助 aid decided",
    "支付 paid",
)
OPENED: Final = frozenset({"identified", "referred", "award-proposed", "followed-up"})
UNTOUCHED: Final = frozenset({"candidate", "assigned"})
COLOURS: Final = ("red", "orange", "yellow")
DEPARTMENTS: Final[Mapping[str, str]] = {
    "刑事": "刑事检察",
    "未检": "未成年人检察",
    "民事": "民事检察",
    "行政": "行政检察",
    "信访": "控告申诉检察",
}


def department_of(category: str) -> str:
    """Return the department whose kind of case this is."""
    return DEPARTMENTS.get(category, "其他 other")


def flow_tables(rows: Sequence[ClueRow], below: int) -> tuple[Table, ...]:
    return _funnel(rows, below), _months(rows, below), _departments(rows, below)


def _level(row: ClueRow) -> int:
    """Return how far a clue came, as a place in LEVELS."""
    if row.award == AwardState.PAID:
        return 5
    if row.award == AwardState.DECIDED:
        return 4
    if row.award or row.phase in OPENED:
        return 3
    if row.verdict == "confirmed":
        return 2
    return 0 if row.phase in UNTOUCHED and row.check is None else 1


def _funnel(rows: Sequence[ClueRow], below: int) -> Table:
    """Count who came at least so far; hidden wherever the last level of a few would show in a difference."""
    counts = Counter(map(_level, rows))
    shown, total = hide_line([counts[level] for level in range(len(LEVELS))], below)
    lines = tuple((label, _at_least(shown, total, level)) for level, label in enumerate(LEVELS))
    columns = ("进展 how far", "线索 clues")
    return Table("funnel", "线索漏斗", "from clue to payment", ("SX-F-2",), columns, lines, "funnel", (1,))


def _at_least(shown: Sequence[int | None], total: int | None, level: int) -> Cell:
    """Return how many came at least to a level, from what is shown of the levels; None where that does not tell."""
    above = [count for count in shown[level:] if count is not None]
    if len(above) == len(shown) - level:
        return sum(above)
    before = [count for count in shown[:level] if count is not None]
    return total - sum(before) if total is not None and len(before) == level else None


def _months(rows: Sequence[ClueRow], below: int) -> Table:
    coloured = [row for row in rows if row.colour in COLOURS and row.found is not None]
    counts = Counter((f"{row.found:%Y-%m}", row.colour) for row in coloured)
    lines = crossed(counts, sorted({month for month, _ in counts}), COLOURS, below=below)
    columns = ("月份 month", "红 red", "橙 orange", "黄 yellow", TOTAL)
    return Table(
        "colours_by_month", "各月线索颜色", "colours by month", ("PA-M-8",), columns, lines, "stacked", (1, 2, 3)
    )


def _departments(rows: Sequence[ClueRow], below: int) -> Table:
    counts = Counter((row.department or "其他 other", row.verdict) for row in rows)
    lines = crossed(counts, sorted({name for name, _ in counts}), VERDICTS, below=below)
    shown = tuple((*line, precision(line[1], line[2])) for line in lines)
    return Table(
        "clues_by_department",
        "各部门线索",
        "clues by department",
        ("GY-M1-2",),
        COLUMNS,
        shown,
        "stacked",
        (1, 2, 3),
    )
