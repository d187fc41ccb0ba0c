"""What no signed agreement covers is not encoded, whatever the policy allows; without the file the policy decides."""

from __future__ import annotations

from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from agency_node.agreements import agreement_lines, load_agreements
from linkage.errors import ConfigError
from linkage.owner.choice import Approve, Refuse

EXAMPLE = resources.files("agency_node").joinpath("agreements.example.toml").read_text(encoding="utf-8")


def decided(agency: Any, text: str) -> tuple[object, Any]:
    """Return the answer to a warrant about dibao, and what was stored of it, with these agreements."""
    (agency.folder / "agreements.toml").write_text(text, "utf-8")
    desk, _, decisions = agency.open()
    verified = agency.town.verified(agency.town.warrant())
    return desk.decide(verified), decisions.find(verified.round_id)


def test_an_agreement_in_force_is_named_in_the_preview(agency: Any) -> None:
    choice, stored = decided(agency, EXAMPLE)

    assert choice == Approve("policy")
    assert "云政法〔2026〕12号" in stored.preview and "司法救助" in stored.grants["dibao"].rules[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["dibao", "dibian"]', '["tekun"]', "no agreement covers"),
        ('["procuratorate"]', '["other"]', "no agreement covers"),
        ('["司法救助线索筛查"]', '["别的目的"]', "no agreement covers"),
        (
            'valid_until = "2028-02-29"',
            'valid_until = "2026-03-02"',
            "not in force: 云政法〔2026〕12号",
        ),
        ('signed = "2026-03-01"', 'signed = "2027-03-01"', "not in force"),
    ],
)
def test_what_no_agreement_in_force_covers_is_refused_with_what_is_missing(
    agency: Any, old: str, new: str, said: str
) -> None:
    assert old in EXAMPLE
    choice, stored = decided(agency, EXAMPLE.replace(old, new))

    assert isinstance(choice, Refuse) and said in choice.reason
    assert stored.grants == {}


def test_without_the_file_the_policy_stands_alone_and_an_empty_file_allows_nothing(agency: Any) -> None:
    desk, _, _ = agency.open()
    assert desk.decide(agency.town.verified(agency.town.warrant())) == Approve("policy")

    choice, _ = decided(agency, "")

    assert isinstance(choice, Refuse)


def test_a_policy_that_refuses_is_not_overruled_by_an_agreement(agency: Any) -> None:
    agency.write_policy("")

    choice, _ = decided(agency, EXAMPLE)

    assert isinstance(choice, Refuse) and "no rule mentions" in choice.reason


def test_every_fault_of_the_file_is_told_at_once(tmp_path: Path) -> None:
    text = EXAMPLE.replace('number = "', 'colour = "').replace('signed = "2026-03-01"', 'signed = "soon"')
    (tmp_path / "agreements.toml").write_text(text + EXAMPLE + EXAMPLE, "utf-8")

    with pytest.raises(ConfigError) as caught:
        load_agreements(tmp_path / "agreements.toml")

    assert all(
        w in caught.value.en for w in ("unknown key colour", "number is missing", "signed is malformed", "twice")
    )


def test_an_operator_sees_which_agreements_are_in_force(tmp_path: Path) -> None:
    (tmp_path / "agreements.toml").write_text(EXAMPLE, "utf-8")
    found = load_agreements(tmp_path / "agreements.toml")

    now, later = (list(agreement_lines(found, day=day)) for day in (date(2027, 1, 1), date(2029, 1, 1)))

    assert "in force" in now[0] and "not in force" in later[0] and "dibao、dibian" in now[2]
    assert "alone" in next(agreement_lines(load_agreements(tmp_path / "none.toml"), day=date(2027, 1, 1)))
