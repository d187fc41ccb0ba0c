"""Tables of figures as drawings: which chart, in which words, and nothing of what is hidden."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from procuratorate_node.governance.table import Table
from procuratorate_node.workbench.governance.drawing import draw, words_of


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("确认 confirmed", "确认", "confirmed"),
        ("救助 30 日内 within 30 days", "救助 30 日内", "within 30 days"),
        ("浙江 | Zhejiang", "浙江", "Zhejiang"),
        ("刑事检察", "刑事检察", "刑事检察"),
        ("candidate", "待分派", "to assign"),
        ("ACCEPTED", "已受理", "accepted"),
        ("SX-1", "SX-1", "SX-1"),
    ],
)
def test_a_label_is_shown_in_one_language(text: str, zh: str, en: str) -> None:
    assert (words_of(text).zh, words_of(text).en) == (zh, en)


def table(chart: str, *lines: tuple[str, int | None, int | None], code: str = "t") -> Table:
    return Table(code, "表", "table", (), ("组 group", "甲 a", "乙 b"), lines, chart, (1, 2))


@pytest.mark.parametrize("chart", ["bar", "line", "funnel", "stacked"])
def test_every_kind_of_chart_is_drawn_with_a_title_and_without_the_total(chart: str) -> None:
    drawn = str(draw(table(chart, ("一月", 5, 7), ("合计 total", 50, 70)), "zh"))
    root = ElementTree.fromstring(drawn)

    assert root.findtext("title") == "表" and "一月" in drawn
    assert "合计" not in drawn and "style=" not in drawn


def test_what_is_hidden_is_not_drawn() -> None:
    drawn = str(draw(table("bar", ("一月", None, 1), ("二月", 9, 1)), "zh"))

    assert "一月" not in drawn and "二月" in drawn
    assert draw(table("bar", ("一月", None, None)), "zh") == ""
    assert draw(table("stacked", ("一月", None, None)), "zh") == ""
    assert draw(table("", ("一月", 5, 6)), "zh") == ""


def test_the_spread_of_peers_is_drawn_with_the_band_of_thirty_percent() -> None:
    lines = [("伤害／轻伤 | injury / minor", 8, 10_000), ("伤害／死亡 | injury / death", 8, None)]
    drawn = str(draw(table("bar", *lines, code="spread"), "en"))
    widths = [float(width) for width in re.findall(r'<rect [^>]*width="([0-9.]+)"', drawn)]

    assert "injury / minor" in drawn and "10,000" in drawn and "death" not in drawn and "伤害" not in drawn
    assert widths[0] == pytest.approx(390 * 0.6 / 1.3, abs=0.1), "from 30 % below the median to 30 % above it"
