"""Read what a paper says of a person right after his name: sex, birth, age, number, address, telephone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from linkage.normalise.births import read_birth
from linkage.normalise.numbers import read_digits
from linkage.normalise.numerals import arabic
from linkage.normalise.person import Birth, BirthPrecision, IdState
from procuratorate_node.casefiles.facts import Topic

LONGEST: Final = 420  # Characters after a name that are looked at in a form.
NUMERAL: Final = r"[零〇○一二三四五六七八九十百]{1,4}"
WRITTEN_DATE: Final = (
    r"(?:\d{4}\s?[年./\-]\s?\d{1,2}\s?[月./\-]\s?\d{1,2}\s?日?|"
    r"[一二]?[零〇○一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日)"
)
SEX: Final = re.compile(
    r"(?:^|[，,、（(：:\s]|性别[:：]?\s?)(?P<v>[男女])"
    r"(?=[，,、。；;）)\s]|性(?!侵)|\d|[汉回满蒙苗壮藏彝]族|年龄|出生|民族|身份|$|时年|现年|殁|年仅)"
)
BORN: Final = re.compile(
    rf"(?P<a>{WRITTEN_DATE})\s?(?:出?生|生于)|"
    rf"(?:出生(?:日期|年月日?|时间)?|生日|生于|生)(?:于)?\s?[:：]?\s?(?P<b>{WRITTEN_DATE})"
)
AGE: Final = re.compile(
    rf"(?P<head>时年|殁年|现年|年仅|终年|享年|当时|年龄\s?[:：]?|虚岁|周岁)?\s?(?P<v>\d{{1,3}}|{NUMERAL})\s?(?P<tail>周岁|虚岁|岁)|(?:年龄\s?[:：]?|时年|殁年)\s?(?P<bare>\d{{1,3}})(?![\d年])"
)
NOT_HIS_AGE: Final = re.compile(r"(?:已满|不满|未满|年满|满|以上|超过|不足)$")
DIGIT: Final = r"[0-9OQDILSBZoilsbz]"
NUMBER: Final = re.compile(
    rf"(?<![0-9A-Za-z])(?P<v>[0-9OQILSBZilo]{DIGIT}{{16}}[0-9XxОХх×*OQDILSBZ]|{DIGIT}{{15}})(?![0-9A-Za-z])"
)
MASKED_NUMBER: Final = re.compile(r"(?<![0-9])[1-9]\d{3,9}[*＊×Xx]{3,12}\d{0,4}[0-9Xx*]?")
NUMBER_LABEL: Final = re.compile(r"身份证|公民身份|证件|居民身份|号码")
ADDRESS: Final = re.compile(
    r"(?P<label>户籍(?:所在)?地?址?|现住址?|住所地?|家庭住址|经常居住地|住址|住址?|家住|居住地?)\s?[:：]?(?:在|于)?\s?(?P<v>[\u3400-\u9fff][^，,。；;（(）)\s:：]{3,50})"
)
PLACE: Final = re.compile(r"[省市县区乡镇村路街组号室]|社区|街道|大队|小区")
PHONE: Final = re.compile(r"(?<!\d)1\d{10}(?!\d)")
# A paragraph that goes on with the particulars of the person before: a form has one to a line.
GOES_ON: Final = re.compile(
    r"\s?(?:性\s?别|年\s?龄|出生|身份证|公民身份|证件|民\s?族|户籍|现?住|住址|家庭|籍贯|文化|职业|工作|联系|电话|手机|曾用名|国籍|政治|单位|与被害人|号码)"
)
Found = tuple[Topic, str, int, int]


def window(text: str, end: int, stop: int, *, form: bool) -> str:
    """Return the text that may hold a person's particulars: to the end of the sentence, or over a form's lines."""
    limit = min(stop, end + LONGEST, len(text))
    if form:
        asked = re.compile(r"\n\s?问[:：]|问[:：]").search(text, end, limit)
        return text[end : asked.start() if asked else limit]
    place = end
    while place < limit:
        close = re.compile(r"[。\n]").search(text, place, limit)
        if close is None:
            return text[end:limit]
        if GOES_ON.match(text, close.end()) is None:
            return text[end : close.start()]
        place = close.end()
    return text[end:limit]


def particulars(part: str, *, as_of: date, scanned: bool) -> Iterator[Found]:
    """Yield (topic, value, start, end) of what a window says; offsets are the window's."""
    birth = _birth(part, as_of)
    readers: tuple[Callable[[], Found | None], ...] = (
        lambda: _sex(part),
        lambda: birth,
        lambda: _age(part),
        lambda: _number(part, as_of, birth, scanned=scanned),
        lambda: _address(part),
        lambda: _phone(part),
    )
    yield from (found for found in (reader() for reader in readers) if found is not None)


def _sex(part: str) -> Found | None:
    found = SEX.search(part[:60]) or re.search(r"性\s?别\s?[:：]?\s?(?P<v>[男女])", part)
    return None if found is None else (Topic.SEX, found["v"], found.start("v"), found.end("v"))


def _birth(part: str, as_of: date) -> Found | None:
    for found in BORN.finditer(part):
        cell = re.sub(r"[年月./\-]", "-", arabic(found["a"] or found["b"])).replace("日", "").replace(" ", "")
        born = read_birth(cell, as_of=as_of)
        if born.precision is BirthPrecision.DAY:
            value = f"{born.year_low:04d}-{born.month:02d}-{born.day:02d}"
            return Topic.BIRTH, value, found.start(), found.end()
    return None


def _age(part: str) -> Found | None:
    for found in AGE.finditer(part):
        if NOT_HIS_AGE.search(part, max(0, found.start() - 3), found.start()):
            continue
        written = found["v"] or found["bare"]
        value = arabic(written)
        if value.isdigit() and int(value) <= 120:
            kind = "虚岁" if "虚岁" in found[0] else ""
            return Topic.AGE, kind + str(int(value)), found.start(), found.end()
    return None


def _number(part: str, as_of: date, birth: Found | None, *, scanned: bool) -> Found | None:
    """Read a citizen number; letters among its digits count as misread only where the check then passes (D8)."""
    stated = read_birth(birth[1], as_of=as_of) if birth is not None else Birth()
    damaged: Found | None = None
    for found in NUMBER.finditer(part):
        written = found["v"]
        if not NUMBER_LABEL.search(part[max(0, found.start() - 16) : found.start()]) and len(written) != 18:
            continue
        number = read_digits(written.upper(), as_of=as_of, stated=stated)
        if number.state in (IdState.VALID, IdState.UPGRADED):
            value = number.number if scanned or len(written) == 15 else written.upper().replace("×", "X")
            return Topic.ID, number.number if not value[:17].isdigit() else value, found.start(), found.end()
        if written[:17].isdigit():
            damaged = damaged or (Topic.ID, written, found.start(), found.end())
    return damaged


def _address(part: str) -> Found | None:
    found = [m for m in ADDRESS.finditer(part) if PLACE.search(m["v"])]
    if not found:
        return None
    best = max(found, key=lambda m: (bool(re.search(r"[乡镇]|街道", m["v"])), "户籍" not in m["label"], len(m["v"])))
    return Topic.ADDRESS, best["v"], best.start("v"), best.end("v")


def _phone(part: str) -> Found | None:
    found = PHONE.search(part)
    return None if found is None else (Topic.PHONE, found[0], found.start(), found.end())
