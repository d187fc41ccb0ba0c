"""The file of facts: a closed grammar in TOML or JSON, and errors that never quote what stands in it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from linkage.errors import InputError
from procuratorate_node.relief.input_file import parse_input

FILE = Path(__file__).with_name("vectors") / "fatal-traffic.toml"
TEXT = FILE.read_text("utf-8")
MARK = "王小明330382199001010011"
PLAIN = {
    "facts": {
        "region": "example",
        "decided_on": "2026-11-20",
        "case_type": "criminal_injury",
        "harm": 3,
        "fault": "none",
        "tier": "serious",
        "hardship": "8.5",
        "award": 830000.5,
        "tags": ["DIS12"],
    },
    "points": [{"tag": "DIS12", "points": 6}],
    "checklist": {"art7-3": "yes"},
}


def test_the_worked_case_can_be_read() -> None:
    found = parse_input(FILE.read_bytes(), name=FILE.name)

    assert (found.facts.hardship, found.facts.award) == (Decimal(8), Decimal(830_000))
    assert found.facts.folded_charge == "交通肇事"
    assert (len(found.history), len(found.answers)) == (5, 9)


def test_json_says_the_same_and_no_number_becomes_a_float() -> None:
    found = parse_input(json.dumps(PLAIN).encode(), name="facts.json")

    assert (found.facts.hardship, found.facts.award) == (Decimal("8.5"), Decimal("830000.5"))
    assert found.facts.points[0].points == 6


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('fault = "none"', f'fault = "none"\n"{MARK}" = 1', "unknown key"),
        ('fault = "none"', f'fault = "none"\nname = "{MARK}"', "unknown key name"),
        ("harm = 3", f'harm = "{MARK}"', "harm has a wrong type"),
        ("harm = 3", "harm = 4", "harm is 0 to 3"),
        ("harm = 3", "harm = true", "harm has a wrong type"),
        ("award = 830000", f'award = "{MARK}"', "award has a wrong type"),
        ("award = 830000", "award = -1", "award has a wrong type"),
        ("award = 830000", "award = 0.001", "award must be"),
        ("award = 830000", "award = inf", "award has a wrong type"),
        ("decided_on = 2026-11-20", f'decided_on = "{MARK}"', "decided_on has a wrong type"),
        ("decided_on = 2026-11-20", "decided_on = 2026-11-20T10:00:00", "decided_on has a wrong type"),
        ("decided_on = 2026-11-20", "", "decided_on is missing"),
        ('tier = "serious"\nhardship = 8', "", "give a tier"),
        ('"DIBAO", ', f'"{MARK}", ', "malformed"),
        ('"DIBAO", ', '"DIS12", ', "stands twice"),
        ("multiplier = 16", "multiplier = -1", "multiplier has a wrong type"),
        ("[checklist]", f"[checklist]\n{'x'} = 1", "table of texts"),
        ("[checklist]", f'["{MARK}"]', "unknown section"),
        ("[checklist]", f"{MARK}", "cannot be parsed"),
        ("[[history]]", '[[points]]\ntag = "VULN"\npoints = 2\n[[history]]', "points go to tags"),
    ],
)
def test_a_wrong_file_is_refused_without_quoting_it(old: str, new: str, fault: str) -> None:
    assert old in TEXT

    with pytest.raises(InputError, match=fault) as refused:
        parse_input(TEXT.replace(old, new, 1).encode(), name="facts.toml")
    assert MARK not in "\n".join(refused.value.lines())
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"[1]", b"[[[[[", b'{"facts": {"harm": NaN}}', b'{"facts": {}, "facts": {}}', b"[" * 100_000],
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        parse_input(content, name="facts.json")


def test_the_line_of_a_parse_error_is_told() -> None:
    with pytest.raises(InputError, match="line 3"):
        parse_input(b"[facts]\nharm = 3\n= 4\n", name="facts.toml")
