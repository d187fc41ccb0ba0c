"""Tell what a paper is: its own title first, else the words only such a paper has."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from procuratorate_node.casefiles.paper_text import PaperText


class Kind(StrEnum):
    """The types of papers that speak of victims or suspects (domain B5), and everything else."""

    INDICTMENT = "起诉书"
    OPINION = "起诉意见书"
    ARREST = "提请批准逮捕书"
    INTERROGATION = "讯问笔录"
    INTERVIEW = "询问笔录"
    CRIMINAL = "刑事判决书"
    CIVIL = "民事判决书"
    SETTLEMENT = "和解协议"
    FORGIVENESS = "谅解书"
    ACCIDENT = "道路交通事故认定书"
    APPRAISAL = "鉴定意见"
    ENFORCEMENT = "执行裁定书"
    OTHER = "其他"


HEAD_PARAGRAPHS: Final = 8
LONGEST_TITLE: Final = 34
# The first that fits a title-like paragraph wins; narrower titles stand before wider ones.
TITLES: Final = (
    (Kind.ARREST, r"(?:提请)?批准逮捕(?:意见)?书|逮捕意见书"),
    (Kind.INTERROGATION, r"(?<!询问/)(?<!询问、)讯问笔录"),
    (Kind.OPINION, r"(?:移送)?起诉意见书|移送审查起诉意见"),
    (Kind.INDICTMENT, r"起诉书(?!副本送达|送达)|量刑建议书"),
    (Kind.INTERVIEW, r"(?<!讯)(?:询问|谈话|陈述|调查|走访)笔录"),
    (Kind.CRIMINAL, r"刑事(?:附带民事)?(?:诉讼)?(?:判决|裁定|调解)书"),
    (Kind.ENFORCEMENT, r"执行(?:裁定|通知|决定)书|终结(?:本次)?执行(?:程序)?(?:裁定|通知)书?"),
    (Kind.CIVIL, r"民事(?:判决|裁定|调解)书"),
    (Kind.ACCIDENT, r"事故(?:责任)?认定书|事故证明|事故责任复核"),
    (Kind.APPRAISAL, r"鉴定(?:意见)?(?:书|意见|文书|报告)|检验(?:报告|意见)书?|损伤程度(?:鉴定|评定)|伤情鉴定"),
    (Kind.FORGIVENESS, r"谅解书|谅解意见|刑事谅解"),
    (Kind.SETTLEMENT, r"(?:和解|调解|赔偿|补偿)(?:和解|调解|赔偿)?(?:协议|协定|笔录)书?"),
)
# Words that only one type has, with their weight, for papers whose title is missing or unreadable.
SIGNS: Final = (
    (Kind.OPINION, r"经依法侦查查明|现移送审查起诉|移送审查起诉|公安局.{0,40}?(?:诉字|移诉)"),
    (Kind.INDICTMENT, r"经依法审查查明|本院.{0,60}?提起公诉|检察员[:：]|检察官[:：]|检刑诉"),
    (Kind.INTERVIEW, r"被询问人|询问(?:时间|地点)|问[:：].{0,80}答[:：]|以上笔录.{0,12}(?:看过|属实|相符)"),
    (Kind.CRIMINAL, r"公诉机关|刑初|犯[^。，]{2,14}罪[^。]{0,6}判处|判处有期徒刑"),
    (Kind.ENFORCEMENT, r"申请执行人|被执行人|终结本次执行|\d执(?:恢|异|保)?\d"),
    (Kind.CIVIL, r"原告[:：]|民初|被告[:：]|案件受理费|民终"),
    (Kind.ACCIDENT, r"事故(?:形成原因|基本事实|责任|时间|地点)|交通警察(?:大|支|中)队|当事人(?:及车辆)?基本情况"),
    (Kind.APPRAISAL, r"被鉴定人|委托(?:日期|单位|事项)|鉴字|鉴定(?:材料|过程|人[:：])|人体损伤程度鉴定标准"),
    (Kind.FORGIVENESS, r"(?:请求|恳请)[^。]{0,20}从轻|表示谅解|予以谅解|谅解人"),
    (Kind.SETTLEMENT, r"甲方|乙方|达成如下协议|本协议"),
)


def kind_of(paper: PaperText) -> Kind:
    """Return the type of a paper; OTHER for one that shows neither a title nor enough words of one type."""
    paragraphs = [paper.text[a:b] for a, b in paper.paragraphs()]
    heads = [re.sub(r"\s", "", p) for p in paragraphs[:HEAD_PARAGRAPHS]]
    for head in heads:
        if len(head) <= LONGEST_TITLE:
            for kind, pattern in TITLES:
                found = re.search(pattern, head)
                if found is not None and _stands_alone(head, found):
                    return kind
    return _by_signs(re.sub(r"\s", "", paper.text))


def _stands_alone(head: str, found: re.Match[str]) -> bool:
    """Tell whether the words are the paragraph's title and not a mention of another paper inside a sentence."""
    after = head[found.end() :]
    return re.match(r"[(（]?[^，。、；]{0,12}$", after) is not None and not re.search(
        r"[，。；]", head[: found.start()]
    )


def _by_signs(text: str) -> Kind:
    scores = {kind: len({m[0] for m in re.finditer(pattern, text)}) for kind, pattern in SIGNS}
    best = max(scores, key=lambda k: scores[k])
    return best if scores[best] >= 2 else Kind.OTHER
