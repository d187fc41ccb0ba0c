"""Dates as Chinese letters write them."""

from __future__ import annotations

from datetime import date
from typing import Final

DIGITS: Final = "〇一二三四五六七八九"


def date_text(day: date) -> str:
    """Return 2026年11月5日, the form of GB/T 9704-2012."""
    return f"{day.year}年{day.month}月{day.day}日"


def date_in_han(day: date) -> str:
    """Return 二〇二六年十一月五日."""
    return f"{''.join(DIGITS[int(c)] for c in str(day.year))}年{_small(day.month)}月{_small(day.day)}日"


def _small(number: int) -> str:
    """Return a number from 1 to 99."""
    tens, ones = divmod(number, 10)
    return ("" if not tens else "十" if tens == 1 else f"{DIGITS[tens]}十") + (DIGITS[ones] if ones or not tens else "")
