"""Say in Chinese and English how an amount came about, line by line; no line holds anything personal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from procuratorate_node.relief.caps import CapStep
from procuratorate_node.relief.checklist import Answer
from procuratorate_node.relief.formula import Term
from procuratorate_node.relief.money import grouped, plain
from procuratorate_node.relief.peers import PeerBand
from procuratorate_node.relief.proposal import Proposal
from procuratorate_node.relief.rules import Rules

ELIGIBLE = {
    Answer.YES: ("符合条件", "the conditions are met"),
    Answer.NO: ("不符合条件或存在除外情形", "the conditions are not met, or an exclusion applies"),
    Answer.UNKNOWN: ("条件清单尚未完成", "the checklist is not complete"),
}
KEYS = {
    "charge": ("罪名或案由", "charge or cause"),
    "case_type": ("案件类型", "case type"),
    "harm": ("伤害程度", "harm level"),
    "tier": ("困难档次", "tier of hardship"),
}
# The harm levels of the coefficients, from 0.
HARM = (
    ("没有人身伤害", "nobody was hurt"),
    ("轻微伤、轻伤二级", "minor injury"),
    ("轻伤一级", "lesser injury, first grade"),
    ("重伤、死亡", "serious injury or death"),
)
TABLES = {"scale": ("系数表", "coefficients"), "rules": ("规则表", "rules"), "figures": ("地区表", "region figures")}


@dataclass(frozen=True, slots=True)
class Text:
    """One line in both languages."""

    zh: str
    en: str


def explain(proposal: Proposal) -> tuple[Text, ...]:
    """Return the whole account of a proposal, in reading order."""
    return tuple(_lines(proposal))


def term_text(term: Term) -> Text:
    yuan = term.unit == "yuan"
    zh, en = (" 元", " yuan") if yuan else (" 倍", " times") if term.code != "fault" else ("", "")
    value = grouped(term.value)
    return Text(
        f"{term.zh} {term.symbol} = {value}{zh}（{term.how_zh}；出处 {term.source}）",
        f"{term.en} {term.symbol} = {value}{en} ({term.how_en}; source {term.source})",
    )


def cap_text(step: CapStep, rules: Rules) -> Text:
    """Return what a cap does, and whose approval exceeding it needs."""
    cap, source = step.cap, rules.source(step.cap.source)
    if step.limit is None:
        return Text(f"{cap.zh}：未确定，未适用（{source.zh}）", f"{cap.en}: not known, not applied ({source.en})")
    roles = [rules.role(r) for r in cap.roles]
    above_zh = f"超过须经{'、'.join(r.zh for r in roles)}批准" if roles else "不得突破"
    above_en = f"to exceed: {', '.join(r.en for r in roles)}" if roles else "never exceeded"
    does_zh, does_en = (f"适用，降至 {grouped(step.after)} 元", f"binds, down to {grouped(step.after)} yuan")
    if not step.binds:
        does_zh, does_en = "未超过", "not exceeded"
    how_zh, how_en = (f"（{step.how_zh}）", f" ({step.how_en})") if step.how_zh else ("", "")
    return Text(
        f"{cap.zh} {grouped(step.limit)} 元{how_zh}：{does_zh}；{above_zh}（{source.zh}）",
        f"{cap.en} {grouped(step.limit)} yuan{how_en}: {does_en}; {above_en} ({source.en})",
    )


def peer_text(band: PeerBand) -> Text:
    zh, en = "、".join(KEYS[k][0] for k in band.keys), ", ".join(KEYS[k][1] for k in band.keys)
    if band.middle is None or band.low is None or band.high is None:
        return Text(
            f"同类案件仅 {band.cases} 件，不足 {band.least_cases} 件，无法比较（{band.since} 至 {band.until}）",
            f"only {band.cases} comparable cases of the {band.least_cases} needed ({band.since} to {band.until})",
        )
    share = plain(band.share * 100)
    return Text(
        f"同类案件 {band.cases} 件（{zh}相同，{band.since} 至 {band.until}），中位数 {grouped(band.middle)} 元，"
        f"±{share}% 幅度 {grouped(band.low)}–{grouped(band.high)} 元",
        f"{band.cases} comparable cases (same {en}; {band.since} to {band.until}), median {grouped(band.middle)} yuan, "
        f"band ±{share}%: {grouped(band.low)}–{grouped(band.high)} yuan",
    )


def _lines(proposal: Proposal) -> Iterator[Text]:
    yield Text(*ELIGIBLE[proposal.checklist.eligible])
    for line in proposal.checklist.lines:
        if line.look_zh:
            yield Text(f"请复核 {line.item.code}：{line.look_zh}", f"check {line.item.code}: {line.look_en}")
    yield _score(proposal)
    yield from (term_text(t) for t in proposal.calculation.terms)
    span = proposal.range
    open_zh, open_en = ("", "") if span.closed else ("（不含上端）", " (upper end excluded)")
    yield Text(
        f"本档金额范围 {grouped(span.low)}–{grouped(span.high)} 元{open_zh}",
        f"range of the tier {grouped(span.low)}–{grouped(span.high)} yuan{open_en}",
    )
    yield from (cap_text(s, proposal.tables.rules) for s in proposal.caps)
    yield Text(f"建议金额 {grouped(proposal.amount)} 元", f"proposed amount {grouped(proposal.amount)} yuan")
    yield peer_text(proposal.peers)
    if proposal.peers.outside(proposal.amount):
        yield Text("超出同类案件幅度，须写明理由", "outside the band: a written reason is needed")
    for name in proposal.tables.drafts:
        zh, en = TABLES[name]
        yield Text(f"注意：{zh}为草案，尚未经本地采用", f"note: the {en} are a draft that no authority has adopted")


def _score(proposal: Proposal) -> Text:
    score, tier = proposal.score, proposal.calculation.tier
    differs_zh = "" if score.tier.code == tier.code else f"；经办人确定为{tier.zh}"
    differs_en = "" if score.tier.code == tier.code else f"; the officer set {tier.en}"
    return Text(
        f"困难评分 {plain(score.total)}，建议档次{score.tier.zh}{differs_zh}",
        f"hardship score {plain(score.total)}, suggested tier {score.tier.en}{differs_en}",
    )
