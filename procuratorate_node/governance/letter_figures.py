"""Figures of referrals and of the consortium's registers (GY-F-3/4, YQ-F-1/2/5, WD-F-1/2, GY-S-8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from procuratorate_node.governance.rows import LetterRow, Source
from procuratorate_node.governance.table import TOTAL, Cell, Table, crossed

REFERRAL = "referral"


def letter_tables(letters: Sequence[LetterRow], sources: Sequence[Source], below: int) -> tuple[Table, ...]:
    sent = [r for r in letters if r.kind == REFERRAL]
    units = {r.receiver for r in sent}
    return (
        _outcomes("referrals_by_unit", "各单位转介", "referrals by unit", sent, below, by_unit=True),
        _outcomes("referrals_by_help", "各类帮扶转介", "referrals by help", sent, below, by_unit=False),
        _letters(letters, below),
        _sources(sources, units),
    )


def _outcomes(code: str, zh: str, en: str, rows: Sequence[LetterRow], below: int, *, by_unit: bool) -> Table:
    counts = Counter((r.receiver if by_unit else r.about, r.state) for r in rows)
    states = sorted({state for _, state in counts})
    lines = crossed(counts, sorted({label for label, _ in counts}), states, below=below)
    about = ("GY-F-4", "YQ-F-2", "WD-F-1", "YQ-F-5")
    drawn = tuple(range(1, len(states) + 1))
    return Table(code, zh, en, about, ("类别 group", *states, TOTAL), lines, "stacked", drawn)


def _letters(rows: Sequence[LetterRow], below: int) -> Table:
    counts = Counter((r.kind, "answered" if r.answered else "waiting") for r in rows)
    lines = crossed(counts, sorted({kind for kind, _ in counts}), ("answered", "waiting"), below=below)
    columns = ("种类 kind", "已答复 answered", "未答复 waiting", TOTAL)
    return Table("letters", "函件", "letters sent", ("GY-F-3", "WD-F-2"), columns, lines, "stacked", (1, 2))


def _sources(sources: Sequence[Source], units: set[str]) -> Table:
    """List the registers by owner; they are the consortium's own public facts, so nothing is hidden."""
    lines: list[tuple[Cell, ...]] = [(s.owner, s.dataset, "是" if s.owner in units else "") for s in sources]
    columns = ("单位 owner", "数据类别 register", "接收转介 takes referrals")
    return Table("sources", "数据来源", "registers of the consortium", ("GY-S-8",), columns, tuple(lines))
