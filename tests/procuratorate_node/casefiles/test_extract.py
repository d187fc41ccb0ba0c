"""What papers say is found with the words it rests on; masked names never come out; no text crashes the rules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.normalise.checkdigit import check_character
from procuratorate_node.casefiles.extract import without_masked
from procuratorate_node.casefiles.facts import Role, Topic
from procuratorate_node.casefiles.facts_json import facts_from_json, facts_to_json
from procuratorate_node.casefiles.names import is_masked, may_link
from tests.procuratorate_node.casefiles.conftest import facts_of

PASSAGES: list[Mapping[str, Any]] = tomllib.loads((Path(__file__).parent / "passages.toml").read_text("utf-8"))["paper"]
TOPICS = {t.name.lower(): t for t in Topic}
SCRAPS = "被害人张王李某×（）男女，。：；年月日岁0123456789Xx赔偿付给死伤之父系甲乙方的被告重轻级\n 笔录问答"
HAN = st.text(st.sampled_from(SCRAPS), max_size=160)


@pytest.mark.parametrize("paper", PASSAGES, ids=[f"{n:02}-{p['kind']}" for n, p in enumerate(PASSAGES)])
def test_a_paper_in_any_offices_words_is_understood(paper: Mapping[str, Any]) -> None:
    found = facts_of(paper["text"])

    assert found.kind.value == paper["kind"]
    assert {v.name for v in found.victims} == {v["name"] for v in paper["victim"]}
    for wanted in paper["victim"]:
        victim = next(v for v in found.victims if v.name == wanted["name"])
        said = {
            key: victim.value(TOPICS[key]) or "UNKNOWN" * (key == "compensation") for key in wanted if key != "name"
        }
        assert said == {key: value for key, value in wanted.items() if key != "name"}


def test_every_fact_carries_its_page_and_the_words_it_rests_on() -> None:
    found = facts_of("起诉书\n钱多多击打被害人李晓梅（女，时年35岁），经鉴定属轻伤二级。\n至今未赔偿李晓梅。")
    (victim,) = found.victims

    assert victim.fact(Topic.HARM).span.words == "轻伤二级"  # type: ignore[union-attr]
    assert victim.fact(Topic.COMPENSATION).span.words == "至今未赔偿李晓梅"  # type: ignore[union-attr]
    assert {f.span.page for f in victim.facts} == {1}


@pytest.mark.parametrize("name", ["张某某", "张某", "刘某甲", "欧阳某", "张××", "李某1"])
def test_masked_names_are_found_as_masked_and_never_leave(name: str) -> None:
    found = facts_of(f"刑事判决书\n钱多多击打被害人{name}（男，40岁），致其轻伤二级。")

    assert [(v.name, v.masked) for v in found.victims] == [(name, True)]
    assert without_masked(found).victims == ()
    assert is_masked(name) and not may_link(name)


def test_a_number_misread_from_a_scan_counts_only_when_its_check_then_passes() -> None:
    first = "32702419900307002"
    number = first + check_character(first)
    misread, wrong = number.replace("0", "O", 1), ("2" if number[0] != "2" else "4") + number[1:]
    form = "询问笔录\n被询问人：李晓梅　性别：女\n身份证号：{}\n问：好了吗？\n答：没有。"

    (mended,) = facts_of(form.format(misread), scanned=True).victims
    (kept,) = facts_of(form.format(wrong), scanned=True).victims

    assert mended.value(Topic.ID) == number
    assert kept.value(Topic.ID) == wrong  # As printed: normalisation sees that its check fails.


def test_a_relative_is_nobodys_victim_and_points_to_his() -> None:
    found = facts_of(
        "谅解书\n本人赵大海（系被害人赵小川之父），身份证号327024196001010016，对钱多多表示谅解。\n赔偿款已全部收到。"
    )
    kin = next(p for p in found.people if p.role is Role.KIN)
    (victim,) = found.victims

    assert (kin.about, kin.value(Topic.RELATION)) == ("赵小川", "父")
    assert (kin.value(Topic.ID), victim.value(Topic.ID)) == ("327024196001010016", "")
    assert victim.value(Topic.COMPENSATION) == "FULL"


def test_a_suspects_own_word_for_payment_does_not_count() -> None:
    found = facts_of("讯问笔录\n被讯问人：钱多多\n问：你赔偿被害人李晓梅没有？\n答：我已经全部赔清了。")

    assert [(p.name, p.role) for p in found.people] == [("钱多多", Role.SUSPECT), ("李晓梅", Role.VICTIM)]
    assert found.victims[0].value(Topic.COMPENSATION) == ""


def test_arrest_papers_name_victims() -> None:
    found = facts_of("云桥县公安局\n提请批准逮捕书\n犯罪嫌疑人钱多多，男。\n经查明，钱多多将李晓梅（女，35岁）打伤。")

    assert (found.kind.value, [v.name for v in found.victims]) == ("提请批准逮捕书", ["李晓梅"])


def test_names_are_not_read_as_words() -> None:
    found = facts_of("起诉书\n赃款已全部追回并发还被害人赵若无（女，22周岁）。\n赵若无所受损伤构成重伤二级。")
    (victim,) = found.victims

    assert (victim.value(Topic.COMPENSATION), victim.value(Topic.HARM)) == ("FULL", "重伤二级")


def test_facts_survive_the_cache() -> None:
    found = facts_of(PASSAGES[0]["text"])

    assert facts_from_json(facts_to_json(found)) == found


@settings(deadline=None, max_examples=150)
@given(HAN)
def test_no_text_crashes_the_rules_and_no_masked_name_may_link(text: str) -> None:
    found = facts_of(text)

    assert all(p.masked for p in found.people if "某" in p.name or "×" in p.name)
    assert all(not is_masked(p.name) for p in without_masked(found).people)
    assert all(f.span.start <= f.span.end and f.span.page >= 1 for p in found.people for f in p.facts)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300))
def test_arbitrary_text_gives_facts(text: str) -> None:
    facts_of(text)
