"""The peers' band as a drawing: where the proposed amount lies between the median − 30 % and + 30 %."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from markupsafe import Markup

from linkage.web.charts import BLUE, GRID, PALE
from linkage.web.texts import Text
from procuratorate_node.relief.money import grouped

WIDTH: Final = 640
LEFT: Final = 20
RIGHT: Final = 620
BAND: Final = Text("同类案件幅度", "band of comparable cases")
OUTSIDE: Final = "#a3201d"


def band_chart(report: Mapping[str, Any], language: str) -> Markup:
    """Draw the band of a proposal's report, "" where there are too few peers; the words beside it say the same."""
    peers = report["peers"]
    if peers["low"] is None:
        return Markup("")
    low, middle, high = (Decimal(peers[name]) for name in ("low", "median", "high"))
    amount = Decimal(report["amount"])
    most = max(high, amount) * Decimal("1.15")

    def at(value: Decimal) -> float:
        return round(LEFT + (RIGHT - LEFT) * float(value / most), 1)

    told = f"{grouped(low)} – {grouped(middle)} – {grouped(high)}；{grouped(amount)}"
    colour = OUTSIDE if peers["outside"] else BLUE
    shape = (
        Markup('<svg class="chart" role="img" viewBox="0 0 {w} 110" width="{w}" height="110">').format(w=WIDTH)
        + Markup("<title>{}</title><desc>{}</desc>").format(BAND.within(language), told)
        + Markup('<line x1="{}" y1="55" x2="{}" y2="55" stroke="{}" stroke-width="2"/>').format(LEFT, RIGHT, GRID)
        + Markup('<rect x="{}" y="42" width="{}" height="26" fill="{}"/>').format(at(low), at(high) - at(low), PALE)
        + Markup('<line x1="{x}" y1="38" x2="{x}" y2="72" stroke="{c}" stroke-width="2"/>').format(x=at(middle), c=BLUE)
    )
    for value in (low, middle, high):
        shape += Markup('<text x="{}" y="92" text-anchor="middle">{}</text>').format(at(value), grouped(value))
    x = at(amount)
    shape += Markup('<polygon points="{},40 {},24 {},24" fill="{}"/>').format(x, x - 8, x + 8, colour)
    anchor = "start" if x < 80 else "end" if x > WIDTH - 80 else "middle"
    shape += Markup('<text x="{}" y="18" text-anchor="{}" font-weight="600">{}</text>').format(
        x, anchor, Text(f"建议 {grouped(amount)} 元", f"proposed: {grouped(amount)} yuan").within(language)
    )
    return shape + Markup("</svg>")
