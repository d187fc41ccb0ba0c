"""Charts as SVG, drawn on the server: they print, need no script, and say in words what they show (decision 0070).

Every chart has a title and a description for screen readers; the page puts the numbers beside it in a table. Colours
come with words or shapes. Only presentation attributes are used, because the content policy forbids style attributes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from unicodedata import east_asian_width

from markupsafe import Markup, escape

BLUE: Final = "#1f4e79"
PALE: Final = "#c9daea"
GRID: Final = "#d3dae2"
WIDTH: Final = 640
ROW: Final = 26
LABEL: Final = 170
LETTERS: Final = 26  # What LABEL has room for; a Chinese one takes two.
VALUE: Final = 80


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its words, its length and its colour; `shown` stands beside it instead of the number."""

    label: str
    value: float
    colour: str = BLUE
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a line."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Range:
    """The middle of a group and the band around it."""

    label: str
    low: float
    middle: float
    high: float


def bars(rows: Sequence[Bar], *, title: str, description: str = "") -> Markup:
    """Draw horizontal bars from a common zero."""
    most = max((row.value for row in rows), default=0) or 1
    space = WIDTH - LABEL - VALUE
    drawn = []
    for number, row in enumerate(rows):
        top = number * ROW
        length = round(space * row.value / most, 1)
        drawn += [
            _text(LABEL - 8, top + 17, fitted(row.label), anchor="end"),
            _rect(LABEL, top + 4, length, ROW - 8, colour=row.colour),
            _text(LABEL + length + 6, top + 17, row.shown or _number(row.value)),
        ]
    return _chart(drawn, height=max(1, len(rows)) * ROW, title=title, description=description)


def funnel(rows: Sequence[Bar], *, title: str, description: str = "") -> Markup:
    """Draw how many are left at each step, centred, with the share of the step before."""
    most = max((row.value for row in rows), default=0) or 1
    space = WIDTH - LABEL - VALUE - 40
    drawn = []
    for number, row in enumerate(rows):
        top = number * (ROW + 6)
        length = round(space * row.value / most, 1)
        before = rows[number - 1].value if number else 0
        share = f" ({100 * row.value / before:.0f} %)" if before else ""
        drawn += [
            _text(LABEL - 8, top + 19, fitted(row.label), anchor="end"),
            _rect(LABEL + (space - length) / 2, top + 2, length, ROW, colour=row.colour),
            _text(WIDTH - VALUE - 30, top + 19, (row.shown or _number(row.value)) + share),
        ]
    return _chart(drawn, height=max(1, len(rows)) * (ROW + 6), title=title, description=description)


def ranges(rows: Sequence[Range], *, title: str, description: str = "") -> Markup:
    """Draw each group's band from a common zero, its middle as a mark with the number beside."""
    most = max((row.high for row in rows), default=0) or 1
    scale = (WIDTH - LABEL - VALUE) / most
    drawn = []
    for number, row in enumerate(rows):
        top = number * ROW
        drawn += [
            _text(LABEL - 8, top + 17, fitted(row.label), anchor="end"),
            _rect(LABEL + scale * row.low, top + 4, scale * (row.high - row.low), ROW - 8, colour=PALE),
            _rect(LABEL + scale * row.middle - 2, top + 2, 4, ROW - 4, colour=BLUE),
            _text(LABEL + scale * row.high + 6, top + 17, _number(row.middle)),
        ]
    return _chart(drawn, height=max(1, len(rows)) * ROW, title=title, description=description)


def fitted(label: str) -> str:
    """Return as much of a label as there is room for; the table beside the chart has it whole."""
    space = LETTERS
    for number, letter in enumerate(label):
        space -= 2 if east_asian_width(letter) in "WF" else 1
        if space < 0:
            return label[: number - 1] + "…"
    return label


def line(points: Sequence[Point], *, title: str, description: str = "") -> Markup:
    """Draw a line over equal steps, with dots on it."""
    height, left, right, top, bottom = 240, 60, 16, 12, 40
    most = max((p.value for p in points), default=0) or 1
    step = (WIDTH - left - right) / max(1, len(points) - 1)

    def at(number: int, value: float) -> str:
        x, y = left + number * step, top + (height - top - bottom) * (1 - value / most)
        return f"{x:.1f},{y:.1f}"

    drawn = []
    for part in range(5):
        y = top + (height - top - bottom) * part / 4
        drawn.append(
            Markup('<line x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}" stroke="{}"/>').format(
                left, y, WIDTH - right, y, GRID
            )
        )
        drawn.append(_text(left - 6, y + 4, _number(most * (4 - part) / 4), anchor="end"))
    drawn.append(
        Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>').format(
            " ".join(at(n, p.value) for n, p in enumerate(points)), BLUE
        )
    )
    for number, point in enumerate(points):
        across, down = at(number, point.value).split(",")
        drawn.append(Markup('<circle cx="{}" cy="{}" r="3" fill="{}"/>').format(across, down, BLUE))
        drawn.append(_text(float(across), height - 18, point.label, anchor="middle"))
    return _chart(drawn, height=height, title=title, description=description)


def _chart(drawn: Sequence[Markup], *, height: float, title: str, description: str) -> Markup:
    head = Markup('<svg class="chart" role="img" viewBox="0 0 {} {}" width="{}" height="{}">').format(
        WIDTH, height, WIDTH, height
    )
    named = Markup("<title>{}</title>").format(title)
    told = Markup("<desc>{}</desc>").format(description) if description else Markup("")
    return head + named + told + Markup("").join(drawn) + Markup("</svg>")


def _rect(x: float, y: float, width: float, height: float, *, colour: str) -> Markup:
    return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2" fill="{}"/>').format(
        x, y, width, height, colour
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start") -> Markup:
    return (
        Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">').format(x, y, anchor) + escape(words) + Markup("</text>")
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.1f}"
