"""Thirty-two fictitious persons that every owner encodes before a round; the digests must agree (design §3.3).

They go through the owner's own normaliser, so that a different pinyin or variant table shows before a row leaves.
"""

from __future__ import annotations

from datetime import date

from linkage.normalise import normalise
from linkage.normalise.person import Person, RawPerson

NAMES = (
    "单玉芳", "曾国强", "阿卜来提·如则托合提", "李䶮", "於建国", "闫妮", "吴昇", "欧阳娜", "解晓东", "仇凤英", "查良玉",
    "尉迟恭明", "万俟兰", "張偉", "王  芳", "刘娜（女）", "陈?明", "黄杭la", "朴顺子", "区嘉明", "翟天宇", "缪红",
    "乐欣", "盖玉莲", "任重远", "华小满", "纪念", "覃秀英", "员向东", "宁静", "冼星", "那英杰",
)  # fmt: skip
BIRTHS = ("1950-01-05", "19630519", "1971.3.14", "1985/12/31", "1990年7月", "2001-02-28", "2016-12-21", "")
ADDRESSES = ("示例省示例市示例县三汊乡何集村14组21号", "青塘镇袁寨社区3号楼2单元402室", "")
AS_OF = date(2026, 1, 1)


def golden_persons() -> list[Person]:
    """Return the golden persons, normalised by this installation."""
    raw = [
        RawPerson(
            name=name,
            sex="男女"[i % 2] if i % 5 else "",
            birth=BIRTHS[i % len(BIRTHS)],
            address=ADDRESSES[i % len(ADDRESSES)],
            id_number="11010519491231002X" if i == 0 else "",
        )
        for i, name in enumerate(NAMES)
    ]
    return [normalise(person, as_of=AS_OF) for person in raw]
