"""Figures of awards: how many, how much, to whom, how fast, how even (GY-F-1/2, YQ-F-2/3/4, YQ-0-1, PA-V-1/3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final

from procuratorate_node.governance.hiding import hide_line
from procuratorate_node.governance.rows import AwardRow, BudgetRow
from procuratorate_node.governance.table import TOTAL, Cell, Table
from procuratorate_node.relief.calibration import quantile
from procuratorate_node.relief.money import round_to

YUAN: Final = Decimal(1)
BAND: Final = Decimal("0.3")
SUMS: Final = ("件数 cases", "金额 yuan", "平均 mean")
Groups = Callable[[AwardRow], Iterable[str]]


def money_tables(rows: Sequence[AwardRow], budgets: Sequence[BudgetRow], below: int) -> tuple[Table, ...]:
    return (
        _sums(
            "aided_by_group", "各类人群救助", "aid by group", ("YQ-F-2", "GY-F-1"), rows=rows, groups=_tags, below=below
        ),
        _sums(
            "aided_by_charge",
            "各案由救助",
            "aid by charge",
            ("YQ-0-1",),
            rows=rows,
            groups=lambda r: [r.charge],
            below=below,
        ),
        _sums(
            "aided_by_stage",
            "各阶段救助",
            "aid by stage",
            ("YQ-F-4",),
            rows=rows,
            groups=lambda r: [r.stage or "–"],
            below=below,
        ),
        _sums(
            "aided_by_model",
            "各模型救助",
            "aid by model",
            ("PA-F-1", "SC-F-1"),
            rows=rows,
            groups=lambda r: [r.model],
            below=below,
        ),
        _sums(
            "aided_by_month",
            "各月救助",
            "aid by month",
            ("YQ-F-3", "PA-V-1"),
            rows=rows,
            groups=_month,
            below=below,
            chart="line",
        ),
        _days(rows, below),
        _spread(rows, below),
        _budgets(budgets, below),
    )


def _tags(row: AwardRow) -> Iterable[str]:
    return row.tags or ["无 none"]


def _month(row: AwardRow) -> Iterable[str]:
    return [f"{row.decided:%Y-%m}"]


def _sums(
    code: str,
    zh: str,
    en: str,
    about: tuple[str, ...],
    *,
    rows: Sequence[AwardRow],
    groups: Groups,
    below: int,
    chart: str = "bar",
) -> Table:
    """Show count, sum and mean of each group; where a count is hidden its sum is too."""
    members: dict[str, list[Decimal]] = {}
    for row in rows:
        for group in groups(row):
            members.setdefault(group, []).append(row.amount)
    labels = sorted(members)
    shown, _ = hide_line([len(members[label]) for label in labels], below)
    lines = [_sum_line(label, members[label], count) for label, count in zip(labels, shown, strict=True)]
    amounts = [row.amount for row in rows]
    lines.append(_sum_line(TOTAL, amounts, None if 0 < len(amounts) < below else len(amounts)))
    return Table(code, zh, en, about, ("类别 group", *SUMS), tuple(lines), chart, (2,))


def _sum_line(label: str, amounts: Sequence[Decimal], count: int | None) -> tuple[Cell, ...]:
    if count is None:
        return label, None, None, None
    total = sum(amounts, Decimal(0))
    return label, count, total, round_to(total / count, YUAN, rounding="half_up") if count else Decimal(0)


def _days(rows: Sequence[AwardRow], below: int) -> Table:
    """Show how long it took from the clue to the payment."""
    parts = {
        "救助 30 日内 within 30 days": [r for r in rows if r.days is not None and r.days <= 30],
        "超过 30 日 later": [r for r in rows if r.days is not None and r.days > 30],
        "尚未支付 not paid yet": [r for r in rows if r.days is None],
    }
    shown, total = hide_line([len(part) for part in parts.values()], below)
    lines = [_day_line(label, parts[label], count) for label, count in zip(parts, shown, strict=True)]
    # The median is of the paid ones; where they are few, it would be about the few.
    few = total is None or 0 < sum(r.days is not None for r in rows) < below
    lines.append(_day_line(TOTAL, rows, None if few else total))
    columns = ("支付 paid", "件数 cases", "中位数 median days", "下四分位 quartile", "上四分位 quartile")
    return Table(
        "days",
        "线索到支付的天数",
        "days from clue to payment",
        ("GY-F-2", "PA-V-1"),
        columns,
        tuple(lines),
        "bar",
        (2,),
    )


def _day_line(label: str, rows: Sequence[AwardRow], count: int | None) -> tuple[Cell, ...]:
    days = [Decimal(r.days) for r in rows if r.days is not None]
    if not count or not days:
        return (label, count, *("–",) * 3) if count == 0 else (label, None, None, None, None)
    return (
        label,
        count,
        *(round_to(quantile(days, Decimal(q)), YUAN, rounding="half_up") for q in ("0.5", "0.25", "0.75")),
    )


def peers(case_type: str, harm: int) -> str:
    """Return the label of the awards that are held against each other."""
    return f"{case_type} / {harm}"


def _spread(rows: Sequence[AwardRow], below: int) -> Table:
    """Show how even comparable cases are: the share within ±30 % of their median (GY-M2-9)."""
    members: dict[str, list[Decimal]] = {}
    for row in rows:
        members.setdefault(peers(row.case_type, row.harm), []).append(row.amount)
    labels = sorted(members)
    shown, _ = hide_line([len(members[label]) for label in labels], below)
    lines = tuple(_spread_line(label, members[label], count) for label, count in zip(labels, shown, strict=True))
    columns = (
        "同类案件 peers: type / harm",
        "件数 cases",
        "中位数 median",
        "四分位差 quartile range",
        "±30% 内 within %",
    )
    return Table(
        "spread", "同类案件均衡度", "spread within peer groups", ("GY-M2-9", "GY-0-4"), columns, lines, "bar", (4,)
    )


def _spread_line(label: str, amounts: Sequence[Decimal], count: int | None) -> tuple[Cell, ...]:
    if count is None:
        return label, None, None, None, None
    middle = quantile(amounts, Decimal("0.5"))
    width = quantile(amounts, Decimal("0.75")) - quantile(amounts, Decimal("0.25"))
    near = sum(abs(a - middle) <= BAND * middle for a in amounts)
    rounded = (round_to(value, YUAN, rounding="half_up") for value in (middle, width))
    # A share of all but a few would give the few away, so it is told to the next ten percent.
    return label, count, *rounded, f"{round(10 * near / len(amounts)) * 10}"


def _budgets(rows: Sequence[BudgetRow], below: int) -> Table:
    """Show each year's fund; a use by fewer than `below` awards is hidden, because it would be somebody's amount."""
    lines = tuple(_budget_line(row, 0 < row.awards < below) for row in rows)
    columns = ("年度 year", "预算 budget", "已决定 committed", "已支付 paid", "余额 left", "使用率 used %")
    return Table("budget", "资金使用进度", "use of the fund", ("PA-V-3",), columns, lines, "bar", (1, 2, 3))


def _budget_line(row: BudgetRow, few: bool) -> tuple[Cell, ...]:
    label, budget = str(row.year), "–" if row.budget is None else row.budget
    if few:
        return label, budget, None, None, None, None
    used = row.committed + row.paid
    if row.budget is None:
        return label, budget, row.committed, row.paid, "–", "–"
    share = f"{100 * used / row.budget:.1f}" if row.budget else "–"
    return label, budget, row.committed, row.paid, max(row.budget - used, Decimal(0)), share
