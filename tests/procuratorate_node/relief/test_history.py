"""The office's own list of aided persons as decided cases: figures only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from linkage.normalise.person import RawPerson
from procuratorate_node.cases.records import Aided, RowRef, Source
from procuratorate_node.relief.history import from_aided
from tests.procuratorate_node.relief.conftest import DAY, tables

SCALE = tables().on(DAY, region="example").scale


def aided(cause: str, amount: float | None, decided: date | None = date(2025, 1, 2)) -> Aided:
    return Aided(RowRef(Source.AIDED, "J1", "1"), RawPerson(name="李四"), cause=cause, amount=amount, decided=decided)


def test_a_row_becomes_a_case_of_its_charge() -> None:
    (case,) = from_aided([aided("交通肇事罪", 12000.0)], SCALE)

    assert (case.case_type, case.amount, case.decided_on) == ("criminal_injury", Decimal(12000), date(2025, 1, 2))
    assert case.multiplier is None
    assert "李四" not in repr(case)


@pytest.mark.parametrize(
    "row", [aided("诈骗", None), aided("诈骗", 0.0), aided("诈骗", 1e15), aided("诈骗", 5.0, None), aided("海事", 5.0)]
)
def test_rows_without_amount_day_or_known_cause_are_left_out(row: Aided) -> None:
    assert from_aided([row], SCALE) == []
