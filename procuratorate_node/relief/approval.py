"""Approve an amount: an `ApprovedAmount` that breaks a rule cannot be made (domain C5 caps, B1, GY-M2-9).

- The checklist stands for aid, or nothing but an exclusion stands against it and the departure is approved.
- Above a cap, every role the rules name for it has approved, each by another person who holds the role.
- A cap that nobody may exceed is never exceeded, and a cap that must be known before another is exceeded is known.
- An approval is for this proposal, up to a stated amount; the officer who proposes approves nothing.
- Outside the peer band, away from the proposed amount, or despite an exclusion, a written reason is given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import InitVar, dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from linkage.errors import InputError, PermissionRefused, PolicyRefusal
from linkage.keys.canonical import JSON, canonical_json
from procuratorate_node.relief.caps import CapStep
from procuratorate_node.relief.checklist import Answer
from procuratorate_node.relief.money import check_yuan, plain
from procuratorate_node.relief.proposal import Proposal

LABEL: Final = b"linkage/v1/relief/approved\n"
DEPARTURE: Final = "departure"
DECISION: Final = "decision"
REASONS: Final = {
    "peers": ("超出同类案件幅度", "outside the band of comparable cases"),
    "amount": ("与建议金额不同", "other than the proposed amount"),
    "exclusion": ("存在一般不予救助的情形", "an exclusion applies"),
}
LONGEST_PERSON: Final = 64


@dataclass(frozen=True, slots=True)
class Approval:
    """One person in one role approves one subject: a cap's code, "departure" or "decision".

    `up_to` is the highest amount approved, in yuan; `ground` is a ground of the cap, "" for other subjects;
    `proposal` is the digest of the proposal approved.
    """

    subject: str
    role: str
    person: str
    given_on: date
    up_to: Decimal
    proposal: str
    ground: str = ""

    def __post_init__(self) -> None:
        check_yuan(self.up_to, what="up_to")
        if not is_person_id(self.person):
            raise InputError("批准人编号有误", "the approving person's id is malformed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedAmount:
    """An amount that keeps every rule. `roster` says which persons hold which role on the day; it is not kept.

    `reasons` are written reasons by subject, see REASONS. Raises PolicyRefusal for a broken rule, PermissionRefused for
    an approval whose person may not give it, InputError for malformed figures.
    """

    proposal: Proposal
    amount: Decimal
    proposed_by: str
    approvals: tuple[Approval, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict, repr=False)
    roster: InitVar[Mapping[str, Collection[str]]]

    def __post_init__(self, roster: Mapping[str, Collection[str]]) -> None:
        check_yuan(self.amount, what="amount")
        if not is_person_id(self.proposed_by):
            raise InputError("经办人编号有误", "the proposing officer's id is malformed")
        if set(self.reasons) - set(REASONS):
            raise InputError("理由的种类有误", "a reason's kind must be one of " + ", ".join(REASONS))
        # A copy that cannot change, or the checks below would hold for a moment only.
        object.__setattr__(self, "reasons", MappingProxyType(dict(self.reasons)))
        for approval in self.approvals:
            check_approval(self.proposal, approval, proposed_by=self.proposed_by, roster=roster)
        self._check_eligible()
        for step in self.proposal.caps:
            if step.exceeded_by(self.amount):
                self._check_exceeding(step)
        self._check_roles(DECISION, self.proposal.tables.rules.decision.roles)
        if self.amount != self.proposal.amount:
            self._need_reason("amount")
        if self.proposal.peers.outside(self.amount):
            self._need_reason("peers")

    @property
    def digest(self) -> str:
        """Return the hex SHA-256 over the proposal, the amount, the approvals and the reasons."""
        given: list[JSON] = [
            [a.subject, a.role, a.person, a.given_on.isoformat(), plain(a.up_to), a.proposal, a.ground]
            for a in sorted(self.approvals, key=lambda a: (a.subject, a.role, a.person, a.given_on))
        ]
        body: JSON = {
            "proposal": self.proposal.digest,
            "amount": plain(self.amount),
            "proposed_by": self.proposed_by,
            "approvals": given,
            "reasons": dict(self.reasons),
        }
        return hashlib.sha256(LABEL + canonical_json(body)).hexdigest()

    def _check_eligible(self) -> None:
        checklist, rules = self.proposal.checklist, self.proposal.tables.rules
        if self.proposal.calculation.stopped:
            raise PolicyRefusal("过错系数为零，不予救助", "the fault coefficient is zero: no relief")
        if self.amount <= 0:
            raise PolicyRefusal("救助金额为零", "the amount is zero")
        if checklist.eligible is Answer.YES:
            return
        if not checklist.only_excluded:
            raise PolicyRefusal(
                "条件清单未完成或不符合条件",
                "the checklist is not complete, or the conditions are not met",
                hint_zh="逐项核实第七条、第八条后再批准",
                hint_en="answer every line of articles 7 and 8 first",
            )
        if not rules.departure.roles:
            raise PolicyRefusal("存在不予救助的情形", "an exclusion applies and no departure is provided for")
        self._check_roles(DEPARTURE, rules.departure.roles)
        self._need_reason("exclusion")

    def _check_exceeding(self, step: CapStep) -> None:
        cap = step.cap
        if not cap.exceedable:
            raise PolicyRefusal(f"金额超过不得突破的限额：{cap.zh}", f"above a limit nobody may exceed: {cap.en}")
        for other in self.proposal.caps:
            if other.cap.code in cap.needs and other.limit is None:
                raise PolicyRefusal(
                    f"突破{cap.zh}前，须先确定：{other.cap.zh}", f"to exceed {cap.en}, first state: {other.cap.en}"
                )
        self._check_roles(cap.code, cap.roles)

    def _check_roles(self, subject: str, roles: tuple[str, ...]) -> None:
        """Raise PolicyRefusal unless each role approved the subject up to the amount, all by different persons."""
        fitting = [a for a in self.approvals if a.subject == subject and a.up_to >= self.amount]
        people = [[a.person for a in fitting if a.role == role] for role in roles]
        if not _all_different(people):
            names = [self.proposal.tables.rules.role(r) for r in roles]
            zh, en = "、".join(r.zh for r in names), ", ".join(r.en for r in names)
            raise PolicyRefusal(
                f"缺少批准（{subject}）：需要{zh}，各由不同的人作出",
                f"approval missing for {subject}: needs {en}, each by another person",
            )

    def _need_reason(self, kind: str) -> None:
        if not self.reasons.get(kind, "").strip():
            zh, en = REASONS[kind]
            raise PolicyRefusal(f"{zh}，须写明理由", f"{en}: a written reason is needed")


def check_approval(
    proposal: Proposal, approval: Approval, *, proposed_by: str, roster: Mapping[str, Collection[str]]
) -> None:
    """Return when a person may give this approval for this proposal. Raises PermissionRefused, PolicyRefusal."""
    rules = proposal.tables.rules
    rules.role(approval.role)
    if approval.person not in roster.get(approval.role, ()):
        raise PermissionRefused("批准人没有这一职务", "the approving person does not hold this role")
    if approval.person == proposed_by:
        raise PermissionRefused("经办人不能批准自己的建议", "the officer who proposes cannot approve")
    if approval.proposal != proposal.digest:
        raise PolicyRefusal("批准针对的是另一份建议", "the approval is for another proposal")
    if approval.given_on > proposal.facts.decided_on:
        raise PolicyRefusal("批准日期晚于决定日期", "the approval is dated after the decision")
    if approval.subject in {step.cap.code for step in proposal.caps}:
        ground = rules.ground(approval.ground)
        if ground.cap != approval.subject or (ground.minor and not proposal.facts.minor):
            raise PolicyRefusal("这一理由不适用于该限额或该案", "the ground does not fit this cap or this case")
    elif approval.subject not in (DEPARTURE, DECISION) or approval.ground:
        raise InputError("批准事项有误", "the subject of an approval is a cap, departure or decision")


def is_person_id(text: str) -> bool:
    """Tell whether a text can name an officer: not blank, without control characters or outer blanks."""
    return bool(text) and text == text.strip() and text.isprintable() and len(text) <= LONGEST_PERSON


def _all_different(choices: list[list[str]], taken: frozenset[str] = frozenset()) -> bool:
    """Tell whether one person can be chosen from each list so that no person is chosen twice."""
    if not choices:
        return True
    return any(_all_different(choices[1:], taken | {p}) for p in choices[0] if p not in taken)
