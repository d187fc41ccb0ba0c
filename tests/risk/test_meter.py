"""The meter runs every attack, and its controls show that each of them bites."""

from __future__ import annotations

import pytest

from benchmarks.register import AS_OF, Register
from linkage.normalise import normalise
from linkage.risk.meter import LIMITS, Finding, measure
from linkage.risk.report import TITLES, finding_line, heading, verdict
from linkage.schema import load_schema

SCHEMA = load_schema("person-v1")


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding]:
    people = [normalise(raw, as_of=AS_OF) for raw in Register(7).rows(300)]
    return {finding.attack: finding for finding in measure(people, SCHEMA, tries=2000)}


def test_every_attack_is_run_and_has_a_title_and_a_limit(findings: dict[str, Finding]) -> None:
    assert set(findings) == set(LIMITS) == set(TITLES)


@pytest.mark.parametrize(
    ("attack", "control"),
    [("dictionary", 1.0), ("frequency", 0.05), ("patterns", 0.1), ("known_1", 0.9), ("known_10", 0.9)],
)
def test_every_control_bites_and_the_shipped_schema_resists(
    findings: dict[str, Finding], attack: str, control: float
) -> None:
    assert findings[attack].control >= control
    assert findings[attack].found <= LIMITS[attack] + 0.03  # Among 300 people luck weighs more.


def test_the_report_names_what_is_over_the_limit() -> None:
    low, high = Finding("known_1", 0.005, 1.0, 0.01), Finding("known_10", 0.2, 1.0, 0.1)

    assert "通过 ok" in finding_line(low) and "0.50%" in finding_line(low)
    assert "超限" in finding_line(high) and "20.00%" in finding_line(high)
    assert "known_10" in verdict([low, high]) and "known_1、" not in verdict([low, high])
    assert "都在上限之内" in verdict([low])
    assert SCHEMA.id in next(heading("dibao", "2026-10-31", 300, SCHEMA))
