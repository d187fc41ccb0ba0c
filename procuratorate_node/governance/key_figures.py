"""The few figures that the published systems report, ours beside theirs and beside our own year before (SX-F-1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import Final

from linkage.errors import ConfigError
from procuratorate_node.governance.clue_figures import VERDICTS, precision
from procuratorate_node.governance.hiding import hide_line
from procuratorate_node.governance.letter_figures import KINDS, RELEASE, SUGGESTION
from procuratorate_node.governance.rows import Rows
from procuratorate_node.governance.table import Cell, Table
from procuratorate_node.relief.calibration import median
from procuratorate_node.relief.grammar import read_records
from procuratorate_node.relief.money import round_to
from procuratorate_node.relief.table_file import open_table, wrong_setting

DONE: Final = ("DONE", "VERIFIED", "CLOSED")
AFTER: Final = ("已判决", "执行监督", "行政非诉执行监督")
TITLES: Final = {
    "clues": "线索 clues",
    "confirmed": "确认线索 confirmed clues",
    "precision": "准确率 precision %",
    "checks": "人工核查 checks",
    "cases": "救助案件 cases aided",
    "persons": "救助人数 persons aided",
    "money": "救助金额 money, yuan",
    "mean": "案均金额 mean, yuan",
    "during_case": "诉讼中救助 helped during the case",
    "days": "线索到支付中位天数 median days to payment",
    "referrals": "转介和建议函 referrals",
    "suggestions": "社会救助建议函 letters of suggestion",
    "referrals_done": "转介办结 referrals done",
    "supervision": "监督线索 supervision clues",
    "growth": "金额同比 growth of money %",
}


@dataclass(frozen=True, slots=True)
class Published:
    """One published figure; `figure` is the code of ours, "" where none compares."""

    row: str
    zh: str
    en: str
    value: str
    figure: str = ""

    def __post_init__(self) -> None:
        if self.figure and self.figure not in TITLES:
            raise wrong_setting("figure is one of " + ", ".join(TITLES))


def key_figures(rows: Rows, before: Rows, below: int) -> dict[str, Cell]:
    """Return our figures by code; None is hidden. They hide what the tables of the same rows hide."""
    letters = [r for r in rows.letters if r.kind != RELEASE]
    money, days = _sum(rows), [Decimal(r.days) for r in rows.awards if r.days is not None]
    confirmed, rejected, _ = _line([r.verdict for r in rows.clues], VERDICTS, below)
    kinds = [r.kind for r in rows.letters]
    cases = shown_count(len(rows.awards), below)
    few = any(0 < len(r.awards) < below for r in (rows, before))
    return {
        "clues": shown_count(len(rows.clues), below),
        "confirmed": confirmed,
        "precision": precision(confirmed, rejected),
        "checks": shown_count(sum(r.check is not None for r in rows.clues), below),
        "cases": cases,
        "persons": None if cases is None else sum(r.persons for r in rows.awards),
        "money": None if cases is None else money,
        "mean": None if cases is None else _mean(money, len(rows.awards)),
        "during_case": _part([r.stage or "–" for r in rows.awards], lambda stage: stage not in AFTER, below),
        "days": None if 0 < len(days) < below else _median(days),
        "referrals": _part(kinds, lambda kind: kind != RELEASE, below),
        "suggestions": _line(kinds, KINDS, below)[KINDS.index(SUGGESTION)],
        "referrals_done": _part([r.state for r in letters], lambda state: state in DONE, below),
        "supervision": shown_count(len(rows.lane), below),
        "growth": None if few else _growth(money, _sum(before)),
    }


def shown_count(count: int, below: int) -> int | None:
    return None if 0 < count < below else count


def _line(values: Sequence[str], classes: Sequence[str], below: int) -> tuple[int | None, ...]:
    """Return how many values are of each class, hidden as a table over these classes hides its totals."""
    return hide_line([sum(v == c for v in values) for c in classes], below)[0]


def _part(values: Sequence[str], wanted: Callable[[str], bool], below: int) -> int | None:
    """Return how many values are wanted; hidden where a table hides a class, because the number might tell the rest."""
    shown = _line(values, sorted(set(values)), below)
    return None if None in shown else sum(map(wanted, values))


def _median(days: Sequence[Decimal]) -> Cell:
    return round_to(median(days), Decimal(1), rounding="half_up") if days else "–"


def _sum(rows: Rows) -> Decimal:
    return sum((r.amount for r in rows.awards), Decimal(0))


def _mean(money: Decimal, cases: int) -> Cell:
    return round_to(money / cases, Decimal(1), rounding="half_up") if cases else "–"


def _growth(now: Decimal, before: Decimal) -> Cell:
    return f"{100 * (now - before) / before:+.1f}" if before else "–"


def key_table(rows: Rows, before: Rows, earlier: Rows, below: int) -> Table:
    """Return ours, and ours of the same days a year before, beside each other."""
    ours, theirs = key_figures(rows, before, below), key_figures(before, earlier, below)
    lines = tuple((title, ours[code], theirs[code]) for code, title in TITLES.items())
    about = ("GY-F-1", "GY-F-2", "GY-F-3", "YQ-F-1", "YQ-F-2", "YQ-F-3", "SX-F-1", "PA-V-1", "PR-5")
    columns = ("指标 figure", "本期 this period", "上年同期 a year before")
    return Table("key_figures", "主要指标", "key figures", about, columns, lines)


def comparison(ours: Mapping[str, Cell], published: Sequence[Published]) -> Table:
    """Return every published figure with ours beside it."""
    lines = tuple((f"{p.zh} | {p.en}", p.row, p.value, ours[p.figure] if p.figure else "–") for p in published)
    columns = ("公开数字 published", "条目 row", "数值 value", "本院 ours")
    about = tuple(dict.fromkeys(p.row for p in published))
    return Table("comparison", "与公开数字对照", "beside published figures", about, columns, lines)


def published_figures() -> tuple[Published, ...]:
    """Read the file that comes with the program. Raises ConfigError."""
    content = resources.files("procuratorate_node.governance").joinpath("published.toml").read_bytes()
    data, faults = open_table(content, ("published",), name="published.toml")
    found = read_records(Published, data.get("published"), "published", faults)
    if faults:
        raise ConfigError(f"published.toml 有误：{'；'.join(faults)}", f"published.toml is wrong: {'; '.join(faults)}")
    return found
