"""Before re-identification nothing on a screen names anybody."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from procuratorate_node.casefiles.case_papers import DatedPaper
from procuratorate_node.casefiles.showing import blank, shown
from tests.procuratorate_node.casefiles.conftest import facts_of

TEXT = (
    "询问笔录\n被询问人：李晓梅　性别：女　年龄：37　出生日期：1989年2月1日\n"
    "身份证件种类及号码：居民身份证 327024198902010047\n现住址：柳湾镇何湾村3组9号　联系方式：13900000000\n"
    "问：钱多多赔偿李晓梅了吗？\n答：钱多多一分钱没赔李晓梅。"
)


def test_a_paper_is_shown_without_names_numbers_and_places() -> None:
    facts = facts_of(TEXT)
    names = {p.name for p in facts.people} | {"钱多多"}

    lines = "\n".join(shown(DatedPaper("1.txt", date(2026, 1, 1), facts, {}), names))

    assert "赔偿状态：NOT" in lines and "一分钱没赔" in lines
    assert "30 至 39 岁" in lines
    for secret in ("李晓梅", "钱多多", "327024", "1989", "何湾", "13900000000", "37"):
        assert secret not in lines


def test_a_name_misread_by_one_character_is_hidden_too() -> None:
    assert blank("李晓悔未获赔偿", {"李晓梅"}) == "□□□未获赔偿"


@given(st.lists(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x4F00), min_size=2, max_size=4), max_size=4))
def test_no_name_survives(names: list[str]) -> None:
    words = "，".join(names) + "赔偿"

    assert all(name not in blank(words, names) for name in names)
