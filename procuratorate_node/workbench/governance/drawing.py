"""Draw a table of figures: bars, stacked bars, a line, a funnel. What is hidden is not drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from markupsafe import Markup

from linkage.web import charts
from linkage.web.charts import Bar, Point, Range
from linkage.web.tags import TAGS
from linkage.web.texts import Text, pair
from procuratorate_node.governance.letter_figures import REFERRAL, RELEASE, SUGGESTION
from procuratorate_node.governance.money_figures import BAND
from procuratorate_node.governance.table import TOTAL, Cell, Table, cell_text
from procuratorate_node.workbench.clues.words import COLOURS, PHASES, STATES

FILLS: Final = ("#1f4e79", "#d97706", "#8fb3d6", "#6b7280", "#b45309", "#cbd5e1", "#374151", "#e3b565", "#93c5fd")
BOTH: Final = re.compile(r"(.*[^\x00-\x7f]) +([\x20-\x7e]+)")
CODES: Final[Mapping[str, Text]] = {
    **{code: words for code, words in COLOURS.items() if code},
    **TAGS,
    **PHASES,
    **STATES,
    "none": Text("无", "none"),
    REFERRAL: Text("转介", "referral"),
    RELEASE: Text("调取字段", "release"),
    SUGGESTION: Text("社会救助建议函", "letter of suggestion"),
}
COLOURED: Final = ("#a3201d", "#d97706", "#cbb400")
MOST: Final = 20
WIDTH, LABEL, ROW, KEY = 640, 170, 26, 22


def words_of(text: str) -> Text:
    """Return both halves of a label such as "确认 confirmed", or a code in words; another text stands for both."""
    if " | " in text:
        return pair(text)
    if found := BOTH.fullmatch(text):
        return Text(found[1], found[2])
    return CODES.get(text, Text(text, text))


def draw(table: Table, language: str) -> Markup:
    """Return the table's chart; nothing where it has none, or nothing may be shown."""
    lines = [line for line in table.lines if line[0] != TOTAL][:MOST]
    title = Text(table.zh, table.en).within(language)
    if table.code == "spread":
        return _band(lines, title, language)
    if table.chart == "stacked":
        return _stacked(table, lines, title, language)
    column = table.drawn[0] if table.drawn else 0
    shown = [(words_of(cell_text(line[0])).within(language), line[column]) for line in lines]
    values = [(label, _value(cell), cell) for label, cell in shown]
    found = [(label, value, cell) for label, value, cell in values if value is not None]
    if not table.chart or not found:
        return Markup("")
    if table.chart == "line":
        return charts.line([Point(label, value) for label, value, _ in found], title=title)
    bars = [Bar(label, value, shown=cell_text(cell)) for label, value, cell in found]
    return charts.funnel(bars, title=title) if table.chart == "funnel" else charts.bars(bars, title=title)


def _value(cell: Cell) -> float | None:
    if cell is None:
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def _band(lines: list[tuple[Cell, ...]], title: str, language: str) -> Markup:
    """Draw the median of every group of peers with the band of ±30 % around it."""
    middles = [(words_of(cell_text(line[0])).within(language), _value(line[2])) for line in lines]
    share = float(BAND)
    rows = [Range(label, m * (1 - share), m, m * (1 + share)) for label, m in middles if m is not None]
    told = Text("中位数和上下 30% 的范围", "the median and 30 % around it").within(language)
    return charts.ranges(rows, title=title, description=told) if rows else Markup("")


def _stacked(table: Table, lines: list[tuple[Cell, ...]], title: str, language: str) -> Markup:
    rows = [(words_of(cell_text(line[0])).within(language), [_value(line[c]) for c in table.drawn]) for line in lines]
    most = max((sum(v or 0 for v in values) for _, values in rows), default=0)
    if not most:
        return Markup("")
    fills = COLOURED if table.code == "colours_by_month" else FILLS
    height = KEY + ROW * len(rows)
    drawn = [*_key([words_of(table.columns[c]).within(language) for c in table.drawn], fills)]
    for number, (label, values) in enumerate(rows):
        drawn += _parts(label, values, fills, top=KEY + number * ROW, scale=(WIDTH - LABEL - 20) / most)
    head = Markup('<svg class="chart" role="img" viewBox="0 0 {0} {1}" width="{0}" height="{1}"><title>{2}</title>')
    return head.format(WIDTH, height, title) + Markup("").join(drawn) + Markup("</svg>")


def _key(names: list[str], fills: tuple[str, ...]) -> Iterator[Markup]:
    step = (WIDTH - 20) / max(1, len(names))
    for number, name in enumerate(names):
        x = 10 + number * step
        yield Markup('<rect x="{:.0f}" y="4" width="12" height="12" fill="{}"/>').format(x, fills[number % len(fills)])
        yield Markup('<text x="{:.0f}" y="15">{}</text>').format(x + 17, name)


def _parts(
    label: str, values: list[float | None], fills: tuple[str, ...], *, top: float, scale: float
) -> Iterator[Markup]:
    yield Markup('<text x="{}" y="{:.0f}" text-anchor="end">{}</text>').format(
        LABEL - 8, top + 17, charts.fitted(label)
    )
    x = float(LABEL)
    for number, value in enumerate(values):
        if value:
            fill = fills[number % len(fills)]
            bar = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{}" fill="{}"/>')
            yield bar.format(x, top + 4, value * scale, ROW - 8, fill)
            x += value * scale
