"""What an agency does about each thing a round brings: evaluate, preview, wait for an operator, provide rows."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from agency_node.agreements import FILE as AGREEMENTS
from agency_node.agreements import hold_to_agreements, load_agreements
from agency_node.datasets import Registers
from agency_node.decisions import Decisions, DecisionState, first_view
from agency_node.policy import Evaluation, examine
from agency_node.policy_file import load_policy
from agency_node.policy_rules import Policy, PolicyContext
from agency_node.preview import render_preview
from agency_node.referrals import Referrals
from agency_node.releases import Releases
from agency_node.risks import hold_to_risk
from agency_node.rows import PopulationFacts, count_population, owner_rows
from linkage.errors import NotFoundError, PolicyRefusal
from linkage.owner.choice import Approve, Choice, OwnerRows, Refuse, Wait
from linkage.owner.relays import OpenedRelay
from linkage.owner.verifying import VerifiedWarrant
from linkage.warrant import PopulationSpec, RoundWarrant, utc_text

log = logging.getLogger(__name__)


class AgencyDesk:
    """Fill the owner's policy protocol for an agency. Policy file and registers are read anew for every warrant."""

    def __init__(
        self,
        party: str,
        decisions: Decisions,
        *,
        releases: Releases,
        referrals: Referrals,
        policy_file: Path,
        open_registers: Callable[[], Registers],
        clock: Callable[[], datetime],
        chores: Callable[[], None] = lambda: None,
    ) -> None:
        self._party = party
        self._decisions = decisions
        self._releases = releases
        self._referrals = referrals
        self._policy_file = policy_file
        self._open_registers = open_registers
        self._clock = clock
        self._counted: dict[tuple[str, str], int] = {}  # Rows by round and population, to tell how long encoding takes.
        self.chores = chores  # What is due apart from rounds; set once releases have their desk.

    def policy(self) -> Policy:
        """Return the policy as its file says now. Raises ConfigError."""
        return load_policy(self._policy_file)

    def registers(self) -> Registers:
        return self._open_registers()

    def decide(self, verified: VerifiedWarrant) -> Choice:
        """Answer from what was decided before, or evaluate and store the preview for the operator."""
        known = self._decisions.find(verified.round_id)
        if known is None:
            self._evaluate(verified)
            known = self._decisions.find(verified.round_id)
        if known is None or known.state is DecisionState.WAITING:
            return Wait(known.advice if known else "")
        if known.digest != verified.digest.hex():
            raise PolicyRefusal("决定针对的是另一份委托书", "the decision was about another warrant")
        if known.state is DecisionState.APPROVED:
            return Approve(known.decided_by)
        return Refuse(known.reason, known.decided_by)

    def _evaluate(self, verified: VerifiedWarrant) -> None:
        now = self._clock()
        registers = self._open_registers()
        facts: dict[str, PopulationFacts] = {}
        for spec in verified.own:
            try:
                facts[spec.id] = count_population(registers, spec)
                self._counted[verified.round_id, spec.id] = facts[spec.id].rows
            except NotFoundError as error:
                log.warning("population %s: %s", spec.id, error)
        context = PolicyContext(now, facts, self._decisions.past_approvals(now))
        policy = self.policy()
        found = examine(policy, verified.warrant, context, owner=self._party)
        agreements = load_agreements(self._policy_file.with_name(AGREEMENTS))
        found = hold_to_agreements(found, verified.warrant, agreements, owner=self._party, day=now.date())
        found = hold_to_risk(
            found, verified.warrant, policy.risk, facts=facts, risks=self._decisions.risks, owner=self._party
        )
        self._store(verified, found, facts, at=utc_text(now))

    def _store(
        self, verified: VerifiedWarrant, found: Evaluation, facts: dict[str, PopulationFacts], *, at: str
    ) -> None:
        choice = found.choice
        state, reason, by, advice = DecisionState.WAITING, "", "", "同意 | approve"
        if isinstance(choice, Wait):
            advice = choice.reason
        elif isinstance(choice, Refuse):
            state, reason, by, advice = (
                DecisionState.REFUSED,
                choice.reason,
                choice.by,
                f"拒绝 | refuse：{choice.reason}",
            )
        else:
            state, by = DecisionState.APPROVED, choice.by
        view = replace(
            first_view(verified, seen_at=at),
            advice=advice,
            preview=render_preview(verified, facts, found.grants, advice=advice),
            grants=found.grants,
            state=state,
            reason=reason,
            decided_by=by,
            decided_at="" if state is DecisionState.WAITING else at,
        )
        self._decisions.add(view)
        log.info("round %s: policy says %s", verified.round_id, advice)

    def rows(self, warrant: RoundWarrant, spec: PopulationSpec) -> OwnerRows:
        """Return the rows with the fields and tags that were granted when the round was approved."""
        known = self._decisions.find(warrant.round_id)
        if known is None or known.state is not DecisionState.APPROVED or spec.id not in known.grants:
            raise PolicyRefusal("本单位没有同意编码这个群体", "this office did not approve encoding this population")
        grant = known.grants[spec.id]
        found = owner_rows(self._open_registers(), spec, allowed=grant.fields, tags=grant.tags)
        return replace(found, expected=self._counted.get((warrant.round_id, spec.id), 0), bucket=grant.bucket)

    def relay_arrived(self, relay: OpenedRelay) -> None:
        """Take release requests and referrals; an agency is never sent the other kinds."""
        if relay.head.kind == "release_request":
            self._releases.add(relay, at=self._clock())
        elif relay.head.kind == "referral":
            self._referrals.add(relay, at=self._clock())
        else:
            log.warning("relay %s of kind %s is not for an agency", relay.head.relay_id, relay.head.kind)

    def round_changed(self, round_id: str, state: str, reason: str) -> None:
        """Nothing to do: the owner's part follows the round by itself."""

    def work(self) -> None:
        """Answer releases and send referral statuses."""
        self.chores()
