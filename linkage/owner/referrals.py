"""What is inside a referral and its statuses: one person's least data, what answer is expected, and the answer.

Fields of a person and a letter are personal values: no repr shows them. The lists to choose an answer from travel with
the referral, so that an answer is checked where it is written and needs no catalogue there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, Self, cast

from linkage.errors import InputError, LimitError
from linkage.keys.canonical import JSON, encode_base64, parse_base64
from linkage.owner.contents import malformed_content, require_keys, text_of, text_table, texts_of
from linkage.words import FIELDS, Words

ReferralState = Literal["RECEIVED", "ACCEPTED", "REFUSED", "DONE"]
REFERRAL_STATES: tuple[ReferralState, ...] = ("RECEIVED", "ACCEPTED", "REFUSED", "DONE")
MAX_TEXT: Final = 2000
MAX_CHOICES: Final = 32
# Sealed and signed, a letter travels as base64 three times over: this keeps a referral below 512 KiB.
MAX_LETTER_BYTES: Final = 128 << 10
# Everything that any service may send of a person, with its titles; each service names its own few (domain C6).
REFERRED: Final[Words] = {
    name: FIELDS[name]
    for name in (
        *("name", "sex", "birth", "id_number", "address", "phone", "need", "case_number", "judgment", "harm"),
        *("household_head", "guardian", "school", "hospital", "employer", "skill", "account_holder", "questions"),
    )
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was done: one of the expected items, on which day (YYYY-MM-DD), and for money its band."""

    item: str = ""
    day: str = ""
    band: str = ""

    def to_content(self) -> dict[str, JSON]:
        return {"item": self.item, "day": self.day, "band": self.band}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a DONE must say, and by which day. No `bands`: no sum is asked for."""

    items: tuple[str, ...]
    due: str
    dated: bool = True
    bands: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < len(self.items) <= MAX_CHOICES or len(self.bands) > MAX_CHOICES:
            raise malformed_content("expected")
        _require_day(self.due)

    def check(self, answer: Answer) -> None:
        """Raise InputError, naming the choices, unless the answer says all that is expected."""
        if answer.item not in self.items:
            choices = "、".join(self.items)
            raise InputError(f"办理结果应为：{choices}", f"the item done must be one of: {choices}")
        if self.dated:
            _require_day(answer.day)
        bands = "、".join(self.bands)
        if self.bands and answer.band not in self.bands:
            raise InputError(f"金额档次应为：{bands}", f"the amount band must be one of: {bands}")
        if (answer.day and not self.dated) or (answer.band and not self.bands):
            raise InputError("没有要求填写的内容请勿填写", "give only what is asked for")

    def to_content(self) -> dict[str, JSON]:
        return {"items": list(self.items), "due": self.due, "dated": self.dated, "bands": list(self.bands)}

    @classmethod
    def from_content(cls, content: JSON) -> Self:
        """Read it. Raises InputError."""
        table = _table(content, {"items", "due", "dated", "bands"}, "expected")
        dated = table["dated"]
        if not isinstance(dated, bool):
            raise malformed_content("dated")
        return cls(texts_of(table, "items"), text_of(table, "due"), dated, texts_of(table, "bands"))


@dataclass(frozen=True, slots=True)
class Letter:
    """An enclosed .docx file."""

    name: str
    content: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not self.name.endswith(".docx") or "/" in self.name or "\\" in self.name or len(self.name) > 100:
            raise malformed_content("letter name")
        if not 0 < len(self.content) <= MAX_LETTER_BYTES:
            raise LimitError(
                f"函件不得超过 {MAX_LETTER_BYTES // 1024} KiB",
                f"a letter has at most {MAX_LETTER_BYTES // 1024} KiB",
                hint_zh="去掉模板里的图片或嵌入的字体",
                hint_en="take pictures and embedded fonts out of the template",
            )

    @property
    def digest(self) -> str:
        """Return the hex SHA-256 of the file."""
        return hashlib.sha256(self.content).hexdigest()

    def to_content(self) -> dict[str, JSON]:
        return {"name": self.name, "content": encode_base64(self.content)}

    @classmethod
    def from_content(cls, content: JSON) -> Self:
        """Read it. Raises InputError, LimitError."""
        table = _table(content, {"name", "content"}, "letter")
        return cls(text_of(table, "name"), parse_base64(text_of(table, "content")))


@dataclass(frozen=True, slots=True)
class Referral:
    """Ask another office to help one person. `person` holds personal values by field (REFERRED).

    `referral` is the requester's own reference, 24 hex digits: random, so it says nothing of case or person; the same
    under another relay id is the same referral. `number` is the letter's (文号).
    """

    referral: str
    number: str
    service: str
    title: str
    basis: str
    asked_by: str
    approved_by: str
    expected: Expected
    person: Mapping[str, str] = field(repr=False)
    cautions: tuple[str, ...] = ()
    note: str = field(default="", repr=False)
    letter: Letter | None = None

    def __post_init__(self) -> None:
        texts = (self.number, self.service, self.title, self.basis, self.asked_by, self.approved_by, self.note)
        if any(len(text) > MAX_TEXT for text in (*texts, *self.person.values(), *self.cautions)):
            raise InputError(f"转介的文字最长 {MAX_TEXT} 字", f"a referral's texts have at most {MAX_TEXT} characters")
        if not set(self.person) <= set(REFERRED) or not self.person:
            raise malformed_content("person")
        if len(self.referral) != 24 or not self.service or self.asked_by == self.approved_by:
            raise InputError(
                "转介须有编号、服务事项和两名经办人", "a referral has a reference, a service and two people behind it"
            )

    def to_content(self) -> dict[str, JSON]:
        return {
            "referral": self.referral,
            "number": self.number,
            "service": self.service,
            "title": self.title,
            "basis": self.basis,
            "asked_by": self.asked_by,
            "approved_by": self.approved_by,
            "expected": self.expected.to_content(),
            "person": dict(self.person),
            "cautions": list(self.cautions),
            "note": self.note,
            "letter": None if self.letter is None else self.letter.to_content(),
        }

    @classmethod
    def from_content(cls, content: Mapping[str, JSON]) -> Self:
        """Read a relay's content. Raises InputError, LimitError."""
        require_keys(content, set(cls.__slots__))
        letter = content["letter"]
        return cls(
            referral=text_of(content, "referral"),
            number=text_of(content, "number"),
            service=text_of(content, "service"),
            title=text_of(content, "title"),
            basis=text_of(content, "basis"),
            asked_by=text_of(content, "asked_by"),
            approved_by=text_of(content, "approved_by"),
            expected=Expected.from_content(content["expected"]),
            person=text_table(content, "person"),
            cautions=texts_of(content, "cautions"),
            note=text_of(content, "note"),
            letter=None if letter is None else Letter.from_content(letter),
        )


@dataclass(frozen=True, slots=True)
class ReferralStatus:
    """Say how far a referral is. REFUSED needs a reason; only DONE carries an answer."""

    state: ReferralState
    reason: str
    by: str
    at: str
    answer: Answer = field(default_factory=Answer)

    def __post_init__(self) -> None:
        if self.state not in REFERRAL_STATES or (self.state == "REFUSED" and not self.reason.strip()):
            raise InputError("转介状态不正确，或不予受理未写理由", "a malformed referral status, or no reason given")
        if self.answer != Answer() and self.state != "DONE":
            raise malformed_content("answer")

    def to_content(self) -> dict[str, JSON]:
        texts: dict[str, JSON] = {"state": self.state, "reason": self.reason, "by": self.by, "at": self.at}
        return texts | {"answer": self.answer.to_content()}

    @classmethod
    def from_content(cls, content: Mapping[str, JSON]) -> Self:
        """Read a relay's content. Raises InputError."""
        require_keys(content, {"state", "reason", "by", "at", "answer"})
        state = cast("ReferralState", text_of(content, "state"))
        answer = _table(content["answer"], {"item", "day", "band"}, "answer")
        return cls(
            state,
            text_of(content, "reason"),
            text_of(content, "by"),
            text_of(content, "at"),
            Answer(text_of(answer, "item"), text_of(answer, "day"), text_of(answer, "band")),
        )


def _table(content: JSON, names: set[str], what: str) -> Mapping[str, JSON]:
    if not isinstance(content, dict):
        raise malformed_content(what)
    require_keys(content, names)
    return content


def _require_day(text: str) -> None:
    try:
        fits = date.fromisoformat(text).isoformat() == text
    except ValueError:
        fits = False
    if not fits:
        raise InputError("日期格式应为 2026-11-30", "a day must look like 2026-11-30")
