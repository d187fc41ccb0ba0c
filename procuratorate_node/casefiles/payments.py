"""Share a paper's sentences about money among its victims, and read from each share whether he was compensated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from procuratorate_node.casefiles.kinds import Kind
from procuratorate_node.casefiles.placing import Places
from procuratorate_node.cases.records import Compensation
from procuratorate_node.compensation import compensation_of

# What a court orders is not what was paid; only rulings on enforcement say that in their orders.
ORDERS: Final = re.compile(r"判\s?决\s?如\s?下|裁\s?定\s?如\s?下")
MONEY: Final = re.compile(
    r"赔|付|退|还|谅解|和解|调解|执行|到账|收到|收讫|领取|款|钱|挽回|追回|发还|履行|分文|补偿|救助|结清|两清|着落|挥霍|逃|垫|保险|到位|一分|弥补|理赔|交[予给付到]|拿|给|转[给账]|汇|欠"
)
# Reports on harm and fault do not tell what was paid, and a suspect's own word for it is no proof.
SILENT: Final = (Kind.ACCIDENT, Kind.APPRAISAL, Kind.INTERROGATION)
VICTIM: Final = "被害人"
OTHER: Final = "被告人"
SENTENCE: Final = re.compile(r"[^。；;\n]+")
# The terms of an agreement are promises; only what is told as done, or as not done, counts.
DONE_OR_NOT: Final = re.compile(
    r"已|收到|收讫|到账|付清|付讫|结清|两清|当场|当日|当天|之日|交付|一次性|完毕|签[字订约]时|未|没|拒|不|仅|分期|尚|余"
)
CLAUSE: Final = re.compile(r"[^，,]+")
QUESTION: Final = re.compile(r"^\s?问[:：]?|[?？]\s?$")
ANSWER: Final = re.compile(r"^\s?答[:：]?")


@dataclass(frozen=True, slots=True, repr=False)
class Passage:
    """One sentence, or a question with its answer; offsets in the paper's text."""

    start: int
    end: int
    text: str

    def __repr__(self) -> str:
        return f"Passage({self.start}:{self.end})"


@dataclass(frozen=True, slots=True)
class Payment:
    """What a paper says about payment to one victim, and the passages that say it."""

    state: Compensation
    passages: tuple[Passage, ...]


def orders_at(text: str) -> int:
    """Return where a judgment's orders begin, the text's length without any."""
    found = ORDERS.search(text)
    return found.start() if found is not None else len(text)


def payments(text: str, kind: Kind, places: Places, victims: Sequence[str]) -> Mapping[str, Payment]:
    """Return what the paper says about each victim; the silent types and people without a word are left out.

    Names are read as "the victim" and "the other side": a name must not be taken for a word (若, 无, 足).
    """
    if kind in SILENT or not victims:
        return {}
    if kind is Kind.ENFORCEMENT:
        return {name: _enforced(text) for name in victims}
    shared = _shares(text[: orders_at(text)], places, victims)
    if kind is Kind.SETTLEMENT:
        shared = {name: [p for p in share if DONE_OR_NOT.search(p.text)] for name, share in shared.items()}
    said = ((name, _read(share, places, frozenset(victims))) for name, share in shared.items())
    return {name: payment for name, payment in said if payment.state is not Compensation.UNKNOWN}


def _read(share: Sequence[Passage], places: Places, victims: frozenset[str]) -> Payment:
    """Read one victim's passages; keep those that say something by themselves, all where only their sum does."""
    plain = [(p, _without_names(p, places, victims)) for p in share]
    state = compensation_of("。".join(text for _, text in plain))
    speaking = tuple(p for p, text in plain if compensation_of(text) is not Compensation.UNKNOWN)
    return Payment(state, speaking or tuple(share))


def _without_names(passage: Passage, places: Places, victims: frozenset[str]) -> str:
    parts: list[str] = []
    at = passage.start
    for place in places.between(passage.start, passage.end):
        word = VICTIM if place.who in victims else OTHER
        parts += [places.text[at : place.start], places.text[place.start : place.end] if place.side else word]
        at = place.end
    return "".join((*parts, places.text[at : passage.end])).replace("\n", "")


def _shares(text: str, places: Places, victims: Sequence[str]) -> dict[str, list[Passage]]:
    """Give each passage that speaks of money to the victims it names, else to those named last before it."""
    shares: dict[str, list[Passage]] = {name: [] for name in victims}
    everybody = frozenset(victims)
    about = everybody
    for passage in passages(text):
        for part in _parts(passage, places, everybody):
            named = {p.who for p in places.between(part.start, part.end)} & everybody
            about = frozenset(named) or about
            if MONEY.search(part.text):
                for name in about:
                    shares[name].append(part)
    return {name: share for name, share in shares.items() if share}


def _parts(passage: Passage, places: Places, everybody: frozenset[str]) -> Iterator[Passage]:
    """Yield a passage whole, or by its clauses where it names several victims: 赔偿张三2000元，未赔偿李四."""
    named = [p for p in places.between(passage.start, passage.end) if p.who in everybody]
    if len({p.who for p in named}) < 2:
        yield passage
        return
    for found in CLAUSE.finditer(places.text, passage.start, passage.end):
        yield Passage(found.start(), found.end(), found[0])


def passages(text: str) -> Iterator[Passage]:
    """Yield the sentences of a text; a question of a record stays with its answer."""
    waiting: Passage | None = None
    for found in SENTENCE.finditer(text):
        passage = Passage(found.start(), found.end(), found[0].strip())
        if waiting is not None and (ANSWER.match(passage.text) or not QUESTION.match(passage.text)):
            joined = text[waiting.start : passage.end].replace("\n", "")
            passage, waiting = Passage(waiting.start, passage.end, joined), None
        elif waiting is not None:
            yield waiting
            waiting = None
        if (
            QUESTION.search(passage.text)
            and not ANSWER.search(re.sub(r"^.*?[?？]", "", passage.text))
            and "答" not in passage.text
        ):
            waiting = passage
        elif passage.text:
            yield passage
    if waiting is not None:
        yield waiting


OBTAINED: Final = re.compile(
    r"(?:(?:已|实际)?(?:执行)?到位(?:金额|款项?)?(?:共计|为|人民币)?|(?:已|实际)(?:执行|受偿)[^，。；]{0,6}?)"
    r"\s?(?P<n>\d[\d,]*(?:\.\d+)?)\s?万?元"
)
ENDED: Final = re.compile(
    r"终结(?:本次)?执行|无[^，。；]{0,8}财产可?供执行|未发现[^，。；]{0,12}财产|未(?:能)?执行到位|未履行"
)
COMPLETED: Final = re.compile(r"执行完毕|全部(?:执行|履行)(?:到位|完毕)|履行完毕")
WITHDRAWN: Final = re.compile(r"撤回[^，。；]{0,6}(?:执行)?申请|和解协议")


def _enforced(text: str) -> Payment:
    """Read a ruling on enforcement: completed, or ended with what was obtained so far. A withdrawal says nothing."""
    found = OBTAINED.search(text)
    obtained = float(found["n"].replace(",", "")) if found is not None else None
    ended = ENDED.search(text)
    mark = COMPLETED.search(text)
    if mark is not None and re.search(r"未|没有", text[max(0, mark.start() - 6) : mark.start()]) is None:
        state = Compensation.FULL
    elif ended is None or WITHDRAWN.search(text):
        state, mark = Compensation.UNKNOWN, None
    else:
        state, mark = (Compensation.PARTIAL if obtained else Compensation.NOT), (found or ended)
    if mark is None:
        return Payment(state, ())
    start = max(text.rfind(c, 0, mark.start()) for c in "。\n") + 1
    end = text.find("。", mark.end())
    stop = end if end >= 0 else len(text)
    return Payment(state, (Passage(start, stop, text[start:stop]),))
