"""Figures of clues: how many, how far, how right (SX-F-2, YQ-F-1, PA-F-1, WD-F-1, SC-F-1, WD-D-1, CAP-19, WD-K-6).

Every table is crossed with the same three verdicts, so that all hide the same of their totals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from procuratorate_node.cluework.checks import ANSWERS
from procuratorate_node.governance.hiding import hide
from procuratorate_node.governance.rows import ClueRow
from procuratorate_node.governance.table import TOTAL, Cell, Table, crossed

VERDICTS = ("confirmed", "rejected", "open")
COLUMNS = ("类别 group", "确认 confirmed", "否定 rejected", "办理中 open", TOTAL, "准确率 precision %")
Groups = Callable[[ClueRow], Iterable[str]]


def clue_tables(rows: Sequence[ClueRow], below: int) -> tuple[Table, ...]:
    found = ("SX-F-2", "YQ-F-1", "PA-F-1", "WD-F-1", "SC-F-1", "CAP-19")
    return (
        _by("clues_by_model", ("各模型线索", "clues by model"), found, rows, groups=lambda r: [r.model], below=below),
        _by(
            "clues_by_colour",
            ("各颜色线索", "clues by colour"),
            ("PA-M-8",),
            rows,
            groups=lambda r: [r.colour],
            below=below,
        ),
        _by(
            "clues_by_grade",
            ("各等级线索", "clues by grade"),
            ("CAP-19",),
            rows,
            groups=lambda r: [r.grade],
            below=below,
        ),
        _by(
            "clues_by_state",
            ("线索进展", "clues by state"),
            ("SX-F-2", "SC-F-1"),
            rows,
            groups=lambda r: [r.phase],
            below=below,
        ),
        _by(
            "clues_by_category",
            ("各类案件线索", "clues by kind of case"),
            ("WD-D-1",),
            rows,
            groups=_category,
            below=below,
        ),
        _by(
            "clues_by_class",
            ("各类人群线索", "clues by register class"),
            ("SX-F-2",),
            rows,
            groups=_tags,
            below=below,
            adds_up=False,
        ),
        _by(
            "governance_elements",
            ("社会治理要素", "governance elements"),
            ("WD-K-5", "WD-D-3", "PR-5"),
            rows,
            groups=lambda r: r.elements,
            below=below,
            adds_up=False,
        ),
        _checks(rows, below),
    )


def _category(row: ClueRow) -> Iterable[str]:
    return [row.category]


def _tags(row: ClueRow) -> Iterable[str]:
    return row.tags


def _by(
    code: str,
    title: tuple[str, str],
    about: tuple[str, ...],
    rows: Sequence[ClueRow],
    *,
    groups: Groups,
    below: int,
    adds_up: bool = True,
) -> Table:
    """Cross groups with verdicts. Groups that overlap do not add up, so their total line is left out."""
    counts = Counter((group or "–", row.verdict) for row in rows for group in groups(row))
    lines = crossed(counts, sorted({group for group, _ in counts}), VERDICTS, below=below)
    kept = lines if adds_up else lines[:-1]
    shown = tuple((*line, precision(line[1], line[2])) for line in kept)
    return Table(code, *title, about, COLUMNS, shown, "stacked", (1, 2, 3))


def precision(confirmed: Cell, rejected: Cell) -> str | None:
    """Return the share confirmed in percent; None where one of the counts is hidden, "–" where nothing is decided."""
    if not isinstance(confirmed, int) or not isinstance(rejected, int):
        return None
    decided = confirmed + rejected
    return f"{100 * confirmed / decided:.1f}" if decided else "–"


def _checks(rows: Sequence[ClueRow], below: int) -> Table:
    """Count the answers of the newest human check of each clue, question by question."""
    questions = {
        "person": "确有其人 real person",
        "link": "匹配正确 right link",
        "facts": "事实属实 right facts",
        "helped": "行政机关及时帮扶 helped at once",
        "searched": "法院穷尽财产调查 property searched",
    }
    found = [row.check for row in rows if row.check is not None]
    lines: list[tuple[Cell, ...]] = []
    for name, label in questions.items():
        shown = hide([[sum(getattr(c, name) == answer for c in found) for answer in ANSWERS]], below)
        lines.append((label, *shown.cells[0], shown.total))
    columns = ("核查问题 question", "是 yes", "否 no", "不明 unsure", TOTAL)
    about = ("CAP-19", "WD-K-6", "YQ-F-5")
    return Table(
        "checks", "人工核查结论", "answers of the human check", about, columns, tuple(lines), "stacked", (1, 2, 3)
    )
