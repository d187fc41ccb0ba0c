"""The configuration is closed, and locality follows registration words and number prefixes."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from agency_node.policy_rules import AllowRule
from linkage.errors import ConfigError, PermissionRefused
from procuratorate_node.config import example_config, parse_config
from procuratorate_node.locality import Locality, Prefix
from tests.procuratorate_node.conftest import number_of

COUNTY = Locality(("云桥",), (Prefix("327024", 1993), Prefix("327425"), Prefix("327926", 1981)))


def test_the_example_configuration_loads() -> None:
    config = parse_config(example_config(), Path("/base"))

    assert config.state == Path("/base/state") and len(config.officers) == 2 and len(config.locality.prefixes) == 3
    config.require("officer-b", "approve")
    with pytest.raises(PermissionRefused):
        config.require("officer-a", "approve")


def test_a_round_of_the_example_promises_what_an_agencys_rules_ask_for_by_default() -> None:
    promised = parse_config(example_config(), Path("/base")).screening

    asked = {field.name: field.default for field in fields(AllowRule) if isinstance(field.default, int)}
    assert promised.min_anchor_rows >= asked["min_anchor_rows"]
    assert promised.max_share <= asked["max_share"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("[node]", "[knot]", "knot"),
        ("keep_days = 30", 'keep_days = "30"', "keep_days"),
        ("opened_per_day = 20", "opened_per_day = -1", "opened_per_day"),
        ('as_of = ""', 'as_of = "heute"', "as_of"),
        ('"327425:1993-"', '"327425"', "prefix"),
        ('may = ["approve", "confirm"]', 'may = ["approve", "everything"]', "officers"),
        ('name = "officer-b"', 'name = "officer-a"', "repeat"),
        ('folder = "cases"', 'ordner = "cases"', "folder is missing"),
    ],
)
def test_a_fault_is_named(old: str, new: str, fault: str) -> None:
    assert old in example_config()
    with pytest.raises(ConfigError, match=fault):
        parse_config(example_config().replace(old, new), Path())


@pytest.mark.parametrize(
    ("remark", "number", "answer"),
    [
        ("户籍地云桥县", "", "本地"),
        ("户籍地外省市", number_of("327425", "20000101", "111"), "外来"),
        ("户籍所在地：江南省澜州市云桥县", "", "本地"),
        ("", number_of("327425", "20000101", "111"), "本地"),
        ("", number_of("327425", "19500101", "111"), "本地"),  # Born before the code, registered later.
        ("", number_of("327926", "19700101", "111"), "本地"),
        ("", number_of("327926", "20010607", "131"), "外来"),  # The code was given to another county.
        ("", number_of("110105", "20000101", "111"), "外来"),
        ("", "", ""),
        ("无", "", ""),
    ],
)
def test_registration_words_come_before_prefixes(remark: str, number: str, answer: str) -> None:
    assert COUNTY.of(remark=remark, id_number=number) == answer


def test_without_a_table_nothing_is_said() -> None:
    assert Locality().of(remark="户籍地云桥县", id_number=number_of("327425", "20000101", "111")) == ""
