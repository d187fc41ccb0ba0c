"""Words for the codes that logs hold; those for fields are everybody's (linkage/words.py).

Logs name datasets as the offices' registers do; those of the registers that come with the program are here.
"""

from __future__ import annotations

from typing import Final

from linkage.words import Words

STATES: Final[Words] = {
    "PROPOSED": ("已提出", "proposed"),
    "CONSENTED": ("各方已同意", "all consented"),
    "COLLECTING": ("收集中", "collecting"),
    "MATCHING": ("比对中", "matching"),
    "READY": ("结果待取", "result ready"),
    "DELIVERED": ("已交付", "delivered"),
    "CLOSED": ("已结束，数据已销毁", "closed, data erased"),
    "REFUSED": ("被拒绝", "refused"),
    "EXPIRED": ("已过期", "expired"),
    "FAILED": ("失败", "failed"),
    "CANCELLED": ("已取消", "cancelled"),
}
REFERRAL_STATES: Final[Words] = {
    "RECEIVED": ("已收到", "received"),
    "ACCEPTED": ("已受理", "accepted"),
    "REFUSED": ("不予受理", "refused"),
    "DONE": ("已办结", "done"),
}
DECISIONS: Final[Words] = {"approve": ("同意", "approve"), "refuse": ("拒绝", "refuse")}
BY: Final[Words] = {
    "policy": ("按本单位策略", "policy"),
    "verification": ("核验未通过", "verification"),
    "system": ("系统", "system"),
}
# The part a named person had in a deed, by the fact that names the person.
PARTS: Final[Words] = {
    "requested_by": ("申请人", "asked"),
    "asked_by": ("申请人", "asked"),
    "approved_by": ("批准人", "approved"),
    "decided_by": ("决定人", "decided"),
    "by": ("经办人", "acted"),
    "account": ("账户", "account"),
}
DATASETS: Final[Words] = {
    "parties": ("本院案件当事人", "parties of its cases"),
    "dibao": ("低保家庭成员", "subsistence allowance"),
    "dibian": ("低保边缘家庭成员", "near subsistence allowance"),
    "tekun": ("特困供养人员", "destitute people"),
    "child": ("福利儿童", "children in care"),
    "disabled": ("持证残疾人", "disabled people"),
    "monitor": ("防返贫监测对象", "watched for poverty"),
    "card": ("原建档立卡人口", "once registered poor"),
    "women": ("困难妇女", "women in difficulty"),
    "chunlei": ("春蕾儿童", "Spring Bud children"),
    "worker": ("困难职工", "workers in difficulty"),
    "medaid": ("医疗救助对象", "medical aid"),
    "veteran": ("退役军人", "veterans"),
    "youfu": ("重点优抚对象", "special care"),
    "vulnerable": ("困难弱势群体", "vulnerable people"),
    "eduaid": ("受资助学生", "aided students"),
    "bereaved": ("失独家庭成员", "bereaved families"),
    "social_aided": ("已获社会救助的人", "had social aid"),
    "aided_court": ("已获司法救助的人（人民法院）", "had judicial aid (court)"),
    "aided_police": ("已获司法救助的人（公安局）", "had judicial aid (police)"),
    "aided_justice": ("已获司法救助的人（司法局）", "had judicial aid (justice bureau)"),
    "enforcement_creditor": ("申请执行人（未获清偿）", "unpaid creditors"),
    "enforcement_debtor": ("被执行人（自然人，未清偿）", "debtors"),
}
