"""The office's own rules: deny by default, decided from a warrant's metadata and past answers only.

Every population of ours must be allowed for every model that uses it; a dataset no rule mentions is refused. A refusal
names the dataset, the rule that came nearest and what it asks for, so that the requester knows what would satisfy it.
What the rows say never decides anything but "fewer rows than min_rows": a refusal must not answer a question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agency_node.policy_limits import (
    Fault,
    budget_faults,
    definition_faults,
    overlap_faults,
    pace_faults,
    result_faults,
)
from agency_node.policy_rules import AllowRule, Policy, PolicyContext
from linkage.owner.choice import Approve, Choice, Refuse, Wait
from linkage.owner.disclosure import models_using
from linkage.warrant import PopulationSpec, RoundWarrant

ANY = "*"


@dataclass(frozen=True, slots=True)
class Grant:
    """What may be encoded of one population: the fields and tags that every rule it needed allows."""

    rules: tuple[str, ...]
    fields: frozenset[str]
    tags: frozenset[str]
    bucket: int = 0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The policy's answer and, unless refused, the grant of each of our populations."""

    choice: Choice
    grants: Mapping[str, Grant] = field(default_factory=dict)


def evaluate(policy: Policy, warrant: RoundWarrant, context: PolicyContext, *, owner: str) -> Choice:
    """Return Approve, Wait or Refuse."""
    return examine(policy, warrant, context, owner=owner).choice


def examine(policy: Policy, warrant: RoundWarrant, context: PolicyContext, *, owner: str) -> Evaluation:
    """Return the answer with its grants."""
    grants: dict[str, Grant] = {}
    by_hand: list[str] = []
    for spec in warrant.populations:
        if spec.owner != owner:
            continue
        used: list[AllowRule] = []
        models = models_using(warrant, spec)
        if not models:
            return _refusal(spec, None, [("没有模型使用这个群体", "no model uses this population")])
        for model in models:
            found = _rule_for(policy, warrant, spec, model=model, context=context)
            if isinstance(found, Refuse):
                return Evaluation(found)
            used.append(found)
        by_hand += [rule.name for rule in used if rule.mode == "operator"]
        if not frozenset.intersection(*(rule.fields for rule in used)):
            return _refusal(spec, None, [("所用规则没有共同允许的栏目", "its rules allow no common field")])
        grants[spec.id] = Grant(
            rules=tuple(dict.fromkeys(rule.name for rule in used)),
            fields=frozenset.intersection(*(rule.fields for rule in used)),
            tags=frozenset.intersection(*(rule.tags for rule in used)),
            bucket=max(rule.bucket for rule in used),
        )
    spent = list(budget_faults(policy.budget, warrant, context))
    if spent:
        return Evaluation(_refuse_for("额度", "budget", spent))
    if not grants:
        return Evaluation(Refuse("委托书没有本单位的群体 | no population of ours", "policy"))
    if by_hand:
        names = "、".join(dict.fromkeys(by_hand))
        return Evaluation(Wait(f"规则“{names}”要求人工批准 | rule {names} wants a person to decide"), grants)
    return Evaluation(Approve("policy"), grants)


def _rule_for(
    policy: Policy, warrant: RoundWarrant, spec: PopulationSpec, *, model: str, context: PolicyContext
) -> AllowRule | Refuse:
    """Return a rule that allows this population for this model, those that decide by themselves first."""
    mentioning = [rule for rule in policy.allow if spec.dataset in rule.datasets]
    if not mentioning:
        reason: Fault = ("没有任何规则提到这个数据集", "no rule mentions this dataset")
        return _refuse(spec, None, [reason])
    tried = [(rule, list(_faults(rule, warrant, spec, model=model, context=context))) for rule in mentioning]
    fitting = sorted((rule for rule, faults in tried if not faults), key=lambda rule: rule.mode == "operator")
    if fitting:
        return fitting[0]
    nearest, faults = min(tried, key=lambda pair: len(pair[1]))
    return _refuse(spec, nearest, faults)


def _faults(
    rule: AllowRule, warrant: RoundWarrant, spec: PopulationSpec, *, model: str, context: PolicyContext
) -> Iterator[Fault]:
    """Yield every condition of the rule that does not hold."""
    if warrant.requester not in rule.requesters:
        yield f"委托单位 {warrant.requester} 不在名单", f"requester {warrant.requester} is not listed"
    if warrant.purpose not in rule.purposes:
        yield "目的不在允许之列", "the purpose is not listed"
    if ANY not in rule.models and model not in rule.models:
        yield f"模型 {model} 不在允许之列", f"model {model} is not listed"
    if context.now.date() > rule.valid_until:
        yield f"规则已于 {rule.valid_until} 到期", f"the rule ended on {rule.valid_until}"
    if rule.classes and not (spec.classes and set(spec.classes) <= rule.classes):
        yield f"只允许类别 {'、'.join(sorted(rule.classes))}", f"only classes {sorted(rule.classes)} are allowed"
    if spec.change and not rule.changes:
        yield "不允许只查变动人员", "changes are not allowed"
    if spec.context and not rule.context:
        yield "不允许附带文书号", "document numbers are not allowed"
    yield from _size_faults(rule, warrant, spec, context)
    yield from pace_faults(rule, warrant, context)
    yield from overlap_faults(rule, warrant, spec, context)
    yield from definition_faults(rule, warrant, spec, context)
    yield from result_faults(rule, warrant)


def _size_faults(
    rule: AllowRule, warrant: RoundWarrant, spec: PopulationSpec, context: PolicyContext
) -> Iterator[Fault]:
    facts = context.facts.get(spec.id)
    if facts is None:
        yield "本方没有这个群体的登记表", "there is no register of this population here"
        return
    # People who came or left may well be few: there the whole snapshot is held against the least size.
    if facts.whole < rule.min_rows:
        yield f"本方少于 {rule.min_rows} 行", f"we have fewer than {rule.min_rows} rows"
    if facts.rows > warrant.limits.max_rows:
        yield "本方行数超过委托书上限", "we have more rows than the warrant allows"
    if warrant.limits.min_anchor_rows < rule.min_anchor_rows:
        yield (
            f"委托书须保证委托方不少于 {rule.min_anchor_rows} 行",
            f"the warrant must promise at least {rule.min_anchor_rows} anchor rows",
        )
    if spec.payload and not facts.tags <= rule.tags:
        extra = sorted(facts.tags - rule.tags)
        yield f"附带信息的类别 {'、'.join(extra)} 不允许", f"payload tags {extra} are not allowed"


def _refuse(spec: PopulationSpec, rule: AllowRule | None, faults: Sequence[Fault]) -> Refuse:
    zh = f"数据集 {spec.dataset}" + (f"，规则“{rule.name}”" if rule else "")
    en = f"dataset {spec.dataset}" + (f", rule {rule.name}" if rule else "")
    return _refuse_for(zh, en, faults)


def _refuse_for(zh: str, en: str, faults: Sequence[Fault]) -> Refuse:
    return Refuse(f"{zh}：{'；'.join(f[0] for f in faults)} | {en}: {'; '.join(f[1] for f in faults)}", "policy")


def _refusal(spec: PopulationSpec, rule: AllowRule | None, faults: Sequence[Fault]) -> Evaluation:
    return Evaluation(_refuse(spec, rule, faults))


@dataclass(frozen=True, slots=True)
class ReleaseEvaluation:
    """The answer to a release request: the fields that may be given, and who must decide."""

    choice: Choice
    fields: tuple[str, ...] = ()


def examine_release(
    policy: Policy, *, requester: str, dataset: str, fields: Sequence[str], now: datetime, given_today: int
) -> ReleaseEvaluation:
    """Return what may be given of one row; fields no rule names are left away, and none at all is a refusal."""
    rules = [
        rule
        for rule in policy.release
        if requester in rule.requesters and dataset in rule.datasets and now.date() <= rule.valid_until
    ]
    if not rules:
        return _no_release(f"没有规则允许调取数据集 {dataset}", f"no rule allows releases of dataset {dataset}")
    rules = [rule for rule in rules if given_today < rule.per_day]
    if not rules:
        return _no_release("今天的调取次数已满", "today's releases are used up")
    allowed = {name: rule for rule in reversed(rules) for name in rule.fields}
    given = tuple(name for name in fields if name in allowed)
    if not given:
        return _no_release("请求的栏目都不允许调取", "none of the fields asked for may be released")
    by_hand = sorted({allowed[name].name for name in given if allowed[name].mode == "operator"})
    if by_hand:
        names = "、".join(by_hand)
        return ReleaseEvaluation(Wait(f"规则“{names}”要求人工批准 | rule {names} wants a person to decide"), given)
    return ReleaseEvaluation(Approve("policy"), given)


def _no_release(zh: str, en: str) -> ReleaseEvaluation:
    return ReleaseEvaluation(Refuse(f"{zh} | {en}", "policy"))
