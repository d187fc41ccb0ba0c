"""A set plan as a small drawing: two circles a step, the part that is kept filled, the words beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup

from linkage.web.charts import BLUE
from linkage.web.texts import Text
from procuratorate_node.rounds.asking import SetStep

WIDTH: Final = 640
ROW: Final = 74
RADIUS: Final = 27
LEFT, RIGHT, MIDDLE, HALF = 40, 74, 57, 21  # Centres; where the circles cross is HALF above and below the middle.
LINE: Final = 18
FILLED: Final = "#8fb3d6"
TITLE: Final = Text("筛查条件图", "What is kept, step by step")
TOLD: Final = Text(
    "每一行：左圈是本院人员，右圈是名册，填色部分留下", "Each row: left our people, right the registers; filled is kept"
)
WORDS: Final = {
    (True, True): Text("在以下任一名册中：", "is in any of: "),
    (True, False): Text("在名册中：", "is in: "),
    (False, True): Text("不在以下任何名册中：", "is in none of: "),
    (False, False): Text("不在名册中：", "is not in: "),
}
PER_LINE: Final = 34  # Chinese characters that fit beside the circles.


def draw_steps(steps: Sequence[SetStep], language: str) -> Markup:
    """Draw a plan's steps from top to bottom."""
    drawn, top = [], 0
    for number, step in enumerate(steps):
        lines = _lines(step, first=number == 0)
        height = max(ROW, LINE * (len(lines.zh.split("\n")) + 1))
        drawn.append(_circles(step, top + height // 2))
        drawn += _words(lines.within(language).split("\n"), top + height // 2)
        top += height
    svg = Markup('<svg class="chart sets" role="img" viewBox="0 0 {0} {1}" width="{0}" height="{1}">')
    named = Markup("<title>{}</title><desc>{}</desc>").format(TITLE.within(language), TOLD.within(language))
    return svg.format(WIDTH, top) + named + Markup("").join(drawn) + Markup("</svg>")


def _circles(step: SetStep, y: int) -> Markup:
    upper, lower, radii = f"{MIDDLE} {y - HALF}", f"{MIDDLE} {y + HALF}", f"{RADIUS} {RADIUS}"
    # Down along the left circle's right edge, or around its left; back up along the right circle's left edge.
    way = f"A{radii} 0 0 1 {lower}" if step.keeps else f"A{radii} 0 1 0 {lower}"
    kept = f"M{upper} {way} A{radii} 0 0 1 {upper}"
    ring = Markup('<circle cx="{}" cy="{}" r="{}" fill="none" stroke="{}" stroke-width="1.5"/>')
    filled = Markup('<path d="{}" fill="{}" stroke="{}"/>').format(kept, FILLED, BLUE)
    return filled + ring.format(LEFT, y, RADIUS, BLUE) + ring.format(RIGHT, y, RADIUS, BLUE)


def _lines(step: SetStep, *, first: bool) -> Text:
    """Return the words beside a step, broken into lines."""
    lead = WORDS[step.keeps, len(step.titles) > 1]
    lead = lead if first else Text(f"并且{lead.zh}", f"and {lead.en}")
    return Text(_broken(lead.zh, step.titles), _broken(lead.en, step.titles))


def _broken(lead: str, titles: Sequence[str]) -> str:
    return "\n".join([lead, *_wrapped("、".join(titles))])


def _wrapped(text: str) -> Iterator[str]:
    for start in range(0, len(text), PER_LINE):
        yield text[start : start + PER_LINE]


def _words(lines: Sequence[str], y: int) -> Iterator[Markup]:
    top = y - LINE * (len(lines) - 1) // 2 + 4
    for number, line in enumerate(lines):
        yield Markup('<text x="118" y="{}">{}</text>').format(top + number * LINE, line)
