"""What is inside the four kinds of relays. None of these shows a personal value in its repr."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Self, cast

from linkage.errors import InputError
from linkage.keys.canonical import JSON

ReferralState = Literal["RECEIVED", "ACCEPTED", "REFUSED", "DONE"]
REFERRAL_STATES: tuple[ReferralState, ...] = ("RECEIVED", "ACCEPTED", "REFUSED", "DONE")
MAX_FIELDS = 32
MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """Ask for named fields of one row of a round. `confirmed_by` are the two people who confirmed the clue.

    `clue` is the requester's own reference of the confirmed clue, `purpose` says what the fields are for.
    """

    population: str
    position: int
    fields: tuple[str, ...]
    clue: str
    confirmed_by: tuple[str, ...]
    purpose: str

    def __post_init__(self) -> None:
        if self.position < 0 or not 0 < len(self.fields) <= MAX_FIELDS or len(set(self.fields)) != len(self.fields):
            raise InputError("调取请求的位置或字段不正确", "a release request's position or fields are malformed")
        if any(len(text) > MAX_TEXT for text in (*self.fields, *self.confirmed_by, self.clue, self.purpose)):
            raise InputError(
                f"调取请求的文字最长 {MAX_TEXT} 字", f"a release request's texts have {MAX_TEXT} characters"
            )
        if not self.clue or len(set(self.confirmed_by)) < 2 or not self.purpose:
            raise InputError(
                "调取请求须写明线索、用途和两名确认人", "a release request names a clue, a purpose and two people"
            )

    def to_content(self) -> dict[str, JSON]:
        return {
            "population": self.population,
            "position": self.position,
            "fields": list(self.fields),
            "clue": self.clue,
            "confirmed_by": list(self.confirmed_by),
            "purpose": self.purpose,
        }

    @classmethod
    def from_content(cls, content: Mapping[str, JSON]) -> Self:
        """Read a relay's content. Raises InputError."""
        _require(content, {"population", "position", "fields", "clue", "confirmed_by", "purpose"})
        position = content["position"]
        if not isinstance(position, int) or isinstance(position, bool):
            raise _malformed("position")
        return cls(
            population=_text(content, "population"),
            position=position,
            fields=_texts(content, "fields"),
            clue=_text(content, "clue"),
            confirmed_by=_texts(content, "confirmed_by"),
            purpose=_text(content, "purpose"),
        )


@dataclass(frozen=True, slots=True)
class ReleaseAnswer:
    """Give the fields that were allowed, or say why not. `values` holds personal values: never logged, never shown."""

    given: bool
    reason: str
    decided_by: str
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def to_content(self) -> dict[str, JSON]:
        return {
            "given": self.given,
            "reason": self.reason,
            "decided_by": self.decided_by,
            "values": dict(self.values),
        }

    @classmethod
    def from_content(cls, content: Mapping[str, JSON]) -> Self:
        """Read a relay's content. Raises InputError."""
        _require(content, {"given", "reason", "decided_by", "values"})
        given, values = content["given"], content["values"]
        if not isinstance(given, bool) or not isinstance(values, dict):
            raise _malformed("given or values")
        if not all(isinstance(value, str) for value in values.values()):
            raise _malformed("values")
        found = {str(name): str(value) for name, value in values.items()}
        return cls(given, _text(content, "reason"), _text(content, "decided_by"), found)


@dataclass(frozen=True, slots=True)
class Referral:
    """Ask another office to help one person. `person` holds personal values by field name."""

    kind: str  # What help is asked for, from the requester's catalogue.
    clue: str
    basis: str
    asked_by: str
    person: Mapping[str, str] = field(default_factory=dict, repr=False)
    note: str = field(default="", repr=False)

    def to_content(self) -> dict[str, JSON]:
        return {
            "kind": self.kind,
            "clue": self.clue,
            "basis": self.basis,
            "asked_by": self.asked_by,
            "person": dict(self.person),
            "note": self.note,
        }

    @classmethod
    def from_content(cls, content: Mapping[str, JSON]) -> Self:
        """Read a relay's content. Raises InputError."""
        _require(content, {"kind", "clue", "basis", "asked_by", "person", "note"})
        person = content["person"]
        if not isinstance(person, dict) or not all(isinstance(value, str) for value in person.values()):
            raise _malformed("person")
        return cls(
            kind=_text(content, "kind"),
            clue=_text(content, "clue"),
            basis=_text(content, "basis"),
            asked_by=_text(content, "asked_by"),
            person={str(name): str(value) for name, value in person.items()},
            note=_text(content, "note"),
        )


@dataclass(frozen=True, slots=True)
class ReferralStatus:
    """Say how far a referral is. REFUSED needs a reason."""

    state: ReferralState
    reason: str
    by: str
    at: str

    def __post_init__(self) -> None:
        if self.state not in REFERRAL_STATES or (self.state == "REFUSED" and not self.reason.strip()):
            raise InputError("转介状态不正确，或不予受理未写理由", "a malformed referral status, or no reason given")

    def to_content(self) -> dict[str, JSON]:
        return {"state": self.state, "reason": self.reason, "by": self.by, "at": self.at}

    @classmethod
    def from_content(cls, content: Mapping[str, JSON]) -> Self:
        """Read a relay's content. Raises InputError."""
        _require(content, {"state", "reason", "by", "at"})
        state = cast("ReferralState", _text(content, "state"))
        return cls(state, _text(content, "reason"), _text(content, "by"), _text(content, "at"))


def _require(content: Mapping[str, JSON], names: set[str]) -> None:
    if set(content) != names:
        raise _malformed(f"{sorted(set(content) ^ names)}")


def _text(content: Mapping[str, JSON], name: str) -> str:
    value = content[name]
    if not isinstance(value, str):
        raise _malformed(name)
    return value


def _texts(content: Mapping[str, JSON], name: str) -> tuple[str, ...]:
    value = content[name]
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise _malformed(name)
    return tuple(str(part) for part in value)


def _malformed(what: str) -> InputError:
    return InputError(f"转递内容格式不正确：{what}", f"malformed relay content: {what}")
