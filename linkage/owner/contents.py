"""What is inside release requests and their answers, and how a relay's content is read.

None of these shows a personal value in its repr. Referrals and their statuses stand in referrals.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from linkage.errors import InputError
from linkage.keys.canonical import JSON

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
        require_keys(content, {"population", "position", "fields", "clue", "confirmed_by", "purpose"})
        position = content["position"]
        if not isinstance(position, int) or isinstance(position, bool):
            raise malformed_content("position")
        return cls(
            population=text_of(content, "population"),
            position=position,
            fields=texts_of(content, "fields"),
            clue=text_of(content, "clue"),
            confirmed_by=texts_of(content, "confirmed_by"),
            purpose=text_of(content, "purpose"),
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
        require_keys(content, {"given", "reason", "decided_by", "values"})
        given = content["given"]
        if not isinstance(given, bool):
            raise malformed_content("given")
        return cls(given, text_of(content, "reason"), text_of(content, "decided_by"), text_table(content, "values"))


def require_keys(content: Mapping[str, JSON], names: set[str]) -> None:
    """Raise InputError unless the content has exactly these keys."""
    if set(content) != names:
        raise malformed_content(f"{sorted(set(content) ^ names)}")


def text_of(content: Mapping[str, JSON], name: str) -> str:
    """Return one text. Raises InputError."""
    value = content[name]
    if not isinstance(value, str):
        raise malformed_content(name)
    return value


def texts_of(content: Mapping[str, JSON], name: str) -> tuple[str, ...]:
    """Return a list of texts. Raises InputError."""
    value = content[name]
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise malformed_content(name)
    return tuple(str(part) for part in value)


def text_table(content: Mapping[str, JSON], name: str) -> dict[str, str]:
    """Return a table of texts. Raises InputError."""
    value = content[name]
    if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
        raise malformed_content(name)
    return {str(key): str(part) for key, part in value.items()}


def malformed_content(what: str) -> InputError:
    """Return the refusal of a content; `what` names keys, never a value."""
    return InputError(f"转递内容格式不正确：{what}", f"malformed relay content: {what}")
