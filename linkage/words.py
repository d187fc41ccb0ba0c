"""Words for codes, (Chinese, English), and the titles of fields: logs, referrals, checks and pages call a field alike.

A code that a table does not have stands for itself. Registers that name a column otherwise keep their own title.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

Language = Literal["", "zh", "en"]  # "" is both.
Words = Mapping[str, tuple[str, str]]
FIELDS: Final[Words] = {
    # A person.
    "name": ("姓名", "name"),
    "id_number": ("公民身份号码", "citizen number"),
    "sex": ("性别", "sex"),
    "birth": ("出生日期", "date of birth"),
    "age": ("年龄", "age"),
    "address": ("住址", "address"),
    "town": ("乡镇", "town"),
    "village": ("村居", "village"),
    "phone": ("联系电话", "telephone"),
    # What registers say besides.
    "status": ("状态", "status"),
    "category": ("类别", "category"),
    "kind": ("种类", "kind"),
    "grade": ("等级", "grade"),
    "class": ("类型", "class"),
    "health": ("健康状况", "state of health"),
    "start": ("起始年月", "since"),
    "given_on": ("发放日期", "given on"),
    "relation": ("与户主关系", "relation to the head"),
    "household": ("户编号", "household"),
    "certificate": ("证件编号", "certificate"),
    "cause": ("原因", "cause"),
    # What referrals say besides.
    "need": ("帮扶需求", "help needed"),
    "case_number": ("案号", "case number"),
    "judgment": ("裁判文书号", "number of the judgment"),
    "harm": ("伤情或鉴定等级", "injury or its grade"),
    "household_head": ("户主", "head of the household"),
    "guardian": ("监护人", "guardian"),
    "school": ("就读学校", "school"),
    "hospital": ("就诊医院", "hospital"),
    "employer": ("用人单位", "employer"),
    "skill": ("技能或求职意向", "skills, work wished for"),
    "account_holder": ("户名", "account holder"),
    "questions": ("需核查的问题", "questions to answer"),
}


def word(words: Words, code: str, language: Language) -> str:
    """Return a code in words."""
    zh, en = words.get(code, (code, code))
    both = zh if zh == en else f"{zh} {en}"
    return {"zh": zh, "en": en}.get(language, both)


def worded(words: Words, codes: Iterable[str], language: Language) -> str:
    """Return several codes in words, in their order."""
    return listed((word(words, code, language) for code in codes), language)


def listed(words: Iterable[str], language: str) -> str:
    """Return words in a row, with the comma of the language between them."""
    return (", " if language == "en" else "、").join(words)
