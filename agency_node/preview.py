"""The disclosure preview: what saying yes would disclose, in plain words, before anybody says it (design §3.2).

It names datasets, columns, counts and rules; no cell, no name of a person asked about, no number of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta, timezone

from agency_node.policy import Grant
from agency_node.rows import FIELD_TITLES, FIELDS, PopulationFacts
from linkage.owner.disclosure import models_in_words, models_using
from linkage.owner.verifying import VerifiedWarrant
from linkage.warrant import PopulationSpec, parse_utc

BEIJING = timezone(timedelta(hours=8))
SINCE = {"previous": "上一期快照"}
CHANGES = {"": "", "gained": "只含新进人员（相对 {since}）", "lost": "只含退出人员（相对 {since}）"}


def render_preview(
    verified: VerifiedWarrant, facts: Mapping[str, PopulationFacts], grants: Mapping[str, Grant], *, advice: str
) -> str:
    """Return the preview's text, Chinese first. `grants` is empty when the policy refuses."""
    lines = [*_who(verified), "", *_models(verified), ""]
    for spec in verified.own:
        lines += [*_population(verified, spec, facts.get(spec.id), grants.get(spec.id)), ""]
    lines += [*_consequences(verified), "", f"授权规则的意见 policy：{advice}"]
    return "\n".join(lines) + "\n"


def _who(verified: VerifiedWarrant) -> Iterator[str]:
    w = verified.warrant
    yield f"轮次 round：{w.round_id}"
    yield f"委托书摘要 warrant digest：{verified.digest.hex()}"
    yield f"谁来问 who asks：{verified.requester.name}（{w.requester}）"
    yield f"为什么 why：{w.purpose}"
    yield f"依据 legal basis：{'；'.join(w.legal_basis)}"
    yield f"案件或专项 reference：{w.reference or '—'}"
    yield f"委托方批准人 approved there by：{'、'.join(w.approved_by)}"
    yield f"签发 issued：{w.issued_at}    到期 expires：{w.expires_at}（{_local(w.expires_at)} 北京时间）"


def _models(verified: VerifiedWarrant) -> Iterator[str]:
    w = verified.warrant
    yield f"查什么 what is asked（{len(w.models)} 个模型 models）："
    for words in models_in_words(w):
        yield f"  {words.id} v{words.version} {words.title}"
        yield f"    条件 plan：{words.plan_zh}"
        yield f"         in English: {words.plan_en}"
    others = sorted({s.owner for s in w.populations} - {s.owner for s in verified.own})
    yield f"  同一轮还要同意的单位 others who must consent：{'、'.join(others) or '—'}"


def _population(
    verified: VerifiedWarrant, spec: PopulationSpec, facts: PopulationFacts | None, grant: Grant | None
) -> Iterator[str]:
    yield f"本方要编码的群体 population {spec.id}：{spec.title}（数据集 dataset {spec.dataset}）"
    yield f"  用于模型 used by：{'、'.join(models_using(verified.warrant, spec)) or '—'}"
    yield f"  快照 snapshot：{spec.snapshot}" + (f"（截至 {facts.as_of}）" if facts else "")
    yield f"  类别 classes：{'、'.join(spec.classes) or '全部 all'}"
    yield f"  行 rows kept：{'只含有效状态 active only' if spec.active_only else '含已停发、已注销 ended ones too'}"
    if spec.change:
        since = SINCE.get(spec.change_since, spec.change_since)
        yield f"  变动 change：{CHANGES[spec.change].format(since=since)}（{spec.change}）"
    if facts is None:
        yield "  现在的行数 rows now：没有找到登记表 no register found"
        return
    yield f"  现在的行数 rows now：{facts.rows}" + (f"（全部 {facts.whole}）" if spec.change else "")
    if facts.rejects:
        yield f"  无法读取的行 rows that cannot be read：{facts.rejects}"
    shown = [name for name in FIELDS if grant is not None and name in grant.fields]
    columns = "、".join(f"{FIELD_TITLES[n][0]}（{facts.filled.get(n, 0)} 行有）" for n in shown)
    yield f"  参加编码的栏目 columns encoded：{columns or '无 none'}"
    yield f"  附带文书号令牌 document number token：{'是 yes' if spec.context else '否 no'}"
    if spec.payload:
        tags = "、".join(sorted(facts.tags))
        yield f"  附带信息 payload（只有委托方能读 only the requester reads it）：类别 {tags}、起始年月、等级段"
    else:
        yield "  附带信息 payload：无 none"
    if grant is not None:
        yield f"  依据规则 allowed by：{'、'.join(grant.rules)}"


def _consequences(verified: VerifiedWarrant) -> Iterator[str]:
    w = verified.warrant
    yield "谁会知道什么 who learns what："
    yield f"  {verified.requester.name}：自己的哪些当事人符合条件、匹配等级和附带信息；不知道您名册里的其他人"
    yield "    the requester: which of its own people fit, the grade and the payload; nobody else of your register"
    yield "  链接单元：编码后的行数、编码之间的相似关系，以及一行大致写了多少内容；没有密钥，看不到姓名和号码"
    yield "    the coordinator: number of rows, how alike encodings are, how much a row says; no name, no number"
    yield "  其他单位：不知道谁匹配上了 other offices: not who matched"
    yield f"  结果上限 result limit：{w.limits.max_result_rows} 人    委托方至少 requester's rows at least：" + (
        f"{w.limits.min_anchor_rows}"
    )
    yield "轮次结束后编码和位置对照表一并销毁，并签署销毁声明 erased after the round, with a signed statement"


def _local(text: str) -> str:
    return parse_utc(text).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
