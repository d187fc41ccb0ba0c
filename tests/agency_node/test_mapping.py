"""Preset and mapping files: unknown keys and dangling names are errors, all at once; rules are a closed grammar."""

from __future__ import annotations

import pytest

from agency_node.mapping import apply_mapping, load_presets, parse_preset, parse_shared
from agency_node.rules import Rule, parse_rule
from linkage.errors import ConfigError

GOOD = """
id = "sample"
title = "样表"
owner = "某局"
names = ["样"]
ended = { column = "status", equals = ["@ended", "完"] }
[columns]
status = ["状态"]
[[role]]
dataset = "sample"
role = "person"
title = "人"
tag = "T"
"""
SHARED = parse_shared('name = ["姓名"]\nid_number = ["身份证号", "@more"]\nmore = ["证号"]\nended = ["停发"]')


def test_good_preset_is_read_with_shared_lists() -> None:
    preset = parse_preset(GOOD, SHARED)
    assert preset.roles[0].person["id_number"] == ("身份证号", "证号")
    assert preset.ended is not None and preset.ended.holds({"status": "停 发"}) and preset.ended.holds({"status": "完"})


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('owner = "某局"', 'owner = "某局"\nowners = "x"', "unknown key owners"),
        ('title = "样表"\n', "", "missing key title"),
        ('names = ["样"]', 'names = "样"', "names: a list of texts"),
        ('column = "status"', 'column = "nothing"', "column nothing is used but not named"),
        ('"@ended"', '"@unknown"', "no shared list @unknown"),
        ('tag = "T"', 'tags = "T"', "unknown key tags"),
        ('tag = "T"', 'tag = "T"\nclass = [{ tag = "X" }]', "needs tag and when"),
        ('tag = "T"', 'tag = "T"\nchoose = "best"', "all or first"),
        ('tag = "T"', 'tag = "T"\n[role.person]\nnickname = ["小名"]', "unknown field nickname"),
        ('dataset = "sample"', 'dataset = "Sample!"', "id 'Sample!'"),
        ('status = ["状态"]', 'status = ["状态"]\nname = ["名"]', "name of a person field"),
        ("[[role]]", "[[role]]\nown_columns_only = true", "no titles for the name"),
        ('"停发"', '"停发"', ""),
    ],
)
def test_faults_are_named(old: str, new: str, fault: str) -> None:
    text = GOOD.replace(old, new)
    if not fault:
        parse_preset(text, SHARED)
        return
    with pytest.raises(ConfigError) as refused:
        parse_preset(text, SHARED, name="样.toml")
    assert fault in refused.value.en and "样.toml" in refused.value.en


def test_all_faults_come_at_once() -> None:
    text = GOOD.replace('column = "status"', 'column = "nothing"').replace('tag = "T"', 'tags = "T"')
    with pytest.raises(ConfigError) as refused:
        parse_preset("extra = 1\n" + text, SHARED)
    assert all(f in refused.value.en for f in ("extra", "nothing", "tags"))


def test_broken_toml_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match="not valid TOML"):
        parse_preset("id = ", SHARED)


def rule(data: object) -> Rule:
    faults: list[str] = []
    found = parse_rule(data, faults, where="r")
    assert found is not None and not faults
    return found


@pytest.mark.parametrize(
    ("data", "cell", "holds"),
    [
        ({"column": "c", "equals": ["一级"]}, " 一级 ", True),
        ({"column": "c", "equals": ["1"]}, "１.0", True),
        ({"column": "c", "equals": ["一级"]}, "一级残疾", False),
        ({"column": "c", "contains": ["孤儿"]}, "散居孤儿", True),
        ({"column": "c", "empty": True}, "—", True),
        ({"column": "c", "empty": True}, "执恢1号", False),
        ({"column": "c", "empty": False}, "x", True),
        ({"column": "c", "at": 3, "equals": ["2"]}, "412", True),
        ({"column": "c", "at": 9, "equals": ["2"]}, "412", False),
        ({"all": [{"column": "c", "empty": False}, {"none": [{"column": "c", "equals": ["x"]}]}]}, "y", True),
        ({"any": [{"column": "c", "equals": ["x"]}, {"column": "d", "empty": True}]}, "y", True),
    ],
)
def test_rules_hold_as_written(data: object, cell: str, holds: bool) -> None:
    assert rule(data).holds({"c": cell}) is holds


@pytest.mark.parametrize(
    "data",
    [
        "c = 1",
        {},
        {"column": "c"},
        {"column": "c", "equals": ["x"], "empty": True},
        {"column": "c", "equals": "x"},
        {"column": "c", "equals": []},
        {"column": "c", "equals": [1]},
        {"column": "c", "matches": [".*"]},
        {"column": "c", "equals": ["x"], "at": -1},
        {"all": []},
        {"all": [{"column": "c", "empty": True}], "any": [{"column": "c", "empty": True}]},
        {"not": [{"column": "c", "empty": True}]},
    ],
)
def test_anything_outside_the_grammar_is_a_fault(data: object) -> None:
    faults: list[str] = []
    parse_rule(data, faults, where="r")
    assert faults


def test_local_mapping_renames_columns() -> None:
    text = '[dibao]\nname = "保障对象"\nstatus = ["现状", "状态"]\n[enforcement]\n"debtor.name" = "老赖"\n'
    found = apply_mapping(load_presets(), text)
    assert found["dibao"].roles[0].person["name"] == ("保障对象",)
    assert found["dibao"].columns["status"] == ("现状", "状态")
    assert [r.person["name"][0] for r in found["enforcement"].roles] == ["申请执行人", "老赖"]


def test_local_mapping_faults_come_at_once() -> None:
    with pytest.raises(ConfigError) as refused:
        apply_mapping(load_presets(), '[nothing]\na = "b"\n[dibao]\nnick = "x"\n"head.name" = "y"\nstatus = 3\n')
    assert all(f in refused.value.en for f in ("nothing", "nick", "head.name", "dibao.status"))
