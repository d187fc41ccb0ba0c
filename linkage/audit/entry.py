"""One line of the log: canonical JSON {facts, format, index, kind, time}; what may stand in it and what may not.

Entries name digests, counts, purposes and people acting; never a person acted on. `reject_personal` is the last
defence behind that rule, not the rule: it knows numbers that look like a citizen's or a mobile telephone's.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from linkage.errors import AuditError, InputError
from linkage.keys.canonical import JSON, canonical_json, parse_canonical_json
from linkage.keys.times import parse_utc, utc_text

FORMAT = "linkage/v1/audit-entry"
KEYS = {"facts", "format", "index", "kind", "time"}
KIND = re.compile(r"[a-z][a-z0-9]*([._-][a-z0-9]+)*")
FACT = re.compile(r"[a-z][a-z0-9_]{0,63}")
MAX_ENTRY_BYTES = 64 * 1024
MAX_DEPTH = 6
# A digit run inside a longer hexadecimal run is part of a digest or an id, so hexadecimal neighbours end the search.
CITIZEN = re.compile(
    r"(?<![0-9a-fA-F])[1-9]\d{5}[ -]?(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[ -]?\d{3}[0-9xX]"
    r"(?![0-9a-fA-F])"
)
CITIZEN_OLD = re.compile(r"(?<![0-9a-fA-F])[1-9]\d{5}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?![0-9a-fA-F])")
MOBILE = re.compile(r"(?<![0-9a-fA-F])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9a-fA-F])")


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one entry; `facts` are checked when it is made, not when it is read back."""

    index: int
    time: str
    kind: str
    facts: Mapping[str, JSON]

    def to_bytes(self) -> bytes:
        """Return the canonical JSON without the newline; the leaf hash is over these bytes."""
        return canonical_json(
            {"facts": self.facts, "format": FORMAT, "index": self.index, "kind": self.kind, "time": self.time}
        )

    @property
    def moment(self) -> datetime:
        return _moment(self.time)


@functools.lru_cache(maxsize=64)
def _moment(text: str) -> datetime:
    """Read a time; neighbours mostly share their second, and reading it costs more than the rest of an entry."""
    try:
        return parse_utc(text)
    except InputError:
        raise _malformed("time") from None


def make_entry(index: int, moment: datetime, kind: str, facts: Mapping[str, JSON]) -> bytes:
    """Return a new entry's bytes. Raises AuditError for malformed or personal facts."""
    check_facts(kind, facts)
    try:
        body = Entry(index, utc_text(moment), kind, facts).to_bytes()
    except InputError as error:
        raise AuditError(error.zh, error.en) from None
    if len(body) > MAX_ENTRY_BYTES:
        raise AuditError("审计条目过大", f"the audit entry has {len(body)} bytes, at most {MAX_ENTRY_BYTES}")
    return body


def parse_entry(body: bytes) -> Entry:
    """Read one line without its newline. Raises AuditError."""
    try:
        found = parse_canonical_json(body)
    except InputError as error:
        raise AuditError(error.zh, error.en) from None
    if not isinstance(found, dict) or set(found) != KEYS or found["format"] != FORMAT:
        raise _malformed("keys")
    index, time, kind, facts = found["index"], found["time"], found["kind"], found["facts"]
    if not isinstance(index, int) or isinstance(index, bool) or not isinstance(facts, dict):
        raise _malformed("index or facts")
    if not isinstance(time, str) or not isinstance(kind, str) or not KIND.fullmatch(kind):
        raise _malformed("time or kind")
    _moment(time)
    return Entry(index, time, kind, facts)


def check_facts(kind: str, facts: Mapping[str, JSON]) -> None:
    """Return when kind and facts are well-formed and look impersonal. Raises AuditError."""
    if not KIND.fullmatch(kind):
        raise _malformed("kind")
    _check_shape(facts, "facts", 0)
    reject_personal(facts)


def reject_personal(facts: JSON, where: str = "facts") -> None:
    """Raise AuditError, naming the place and never the value, when a value looks like a person's number."""
    if isinstance(facts, Mapping):
        for name, value in facts.items():
            _reject_text(name, where)
            reject_personal(value, f"{where}.{name}")
    elif isinstance(facts, str):
        _reject_text(facts, where)
    elif isinstance(facts, int):
        # Byte and comparison counts can have eleven digits, so an integer is only held against citizen numbers.
        if CITIZEN.search(str(facts)) or CITIZEN_OLD.search(str(facts)):
            raise _personal(where)
    elif facts is not None:
        for position, value in enumerate(facts):
            reject_personal(value, f"{where}[{position}]")


def _reject_text(text: str, where: str) -> None:
    folded = unicodedata.normalize("NFKC", text)
    if CITIZEN.search(folded) or CITIZEN_OLD.search(folded) or MOBILE.search(folded):
        raise _personal(where)


def _check_shape(value: object, where: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _malformed(f"{where} nested too deeply")
    if isinstance(value, dict):
        for name, part in value.items():
            if not isinstance(name, str) or not FACT.fullmatch(name):
                raise _malformed(f"a name in {where} is not lower snake case")
            _check_shape(part, f"{where}.{name}", depth + 1)
    elif isinstance(value, (list, tuple)):
        for position, part in enumerate(value):
            _check_shape(part, f"{where}[{position}]", depth + 1)
    elif not isinstance(value, (str, int)):
        raise _malformed(f"{where} is of type {type(value).__name__}")


def _personal(where: str) -> AuditError:
    return AuditError(
        f"审计条目的 {where} 像是个人号码，拒绝写入",
        f"{where} of the audit entry looks like a personal number; it is not written",
        hint_zh="只记摘要、数量、用途和经办人",
        hint_en="record digests, counts, purposes and the people acting only",
    )


def _malformed(what: str) -> AuditError:
    return AuditError(f"审计条目格式不正确：{what}", f"malformed audit entry: {what}")
