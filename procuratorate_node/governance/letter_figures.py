"""Figures of referrals, letters and the supervision lane (GY-F-3/4/5, YQ-F-1/2/5, WD-F-1/2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal

from procuratorate_node.governance.hiding import hide_line
from procuratorate_node.governance.rows import LetterRow, SupervisionRow
from procuratorate_node.governance.table import TOTAL, Cell, Table, crossed

RELEASE, REFERRAL, SUGGESTION = "release", "referral", "suggestion"
KINDS = (REFERRAL, RELEASE, SUGGESTION)


def letter_tables(rows: Sequence[LetterRow], lane: Sequence[SupervisionRow], below: int) -> tuple[Table, ...]:
    sent, outcomes = [r for r in rows if r.kind != RELEASE], ("GY-F-4", "YQ-F-2", "WD-F-1", "YQ-F-5")
    return (
        _outcomes(
            "referrals_by_unit",
            ("各单位转介", "referrals by unit"),
            outcomes,
            sent,
            group=lambda r: r.receiver,
            below=below,
        ),
        _outcomes(
            "referrals_by_service",
            ("各项帮扶转介", "referrals by service"),
            outcomes,
            sent,
            group=lambda r: r.about,
            below=below,
        ),
        _outcomes(
            "relieved",
            ("他方救助金额档", "money given by others"),
            ("GY-F-5",),
            sent,
            group=lambda r: r.band,
            below=below,
        ),
        _letters(rows, below),
        _supervision(lane, below),
    )


def _outcomes(
    code: str,
    title: tuple[str, str],
    about: tuple[str, ...],
    rows: Sequence[LetterRow],
    *,
    group: Callable[[LetterRow], str],
    below: int,
) -> Table:
    """Cross groups with the states of referrals, so that all these tables hide the same of their totals."""
    counts = Counter((group(r) or "–", r.state) for r in rows)
    states = sorted({state for _, state in counts})
    lines = crossed(counts, sorted({label for label, _ in counts}), states, below=below)
    drawn = tuple(range(1, len(states) + 1))
    return Table(code, *title, about, ("类别 group", *states, TOTAL), lines, "stacked", drawn)


def _letters(rows: Sequence[LetterRow], below: int) -> Table:
    counts = Counter((r.kind, "answered" if r.answered else "waiting") for r in rows)
    lines = crossed(counts, KINDS, ("answered", "waiting"), below=below)
    columns = ("种类 kind", "已答复 answered", "未答复 waiting", TOTAL)
    return Table("letters", "函件", "letters sent", ("GY-F-3",), columns, lines, "stacked", (1, 2))


def _supervision(rows: Sequence[SupervisionRow], below: int) -> Table:
    """Count the lane by state; the money recovered is shown where enough cases recovered some."""
    states = sorted({r.state for r in rows})
    shown, total = hide_line([sum(r.state == s for r in rows) for s in states], below)
    lines: list[tuple[Cell, ...]] = [(state, count) for state, count in zip(states, shown, strict=True)]
    sums = [r.recovered for r in rows if r.recovered]
    money: Cell = None if 0 < len(sums) < below else sum(sums, Decimal(0))
    lines += [(TOTAL, total), ("执行到位金额 recovered, yuan", money)]
    columns = ("监督线索 supervision", "件数 cases")
    return Table("supervision", "监督线索", "supervision clues", ("WD-F-2", "PA-F-1"), columns, tuple(lines))
