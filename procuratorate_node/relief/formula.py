"""Guanyun's formula, every term shown: final = (B × (c_case + c_hard) + B × a) × f (domain GY-M2-1 to -8, C5).

The result is exact; rounding happens once, at the end. It never falls when B, c_case, c_hard, a or f rises.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

from linkage.errors import InputError
from procuratorate_node.relief.facts import AmountFacts
from procuratorate_node.relief.money import EXACT, grouped, plain, round_to
from procuratorate_node.relief.scale import Group, Level, Scale, Tier
from procuratorate_node.relief.tables import Tables


@dataclass(frozen=True, slots=True)
class Term:
    """One term: its symbol in the formula, value, unit ("yuan" or "times"), source row or article, how it was found."""

    code: str
    symbol: str
    zh: str
    en: str
    value: Decimal
    unit: str
    source: str
    how_zh: str
    how_en: str


@dataclass(frozen=True, slots=True)
class Calculation:
    """The terms in the order of the formula; `final` is exact, `rounded` is to the scale's step."""

    terms: tuple[Term, ...]
    tier: Tier
    final: Decimal
    rounded: Decimal
    stopped: bool

    def value(self, code: str) -> Decimal:
        return next(t.value for t in self.terms if t.code == code)


@dataclass(frozen=True, slots=True)
class Sums:
    """What the formula makes of five figures."""

    basic: Decimal
    add: Decimal
    final: Decimal


def apply_formula(benchmark: Decimal, *, case: Decimal, hardship: Decimal, add_on: Decimal, fault: Decimal) -> Sums:
    """Return the three sums, exact."""
    with localcontext(EXACT):
        basic, add = benchmark * (case + hardship), benchmark * add_on
        return Sums(basic, add, (basic + add) * fault)


def calculate(facts: AmountFacts, tables: Tables) -> Calculation:
    """Return the amount before any cap with all its terms. Raises InputError for a figure out of its range."""
    scale = tables.scale
    unknown = set(facts.tags) - scale.tags()
    if unknown:
        text = ", ".join(sorted(unknown))
        raise InputError(f"系数表不认识登记类别 {text}", f"the scale knows no register tag {text}")
    tier, hardship = _hardship(facts, scale)
    terms = [_benchmark(tables), _case(facts, scale), hardship, _add_on(facts, scale), _fault(facts, scale)]
    benchmark, case, hard, add_on, fault = (t.value for t in terms)
    sums = apply_formula(benchmark, case=case, hardship=hard, add_on=add_on, fault=fault)
    rounded = round_to(sums.final, scale.formula.rounding_step, rounding=scale.formula.rounding)
    terms += _sums(sums, rounded, scale)
    return Calculation(tuple(terms), tier, sums.final, rounded, scale.fault(facts.fault).stops)


def _benchmark(tables: Tables) -> Term:
    found = tables.benchmark
    cases_zh = f"，依据 {found.cases} 件已办案件测算" if found.cases else ""
    cases_en = f", calibrated from {found.cases} decided cases" if found.cases else ""
    return Term(
        *("benchmark", "B", "基准金额", "benchmark", found.amount, "yuan", found.source),
        f"{tables.region.zh}，自 {found.valid_from} 起适用{cases_zh}",
        f"{tables.region.en}, valid from {found.valid_from}{cases_en}",
    )


def _case(facts: AmountFacts, scale: Scale) -> Term:
    kind = scale.case_type(facts.case_type)
    value = facts.case_coefficient
    how_zh, how_en = f"{kind.zh}，经办人确定", f"{kind.en}, set by the officer"
    if value is None:
        value = kind.by_harm[facts.harm]
        how_zh, how_en = f"{kind.zh}，伤害程度 {facts.harm}", f"{kind.en}, harm level {facts.harm}"
    if not kind.least <= value <= kind.most:
        raise _outside("case_coefficient", "案件类型系数", f"{plain(kind.least)}–{plain(kind.most)}")
    return Term(
        "c_case", "c_case", "案件类型系数", "case-type coefficient", value, "times", kind.source, how_zh, how_en
    )


def _hardship(facts: AmountFacts, scale: Scale) -> tuple[Tier, Term]:
    tiers = (scale.tier(facts.tier),) if facts.tier else scale.tiers
    value = facts.hardship if facts.hardship is not None else tiers[0].usual
    tier = next((t for t in tiers if t.holds(value)), None)
    if tier is None:
        raise _outside("hardship", "生活困难系数", "、".join(_span(t) for t in tiers))
    set_by = ("经办人确定", "set by the officer") if facts.hardship is not None else ("档内通常值", "usual in its tier")
    return tier, Term(
        *("c_hard", "c_hard", "生活困难系数", "hardship coefficient", value, "times", tier.source),
        f"{tier.zh} {_span(tier)}，{set_by[0]}",
        f"{tier.en} {_span(tier)}, {set_by[1]}",
    )


def _add_on(facts: AmountFacts, scale: Scale) -> Term:
    """Several groups: the highest counts, or all up to a limit, as the scale says."""
    own = {p.tag: p.points for p in facts.points}
    earned = [(_points(g, scale.level(g.level), own.get(g.tag)), g) for g in scale.groups if g.tag in facts.tags]
    if set(own) - {g.tag for _, g in earned}:
        raise InputError("points 中有不产生追加的类别", "points name a tag that earns no add-on")
    head = ("add_on", "a", "追加系数", "add-on coefficient")
    if not earned:
        return Term(*head, Decimal(0), "times", "GY-M2-5, GY-M2-6", "不属于追加类别", "no group that earns an add-on")
    if scale.formula.several == "sum":
        with localcontext(EXACT):
            value = min(sum((p for p, _ in earned), Decimal(0)), scale.formula.sum_limit)
        rule_zh, rule_en = "各类别相加，有上限", "sum of the groups, limited"
    else:
        value = max(p for p, _ in earned)
        rule_zh, rule_en = "取最高一类", "the highest group"
    sources = ", ".join(sorted({scale.level(g.level).source for _, g in earned}))
    names_zh = "、".join(f"{g.zh}：{plain(p)}" for p, g in earned)
    names_en = "; ".join(f"{g.en}: {plain(p)}" for p, g in earned)
    return Term(*head, value, "times", sources, f"{names_zh}；{rule_zh}", f"{names_en}; {rule_en}")


def _points(group: Group, level: Level, own: Decimal | None) -> Decimal:
    points = group.usual if own is None else own
    if not level.holds(points):
        raise _outside("points", f"{group.zh}的追加系数", _span(level))
    return points


def _fault(facts: AmountFacts, scale: Scale) -> Term:
    fault = scale.fault(facts.fault)
    stop_zh, stop_en = ("，不予计算", ", no relief is computed") if fault.stops else ("", "")
    return Term(
        *("fault", "f", "过错系数", "fault coefficient", fault.factor, "times", fault.source),
        *(f"{fault.zh}{stop_zh}", f"{fault.en}{stop_en}"),
    )


def _sums(sums: Sums, rounded: Decimal, scale: Scale) -> list[Term]:
    source, step = scale.formula.source, grouped(scale.formula.rounding_step)
    mode_zh, mode_en = ("四舍五入", "half up") if scale.formula.rounding == "half_up" else ("舍去尾数", "down")
    return [
        Term(
            *("basic", "basic", "救助基本金额", "basic amount", sums.basic, "yuan", "GY-M2-1"),
            *("B ×（c_case + c_hard）", "B × (c_case + c_hard)"),
        ),
        Term(
            *("add", "add", "追加金额", "add-on amount", sums.add, "yuan", "GY-M2-5, GY-M2-6"),
            *("B × a", "B × a"),
        ),
        Term(
            *("final", "final", "计算金额", "computed amount", sums.final, "yuan", "GY-M2-8"),
            *("（基本 + 追加）× f", "(basic + add) × f"),
        ),
        Term(
            *("rounded", "rounded", "取整后金额", "rounded amount", rounded, "yuan", source),
            *(f"按 {step} 元{mode_zh}", f"to {step} yuan, {mode_en}"),
        ),
    ]


def _span(row: Tier | Level) -> str:
    return f"[{plain(row.least)}, {plain(row.below)}{']' if row.closed else ')'}"


def _outside(field: str, zh: str, span: str) -> InputError:
    return InputError(f"{zh}应在 {span} 之内", f"{field} must lie in {span}")
