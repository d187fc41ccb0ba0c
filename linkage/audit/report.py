"""The page a reviewer reads: who asked what, on which legal basis, who consented, what left, who was opened, refused.

Persons acted on are in no log, so they cannot be in a report: an opening shows how many, by whom and why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from linkage.audit.choosing import Choice, shown
from linkage.audit.findings import is_sound, of_level
from linkage.audit.page import Page, Section, Table
from linkage.audit.reconcile import Reconciliation
from linkage.audit.rules import Rules
from linkage.audit.story import Release, Round, Story
from linkage.audit.words import (
    BY,
    DATASETS,
    DECISIONS,
    PARTS,
    REFERRAL_STATES,
    STATES,
)
from linkage.keys.manifest import Manifest
from linkage.words import FIELDS, Language, word, worded

MAX_FINDINGS = 50
Rows = Sequence[tuple[str | int, ...]]


class Reporter:
    """Write a page from a chosen story. `language` is that of words in tables: "zh", "en", or "" for both."""

    def __init__(
        self, story: Story, choice: Choice, *, manifest: Manifest, rules: Rules, language: Language = ""
    ) -> None:
        self._language = language
        self._story = choice.apply(story)
        self._span = story.span()
        self._choice = choice
        self._manifest = manifest
        self._rules = rules
        self._names = {party.id: party.name for party in manifest.parties()}

    def page(self, checked: Reconciliation) -> Page:
        """Return the whole report, with what reconciling said of the logs it rests on."""
        sections = [self._scope(checked), self._summary(), *(self.round_section(r) for r in self._story.rounds)]
        sections += [self.openings(), self.releases(), self.referrals(), self.refusals(), self.officers()]
        sections.append(self._integrity(checked))
        return Page(
            f"数据使用审计报告：{self._manifest.consortium}",
            "audit report on the use of data",
            tuple(section for section in sections if section is not None),
        )

    def name(self, party: str) -> str:
        """Return a party's own name with its id."""
        return f"{self._names[party]}（{party}）" if self._names.get(party, party) != party else party

    def _what(self, kind: str) -> str:
        name = self._rules.kinds.get(kind)
        return kind if name is None else name.en if self._language == "en" else name.zh

    def _word(self, zh: str, en: str) -> str:
        return {"zh": zh, "en": en}.get(self._language, f"{zh} {en}")

    def _yes(self, told: bool) -> str:
        return self._word("有", "yes") if told else self._word("无", "no")

    def _fields_given(self, found: Release) -> str:
        """Return the fields given; a register may hold none of those asked for."""
        nothing = self._word("没有可给的栏目", "none of them is held") if found.is_given else ""
        return worded(FIELDS, found.given, self._language) or nothing

    def _given(self, told: bool) -> str:
        return self._word("已给", "given") if told else self._word("未给", "not given")

    def _scope(self, checked: Reconciliation) -> Section:
        c = self._choice
        told = [
            (c.party, "单位 party"),
            (c.agency, "数据单位 agency"),
            (c.officer, "经办人 officer"),
            (c.purpose, "用途 purpose"),
            (c.since.isoformat() if c.since else "", "自 since"),
            (c.until.isoformat() if c.until else "", "至 until"),
        ]
        wanted = "；".join(f"{what}：{value}" for value, what in told if value) or "全部 everything"
        lines = [f"范围 scope：{wanted}", "时间均为北京时间（UTC+8）| all times are UTC+8"]
        lines.append(f"依据的日志 logs read：{'、'.join(self.name(p) for p in checked.held)}")
        if checked.absent:
            lines.append(f"未提交日志 not handed in：{'、'.join(self.name(p) for p in checked.absent)}")
        if self._span:
            first, last = (shown(time)[:10] for time in self._span)
            lines.append(f"日志里的轮次 rounds in these logs：{first} 至 to {last}")
        faults = len(of_level(checked.findings, "fault"))
        sound = "✓ 各方日志相互吻合 | the logs agree with each other"
        lines.append(
            sound if not faults else f"✗ 日志有 {faults} 处问题，见末节 | {faults} faults in the logs, see the end"
        )
        return Section("说明", "about this report", tuple(lines))

    def _summary(self) -> Section:
        s = self._story
        uploads = [u for r in s.rounds for u in r.uploads]
        rows, persons = sum(u.rows for u in uploads), sum(o.persons for o in s.openings)
        dummies = sum(u.dummies for u in uploads)
        given, refused = sum(r.is_given for r in s.releases), len(s.refusals)
        lines = [
            f"共 {len(s.rounds)} 轮比对；以编码形式离开数据单位 {rows:,} 行，其中虚设 {dummies:,} 行"
            f"（{len(uploads)} 个群体）。",
            f"{len(s.rounds)} rounds; {rows:,} rows left their owners in encoded form, {dummies:,} of them dummies"
            f" ({len(uploads)} populations).",
            f"还原身份 {persons} 人（{len(s.openings)} 次）；调取字段 {given} 次；"
            f"转介 {len(s.referrals)} 次；拒绝或失败 {refused} 次。",
            f"{persons} persons opened in {len(s.openings)} openings; {given} releases; {len(s.referrals)} referrals;"
            f" {refused} refusals or failures.",
        ]
        totals: Counter[str] = Counter()
        for upload in uploads:
            totals[upload.party] += upload.rows
        table = _table(
            [("单位", "party"), ("离开的行数", "rows that left")],
            [(self.name(p), n) for p, n in sorted(totals.items())],
        )
        return Section("概要", "summary", tuple(lines), (table,) if totals else ())

    def round_section(self, found: Round) -> Section:
        """Return one round: the warrant, the consents, the uploads and when each was erased."""
        language = self._language
        lines = [
            f"委托单位 requester：{self.name(found.requester)}",
            f"用途 purpose：{found.purpose}　案由或文号 reference：{found.reference}",
            f"法律依据 legal basis：{'；'.join(found.legal_basis) or '（日志未记 not in these logs）'}",
            f"模型 models：{'、'.join(found.models)}",
            f"申请人 asked by：{found.requested_by}　批准人 approved by：{found.approved_by}　{shown(found.asked)}",
            f"状态 state：{word(STATES, found.state, '')} {found.reason}".rstrip(),
        ]
        if found.clues is not None:
            lines.append(f"产生线索 clues：{found.clues}")
        consents = _table(
            [("单位", "party"), ("决定", "decision"), ("由谁决定", "by"), ("时间", "time"), ("理由", "reason")],
            [
                (
                    self.name(c.party),
                    word(DECISIONS, c.decision, language),
                    word(BY, c.by, language),
                    shown(c.time),
                    c.reason,
                )
                for c in found.consents
            ],
        )
        uploads = _table(
            [("单位", "party"), ("数据集", "dataset"), ("行数", "rows"), ("其中虚设", "dummies"),
             ("未能编码", "left out"), ("附带标签", "tags"),
             ("离开时间", "left at"), ("销毁时间", "erased at")],
            [
                (self.name(u.party), word(DATASETS, u.dataset or u.population, language), u.rows, u.dummies, u.left_out,
                 self._yes(u.payload),
                 shown(u.time), shown(found.deleted.get(u.party, "")))
                for u in found.uploads
            ],
        )  # fmt: skip
        return Section(f"轮次 {found.id[:8]}", f"round {found.id}", tuple(lines), (consents, uploads))

    def openings(self) -> Section:
        """Return who opened how many persons, and why."""
        rows = [
            (shown(o.time), self.name(o.party), o.clue, o.persons, o.requested_by, o.approved_by, o.reason, o.round[:8])
            for o in self._story.openings
        ]
        headings = [("时间", "time"), ("单位", "party"), ("线索", "clue"), ("人数", "persons")]
        headings += [("申请人", "asked by"), ("批准人", "approved by"), ("理由", "reason"), ("轮次", "round")]
        return _listed("还原身份（谁打开了几人，为什么）", "openings: who opened how many, and why", headings, rows)

    def releases(self) -> Section:
        """Return which fields were asked for and given."""
        language = self._language
        rows = [
            (shown(r.time), self.name(r.party), self.name(r.requester), r.asked_by, worded(FIELDS, r.asked, language),
             self._fields_given(r), self._given(r.is_given), word(BY, r.decided_by, language), r.clue)
            for r in self._story.releases
        ]  # fmt: skip
        headings = [("时间", "time"), ("数据单位", "owner"), ("申请单位", "requester"), ("申请人", "asked by")]
        headings += [
            ("申请的字段", "asked"),
            ("给出的字段", "given"),
            ("结果", "outcome"),
            ("由谁决定", "by"),
            ("线索", "clue"),
        ]
        return _listed("调取字段", "releases of fields", headings, rows)

    def referrals(self) -> Section:
        """Return what was sent to other offices for help, and how it went on."""
        language = self._language
        rows = [
            (shown(r.time), self.name(r.party), self.name(r.receiver), r.by, worded(FIELDS, r.about, language),
             " → ".join(
                 f"{word(REFERRAL_STATES, state, language)} {word(BY, by, language)} {shown(at)}"
                 for state, by, at in r.states
             ))
            for r in self._story.referrals
        ]  # fmt: skip
        headings = [("时间", "time"), ("转出单位", "from"), ("接收单位", "to"), ("经办人", "by")]
        headings += [("事项与字段", "what"), ("进展", "progress")]
        return _listed("转介帮助", "referrals", headings, rows)

    def refusals(self) -> Section:
        """Return what was refused or failed."""
        rows = [
            (shown(r.time), self.name(r.party), self._what(r.kind), self.name(r.whom), r.reason, r.round[:8])
            for r in self._story.refusals
        ]
        headings = [("时间", "time"), ("谁的日志", "log of"), ("事项", "what"), ("对谁", "whom")]
        headings += [("理由", "reason"), ("轮次", "round")]
        return _listed("拒绝与失败", "refusals and failures", headings, rows)

    def officers(self) -> Section:
        """Return how often each person acted, and whether as who asked or who approved."""
        counts = Counter((d.party, d.officer, d.kind, d.part) for d in self._story.deeds)
        rows = [
            (self.name(party), officer, self._what(kind), word(PARTS, part, self._language), count)
            for (party, officer, kind, part), count in sorted(counts.items())
        ]
        headings = [
            ("单位", "party"),
            ("经办人", "officer"),
            ("事项", "what"),
            ("在其中是", "part in it"),
            ("次数", "times"),
        ]
        return _listed("经办人", "people acting", headings, rows)

    def _integrity(self, checked: Reconciliation) -> Section:
        pairs, unchecked = sum(c.pairs for c in checked.checked), sum(c.unchecked for c in checked.checked)
        lines = [
            f"按 {len(checked.checked)} 条规则逐一对应 {pairs} 处，{unchecked} 处因缺日志未能核对。"
            f" | {pairs} correspondences by {len(checked.checked)} rules, {unchecked} unchecked for want of a log.",
            f"规则摘要 digest of the rules：{self._rules.digest}",
        ]
        if is_sound(checked.findings):
            lines.append("✓ 没有发现问题 | no fault was found")
        for level, mark in (("fault", "✗"), ("open", "…"), ("note", "·")):
            found = [f for f in checked.findings if f.level == level]
            lines += [
                f"{mark} {f.party}{'' if f.index is None else f'[{f.index}]'} {f.zh}" for f in found[:MAX_FINDINGS]
            ]
            if len(found) > MAX_FINDINGS:
                lines.append(f"{mark} 另有 {len(found) - MAX_FINDINGS} 处 | and {len(found) - MAX_FINDINGS} more")
        rows = [(self.name(p), h.leaves, h.covered, "、".join(h.witnesses)) for p, h in checked.held.items()]
        headings = [
            ("日志", "log"),
            ("他方记下的叶", "leaves held"),
            ("他方见证到", "witnessed up to"),
            ("见证方", "witnesses"),
        ]
        return Section("日志可信程度", "how far the logs can be trusted", tuple(lines), (_table(headings, rows),))


def _table(headings: Sequence[tuple[str, str]], rows: Rows) -> Table:
    return Table(tuple(headings), tuple(rows))


def _listed(zh: str, en: str, headings: Sequence[tuple[str, str]], rows: Rows) -> Section:
    if not rows:
        return Section(zh, en, ("无 | none",))
    return Section(zh, en, (), (_table(headings, rows),))
