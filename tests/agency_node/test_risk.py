"""The risk meter at an agency: measured from its own register, kept by snapshot and schema, and a gate of consent."""

from __future__ import annotations

import functools
import json
from dataclasses import replace
from typing import Any

import pytest

from agency_node import measuring
from agency_node.policy import Evaluation
from agency_node.policy_file import parse_policy
from agency_node.policy_rules import RiskRule
from agency_node.risks import Measured, Risks, drawn, hold_to_risk
from agency_node.rows import PopulationFacts
from linkage.errors import ConfigError
from linkage.owner.choice import Approve, Refuse, Wait
from linkage.owner.database import open_database
from linkage.risk.meter import LIMITS, measure
from linkage.schema import load_schema
from tests.agency_node.conftest import POLICY, secret_name, write_register
from tests.agency_node.test_command import folder, run
from tests.agency_node.test_policy import warrant

__all__ = ["folder", "run"]

SCHEMA = load_schema("person-v1")
RULE = RiskRule(known_1=0.01, known_10=0.1, guesses=0.001)
GOOD = dict.fromkeys(LIMITS, 0.0)
AS_OF = "2026-10-31"
OPEN = "\n[risk]\nknown_1 = 1.0\nknown_10 = 1.0\nguesses = 1.0\n"
CLOSED = "\n[risk]\nknown_1 = 0\nknown_10 = 0.0\nguesses = 0.0\n"


@pytest.fixture
def risks(tmp_path: Any) -> Risks:
    return Risks(open_database(tmp_path / "node.db"))


def held(risks: Risks, choice: Any = Approve("policy"), rule: RiskRule | None = RULE) -> Any:  # noqa: B008
    facts = {"dibao": PopulationFacts(100, 100, as_of=AS_OF)}
    asked = replace(warrant(), schema_digest=SCHEMA.digest)
    return hold_to_risk(Evaluation(choice), asked, rule, facts=facts, risks=risks, owner="civil").choice


def put(risks: Risks, *, as_of: str = AS_OF, digest: str = SCHEMA.digest, **found: float) -> None:
    risks.put(Measured("dibao", as_of, digest, {**GOOD, **found}, 100, "2026-11-01T00:00:00Z"))


def test_what_was_measured_and_lies_within_the_limits_may_go(risks: Risks) -> None:
    put(risks, known_1=0.01, known_10=0.1)

    assert held(risks) == Approve("policy")
    assert held(risks, Wait("by hand")) == Wait("by hand")


@pytest.mark.parametrize("attack", list(LIMITS))
def test_whatever_lies_above_a_limit_is_refused(risks: Risks, attack: str) -> None:
    put(risks, **{attack: 0.3})  # type: ignore[arg-type]

    found = held(risks)

    assert isinstance(found, Refuse) and attack in found.reason and "30.00%" in found.reason


@pytest.mark.parametrize("other", [{"as_of": "2026-09-30"}, {"digest": "0" * 64}])
def test_another_snapshot_or_schema_counts_as_not_measured(risks: Risks, other: dict[str, str]) -> None:
    put(risks, **other)  # type: ignore[arg-type]

    found = held(risks)

    assert isinstance(found, Refuse) and "agency-node risk dibao" in found.reason


def test_a_newer_measurement_replaces_the_older_one(risks: Risks) -> None:
    put(risks, known_10=0.5)
    put(risks)

    assert held(risks) == Approve("policy")


def test_without_the_table_nothing_need_be_measured(risks: Risks) -> None:
    assert held(risks, rule=None) == Approve("policy")
    assert parse_policy(POLICY).risk is None


def test_a_refusal_stays_a_refusal(risks: Risks) -> None:
    assert held(risks, Refuse("no", "policy")) == Refuse("no", "policy")


@pytest.mark.parametrize(
    ("old", "new"),
    [("guesses = 1.0", ""), ("known_1 = 1.0", "known_1 = 2.0"), ("[risk]", "[[risk]]"), ("guesses", "luck")],
)
def test_the_table_is_read_strictly(old: str, new: str) -> None:
    assert parse_policy(OPEN).risk == RiskRule(1.0, 1.0, 1.0)
    with pytest.raises(ConfigError):
        parse_policy(OPEN.replace(old, new))


def test_a_draw_is_bounded_repeats_and_takes_everybody_there_is_room_for() -> None:
    assert drawn(range(5), 9, seed=1) == [0, 1, 2, 3, 4]
    assert drawn(range(1000), 9, seed=1) == drawn(range(1000), 9, seed=1)
    assert len(set(drawn(range(1000), 9, seed=1))) == 9
    assert max(drawn(range(1000), 200, seed=1)) > 800


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "measure", functools.partial(measure, tries=500))


def test_the_command_prints_a_report_without_a_value_and_keeps_the_figures(run: Any, agency: Any, quick: None) -> None:
    write_register(agency.folder / "register", 60)
    code, out, err = run("risk", "dibao")

    kept = agency.open()[2].risks.find("dibao", AS_OF, SCHEMA.digest)
    assert code in (0, 1) and "风险测评" in out and out.count("对照 control") == len(LIMITS)
    assert kept is not None and set(kept.found) == set(LIMITS) and kept.people == 60
    assert not any(secret_name(i) in out + err for i in range(60))
    entries = [json.loads(x) for x in (agency.folder / "audit" / "entries.jsonl").read_text("utf-8").splitlines()]
    noted = [entry["facts"] for entry in entries if entry["kind"] == "risk.measured"]
    assert [(facts["dataset"], facts["people"]) for facts in noted] == [("dibao", "60")]


def test_a_policy_asks_for_the_figures(run: Any, agency: Any, quick: None) -> None:
    write_register(agency.folder / "register", 60)
    desk, _, _ = agency.open()
    asked = [agency.town.verified(agency.town.warrant()) for _ in range(3)]
    agency.write_policy(POLICY + OPEN)

    before = desk.decide(asked[0])
    run("risk", "dibao")
    after = desk.decide(asked[1])
    agency.write_policy(POLICY + CLOSED)

    assert isinstance(before, Refuse) and "agency-node risk dibao" in before.reason
    assert after == Approve("policy")
    assert isinstance(desk.decide(asked[2]), Refuse)


@pytest.mark.parametrize(
    ("words", "said"),
    [(("dibao",), "at least 50"), (("dibao", "--people", "9"), "--people"), (("nothing",), "nothing")],
)
def test_what_cannot_be_measured_is_said(run: Any, words: tuple[str, ...], said: str) -> None:
    code, _, err = run("risk", *words)

    assert code == 1 and said in err
