"""The class tags of encoding schemas in words: what register a row stands in, as people call it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from linkage.web.texts import Text
from linkage.words import listed

TAGS: Final[Mapping[str, Text]] = {
    "DIBAO": Text("低保", "subsistence allowance"),
    "DIBIAN": Text("低保边缘", "near subsistence allowance"),
    "TEKUN": Text("特困", "destitute"),
    "LOWINC": Text("低收入", "low income"),
    "RIGID": Text("刚性支出困难", "hard-pressed by spending"),
    "MONITOR_1": Text("脱贫不稳定", "unstable after poverty"),
    "MONITOR_2": Text("边缘易致贫", "near poverty"),
    "MONITOR_3": Text("突发严重困难", "sudden hardship"),
    "CARD": Text("原建档立卡", "once registered poor"),
    "CHILD_O": Text("孤儿", "orphan"),
    "CHILD_D": Text("困境儿童", "child in difficulty"),
    "CHILD_F": Text("事实无人抚养儿童", "child without care"),
    "DIS12": Text("重度残疾", "severe disability"),
    "DIS34": Text("三四级残疾", "disability of grade 3 or 4"),
    "WORKER": Text("困难职工", "worker in difficulty"),
    "MEDAID": Text("医疗救助", "medical aid"),
    "WOMAN": Text("困难妇女", "woman in difficulty"),
    "CHUNLEI": Text("春蕾儿童", "Spring Bud child"),
    "SHIDU": Text("失独", "lost an only child"),
    "VET": Text("退役军人", "veteran"),
    "YOUFU": Text("重点优抚", "special care"),
    "SOCIAL_AIDED": Text("已获社会救助", "has social aid"),
    "JUD_AIDED": Text("已获司法救助", "has judicial aid"),
    "ENF_UNPAID": Text("执行未到位", "enforcement unpaid"),
    "PET": Text("信访", "petitioner"),
    "VULN": Text("困难弱势群体", "vulnerable"),
    "EDUAID": Text("教育资助", "education aid"),
    "BEREAVED": Text("丧亲", "bereaved"),
    "OTHER": Text("其他", "other"),
}


def tag_words(tags: Iterable[str], language: str) -> str:
    """Return tags in words, joined; a tag that nobody knows stays as it is."""
    return listed((TAGS[tag].within(language) if tag in TAGS else tag for tag in tags), language)
