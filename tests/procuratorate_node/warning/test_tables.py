"""The grammar of lexicon, tree and charge models is closed: unknown keys, wrong words and types are named at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import ConfigError
from procuratorate_node.colour_table import (
    CHARGE_MODELS,
    FILES,
    LEXICON,
    TREE,
    make_colour_table,
    shipped_colour_table,
)
from procuratorate_node.model import shipped_models
from procuratorate_node.warning.charge_models import parse_charge_models
from procuratorate_node.warning.file import shipped
from procuratorate_node.warning.lexicon import parse_lexicon
from procuratorate_node.warning.tree import parse_tree

PARSERS: dict[str, Callable[..., object]] = {
    LEXICON: parse_lexicon,
    TREE: parse_tree,
    CHARGE_MODELS: parse_charge_models,
}
TEXTS = {kind: shipped(FILES[kind]).decode() for kind in PARSERS}
TAGS = {
    *("DIBAO", "DIBIAN", "TEKUN", "CHILD_O", "CHILD_D", "CHILD_F", "DIS12", "DIS34", "MONITOR_1", "MONITOR_2"),
    *("MONITOR_3", "WORKER", "MEDAID", "WOMAN", "CHUNLEI", "YOUFU", "VULN", "CARD"),
}


def parse(kind: str, old: str, new: str) -> object:
    assert old in TEXTS[kind]
    return PARSERS[kind](TEXTS[kind].replace(old, new, 1).encode(), name="t.toml")


def test_the_lexicon_has_six_categories_and_sixty_two_words_with_near_synonyms() -> None:
    """PA-M-2."""
    lexicon = shipped_colour_table().lexicon

    assert [len(c.words) for c in lexicon.categories] == [11, 10, 10, 10, 11, 10]
    words = [w for c in lexicon.categories for group in c.words for w in group]
    assert len(words) == len(set(words)) > 62 + 50


def test_there_are_eight_charge_models_each_with_what_a_model_is() -> None:
    """PA-M-1: charges, roles matched, registers in order, stages that call for a screening."""
    models = shipped_colour_table().charges.models

    assert [m.number for m in models] == list(range(1, 9))
    assert all(m.charges and m.roles and m.words and m.registers and m.stages for m in models)
    assert {s.effect for m in models for s in m.stops} == {"check", "restrict"}
    assert {t for m in models for t in m.registers} <= TAGS | {"ENF_UNPAID"}


def test_the_tree_has_fifteen_steps_over_sixteen_classes() -> None:
    """PA-M-5, PA-M-8, PA-S-2."""
    tree = shipped_colour_table().tree

    assert {*tree.tiers.high, *tree.tiers.low} == TAGS
    assert len(tree.steps) == 15
    assert [s.lane for s in tree.steps[:3]] == ["follow-up", "social", "social"]


def test_the_model_asks_about_the_tables_charges_and_tags() -> None:
    table, (model,) = shipped_colour_table(), [m for m in shipped_models() if m.coloured]

    (rule,) = model.anchors["probes"]
    assert sorted(rule.causes) == sorted(c for m in table.charges.models for c in m.charges)
    own = {use.tag for use in model.populations.values() if use.tag} - {table.tree.tiers.creditor}
    assert own <= TAGS and {u.dataset for u in model.populations.values() if u.payload} == {
        "child",
        "disabled",
        "monitor",
    }


def test_a_countys_own_words_of_hardship_and_urgency_are_a_lexicon() -> None:
    """A model county's lists U and K, word for word, without categories: the same words are counted."""
    hardship = [w for c in shipped_colour_table().lexicon.categories if c.code in "BCD" for w in c.keywords]
    listed = ", ".join(f'"{w}"' for w in hardship)
    text = TEXTS[LEXICON].replace('categories = ["B", "C", "D"]\nwords = []', f"categories = []\nwords = [{listed}]")

    lexicon = parse_lexicon(text.encode(), name="t.toml")

    assert len(hardship) == 30 and lexicon.hardship.words == tuple(hardship)
    for found in ("抚养两名未成年子女，无收入来源", "积蓄花光", "无", "".join(hardship)):
        assert lexicon.counted(lexicon.hardship, [found]) == shipped_colour_table().lexicon.counted(
            shipped_colour_table().lexicon.hardship, [found]
        )


def test_a_near_synonym_is_found_and_counts_only_where_the_file_says_so() -> None:
    lexicon = shipped_colour_table().lexicon
    wide = parse(LEXICON, "near = false", "near = true")

    assert lexicon.counted(lexicon.hardship, ["父亲患尿毒症"]) == ()
    assert wide.counted(wide.hardship, ["父亲患尿毒症"]) == ("重大疾病",)  # type: ignore[attr-defined]
    assert [(f.category, f.keyword, f.written) for f in lexicon.found_in("父亲患尿毒症")] == [
        ("C", "重大疾病", "尿毒症")
    ]


def test_an_exclusion_word_is_shown_and_never_counted() -> None:
    """YQ-M1-2: 调解协议, 已赔偿, 谅解 do not decide by themselves."""
    lexicon = shipped_colour_table().lexicon

    found = [f.keyword for f in lexicon.found_in("未取得谅解，未达成调解协议") if f.category == "X"]

    assert found == ["调解协议", "谅解", "达成调解"]
    assert lexicon.counted(lexicon.hardship, ["未取得谅解"]) == ()


@pytest.mark.parametrize("kind", PARSERS)
def test_the_digest_is_of_the_files_bytes(kind: str) -> None:
    changed = make_colour_table({kind: TEXTS[kind].encode() + b"# x\n"})

    differing = [a == b for a, b in zip(changed.names, shipped_colour_table().names, strict=True)]
    assert sorted(differing) == [False, True, True]


@pytest.mark.parametrize(
    ("kind", "old", "new", "fault"),
    [
        (TREE, "version = 1", 'version = "1"', "version has a wrong type"),
        (TREE, "version = 1", "version = 0", "version starts at 1"),
        (TREE, "version = 1", "version = 1\nauthor = 'x'", "unknown key author"),
        (TREE, "[tiers]", "[grades]", "unknown section"),
        (TREE, 'colour = "red"', 'colour = "blue"', "a colour is"),
        (TREE, 'compensation = ["FULL"]', 'compensation = ["PAID"]', "compensation is"),
        (TREE, "age_outside = [18, 60]", "age_outside = [18]", "two ages"),
        (TREE, "age_outside = [18, 60]", 'age_outside = ["18", "60"]', "age_outside has a wrong type"),
        (TREE, 'title = "其他"', 'title = "其他"\nurgent = true', "last step"),
        (TREE, "urgent = true", "urgent = 1", "urgent has a wrong type"),
        (TREE, 'lane = "social"', 'lane = "bin"', "a lane is"),
        (TREE, 'colour = "red"', 'colour = "red"\nlane = "social"', "without a colour"),
        (TREE, 'low = ["DIBIAN"', 'low = ["DIBAO"', "both tiers"),
        (TREE, 'lowered_grades = ["B"', 'lowered_grades = ["Z"', "grades from A to E"),
        (CHARGE_MODELS, 'kind = "sexual"', 'kind = "other"', "a kind is"),
        (CHARGE_MODELS, 'charges = ["故意杀人"]', 'charges = ["故意伤害罪"]', "two charge models"),
        (CHARGE_MODELS, 'charges = ["故意杀人"]', "charges = []", "charges must not be empty"),
        (CHARGE_MODELS, "number = 2", "number = 1", "a number stands in two"),
        (CHARGE_MODELS, 'roles = ["被害人", "近亲属"]', 'roles = ["路人"]', "roles are"),
        (CHARGE_MODELS, "level = 3\ninjuries", "level = 4\ninjuries", "levels are"),
        (CHARGE_MODELS, 'effect = "check"', 'effect = "stop"', "effect is"),
        (CHARGE_MODELS, 'effect = "restrict"', 'effect = "exclude"', "exclude needs words"),
        (CHARGE_MODELS, 'stages = ["审查逮捕"', 'stages = ["再审"', "stages are"),
        (LEXICON, 'code = "B"', 'code = "A"', "category A stands twice"),
        (LEXICON, '["孤儿", "事实无人抚养"]', '["孤儿", "抚养"]', "the word 抚养 stands twice"),
        (LEXICON, 'categories = ["B", "C", "D"]', 'categories = ["Q"]', "no such category Q"),
        (LEXICON, 'read = ["summary"]', 'read = ["rumour"]', "read is summary, papers or both"),
        (LEXICON, "near = false", "near = 0", "near has a wrong type"),
        (LEXICON, '["扶养"]', "[]", "beginning with its keyword"),
    ],
)
def test_a_fault_is_named(kind: str, old: str, new: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        parse(kind, old, new)


def test_all_faults_are_named_at_once() -> None:
    text = TEXTS[TREE].replace("version = 1", "version = true").replace('colour = "red"', 'colour = "blue"', 1)
    with pytest.raises(ConfigError) as caught:
        parse_tree(text.encode(), name="t.toml")

    assert "version" in caught.value.en and "a colour is" in caught.value.en


@pytest.mark.parametrize("kind", PARSERS)
@pytest.mark.parametrize("content", [b"\xff\xfe", b"[table", b"", b"steps = 3\nmodels = 3\ncategories = 3"])
def test_what_is_no_such_file_is_refused(kind: str, content: bytes) -> None:
    with pytest.raises(ConfigError):
        PARSERS[kind](content, name="t.toml")


@given(st.text("抚养赡低保积蓄停药癌住院，。未", max_size=30), st.text("抚养赡低保积蓄停药癌住院，。未", max_size=30))
def test_more_text_never_takes_a_word_away(one: str, other: str) -> None:
    lexicon = shipped_colour_table().lexicon
    for count in (lexicon.hardship, lexicon.urgent, replace(lexicon.hardship, near=True)):
        found = set(lexicon.counted(count, [one]))
        assert found <= set(lexicon.counted(count, [one + other])) and found <= set(
            lexicon.counted(count, [one, other])
        )


@given(st.sampled_from(sorted(TAGS)), st.sets(st.sampled_from(sorted(TAGS)), max_size=4))
def test_one_more_register_never_lowers_the_tier(tag: str, tags: set[str]) -> None:
    tiers = shipped_colour_table().tree.tiers

    assert tiers.of(frozenset(tags)) <= tiers.of(frozenset(tags | {tag}))
