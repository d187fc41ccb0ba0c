"""Propose, approve, decide, refuse and pay the amount for an opened clue; two people, bound by the proposal's digest.

Each step is one transaction: it is checked, its audit entry is written, then it is stored. The log gets ids, digests,
roles and officers, no sum and nothing of the person. A proposal is computed anew from its stored inputs whenever it is
approved or decided; where a table has changed in between, the digest differs and a new proposal is needed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

import sqlalchemy as sa

from linkage.errors import InputError, PermissionRefused, PolicyRefusal, RoundStateError
from linkage.keys.canonical import JSON
from linkage.owner.database import reading
from linkage.owner.trail import AuditTrail
from linkage.warrant import utc_text
from procuratorate_node.awards.budget import BudgetUse, budget_use
from procuratorate_node.awards.records import APPROVALS, AWARDS, BUDGETS
from procuratorate_node.cases.records import RowRef
from procuratorate_node.cluework.deadlines import local_day
from procuratorate_node.cluework.moves import Step, move
from procuratorate_node.cluework.states import Action, AwardState
from procuratorate_node.cluework.texts import plain_text
from procuratorate_node.config import Config
from procuratorate_node.relief.approval import Approval, ApprovedAmount, check_approval
from procuratorate_node.relief.grammar import record_json
from procuratorate_node.relief.history import DecidedCase
from procuratorate_node.relief.input_file import AmountInput, input_document, parse_input
from procuratorate_node.relief.money import check_yuan, plain
from procuratorate_node.relief.proposal import Proposal, propose
from procuratorate_node.relief.report import proposal_json
from procuratorate_node.relief.tables import TableSet
from procuratorate_node.store import CLUES, Store, load_refs, not_found

NAME: Final = "inputs.json"
BUDGET: Final = "budget"
LIVE: Final = (AwardState.PROPOSED, AwardState.DECIDED, AwardState.PAID)


@dataclass(frozen=True, slots=True)
class AwardOffice:
    """Where amounts are worked on. `tables` are the office's own or the shipped ones."""

    store: Store = field(repr=False)
    trail: AuditTrail = field(repr=False)
    config: Config = field(repr=False)
    tables: TableSet = field(repr=False)

    def propose(
        self, clue_id: str, given: AmountInput, *, by: str, now: datetime, set_by_officer: Sequence[str] = ()
    ) -> tuple[str, Proposal]:
        """Store a proposal for an opened clue; return its id and what it comes to.

        `given.facts.budget_left` is set here. Raises PermissionRefused, RoundStateError, PolicyRefusal, InputError.
        """
        self.config.require(by, "award")
        day, award_id = given.facts.decided_on, secrets.token_hex(6)
        if day < local_day(now):
            raise InputError("决定日期不能早于今天", "the day of the decision does not lie before today")
        with self.store.engine.begin() as connection:
            self._not_aided_twice(connection, clue_id)
            left = budget_use(connection, day.year).left
            complete = replace(given, facts=replace(given.facts, budget_left=left))
            found = self._compute(complete)
            step = Step(Action.PROPOSE, by, utc_text(now), f"award {award_id}")
            move(connection, clue_id, step)
            facts: dict[str, JSON] = {"set_by_officer": list(set_by_officer), "tables": _digests(found)}
            self._note("award.proposed", award_id, clue_id, by=by, digest=found.digest, **facts)
            values = _proposed(clue_id, complete, found, step)
            about = {"award_id": award_id, "set_by_officer": json.dumps(list(set_by_officer))}
            connection.execute(AWARDS.insert().values(values | about))
        return award_id, found

    def approve(
        self, award_id: str, subject: str, role: str, *, up_to: Decimal, ground: str, by: str, now: datetime
    ) -> None:
        """Store one role's approval of a cap, a departure or the decision, up to an amount in yuan."""
        with self.store.engine.begin() as connection:
            row = self._row(connection, award_id, AwardState.PROPOSED)
            proposal = self._again(row)
            approval = Approval(subject, role, by, local_day(now), up_to, proposal.digest, ground)
            check_approval(proposal, approval, proposed_by=str(row["proposed_by"]), roster=self.config.roster())
            about: dict[str, JSON] = {"subject": subject, "role": role, "ground": ground}
            self._note("award.approved", award_id, str(row["clue_id"]), by=by, digest=proposal.digest, **about)
            values = record_json(approval) | {"award_id": award_id}
            connection.execute(APPROVALS.insert().values(values))

    def decide(
        self, award_id: str, *, by: str, now: datetime, amount: Decimal | None = None, reasons: Mapping[str, str]
    ) -> ApprovedAmount:
        """Decide on an amount, the proposed one unless another is given. Somebody else than the proposer decides.

        Raises PermissionRefused, PolicyRefusal (an approval or reason is missing), RoundStateError, InputError.
        """
        self.config.require(by, "approve")
        written = {kind: plain_text(text) for kind, text in reasons.items() if text.strip()}
        with self.store.engine.begin() as connection:
            row = self._row(connection, award_id, AwardState.PROPOSED)
            if row["proposed_by"] == by:
                raise PermissionRefused("提出人与决定人必须是两个人", "who proposes and who decides are two people")
            proposal, today = self._again(row), local_day(now)
            if today > proposal.facts.decided_on:
                raise PolicyRefusal(
                    "建议已过拟定的决定日期，请重新提出", "the proposal's day has passed: propose again"
                )
            found = ApprovedAmount(
                proposal=proposal,
                amount=proposal.amount if amount is None else amount,
                proposed_by=str(row["proposed_by"]),
                approvals=self._approvals(connection, award_id),
                reasons=written,
                roster=self.config.roster(),
            )
            _check_budget(budget_use(connection, today.year), found)
            move(connection, str(row["clue_id"]), Step(Action.DECIDE, by, utc_text(now), f"award {award_id}"))
            about: dict[str, JSON] = {"proposed_by": str(row["proposed_by"]), "proposal": proposal.digest}
            self._note("award.decided", award_id, str(row["clue_id"]), by=by, digest=found.digest, **about)
            values = {"ended_by": by, "ended_at": utc_text(now), "year": today.year, "approved_digest": found.digest}
            self._end(connection, award_id, AwardState.DECIDED, values | _decided(found, today))
        return found

    def refuse(self, award_id: str, *, by: str, now: datetime, reason: str) -> None:
        """Refuse or withdraw an amount that is not paid yet, with a reason that can be told to the applicant."""
        self.config.require(by, "approve")
        text = plain_text(reason)
        with self.store.engine.begin() as connection:
            row = self._row(connection, award_id, AwardState.PROPOSED, AwardState.DECIDED)
            move(connection, str(row["clue_id"]), Step(Action.REFUSE, by, utc_text(now), text))
            self._note("award.refused", award_id, str(row["clue_id"]), by=by, reason=text)
            values = {"ended_by": by, "ended_at": utc_text(now), "refusal": text}
            self._end(connection, award_id, AwardState.REFUSED, values)

    def pay(self, award_id: str, paid_on: date, *, by: str, now: datetime) -> None:
        """Record that the amount was paid; somebody else than who decided records it."""
        self.config.require(by, "award")
        with self.store.engine.begin() as connection:
            row = self._row(connection, award_id, AwardState.DECIDED)
            if row["ended_by"] == by:
                raise PermissionRefused("决定人与支付登记人必须是两个人", "who decides and who pays are two people")
            decided = date.fromisoformat(json.loads(row["decided_case"])["decided_on"])
            if not decided <= paid_on <= local_day(now):
                raise InputError("支付日期应在决定之后、今天之前", "the day of payment lies between decision and today")
            move(connection, str(row["clue_id"]), Step(Action.PAY, by, utc_text(now), f"award {award_id}"))
            about: dict[str, JSON] = {"decided_by": str(row["ended_by"]), "digest": str(row["approved_digest"])}
            self._note("award.paid", award_id, str(row["clue_id"]), by=by, **about)
            values = {"paid_on": paid_on.isoformat(), "paid_by": by}
            self._end(connection, award_id, AwardState.PAID, values)

    def find(self, award_id: str) -> sa.RowMapping:
        """Return one stored award. Raises NotFoundError."""
        with reading(self.store.engine) as connection:
            return self._row(connection, award_id, *AwardState)

    def of_clue(self, clue_id: str) -> Sequence[sa.RowMapping]:
        """Return the stored awards of one clue, oldest first."""
        return self.store.select(sa.select(AWARDS).where(AWARDS.c.clue_id == clue_id).order_by(AWARDS.c.number))

    def approvals(self, award_id: str) -> tuple[Approval, ...]:
        """Return who approved what of an award."""
        with reading(self.store.engine) as connection:
            return self._approvals(connection, award_id)

    def preview(self, given: AmountInput) -> Proposal:
        """Compute what a proposal would come to, with what is left of the year's budget; nothing is stored."""
        with reading(self.store.engine) as connection:
            left = budget_use(connection, given.facts.decided_on.year).left
        return self._compute(replace(given, facts=replace(given.facts, budget_left=left)))

    def set_budget(self, year: int, amount: Decimal, *, by: str, now: datetime, reason: str) -> None:
        """Enter a year's budget, or a changed one; every entry is kept."""
        self.config.require(by, "approve")
        check_yuan(amount, what="budget")
        text = plain_text(reason)
        if not text:
            raise RoundStateError("录入预算须写明依据", "a budget needs its ground")
        self.trail.note("budget.entered", {"year": year, "amount": plain(amount), "by": by, "reason": text})
        values = {"year": year, "amount": plain(amount), "reason": text, "by": by, "at": utc_text(now)}
        self.store.insert(BUDGETS, values)

    def _compute(self, given: AmountInput) -> Proposal:
        return propose(given.facts, self.tables, answers=given.answers, history=given.history)

    def _again(self, row: sa.RowMapping) -> Proposal:
        """Compute a stored proposal anew. Raises PolicyRefusal where it comes out otherwise."""
        found = self._compute(parse_input(row["inputs"], name=NAME))
        if found.digest != row["digest"]:
            raise PolicyRefusal(
                "数据表在提出建议后有变化，请重新提出", "a table has changed since the proposal: propose again"
            )
        return found

    def _row(self, connection: sa.Connection, award_id: str, *states: AwardState) -> sa.RowMapping:
        row = connection.execute(sa.select(AWARDS).where(AWARDS.c.award_id == award_id)).mappings().first()
        if row is None:
            raise not_found(award_id)
        if row["state"] not in states:
            wanted = " / ".join(states)
            raise RoundStateError(
                f"该笔救助状态为 {row['state']}，应为 {wanted}", f"the award is {row['state']}, it must be {wanted}"
            )
        return row

    def _end(self, connection: sa.Connection, award_id: str, state: AwardState, values: Mapping[str, object]) -> None:
        connection.execute(
            AWARDS.update().where(AWARDS.c.award_id == award_id).values({**values, "state": state.value})
        )

    def _approvals(self, connection: sa.Connection, award_id: str) -> tuple[Approval, ...]:
        wanted = sa.select(APPROVALS).where(APPROVALS.c.award_id == award_id).order_by(APPROVALS.c.number)
        rows = connection.execute(wanted).mappings()
        return tuple(
            Approval(
                *(r["subject"], r["role"], r["person"], date.fromisoformat(r["given_on"]), Decimal(r["up_to"])),
                proposal=r["proposal"],
                ground=r["ground"],
            )
            for r in rows
        )

    def _not_aided_twice(self, connection: sa.Connection, clue_id: str) -> None:
        """Raise PolicyRefusal when one of the clue's rows already has an award (aid is given once, art. 2)."""
        live = sa.select(AWARDS.c.clue_id).where(AWARDS.c.state.in_(LIVE), AWARDS.c.clue_id != clue_id)
        asked = sa.or_(CLUES.c.clue_id == clue_id, CLUES.c.clue_id.in_(live))
        rows = connection.execute(sa.select(CLUES.c.clue_id, CLUES.c.people).where(asked))
        people = {key: set(load_refs(text)) for key, text in rows}
        own: set[RowRef] = people.pop(clue_id, set())
        if any(own & others for others in people.values()):
            raise PolicyRefusal(
                "同一人在本案中已有救助", "the same person already has an award in this case under another clue"
            )

    def _note(self, kind: str, award_id: str, clue_id: str, *, by: str, **facts: JSON) -> None:
        self.trail.note(kind, {"award": award_id, "clue": clue_id, "by": by, **facts})


def _proposed(clue_id: str, given: AmountInput, found: Proposal, step: Step) -> dict[str, object]:
    blank = dict.fromkeys(
        ("amount", "approved_digest", "decided_case", "ended_by", "ended_at", "refusal", "paid_on", "paid_by"), ""
    )
    return blank | {
        "clue_id": clue_id,
        "case_number": given.facts.reference,
        "state": AwardState.PROPOSED.value,
        "inputs": input_document(given),
        "digest": found.digest,
        "report": json.dumps(proposal_json(found), ensure_ascii=False),
        "proposed_amount": plain(found.amount),
        "proposed_by": step.by,
        "proposed_at": step.at,
        "year": given.facts.decided_on.year,
        "reasons": "{}",
    }


def _decided(found: ApprovedAmount, day: date) -> dict[str, object]:
    facts, calculation = found.proposal.facts, found.proposal.calculation
    times = sum((calculation.value(code) for code in ("c_case", "c_hard", "add_on")), Decimal(0))
    case = DecidedCase(
        day,
        found.amount,
        facts.case_type,
        charge=facts.charge,
        harm=facts.harm,
        tier=calculation.tier.code,
        multiplier=times * calculation.value("fault"),
        capped=found.amount != calculation.rounded,
        reference=facts.reference,
    )
    return {
        "amount": plain(found.amount),
        "reasons": json.dumps(dict(found.reasons), ensure_ascii=False),
        "decided_case": json.dumps(record_json(case), ensure_ascii=False),
    }


def _digests(found: Proposal) -> list[JSON]:
    return [found.tables.scale.digest, found.tables.rules.digest, found.tables.figures_digest]


def _check_budget(use: BudgetUse, found: ApprovedAmount) -> None:
    """Raise PolicyRefusal when others have used the budget up since the proposal and nobody approved more."""
    approved = any(a.subject == BUDGET and a.up_to >= found.amount for a in found.approvals)
    if use.left is not None and found.amount > use.left and not approved:
        raise PolicyRefusal(
            "本年度预算余额不足，须重新提出并经财政部门批准",
            "this year's budget no longer suffices: propose again, with the finance department's approval",
        )
