"""An amount that breaks a rule cannot be approved: caps, named approvals, reasons, checklist."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date
from decimal import Decimal

import pytest

from linkage.errors import InputError, LinkageError, PermissionRefused, PolicyRefusal
from procuratorate_node.relief.approval import Approval, ApprovedAmount
from procuratorate_node.relief.facts import AmountFacts, Points
from procuratorate_node.relief.proposal import Proposal, propose
from tests.procuratorate_node.relief.conftest import DAY, FATAL, MET, decided, proposal, tables

ROSTER = {
    "chief_prosecutor": ("P1",),
    "political_legal_committee": ("P2", "P1"),
    "finance_department": ("P3",),
}
OFFICER = "P0"
# Worked example 7: 324,210 computed, 288,000 at the cap of 36 monthly wages.
GREAT = replace(
    FATAL, hardship=Decimal(15), tier="extreme", points=(Points("DIS12", Decimal(10)),), award=Decimal(900_000)
)
ABOVE = Decimal("300000")


def great(facts: AmountFacts = GREAT) -> Proposal:
    return proposal(facts, tables("10807"))


def approval(of: Proposal, role: str = "chief_prosecutor", person: str = "P1", /, **changes: object) -> Approval:
    made = Approval("wage", role, person, DAY, Decimal(400_000), of.digest, "exceptional")
    return replace(made, **changes)  # type: ignore[arg-type]


def both(of: Proposal, **changes: object) -> tuple[Approval, ...]:
    return (
        approval(of, "chief_prosecutor", "P1", **changes),
        approval(of, "political_legal_committee", "P2", **changes),
    )


def approve(of: Proposal, amount: Decimal, /, *approvals: Approval, **reasons: str) -> ApprovedAmount:
    return ApprovedAmount(
        proposal=of, amount=amount, proposed_by=OFFICER, approvals=approvals, reasons=reasons, roster=ROSTER
    )


def test_the_proposed_amount_needs_no_further_approval() -> None:
    made = proposal()

    assert approve(made, made.amount).amount == 18_000


def test_an_amount_above_the_wage_cap_needs_the_roles_that_the_rules_name() -> None:
    made = great()
    assert made.amount == 288_000

    with pytest.raises(PolicyRefusal, match="chief prosecutor, political-legal committee"):
        approve(made, ABOVE, amount="exceptional")

    assert approve(made, ABOVE, *both(made), amount="exceptional").amount == ABOVE


def test_exactly_the_cap_needs_none_and_a_cent_more_does() -> None:
    made = great()

    assert approve(made, Decimal(288_000)).amount == 288_000
    with pytest.raises(PolicyRefusal, match="wage"):
        approve(made, Decimal("288000.01"), amount="r")


def test_one_of_two_roles_is_not_enough() -> None:
    made = great()

    for one in both(made):
        with pytest.raises(PolicyRefusal, match="approval missing for wage"):
            approve(made, ABOVE, one, amount="r")


def test_one_person_cannot_stand_for_two_roles() -> None:
    made = great()

    with pytest.raises(PolicyRefusal, match="each by another person"):
        approve(made, ABOVE, approval(made), approval(made, "political_legal_committee", "P1"), amount="r")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"person": "P9"}, PermissionRefused),
        ({"person": OFFICER}, PermissionRefused),
        ({"role": "finance_department"}, PermissionRefused),
        ({"role": "mayor"}, InputError),
        ({"proposal": "0" * 64}, PolicyRefusal),
        ({"given_on": date(2026, 11, 21)}, PolicyRefusal),
        ({"up_to": Decimal("299999.99")}, PolicyRefusal),
        ({"subject": "local", "ground": "local-rule"}, PolicyRefusal),
        ({"subject": "decision", "ground": ""}, PolicyRefusal),
        ({"subject": "anything", "ground": ""}, InputError),
        ({"subject": "decision"}, InputError),
        ({"ground": "local-rule"}, PolicyRefusal),
        ({"ground": "minor"}, PolicyRefusal),
        ({"ground": "kindness"}, InputError),
        ({"ground": ""}, InputError),
    ],
)
def test_an_approval_that_does_not_fit_is_refused(change: dict[str, object], error: type[LinkageError]) -> None:
    made = great()
    first, second = both(made)

    with pytest.raises(error):
        approve(made, ABOVE, replace(first, **change), second, amount="r")  # type: ignore[arg-type]


def test_the_officer_who_proposes_cannot_approve_even_with_the_role() -> None:
    made = great()
    roster = {**ROSTER, "chief_prosecutor": (OFFICER,)}

    with pytest.raises(PermissionRefused, match="proposes"):
        ApprovedAmount(
            proposal=made,
            amount=ABOVE,
            proposed_by=OFFICER,
            approvals=(approval(made, person=OFFICER), both(made)[1]),
            reasons={"amount": "r"},
            roster=roster,
        )


def test_the_ground_for_minors_is_for_minors() -> None:
    made = great(replace(GREAT, minor=True))

    assert approve(made, ABOVE, *both(made, ground="minor"), amount="r").amount == ABOVE


def test_nobody_may_approve_more_than_a_court_should_award() -> None:
    made = great(replace(GREAT, award=Decimal(295_000)))

    with pytest.raises(PolicyRefusal, match="nobody may exceed"):
        approve(made, ABOVE, *both(made), amount="r")
    assert approve(made, Decimal(295_000), *both(made), amount="r").amount == 295_000


def test_above_the_wage_cap_the_award_must_be_known() -> None:
    made = great(replace(GREAT, award=None))

    with pytest.raises(PolicyRefusal, match="first state"):
        approve(made, ABOVE, *both(made), amount="r")
    assert approve(made, Decimal(288_000)).amount == 288_000


@pytest.mark.parametrize(
    ("cap", "role", "person", "ground"),
    [("local", "chief_prosecutor", "P1", "local-rule"), ("budget", "finance_department", "P3", "budget-added")],
)
def test_the_local_limit_and_the_budget_need_their_own_approval(cap: str, role: str, person: str, ground: str) -> None:
    facts = replace(FATAL, budget_left=Decimal(15_000)) if cap == "budget" else FATAL
    made = proposal(facts, tables(local_cap="15000") if cap == "local" else tables())
    assert made.amount == 15_000

    with pytest.raises(PolicyRefusal, match=f"missing for {cap}"):
        approve(made, Decimal(18_000), amount="r")
    given = approval(made, role, person, subject=cap, ground=ground)
    assert approve(made, Decimal(18_000), given, amount="r").amount == 18_000


def test_an_approval_for_one_cap_does_not_lift_another() -> None:
    made = proposal(GREAT, tables("10807", local_cap="50000"))

    with pytest.raises(PolicyRefusal, match="missing for local"):
        approve(made, ABOVE, *both(made), amount="r")
    lifted = approval(made, subject="local", ground="local-rule")
    assert approve(made, ABOVE, *both(made), lifted, amount="r").amount == ABOVE


@pytest.mark.parametrize("reason", ["", "  ", None])
def test_outside_the_peer_band_a_written_reason_is_needed(reason: str | None) -> None:
    peers = [decided(a) for a in ("9000", "10000", "10000", "10000", "11000")]
    made = propose(FATAL, tables(), answers=MET, history=peers)
    assert made.peers.outside(made.amount)

    with pytest.raises(PolicyRefusal, match="outside the band"):
        approve(made, made.amount, **({} if reason is None else {"peers": reason}))
    assert approve(made, made.amount, peers="two children at school").amount == 18_000


def test_inside_the_peer_band_no_reason_is_needed() -> None:
    made = propose(FATAL, tables(), answers=MET, history=[decided(a) for a in ("18000",) * 5])

    assert approve(made, made.amount).amount == 18_000


def test_another_amount_than_the_proposed_one_needs_a_reason() -> None:
    made = proposal()

    for amount in (Decimal(17_900), Decimal(18_100)):
        with pytest.raises(PolicyRefusal, match="other than the proposed"):
            approve(made, amount)
        assert approve(made, amount, amount="r").amount == amount


@pytest.mark.parametrize("answers", [{"scope_2": "no"}, {"art7_3": "unknown"}, {"art7_3": "no"}, {"art8_4": "unknown"}])
def test_a_checklist_that_is_open_or_stands_against_aid_stops_it(answers: dict[str, str]) -> None:
    made = proposal(FATAL, tables(), **answers)

    with pytest.raises(PolicyRefusal):
        approve(made, made.amount, approval(made, subject="departure", ground=""), exclusion="r")


def test_aid_despite_an_exclusion_needs_the_departures_approval_and_a_reason() -> None:
    made = proposal(art8_1="yes")
    departure = approval(made, subject="departure", ground="")

    for approvals, reasons in (((), {"exclusion": "r"}), ((departure,), {})):
        with pytest.raises(PolicyRefusal):
            approve(made, made.amount, *approvals, **reasons)
    assert approve(made, made.amount, departure, exclusion="r").amount == 18_000


def test_full_fault_and_a_zero_amount_are_never_approved() -> None:
    stopped, nothing = proposal(replace(FATAL, fault="full")), proposal(replace(FATAL, paid=FATAL.award or Decimal(0)))

    with pytest.raises(PolicyRefusal, match="fault"):
        approve(stopped, Decimal(1000), amount="r")
    with pytest.raises(PolicyRefusal, match="zero"):
        approve(nothing, nothing.amount)


def test_a_local_rule_may_want_an_approval_for_every_amount() -> None:
    strict = tables(changed={"\nroles = []": '\nroles = ["chief_prosecutor"]'})
    made = proposal(FATAL, strict)

    with pytest.raises(PolicyRefusal, match="missing for decision"):
        approve(made, made.amount)
    assert approve(made, made.amount, approval(made, subject="decision", ground="")).amount == 18_000


def test_an_approved_amount_cannot_be_changed_afterwards() -> None:
    reasons = {"amount": "r"}
    made = proposal()
    approved = ApprovedAmount(
        proposal=made, amount=Decimal(18_100), proposed_by=OFFICER, reasons=reasons, roster=ROSTER
    )
    reasons.clear()

    assert dict(approved.reasons) == {"amount": "r"}
    with pytest.raises(FrozenInstanceError):
        approved.amount = Decimal(1)  # type: ignore[misc]
    with pytest.raises(PolicyRefusal):
        replace(approved, amount=Decimal(999_999), roster=ROSTER)


@pytest.mark.parametrize("amount", ["-1", "0.001", "NaN", "Infinity", "1e13"])
def test_a_malformed_amount_is_refused(amount: str) -> None:
    with pytest.raises(InputError):
        approve(proposal(), Decimal(amount), amount="r")


@pytest.mark.parametrize("person", ["", " P1", "P\n1", "P" * 65])
def test_a_malformed_person_id_is_refused(person: str) -> None:
    with pytest.raises(InputError):
        approval(proposal(), person=person)


def test_the_digest_binds_amount_approvals_and_reasons() -> None:
    made = great()
    base = approve(made, ABOVE, *both(made), amount="r")
    others = [
        approve(made, Decimal(300_001), *both(made), amount="r"),
        approve(made, ABOVE, *both(made, up_to=Decimal(500_000)), amount="r"),
        approve(made, ABOVE, *both(made), amount="s"),
    ]

    assert base.digest == approve(made, ABOVE, *reversed(both(made)), amount="r").digest
    assert base.digest not in {o.digest for o in others}
