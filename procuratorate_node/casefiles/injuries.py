"""Find the harm a paper states: death, degree of injury, degree of disability; who bears which share of the fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from linkage.normalise.numerals import arabic

TENS: Final = "一二三四五六七八九十"
GRADE: Final = r"[一二12ⅠⅡIＩ]{1,2}"
DEGREE: Final = re.compile(
    rf"(?P<kind>重伤|轻伤)\s?[（(]?\s?(?P<grade>{GRADE})\s?级|(?P<slight>轻微伤)|(?P<serious>重伤)(?!害|[一二12]|员|者|风险)|(?P<light>轻伤)(?!害|[一二12]|员|者)"
)
DISABLED: Final = re.compile(
    r"(?P<a>[一二三四五六七八九十]|10|[1-9])\s?级\s?(?:伤残|残疾|致残)|(?:伤残|致残|残疾)(?:等级|程度)?(?:[^，。；\d一二三四五六七八九十]{0,8})(?P<b>[一二三四五六七八九十]|10|[1-9])\s?级"
)
DEATH: Final = re.compile(
    r"死亡(?!赔偿|伤残|证|补偿|抚恤|危险|威胁|医学|鉴定|注销|人数|时间|原因)|身亡|致死|殁年|终年|享年|遇难|丧生|不治|尸[体检]|罹难|溺亡|死者|被害致死|毙命|猝死"
)
# A finding, against a first guess or what somebody says.
FINDING: Final = re.compile(r"鉴定|评定|构成|属|程度|意见|经法医|损伤|认定")
NOT_A_FACT: Final = re.compile(
    r"未(?:造成|致|构成|达)|不构成|不属于|不够|排除|可能|是否|如果|若|以上的|以下的|致人|致[一二三1-3]人|第[^，。]{1,8}条|条款|规定|标准》?(?:第|中)|之[一二三]|情节"
)
SHARE: Final = re.compile(
    r"(?:承担|负有?|应负|应承担|负有)?[^，。；]{0,10}?(?P<share>全部|主要|同等|次要|无)(?:事故|过错|民事|赔偿)?责任|(?P<none>不(?:负|承担)[^，。；]{0,8}责任|无(?:事故)?责任|无过错)"
)
SHARES: Final = {"全部": "全部责任", "主要": "主要责任", "同等": "同等责任", "次要": "次要责任", "无": "无责任"}
BOTH: Final = re.compile(r"双方|各自|各(?=负|承担)|均")


@dataclass(frozen=True, slots=True)
class Harm:
    """One statement of harm and where it stands. `rank` orders statements: a finding outweighs what is merely said."""

    level: str
    start: int
    end: int
    rank: int


def harms(text: str) -> Iterator[Harm]:
    """Yield every statement of harm that is a fact, in no special order."""
    for found in DEGREE.finditer(text):
        if _is_fact(text, found):
            yield Harm(_degree(found), found.start(), found.end(), _rank(text, found, exact=bool(found["kind"])))
    for found in DISABLED.finditer(text):
        if _is_fact(text, found):
            number = int(arabic(found["a"] or found["b"]))
            yield Harm(f"{TENS[number - 1]}级伤残", found.start(), found.end(), 1)
    for found in DEATH.finditer(text):
        if _is_fact(text, found):
            yield Harm("死亡", found.start(), found.end(), 9)


def _degree(found: re.Match[str]) -> str:
    if found["slight"]:
        return "轻微伤"
    if found["kind"]:
        second = found["grade"] in ("二", "2", "Ⅱ", "II", "ⅠⅠ", "ＩＩ")
        return f"{found['kind']}{'二' if second else '一'}级"
    return "重伤" if found["serious"] else "轻伤"


def _clause(text: str, start: int) -> str:
    """Return the words before an offset back to the last comma or stop."""
    begun = max(text.rfind(c, 0, start) for c in "，,。；;\n：:") + 1
    return text[begun:start]


def _is_fact(text: str, found: re.Match[str]) -> bool:
    before = _clause(text, found.start())[-24:]
    if re.search(r"致(?:他人|人|[一二三1-3]人)$", before) and re.search(
        r"第[^，。]{1,8}条|规定|法》|以上|情节", text[max(0, found.start() - 60) : found.end() + 30]
    ):
        return False
    return NOT_A_FACT.search(before.replace("致一人" if "造成" in before else "\0", "")) is None and not re.match(
        r"以[上下]|的风险|的可能", text[found.end() : found.end() + 4]
    )


def _rank(text: str, found: re.Match[str], *, exact: bool) -> int:
    around = text[max(0, found.start() - 16) : found.start()]
    return 2 * exact + 2 * (FINDING.search(around) is not None) + 1


def shares(text: str) -> Iterator[tuple[str, int, int, bool]]:
    """Yield (share of the fault, start, end, both) for every finding of responsibility."""
    for found in SHARE.finditer(text):
        value = "无责任" if found["none"] else SHARES[found["share"]]
        start = found.start("none" if found["none"] else "share")
        yield value, start, found.end(), BOTH.search(_clause(text, start)) is not None
