"""What a rule asks of sizes, pace and overlap: decided from the warrant and from past answers only (decision 0050).

A requester learns of every one of its people whether a register has them. What keeps that from being a question about
one person: many people are asked about at once, those newly asked are many too, two questions about one register do
not differ by a class that may not be told, and everything is bounded per day. Nothing here looks at a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from agency_node.policy_rules import DAY, AllowRule, Budget, Definition, PastApproval, PolicyContext
from linkage.warrant import PopulationSpec, RoundWarrant

Fault = tuple[str, str]
MONTH = 30 * DAY


def budget_faults(budget: Budget, warrant: RoundWarrant, context: PolicyContext) -> Iterator[Fault]:
    """Yield every budget of the office that this round would exceed."""
    theirs = [p for p in context.past if p.requester == warrant.requester]
    purpose = [p for p in theirs if p.purpose == warrant.purpose]
    reference = [p for p in theirs if warrant.reference and p.reference == warrant.reference]
    if _since(context, context.past, DAY) >= budget.office_per_day:
        yield "本单位今天的总额度已满", "the office's budget of the day is used up"
    if _since(context, theirs, DAY) >= budget.requester_per_day:
        yield "该委托单位今天的额度已满", "this requester's budget of the day is used up"
    if _since(context, purpose, MONTH) >= budget.purpose_per_30_days:
        yield "该目的三十天内的额度已满", "this purpose's budget of thirty days is used up"
    if _since(context, reference, MONTH) >= budget.reference_per_30_days:
        yield "该案件或专项三十天内的额度已满", "this case's or campaign's budget of thirty days is used up"


def _since(context: PolicyContext, past: Iterable[PastApproval], span: timedelta) -> int:
    return sum(p.at > context.now - span for p in past)


def pace_faults(rule: AllowRule, warrant: RoundWarrant, context: PolicyContext) -> Iterator[Fault]:
    """Yield the rule's own limits per day and month that are reached."""
    mine = [p for p in context.past if p.requester == warrant.requester and p.datasets & rule.datasets]
    if _since(context, mine, DAY) >= rule.per_day:
        yield f"一天内已同意 {rule.per_day} 轮", f"{rule.per_day} rounds were approved within a day"
    if _since(context, mine, MONTH) >= rule.per_30_days:
        yield f"三十天内已同意 {rule.per_30_days} 轮", f"{rule.per_30_days} rounds were approved within thirty days"


def overlap_faults(
    rule: AllowRule, warrant: RoundWarrant, spec: PopulationSpec, context: PolicyContext
) -> Iterator[Fault]:
    """Yield what is missing from the requester's statement on whom it asks about and asked about before."""
    if not rule.overlap_days:
        return
    said = warrant.overlap
    if said.days < rule.overlap_days or said.least < rule.min_asked:
        yield (
            f"委托书须声明每个群体所问人数和 {rule.overlap_days} 天内新问人数均不少于 {rule.min_asked}",
            f"the warrant must promise {rule.min_asked} people asked about, new ones in {rule.overlap_days} days too",
        )
        return
    asked = said.of(spec.id)
    if any(0 < count < rule.min_asked for count in (asked.people, asked.new)):
        yield f"所问人数少于 {rule.min_asked}", f"fewer than {rule.min_asked} people are asked about"
    past = _recent(rule, warrant, spec, context)
    if any(p.round_id and p.round_id not in said.rounds for p in past):
        yield (
            "声明没有列出本单位答复过的轮次，无法核对重叠",
            "the statement leaves out a round this office answered: the overlap cannot be checked",
        )


def definition_faults(
    rule: AllowRule, warrant: RoundWarrant, spec: PopulationSpec, context: PolicyContext
) -> Iterator[Fault]:
    """Yield how the questions about this dataset, taken together, would tell what the rule does not allow."""
    mine = Definition.of(spec)
    past = {d for p in _recent(rule, warrant, spec, context) for d in p.definitions}
    now = {Definition.of(s) for s in warrant.populations if s.owner == spec.owner and not s.anchor}
    others = {d for d in past | now if d.dataset == spec.dataset} - {mine}
    if len(others) >= rule.definitions:
        yield f"对同一数据集已有 {rule.definitions} 种问法", f"{rule.definitions} other questions about this dataset"
    told = {name for other in others for name in _difference(mine.classes, other.classes)} - rule.tags
    if told:
        names = sorted(told)
        yield (
            f"与另一问法之差会透露类别 {'、'.join(names)}",
            f"the difference to another question would tell the classes {names}",
        )
    if not rule.changes and any(_moves(mine, other) for other in others):
        yield "与另一问法之差会透露变动", "the difference to another question would tell who came or left"


def _recent(rule: AllowRule, warrant: RoundWarrant, spec: PopulationSpec, context: PolicyContext) -> list[PastApproval]:
    """Return this requester's rounds about the dataset within the rule's days; this very round is not a past one."""
    first = context.now - rule.overlap_days * DAY
    return [
        p
        for p in context.past
        if p.requester == warrant.requester
        and p.round_id != warrant.round_id
        and spec.dataset in p.datasets
        and p.at > first
    ]


def _difference(one: tuple[str, ...], other: tuple[str, ...]) -> frozenset[str]:
    """Return the classes by which two overlapping class filters differ; () means every class."""
    if one and other:
        return frozenset(one) ^ frozenset(other) if set(one) & set(other) else frozenset()
    return frozenset(one) | frozenset(other)


def _moves(one: Definition, other: Definition) -> bool:
    """Tell whether two questions differ in whom they count as being in the register, or when."""
    return (one.active_only, one.snapshot) != (other.active_only, other.snapshot)


def result_faults(rule: AllowRule, warrant: RoundWarrant) -> Iterator[Fault]:
    """Yield what the warrant would let the result show beyond the rule."""
    if warrant.limits.max_share > rule.max_share:
        yield (
            f"委托书须把结果限制在本方行数的 {rule.max_share}% 以内",
            f"the warrant must limit the result to {rule.max_share} % of our rows",
        )
