from __future__ import annotations

import re
from importlib import resources

import pytest

from linkage.audit.rules import FILE, load_rules, parse_rules
from linkage.errors import ConfigError

TEXT = (resources.files("linkage.audit") / FILE).read_text(encoding="utf-8")


def test_the_rules_that_come_with_the_program_are_well_formed() -> None:
    rules = load_rules()
    assert len(rules.links) > 40 and len(rules.digest) == 64
    assert len({link.name.id for link in rules.links}) == len(rules.links)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("version = 1", "version = 2", "version"),
        ('every = ["other"]', 'evry = ["other"]', "evry: unknown key"),
        ('kind = ["round.proposed"]', 'kind = ["round.invented"]', "kind round.invented has no name"),
        ('roles = ["procuratorate"]', 'roles = ["court"]', "roles"),
        ('first = "one"', 'first = "third"', "first"),
        ('\nsort = "traffic"', '\nsort = "noise"', "sort"),
    ],
)
def test_a_faulty_rule_is_named(old: str, new: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(fault)):
        parse_rules(TEXT.replace(old, new, 1))


def test_all_faults_are_told_at_once() -> None:
    text = TEXT.replace("version = 1", "version = 9", 1).replace('first = "one"', 'first = "third"', 1)
    with pytest.raises(ConfigError) as caught:
        parse_rules(text)
    assert "version" in caught.value.en and "first" in caught.value.en


def test_traffic_is_what_no_rule_speaks_of() -> None:
    rules = load_rules()
    assert "upload.chunk" in rules.traffic and not rules.traffic & rules.used_kinds()
