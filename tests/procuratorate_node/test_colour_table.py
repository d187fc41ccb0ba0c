"""The colour table's grammar is closed: unknown keys, wrong words and types are named, all at once."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from linkage.errors import ConfigError
from procuratorate_node.colour_table import FILE, load_colour_table, parse_colour_table, shipped_colour_table
from procuratorate_node.model import shipped_models

TEXT = resources.files("procuratorate_node").joinpath(FILE).read_text(encoding="utf-8")
TAGS = {
    *("DIBAO", "DIBIAN", "TEKUN", "CHILD_O", "CHILD_D", "CHILD_F", "DIS12", "DIS34", "MONITOR_1", "MONITOR_2"),
    *("MONITOR_3", "WORKER", "MEDAID", "WOMAN", "CHUNLEI", "YOUFU", "VULN", "CARD"),
}


def test_the_shipped_table_has_eight_charge_models_sixteen_classes_and_fifteen_steps() -> None:
    table = shipped_colour_table()

    assert [m.number for m in table.charge_models] == list(range(1, 9))
    assert {*table.tiers.high, *table.tiers.low} == TAGS
    assert not set(table.tiers.high) & set(table.tiers.low)
    assert len(table.steps) == 15
    assert len(table.words.hardship) == len(set(table.words.hardship)) == 30


def test_the_model_asks_about_the_tables_charges_and_tags() -> None:
    table, (model,) = shipped_colour_table(), [m for m in shipped_models() if m.coloured]

    (rule,) = model.anchors["probes"]
    assert sorted(rule.causes) == sorted(c for m in table.charge_models for c in m.charges)
    own = {use.tag for use in model.populations.values() if use.tag} - {table.tiers.creditor}
    assert own <= TAGS and {u.dataset for u in model.populations.values() if u.payload} == {
        "child",
        "disabled",
        "monitor",
    }


def test_the_digest_is_of_the_files_bytes(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(TEXT + "# x\n", "utf-8")

    assert load_colour_table(file).digest != load_colour_table(None).digest == shipped_colour_table().digest


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("version = 1", 'version = "1"', "version has a wrong type"),
        ("version = 1", "version = 1\nauthor = 'x'", "unknown key author"),
        ("[tiers]", "[grades]", "unknown section"),
        ('kind = "sexual"', 'kind = "other"', "a kind is"),
        ('charges = ["故意杀人"]', 'charges = ["故意伤害罪"]', "two charge models"),
        ('charges = ["故意杀人"]', "charges = []", "charges has a wrong type"),
        ("level = 3\ninjuries", "level = 4\ninjuries", "levels are"),
        ('colour = "red"', 'colour = "blue"', "a colour is"),
        ('compensation = ["FULL"]', 'compensation = ["PAID"]', "compensation is"),
        ("age_outside = [18, 60]", "age_outside = [18]", "two ages"),
        ("age_outside = [18, 60]", 'age_outside = ["18", "60"]', "age_outside has a wrong type"),
        ('title = "其他"', 'title = "其他"\nurgent = true', "last step"),
        ("urgent = true", "urgent = 1", "urgent has a wrong type"),
    ],
)
def test_a_fault_in_a_table_is_named(old: str, new: str, fault: str) -> None:
    assert old in TEXT
    with pytest.raises(ConfigError, match=fault):
        parse_colour_table(TEXT.replace(old, new, 1).encode(), name="t.toml")


def test_all_faults_are_named_at_once() -> None:
    text = TEXT.replace("version = 1", "version = true").replace('colour = "red"', 'colour = "blue"', 1)
    with pytest.raises(ConfigError) as caught:
        parse_colour_table(text.encode(), name="t.toml")

    assert "version" in caught.value.en and "a colour is" in caught.value.en


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[table", b""])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(ConfigError):
        parse_colour_table(content, name="t.toml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"own\.toml"):
        load_colour_table(tmp_path / "own.toml")
