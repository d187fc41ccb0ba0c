from __future__ import annotations

import pytest

from linkage.audit.terms import Record, parse_pair, parse_term
from linkage.errors import ConfigError
from linkage.keys.canonical import JSON

FACTS: dict[str, JSON] = {"rows": 3, "width": 4, "population": "dibao", "fields": ["a", "b"], "content": "ff"}
RECORD = Record("mz", 7, "2026-10-31T08:00:00Z", "x.y", FACTS, {"id": "tekun"})


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("rows", 3),
        ("missing", ""),
        ("@log", "mz"),
        ("each.id", "tekun"),
        ("each.nothing", ""),
        ("rows*width", 12),
        ("population+fields", ["dibao", "a", "b"]),
        ("#fields", 2),
        ("population:{population}:{content}", "population:dibao:ff"),
    ],
)
def test_a_term_takes_its_value_out_of_an_entry(term: str, value: JSON) -> None:
    assert parse_term(term).of(RECORD) == value


@pytest.mark.parametrize("term", ["", "Rows", "each.", "a b", "a*", "x:{Bad}", "@party"])
def test_a_malformed_term_is_refused(term: str) -> None:
    with pytest.raises(ConfigError):
        parse_term(term)


def test_a_pair_without_equals_sign_is_the_same_on_both_sides() -> None:
    assert [t.text for t in parse_pair("round")] == ["round", "round"]
    assert [t.text for t in parse_pair("@log=party")] == ["@log", "party"]
