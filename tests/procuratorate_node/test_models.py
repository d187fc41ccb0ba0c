"""The grammar of screening models is closed, and compiling keeps models apart while sharing what is equal."""

from __future__ import annotations

import pytest

from linkage.errors import ConfigError, NotFoundError
from linkage.plan import Verdict
from procuratorate_node.compile import compile_round
from procuratorate_node.model import choose_models, parse_model, shipped_models

GOOD = """
[model]
id = "T-1"
version = 1
title = "试验"
title_en = "trial"
purpose = "司法救助线索筛查"
legal_basis = ["细则"]
expiry_days = 30
[[anchors.victims]]
source = "parties"
roles = ["被害人"]
[populations.dibao]
dataset = "dibao"
tag = "DIBAO"
[plan]
any = ["dibao"]
[result]
asked = "victims"
level = "person"
"""


def test_the_shipped_models_are_the_fifteen_of_the_six_systems() -> None:
    ids = [m.id for m in shipped_models()]

    assert ids == sorted(
        [
            "SX-1",
            "SX-2",
            "SX-3",
            "SX-4",
            "YQ-M1",
            "YQ-M2",
            "YQ-M3",
            "YQ-M4",
            "GY-M1",
            "GY-FOLLOW",
            "WD-1",
            "WD-2",
            "WD-3",
            "SC",
            "PA",
        ]
    )


def test_the_digest_is_of_the_files_bytes() -> None:
    assert parse_model(GOOD.encode(), name="t").digest != parse_model(GOOD.encode() + b"# x\n", name="t").digest


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('id = "T-1"', 'id = "t 1"', "looks like"),
        ("version = 1", 'version = "1"', "version"),
        ("expiry_days = 30", "expiry_days = 900", "expiry_days"),
        ('legal_basis = ["细则"]', "legal_basis = []", "legal_basis"),
        ('title = "试验"', 'title = "试验"\ncolour = 3', "unknown key colour"),
        ('roles = ["被害人"]', 'roles = ["路人"]', "路人"),
        ('roles = ["被害人"]', 'roles = "被害人"', "roles has a wrong type"),
        ('roles = ["被害人"]', 'where = "1=1"', "unknown key where"),
        ('source = "parties"', 'source = "registers"', "source is"),
        ('tag = "DIBAO"', 'tag = "DIBAO"\npayload = true', "exclude each other"),
        ('tag = "DIBAO"', 'tag = "DIBAO"\nchange = "gained"', "belong together"),
        ('tag = "DIBAO"', 'tag = "DIBAO"\ncontext = true', "both sides"),
        ('any = ["dibao"]', 'any = ["dibao", "tekun"]', "tekun is not declared"),
        ('any = ["dibao"]', 'any = ["@victims"]', "not used by the plan"),
        ('any = ["dibao"]', 'any = ["dibao", { none = ["@victims"] }]', "must not stand under none"),
        ('any = ["dibao"]', 'either = ["dibao"]', "either"),
        ('asked = "victims"', 'asked = "suspects"', "no anchor set"),
        ('level = "person"', 'level = "village"', "level is"),
        ("[plan]", "[code]\nrun = 1\n[plan]", "unknown section"),
    ],
)
def test_a_fault_in_a_model_is_named(old: str, new: str, fault: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError, match=fault):
        parse_model(GOOD.replace(old, new).encode(), name="t.toml")


def test_all_faults_are_named_at_once() -> None:
    text = GOOD.replace("version = 1", "version = 0").replace('"被害人"', '"路人"').replace('level = "person"', "")
    with pytest.raises(ConfigError) as caught:
        parse_model(text.encode(), name="t.toml")

    assert all(word in caught.value.en for word in ("version", "路人", "level"))


def test_equal_populations_and_sets_are_shared_and_others_are_not() -> None:
    models = choose_models(shipped_models(), ["SX-1", "SX-2", "SX-4", "SC"])

    compiled = compile_round(models, requester="p", owner_of=lambda d: f"owner-of-{d}")

    ids = [p.id for p in compiled.populations]
    assert len(set(ids)) == len(ids) and ids.count("dibao") == 1
    assert list(compiled.sets) == ["sx-1.base", "sc.everybody"]
    classes = sorted(p.classes for p in compiled.populations if p.dataset == "monitor")
    assert classes == [(), ("MONITOR_1", "MONITOR_3"), ("MONITOR_2",)]
    assert {m.asked for m in compiled.models[:3]} == {"sx-1.base"}


def test_one_local_name_for_two_populations_gets_two_ids() -> None:
    other = GOOD.replace('"T-1"', '"T-2"').replace('tag = "DIBAO"', 'tag = "DIBAO"\nclasses = ["X"]')
    models = [parse_model(text.encode(), name="t") for text in (GOOD, other)]

    compiled = compile_round(models, requester="p", owner_of=lambda d: "o")

    assert [p.id for p in compiled.populations if not p.anchor] == ["dibao", "dibao-2"]
    assert list(compiled.model("T-2").plan.leaves()) == ["dibao-2"]
    assert compiled.model("T-2").plan.evaluate({"dibao-2": Verdict.YES}.__getitem__) is Verdict.YES


def test_models_of_two_purposes_do_not_share_a_warrant() -> None:
    other = GOOD.replace('"T-1"', '"T-2"').replace("司法救助线索筛查", "别的")
    models = [parse_model(text.encode(), name="t") for text in (GOOD, other)]

    with pytest.raises(ConfigError, match="one purpose"):
        compile_round(models, requester="p", owner_of=lambda d: "o")


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(NotFoundError, match="XX-9"):
        choose_models(shipped_models(), ["SX-1", "XX-9"])


def test_a_person_held_against_too_few_registers_is_not_yet_unknown_to_them() -> None:
    models = {m.id: m for m in shipped_models()}
    compiled = compile_round([models["SX-2"], models["SC"]], requester="procuratorate", owner_of=lambda d: "office")
    children, everybody = (compiled.model(name).asked for name in ("SX-2", "SC"))

    assert compiled.datasets_asked([children]) == {"child"}
    assert compiled.datasets_asked([children, everybody]) >= {"child", "dibao", "dibian", "tekun"}
    assert not compiled.datasets_asked([])
