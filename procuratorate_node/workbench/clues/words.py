"""The codes of clues in words, and the colour that stands beside them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from linkage.keys.times import parse_utc
from linkage.owner import referrals
from linkage.web.texts import Text
from linkage.words import FIELDS
from procuratorate_node.casefiles.facts import Topic
from procuratorate_node.relief import wording
from procuratorate_node.relief.money import grouped
from procuratorate_node.working_days import local_moment

COLOURS: Final[Mapping[str, Text]] = {
    "red": Text("红", "red"),
    "orange": Text("橙", "orange"),
    "yellow": Text("黄", "yellow"),
    "": Text("无", "none"),
}
PHASES: Final[Mapping[str, Text]] = {
    "candidate": Text("待分派", "to assign"),
    "assigned": Text("已分派", "assigned"),
    "review": Text("核查中", "under check"),
    "deferred": Text("暂缓", "deferred"),
    "confirmed": Text("已确认", "confirmed"),
    "rejected": Text("已否定", "rejected"),
    "identified": Text("已还原", "opened"),
    "award-proposed": Text("金额待决定", "amount proposed"),
    "award-decided": Text("金额已决定", "amount decided"),
    "award-paid": Text("已支付", "paid"),
    "referred": Text("已转介", "referred"),
    "followed-up": Text("已回访", "followed up"),
    "closed": Text("已办结", "closed"),
}
CHANGES: Final[Mapping[str, Text]] = {
    "new": Text("新增", "new"),
    "kept": Text("不变", "kept"),
    "changed": Text("变化", "changed"),
    "gone": Text("消失", "gone"),
}
VERDICTS: Final[Mapping[str, Text]] = {
    "yes": Text("符合", "fits"),
    "cannot-tell": Text("不能确定", "cannot tell"),
}
GRADES: Final[Mapping[str, Text]] = {
    "A": Text("号码相同，姓名一致：核对案情", "same number, name agrees: look at the case"),
    "B": Text(
        "号码相同，姓名不同：先查清是录入错误还是别人的号码",
        "same number, other name: a slip, or somebody else's number?",
    ),
    "C": Text("姓名、出生日期、性别相同：排除同名", "same name, birth and sex: rule out a namesake"),
    "D": Text("多处相似，没有别人也相似：对照案卷", "alike in many things, nobody else is: compare the case file"),
    "E": Text("相似的不止一人，或只是接近：当作疑问", "several are alike, or only nearly: take it as a question"),
}
CATEGORIES: Final = ("刑事", "未检", "民事", "行政", "信访")
CATEGORY_WORDS: Final[Mapping[str, Text]] = {
    "刑事": Text("刑事", "criminal"),
    "未检": Text("未检", "juvenile"),
    "民事": Text("民事", "civil"),
    "行政": Text("行政", "administrative"),
    "信访": Text("信访", "petition"),
}
FACTS: Final[Mapping[str, Text]] = {
    "category": Text("案件类别", "Kind of case"),
    "charge": Text("案由", "Charge or cause"),
    "stage": Text("诉讼阶段", "Stage"),
    "role": Text("身份", "Role"),
    "harm": Text("伤情", "Injury"),
    "loss": Text("损失", "Loss"),
    "compensation": Text("赔偿状态", "Compensation"),
    "locality": Text("户籍", "Locality"),
}
TOPICS: Final[Mapping[Topic, str]] = {  # In English; a topic's own value is its name in Chinese.
    Topic.RELATION: "relation to the victim",
    Topic.HARM: "injury",
    Topic.DEAD: "death",
    Topic.FAULT: "fault",
    Topic.LOSS: "loss",
    Topic.AWARD: "awarded",
    Topic.PAID: "paid",
    Topic.COMPENSATION: "compensation",
}
COMPENSATION: Final[Mapping[str, Text]] = {
    "FULL": Text("已全部赔偿", "paid in full"),
    "PARTIAL": Text("部分赔偿", "partly paid"),
    "NOT": Text("尚未赔偿", "not paid"),
    "UNKNOWN": Text("不明", "unknown"),
    "CONFLICT": Text("材料矛盾，须人工核实", "papers disagree: look"),
}
ACTIONS: Final[Mapping[str, Text]] = {
    "found": Text("筛查发现", "found by a round"),
    "changed": Text("筛查结果有变化", "changed in a round"),
    "gone": Text("后续轮次未再发现", "no longer found"),
    "assign": Text("分派", "assigned"),
    "check": Text("核查", "checked"),
    "confirm": Text("确认", "confirmed"),
    "reject": Text("否定", "rejected"),
    "defer": Text("暂缓", "deferred"),
    "resume": Text("恢复核查", "resumed"),
    "opening-asked": Text("申请还原身份", "opening asked for"),
    "identify": Text("批准还原身份", "opening approved"),
    "propose": Text("提出金额", "amount proposed"),
    "decide": Text("决定金额", "amount decided"),
    "refuse": Text("不予救助", "aid refused"),
    "pay": Text("支付", "paid"),
    "explain": Text("释法说理", "refusal explained"),
    "follow": Text("回访", "followed up"),
    "close": Text("办结", "closed"),
    "reopen": Text("重新核查", "taken up again"),
    "note": Text("备注", "note"),
    "release-sent": Text("调取字段", "fields asked for"),
    "release-answered": Text("调取答复", "fields answered"),
}
CHECKS: Final[Mapping[str, Text]] = {
    "person": Text("确有其人", "A real person"),
    "link": Text("匹配的是同一人", "The right person in the register"),
    "facts": Text("案件事实属实", "The facts of the case hold"),
    "helped": Text("行政机关已及时帮扶", "The administration helped at once"),
    "searched": Text("法院已穷尽财产调查", "The court searched all property"),
}
ANSWERS: Final[Mapping[str, Text]] = {
    "unsure": Text("未核实", "not checked"),
    "yes": Text("是", "yes"),
    "no": Text("否", "no"),
}
PERSON: Final[Mapping[str, Text]] = {
    name: Text(*FIELDS[name]) for name in ("name", "id_number", "sex", "birth", "phone", "address")
}
REFERRED: Final[Mapping[str, Text]] = {name: Text(*words) for name, words in referrals.REFERRED.items()}
STATES: Final[Mapping[str, Text]] = {
    "DRAFT": Text("拟稿，待批准", "draft, to approve"),
    "APPROVED": Text("已批准，待发出", "approved, to send"),
    "SENT": Text("已发出", "sent"),
    "RECEIVED": Text("已收到", "received"),
    "ACCEPTED": Text("已受理", "accepted"),
    "REFUSED": Text("不予受理", "refused"),
    "DONE": Text("已办结", "done"),
    "VERIFIED": Text("已核实", "verified"),
    "CLOSED": Text("已归档", "closed"),
}
AWARDS: Final[Mapping[str, Text]] = {
    "proposed": Text("待决定", "to decide"),
    "decided": Text("已决定，待支付", "decided, to pay"),
    "paid": Text("已支付", "paid"),
    "refused": Text("不予救助或撤回", "refused or withdrawn"),
}
HARM: Final = tuple(Text(f"{level} {zh}", f"{level}: {en}") for level, (zh, en) in enumerate(wording.HARM))
AMOUNT_FACTS: Final[Mapping[str, Text]] = {
    "case_type": Text("案件类型", "case type"),
    "harm": Text("伤害程度", "harm"),
    "fault": Text("过错责任", "fault"),
    "tier": Text("困难档次", "tier of hardship"),
    "hardship": Text("困难系数", "hardship coefficient"),
    "case_coefficient": Text("案件系数", "case coefficient"),
    "award": Text("应赔数额", "sum awarded or due"),
    "paid": Text("已支付", "sum paid"),
    "urgent": Text("情况紧急", "urgency"),
}
ITEM_KINDS: Final[Mapping[str, Text]] = {
    "scope": Text("适用范围", "Scope"),
    "condition": Text("第七条 应予救助情形（至少一项）", "Article 7: conditions (at least one)"),
    "exclusion": Text("第八条 一般不予救助情形", "Article 8: exclusions"),
}
EVENTS: Final[Mapping[str, Text]] = {
    "round": Text("筛查轮次", "Round"),
    "clue": Text("线索", "Clue"),
    "opening": Text("还原身份", "Opening"),
    "referral": Text("转介", "Referral"),
    "award": Text("救助金", "Aid"),
}


def yuan(amount: Decimal | str) -> str:
    """Return a sum or a coefficient with its thousands apart."""
    return grouped(Decimal(amount))


def topic(found: Topic) -> Text:
    """Return what a passage is about."""
    return Text(found.value, TOPICS.get(found, found.value))


def note(text: str) -> Text:
    """Return what was noted with a step; the program itself notes the id of an award."""
    award = text.removeprefix("award ")
    return Text(f"救助金 {award}", f"aid {award}") if award != text else Text(text, text)


def moment(text: str) -> str:
    """Return a stored moment on the office's wall clock; a day stays a day."""
    return f"{local_moment(parse_utc(text)):%Y-%m-%d %H:%M}" if text.endswith("Z") else text


def word(table: Mapping[str, Text], code: str) -> Text:
    """Return a code in words; a code that a newer table brought stands for itself."""
    return table.get(code, Text(code, code))
