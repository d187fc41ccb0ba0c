"""Sums are told apart: lost, paid, awarded; an open rest is none of them."""

from __future__ import annotations

import pytest

from procuratorate_node.casefiles.facts import Topic
from procuratorate_node.casefiles.sums import sums


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("造成其经济损失9400元", [(Topic.LOSS, "9400")]),
        ("骗取现金人民币8.5万元", [(Topic.LOSS, "85000")]),
        ("已赔偿30,000元", [(Topic.PAID, "30000")]),
        ("仅垫付一万二千元，余款38000元未付", [(Topic.PAID, "12000")]),
        ("判决赔偿原告103000元", [(Topic.AWARD, "103000")]),
        ("案件受理费50元", []),
    ],
)
def test_a_sum_is_what_its_clause_says(text: str, expected: list[tuple[Topic, str]]) -> None:
    assert [(topic, value) for topic, value, _, _ in sums(text, len(text))] == expected


def test_what_stands_in_the_orders_is_an_award() -> None:
    text = "判决如下：退赔30000元"

    assert [topic for topic, *_ in sums(text, 0)] == [Topic.AWARD]
