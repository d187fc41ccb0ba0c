"""Choose each file's habits: encoding, date form, title, note and signature rows."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date

from linkage.demo.county.people import COUNTY_SHORT

_ENCODINGS = ("gb18030", "utf-8-sig", "gb18030", "utf-8")
_FORMS = ("iso", "compact", "dotted", "slashed", "chinese")


def written(day: date | None, form: str) -> str:
    """Return a date in one of five forms: 2026-01-05, 20260105, 2026.1.5, 2026/1/5, 2026年1月5日."""
    if day is None:
        return ""
    if form == "iso":
        return day.isoformat()
    if form == "compact":
        return f"{day:%Y%m%d}"
    if form == "dotted":
        return f"{day.year}.{day.month}.{day.day}"
    if form == "slashed":
        return f"{day.year}/{day.month}/{day.day}"
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(slots=True)
class Habits:
    """Draw habits from `rng`; encodings and date forms go round so that each county has all of them."""

    rng: random.Random
    forms: dict[str, str] = field(default_factory=dict)
    turn: int = 0

    def __post_init__(self) -> None:
        self.turn = self.rng.randrange(len(_ENCODINGS))

    def encoding(self) -> str:
        self.turn += 1
        return _ENCODINGS[self.turn % len(_ENCODINGS)]

    def form(self, register: str) -> str:
        """Return the date form of a register, the same in all its files."""
        if register not in self.forms:
            place = (len(self.forms) + self.turn) % len(_FORMS)
            self.forms[register] = "iso" if self.rng.random() < 0.35 else _FORMS[place]
        return self.forms[register]

    def above(self, title: str, *, always: bool = False) -> list[str]:
        """Return the rows over the header: none, a title, or a title and a note."""
        if not always and self.rng.random() < 0.35:
            return []
        notes = (f"填报单位：{COUNTY_SHORT}    单位盖章：", "注：本表由各乡镇核对后报送", "说明：空白项为暂未采集")
        return [title, self.rng.choice(notes)] if self.rng.random() < 0.35 else [title]

    def below(self) -> list[str]:
        """Return the rows under the data: mostly none, or a signature row."""
        if self.rng.random() < 0.7:
            return []
        return [
            self.rng.choice(("填表人：        审核人：        负责人：", "制表：　　　复核：　　　", "合计以系统为准"))
        ]
