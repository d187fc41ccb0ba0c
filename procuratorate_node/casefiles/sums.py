"""Find sums of money a paper speaks of: losses, what a court awards, what was paid. Yuan, as decimal text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from linkage.normalise.numerals import arabic
from procuratorate_node.casefiles.facts import Topic

SUM: Final = re.compile(
    r"(?:人民币|共计|合计|价值|计)?\s?(?P<n>\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[一二三四五六七八九十百千两零]{1,9})\s?(?P<unit>万余?|千|百)?\s?(?:余|多)?元"
)
UNITS: Final = {"万": 10000, "千": 1000, "百": 100}
LOSS: Final = re.compile(r"损失|骗取|窃得|窃取|盗[窃走取]|抢[走得劫夺]|价值|被骗|骗走|造成其|涉案金额|诈骗数额")
AWARD: Final = re.compile(
    r"(?:判决|判令|限|应(?:当)?|责令)[^。；]{0,40}?(?:赔偿|支付|退赔|退还)|赔偿[^。；]{0,50}?(?:限|于)[^。；]{0,12}判决|执行标的"
)
PAID: Final = re.compile(
    r"已(?:经)?(?:赔|付|支付|退|给付|履行|到位)|垫付|仅(?:赔|付|支付|垫)|先行赔付|到账|收到|收讫|付清|一次性(?:赔偿|付|给付)|限额内赔付|当日支付|部分赔偿"
)


def sums(text: str, orders_from: int) -> Iterator[tuple[Topic, str, int, int]]:
    """Yield (topic, yuan, start, end). From `orders_from` on, what a court orders is an award and never a payment."""
    for found in SUM.finditer(text):
        begun = max(text.rfind(c, 0, found.start()) for c in "。；;\n") + 1
        clause = text[max(begun, found.start() - 40) : found.end() + 4]
        topic = _topic(clause, ordered=found.start() >= orders_from)
        if topic is not None:
            yield topic, yuan(found), found.start(), found.end()


def _topic(clause: str, *, ordered: bool) -> Topic | None:
    if ordered or AWARD.search(clause):
        return Topic.AWARD
    if PAID.search(clause):
        return Topic.PAID
    return Topic.LOSS if LOSS.search(clause) else None


def yuan(found: re.Match[str]) -> str:
    """Return a sum in yuan without separators, 56000 for 5.6万元."""
    digits = re.sub(r"[,，]", "", arabic(found["n"]))
    value = Decimal(digits) * UNITS.get((found["unit"] or " ")[0], 1)
    return format(value.normalize(), "f")
