"""A log that lost entries never goes on: it begins again under another origin, and the other parties are asked.

After a restore, entries that others hold checkpoints of are gone. Going on would fork the log, so the party signs a
statement (what was left, when, who, why), keeps it as <log>/restart.json, and begins a new log whose origin names the
moment. Others refuse the new log as they would any rollback, until a person there accepts the statement: it is kept
as peers/<party>.restart.json, and the checkpoints held so far are set aside, not thrown away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from linkage.audit.checkpoint import origin_of
from linkage.audit.notes import PARTY, read_note, write_note
from linkage.errors import AuditError, InputError, SignatureError
from linkage.keys.canonical import JSON, canonical_json, parse_canonical_json
from linkage.keys.signing import Signed, VerifyKey

LABEL: Final = "log-restart"
FILE: Final = "restart.json"
FORMAT: Final = "linkage/v1/log-restart"
STAMP: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")
TEXTS: Final = ("party", "stamp", "backup", "backup_at", "old_root", "by", "reason")


@dataclass(frozen=True, slots=True)
class Restart:
    """State that a log began again: how many entries were left, with which root, from which backup, who and why."""

    party: str
    stamp: str  # When it began again, 20261126T183400Z; part of the new origin.
    backup: str  # SHA-256 of the backup's manifest, hex.
    backup_at: str
    old_size: int
    old_root: str  # Hex.
    by: str
    reason: str

    def __post_init__(self) -> None:
        if not PARTY.fullmatch(self.party) or not STAMP.fullmatch(self.stamp) or self.old_size < 0:
            raise AuditError("重启声明的内容不正确", "a restart statement is malformed")

    def to_bytes(self) -> bytes:
        texts: dict[str, JSON] = {name: getattr(self, name) for name in TEXTS}
        return canonical_json({"format": FORMAT, "old_size": self.old_size, **texts})

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Read what `to_bytes` wrote and only that. Raises AuditError."""
        try:
            found = parse_canonical_json(body)
        except InputError:
            found = None
        if not isinstance(found, dict) or set(found) != {"format", "old_size", *TEXTS} or found["format"] != FORMAT:
            raise AuditError("不是重启声明", "this is no restart statement")
        size, texts = found["old_size"], {n: v for n in TEXTS if isinstance(v := found[n], str)}
        if not isinstance(size, int) or isinstance(size, bool) or len(texts) != len(TEXTS):
            raise AuditError("重启声明的内容不正确", "a restart statement is malformed")
        return cls(old_size=size, **texts)


def verify_restart(text: bytes, *, party: str, key: VerifyKey) -> Restart:
    """Return a statement that this party signed about its own log. Raises AuditError."""
    try:
        signed = Signed.parse(text)
        found = Restart.from_bytes(signed.verify(LABEL, key))
    except SignatureError as error:
        raise AuditError(error.zh, error.en) from None
    if signed.signer != party or found.party != party:
        raise AuditError("重启声明不是该单位的", "the restart statement is of another party")
    return found


def restarted_origin(name: str, stamp: str) -> str:
    return f"{name}/{stamp}"


def is_origin_of(origin: str, consortium: str, party: str) -> bool:
    """Tell whether a log's origin is of this party: its first log, or one that began again."""
    name = origin_of(consortium, party)
    head, _, stamp = origin.rpartition("/")
    return origin == name or (head == name and bool(STAMP.fullmatch(stamp)))


def party_in(origin: str) -> str:
    """Return the party that an origin names: linkage/<consortium>/<party> or linkage/<consortium>/<party>/<stamp>."""
    return origin.split("/")[2] if origin.count("/") >= 2 else ""


def own_origin(folder: Path, name: str) -> str:
    """Return the origin of a party's own log, whose first one has the party's name. Raises AuditError."""
    return _origin(folder / FILE, name)


def peer_origin(folder: Path, party: str, name: str) -> str:
    """Return the origin that another party's log has by what was accepted here. Raises AuditError."""
    return _origin(folder / "peers" / f"{party}.{FILE}", name)


def keep_own(folder: Path, text: bytes) -> None:
    """Let a log that has no entry begin under the statement's origin. Raises AuditError."""
    write_note(folder / FILE, text.decode("ascii"))


def keep_accepted(folder: Path, found: Restart, text: bytes, *, aside: Iterable[str]) -> None:
    """Keep a verified statement and set aside what is held of these parties' logs. Raises AuditError."""
    peers = folder / "peers"
    write_note(peers / f"{found.party}.{FILE}", text.decode("ascii"))
    for party in aside:
        held = peers / f"{party}.note"
        if held.exists():
            held.rename(peers / f"{party}.before-{found.stamp}.note")


def _origin(file: Path, name: str) -> str:
    if not file.exists():
        return name
    # Our own folder: the signature was verified before the statement was kept here.
    return restarted_origin(name, Restart.from_bytes(Signed.parse(read_note(file).encode()).body).stamp)
