"""C2SP tlog checkpoints: three lines of origin, size and base64 root, as the text of a signed note.

Extension lines are refused: nobody would audit what they say. A party's origin is also its key name.
"""

from __future__ import annotations

from dataclasses import dataclass

from linkage.audit.merkle import check_hashes
from linkage.audit.note import Note, check_name, parse_note, sign_note, verify_note
from linkage.errors import AuditError, InputError
from linkage.keys.canonical import encode_base64, parse_base64
from linkage.keys.signing import SigningKey, VerifyKey

MAX_SIZE = 2**63 - 1


def origin_of(consortium: str, party: str) -> str:
    """Return the origin of a party's log: linkage/<consortium>/<party>."""
    return f"linkage/{consortium}/{party}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """State a log's size and 32-byte root."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        check_name(self.origin)
        check_hashes(self.root)
        if not 0 <= self.size <= MAX_SIZE:
            raise _malformed("size")

    def to_text(self) -> str:
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the three lines and nothing else. Raises AuditError."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not (lines[1].isascii() and lines[1].isdigit()) or len(lines[1]) > 19:
        raise _malformed("expected three lines")
    try:
        found = Checkpoint(lines[0], int(lines[1]), parse_base64(lines[2]))
    except InputError:
        raise _malformed("root") from None
    if found.to_text() != text:
        raise _malformed("not in canonical form")
    return found


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> Note:
    """Sign a checkpoint under its origin's name."""
    return sign_note(checkpoint.to_text(), name=checkpoint.origin, key=key)


def verify_checkpoint(text: str, *, origin: str, key: VerifyKey) -> tuple[Checkpoint, Note]:
    """Read a signed checkpoint of this origin by this key. Raises AuditError."""
    note = parse_note(text)
    found = parse_checkpoint(note.text)
    if found.origin != origin:
        raise AuditError("检查点属于另一个日志", "the checkpoint is of another log")
    verify_note(note, name=origin, key=key)
    return found, note


def _malformed(what: str) -> AuditError:
    return AuditError(f"检查点格式不正确：{what}", f"malformed checkpoint: {what}")
