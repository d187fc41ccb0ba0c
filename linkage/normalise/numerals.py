"""Write Chinese numerals with Arabic digits (dates, ages, house numbers)."""

from __future__ import annotations

import re

_DIGIT = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2, "廿": 20}
_UNIT = {"十": 10, "百": 100, "千": 1000}
_RUN = re.compile(r"[零一二三四五六七八九〇○两廿十百千]+")


def arabic(text: str) -> str:
    """Replace every run of Chinese numerals: 一九九〇 by 1990, 四十五 by 45, 廿三 by 23."""
    return _RUN.sub(lambda run: _value(run[0]), text) if not text.isascii() else text


def _value(run: str) -> str:
    if not any(char in _UNIT or char == "廿" for char in run):
        return "".join(str(_DIGIT[char]) for char in run)
    total = pending = 0
    for char in run:
        if char in _UNIT:
            total += (pending or 1) * _UNIT[char]
            pending = 0
        elif char == "廿":
            total += 20
        else:
            pending = _DIGIT[char]
    return str(total + pending)
