"""C2SP signed notes: text, a blank line, then lines "— <name> <base64(key hash + signature)>".

Key hash = SHA-256(name + "\\n" + type + 32-byte public key)[:4]; type 0x01 is Ed25519 over the text, type 0x04 an
Ed25519 cosignature with a time (C2SP tlog-cosignature). Lines by unknown keys are ignored; a line that claims a known
key and does not verify condemns the note.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from linkage.errors import AuditError, InputError, SignatureError
from linkage.keys.canonical import encode_base64, parse_base64
from linkage.keys.signing import SigningKey, VerifyKey

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
HASH_BYTES = 4
MAX_SIGNATURES = 100
MAX_NOTE_BYTES = 1_000_000
DASH = "— "


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """Hold one signature line: signer's name, 4-byte key hash, signature bytes."""

    name: str
    key_hash: bytes
    signature: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.key_hash) != HASH_BYTES or not self.signature:
            raise _malformed("signature line")

    def to_line(self) -> str:
        return f"{DASH}{self.name} {encode_base64(self.key_hash + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """Hold a note's text (ends with a newline) and its signatures in order."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n") or any(c < " " and c != "\n" for c in self.text):
            raise _malformed("text must end with a newline and hold no control characters")
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise _malformed("number of signatures")

    def to_text(self) -> str:
        return self.text + "\n" + "".join(s.to_line() for s in self.signatures)


def parse_note(text: str) -> Note:
    """Read a note; verifies nothing. Raises AuditError."""
    if len(text) > MAX_NOTE_BYTES:
        raise _malformed("too long")
    body, mark, tail = text.rpartition("\n\n")
    if not mark or not tail.endswith("\n"):
        raise _malformed("no signature part")
    lines = tail.removesuffix("\n").split("\n")
    note = Note(body + "\n", tuple(parse_signature(line) for line in lines))
    if note.to_text() != text:
        raise _malformed("not in canonical form")
    return note


def key_hash(name: str, key: VerifyKey, kind: bytes = ED25519) -> bytes:
    """Return the 4-byte key id of a named key."""
    check_name(name)
    return hashlib.sha256(name.encode("utf-8") + b"\n" + kind + key.public).digest()[:HASH_BYTES]


def verifier_text(name: str, key: VerifyKey, kind: bytes = ED25519) -> str:
    """Return the C2SP verifier key "<name>+<hex key hash>+<base64(type + public)>" that foreign tools take."""
    return f"{name}+{key_hash(name, key, kind).hex()}+{encode_base64(kind + key.public)}"


def sign_note(text: str, *, name: str, key: SigningKey) -> Note:
    """Sign note text under a name."""
    signature = key.sign_note(text.encode("utf-8"))
    return Note(text, (NoteSignature(name, key_hash(name, key.verify_key), signature),))


def verify_note(note: Note, *, name: str, key: VerifyKey) -> None:
    """Return when the named key signed the note. Raises AuditError."""
    wanted = key_hash(name, key)
    found = [s for s in note.signatures if s.name == name and s.key_hash == wanted]
    if len(found) != 1:
        raise AuditError(f"应有一个 {name} 的签名，实有 {len(found)}", f"expected one signature, got {len(found)}")
    try:
        key.verify_note(note.text.encode("utf-8"), found[0].signature)
    except SignatureError:
        raise AuditError("检查点签名无效", "the note's signature does not verify") from None


def cosign_note(note: Note, *, name: str, key: SigningKey, seconds: int) -> NoteSignature:
    """Return a timestamped cosignature: 8-byte big-endian POSIX seconds, then 64 bytes (C2SP tlog-cosignature)."""
    signature = key.sign_note(_cosigned(note.text, seconds))
    return NoteSignature(name, key_hash(name, key.verify_key, COSIGNATURE), seconds.to_bytes(8, "big") + signature)


def verify_cosignature(note: Note, signature: NoteSignature, *, name: str, key: VerifyKey) -> int:
    """Return the POSIX seconds of a cosignature that holds. Raises AuditError."""
    if signature.name != name or signature.key_hash != key_hash(name, key, COSIGNATURE):
        raise AuditError("联署人与密钥不符", "the cosignature is not by this name and key")
    if len(signature.signature) != 72:
        raise _malformed("cosignature length")
    seconds = int.from_bytes(signature.signature[:8], "big")
    if seconds >= 2**63:
        raise _malformed("cosignature time")
    try:
        key.verify_note(_cosigned(note.text, seconds), signature.signature[8:])
    except SignatureError:
        raise AuditError("联署签名无效", "the cosignature does not verify") from None
    return seconds


def check_name(name: str) -> None:
    """Return when a key name is non-empty and has neither blanks nor "+". Raises AuditError."""
    if not name or "+" in name or any(c.isspace() or not c.isprintable() for c in name):
        raise _malformed("key name")


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def parse_signature(line: str) -> NoteSignature:
    """Read one signature line, with or without its newline. Raises AuditError."""
    line = line.removesuffix("\n")
    dash, name, encoded = [*line.split(" "), "", ""][:3]
    if line.count(" ") != 2 or dash + " " != DASH:
        raise _malformed("signature line")
    try:
        raw = parse_base64(encoded)
    except InputError:
        raise _malformed("signature base64") from None
    return NoteSignature(name, raw[:HASH_BYTES], raw[HASH_BYTES:])


def _malformed(what: str) -> AuditError:
    return AuditError(f"签名便笺格式不正确：{what}", f"malformed signed note: {what}")
