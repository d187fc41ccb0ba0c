"""Find people a paper names as harmed without calling them victims: 致张三受伤, 将李四打成重伤, 骗取王五现金."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# Words that may stand between the deed and the name: who the person is to the others.
WHO: Final = (
    r"(?:行人|路人|乘(?:坐人|客|车人)|同乘人|同车人|同村(?:村民)?|村民|居民|邻居|工友|同事|同学|群众|老人|店主|业主|店员|驾驶员|司机|骑车人|"
    r"其?(?:妻子|前妻|丈夫|前夫|母亲|父亲|女友|男友|儿子|女儿|弟弟|哥哥|姐姐|妹妹)|[^，。；、]{0,14}?的)?"
)
DEED: Final = re.compile(
    r"(?P<cause>致使?|造成|导致)|(?P<take>将|把)|(?P<with>与)|"
    r"(?P<verb>殴打|击打|捅刺|[打砸撞刺捅砍烧烫咬踢踹推摔扎划割戳碾压炸][伤死倒晕昏]|撞上|强奸|奸淫|猥亵|虐待|遗弃|拐卖|骗[取得走]|诈骗|窃[取得]|盗[窃走]|"
    r"抢[劫夺走]|敲诈|勒索|伤害|杀害|杀死|刺死|踢打|持[刀棍械][^，。；]{0,6}?(?:砍|刺|捅|打))"
)
HURT: Final = r"受(?:重|轻)?伤|死亡|身亡|重伤|轻伤|轻微伤|损伤|骨折|当场|抢救|倒地|昏迷|残疾|经济损失|损失"
AFTER: Final = {
    "cause": re.compile(rf"[^，。；\n]{{0,24}}(?:{HURT})"),
    "take": re.compile(
        r"[^，。；\n]{0,14}(?:[打砸撞刺捅砍烧烫咬踢踹推摔扎划割戳碾压炸][伤死成倒上飞晕昏]|杀[死害]|"
        r"奸淫|强奸|猥亵|推倒|致死|致伤|骗)"
    ),
    "with": re.compile(r"[^，。；\n]{0,24}(?:相撞|碰撞|刮擦|追尾|发生(?:交通)?事故|剐蹭)"),
    "verb": re.compile(r""),
}
GROUPS: Final = tuple(AFTER)
JOINT: Final = re.compile(rf"(?:[（(][^（）()\n]{{1,60}}[)）])?(?:、|和|及|以及){WHO}")
FILLER: Final = re.compile(WHO)
CAUGHT: Final = re.compile(r"[^，。；\n]{0,6}(?:抓获|传唤|查获|扭送|控制|带[至到回]|移送|刑事拘留|逮捕)")


def deeds(text: str) -> Iterator[tuple[re.Pattern[str], int]]:
    """Yield (what must follow the name, offset where a name may begin) for every deed."""
    for found in DEED.finditer(text):
        group = next(g for g in GROUPS if found[g])
        filler = FILLER.match(text, found.end())
        for start in dict.fromkeys((found.end(), filler.end() if filler else found.end())):
            yield AFTER[group], start
