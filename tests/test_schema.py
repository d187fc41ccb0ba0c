"""Encoding schemas are data with a digest; faults are reported together."""

from __future__ import annotations

from importlib import resources

import pytest

from linkage.errors import ConfigError
from linkage.schema import load_schema, parse_schema, shipped_schemas


def text() -> str:
    return resources.files("linkage").joinpath("schemas", "person-v1.toml").read_text(encoding="utf-8")


def test_every_shipped_schema_loads() -> None:
    assert "person-v1" in [s.id for s in shipped_schemas()]


def test_the_digest_changes_with_any_parameter_and_not_with_comments() -> None:
    schema = parse_schema(text())
    assert parse_schema("# a remark\n" + text()).digest == schema.digest
    assert parse_schema(text().replace("diffusion = 5", "diffusion = 6")).digest != schema.digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("diffusion = 5", "diffusions = 5"),
        ("bits = 1024", "bits = 1000"),
        ('hash = "hmac-sha256"', 'hash = "md5"'),
        ("popcount = [32", "popcount = [9, 32"),
        ("[schema]", "[schema"),
    ],
)
def test_a_faulty_schema_is_refused(old: str, new: str) -> None:
    assert old in text()
    with pytest.raises(ConfigError):
        parse_schema(text().replace(old, new, 1))


@pytest.mark.parametrize("name", ["../person-v1", "missing", ""])
def test_an_unknown_schema_is_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        load_schema(name)


def febrl() -> str:
    return resources.files("linkage").joinpath("schemas", "febrl-v1.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('rule = "chance"', 'rule = "oracle"'),
        ("token_bonus = 0.05", ""),
        ("hashes = 13", "hashes = 13\nbudget = 1"),
        ("[decision]", '[[gram]]\nid = "name"\nhashes = 1\n\n[decision]'),
        ("[[field]]", "[[fields]]"),
    ],
)
def test_a_faulty_schema_of_fields_is_refused(old: str, new: str) -> None:
    assert old in febrl()
    with pytest.raises(ConfigError):
        parse_schema(febrl().replace(old, new))


def test_a_schema_fills_the_filter_and_decides_in_one_way() -> None:
    chinese, latin = load_schema("person-v1"), load_schema("febrl-v1")

    assert chinese.grams and not chinese.fields and chinese.chance is None and chinese.decision.margin > 0
    assert latin.fields and not latin.grams and latin.chance is not None
    with pytest.raises(ConfigError):
        _ = latin.decision


def test_tokens_join_several_fields_unless_they_are_the_number_or_the_case() -> None:
    for kind in load_schema("person-v1").tokens:
        assert len(kind.parts) > 1 or kind.parts in (("number",), ("context",))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('against = "number"', 'against = "numbers"'),
        ('tag = "both_number"', 'tag = "number"'),
        ('given = ["unrounded"]\n', ""),
    ],
)
def test_a_faulty_witness_is_refused(old: str, new: str) -> None:
    assert old in text()
    with pytest.raises(ConfigError):
        parse_schema(text().replace(old, new))
