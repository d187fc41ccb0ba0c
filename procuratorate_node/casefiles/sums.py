"""Find sums of money a paper speaks of: losses, what a court awards, what was paid. Yuan, as decimal text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from linkage.normalise.numerals import arabic
from procuratorate_node.casefiles.facts import Topic

SUM: Final = re.compile(
    r"(?:人民币|共计|合计|价值|计)?\s?(?P<n>\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[一二三四五六七八九十百千万两零]{1,12})\s?(?P<unit>万余?|千|百)?\s?(?:余|多)?元"
)
UNITS: Final = {"万": 10000, "千": 1000, "百": 100}
LOSS: Final = re.compile(r"损失|骗取|窃得|窃取|盗[窃走取]|抢[走得劫夺]|价值|被骗|骗走|造成其|涉案金额|诈骗数额")
AWARD: Final = re.compile(
    r"(?:判决|判令|限|应(?:当)?|责令)[^。；]{0,40}?(?:赔偿|支付|退赔|退还)|赔偿[^。；]{0,50}?(?:限|于)[^。；]{0,12}判决|执行标的"
)
PAID: Final = re.compile(
    r"已(?:经)?(?:赔|付|支付|退|给付|履行|到位)|垫付|仅(?:赔|付|支付|垫)|先行赔付|到账|收到|收讫|付清|一次性(?:赔偿|付|给付)|限额内赔付|当日支付|部分赔偿"
)


OPEN: Final = re.compile(r"(?:余下|其余|余款|余额|剩余|下欠|尚欠|还欠|仍欠|尚有|还有|差额|尾款)[^，。；\n]{0,6}$")


def sums(text: str, orders_from: int) -> Iterator[tuple[Topic, str, int, int]]:
    """Yield (topic, yuan, start, end). From `orders_from` on, what a court orders is an award and never a payment."""
    for found in SUM.finditer(text):
        begun = max(text.rfind(c, 0, found.start()) for c in "。；;\n") + 1
        clause = text[max(begun, found.start() - 40) : found.end() + 4]
        if OPEN.search(text[begun : found.start("n")]):
            continue  # A rest that is open is neither paid nor lost once more.
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
    return format((_number(found["n"]) * UNITS.get((found["unit"] or " ")[0], 1)).normalize(), "f")


def _number(written: str) -> Decimal:
    """Return the value of digits with separators, or of a Chinese numeral up to 万: 一万二千."""
    many, ten_thousands, rest = written.rpartition("万")
    if ten_thousands:
        return _number(many or "1") * 10000 + (_number(rest) if rest else 0)
    return Decimal(re.sub(r"[,，]", "", arabic(written)))
