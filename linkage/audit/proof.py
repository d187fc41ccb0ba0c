"""Prove that one entry stands in a log, offline: a bundle in the C2SP tlog-proof format, and its policy.

The entry's own bytes are the `extra` line. Whoever verifies hashes them, follows the path to the checkpoint's root and
checks the log's signature and the cosignatures: nothing of the log but this one entry is shown. The policy file
(C2SP tlog-policy) names the keys for tools that we did not write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from linkage.audit.checkpoint import origin_of, parse_checkpoint, verify_checkpoint
from linkage.audit.entry import Entry, parse_entry
from linkage.audit.journal import read_lines
from linkage.audit.log import ENTRIES
from linkage.audit.merkle import inclusion_proof, leaf_hash, verify_inclusion
from linkage.audit.note import COSIGNATURE, Note, parse_note, verifier_text, verify_cosignature
from linkage.audit.notes import note_path, note_sizes, read_note
from linkage.audit.verify import party_key
from linkage.errors import AuditError, InputError
from linkage.keys.canonical import encode_base64, parse_base64
from linkage.keys.manifest import Manifest
from linkage.keys.signing import VerifyKey

HEAD = "c2sp.org/tlog-proof@v1"
MAX_PATH = 63
MAX_TEXT = 2_000_000


@dataclass(frozen=True, slots=True)
class Proof:
    """One entry's bundle: its bytes, index from 0, path of 32-byte hashes lowest first, the checkpoint's note."""

    entry: bytes = field(repr=False)
    index: int
    path: tuple[bytes, ...]
    checkpoint: str = field(repr=False)

    def to_text(self) -> str:
        """Return the .tlog-proof file's text."""
        path = "".join(f"{encode_base64(part)}\n" for part in self.path)
        return f"{HEAD}\nextra {encode_base64(self.entry)}\nindex {self.index}\n{path}\n{self.checkpoint}"


@dataclass(frozen=True, slots=True)
class Proven:
    """What a bundle proves: the entry, in which log, under which size, who cosigned and when (POSIX seconds)."""

    entry: Entry
    origin: str
    size: int
    cosigned: tuple[tuple[str, int], ...]


def prove_entry(log: Path, index: int) -> Proof:
    """Return the bundle of one entry under the newest checkpoint that holds the most cosignatures over it.

    Raises AuditError when no checkpoint covers the entry yet.
    """
    folder = log if log.is_dir() else log.parent
    covering = [size for size in note_sizes(folder) if size > index]
    if not covering or index < 0:
        raise AuditError(f"没有检查点包含第 {index} 条", f"no checkpoint covers entry {index} yet")
    notes = {size: read_note(note_path(folder, size)) for size in covering}
    size = max(covering, key=lambda size: (len(parse_note(notes[size]).signatures), size))
    lines: list[bytes] = []
    leaves: list[bytes] = []
    for position, line in enumerate(read_lines(folder / ENTRIES)):
        if position == size:
            break
        leaves.append(leaf_hash(line))
        if position == index:
            lines.append(line)
    if len(leaves) < size:
        raise AuditError("日志比检查点短", f"the log has {len(leaves)} entries, the checkpoint {size}")
    return Proof(lines[0], index, tuple(inclusion_proof(leaves, index)), notes[size])


def parse_proof(text: str) -> Proof:
    """Read a bundle of ours; verifies nothing. Raises AuditError."""
    top, mark, checkpoint = text.partition("\n\n")
    lines = top.split("\n")
    if not mark or len(text) > MAX_TEXT or len(lines) < 3 or len(lines) > 3 + MAX_PATH or lines[0] != HEAD:
        raise _malformed("structure")
    if not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise _malformed("extra or index")
    digits = lines[2].removeprefix("index ")
    if not (digits.isascii() and digits.isdigit()) or digits != str(int(digits)):
        raise _malformed("index")
    try:
        entry = parse_base64(lines[1].removeprefix("extra "))
        path = tuple(parse_base64(line, length=32) for line in lines[3:])
    except InputError:
        raise _malformed("base64") from None
    return Proof(entry, int(digits), path, checkpoint)


def verify_proof(proof: Proof, key: Manifest | VerifyKey) -> Proven:
    """Return what a bundle proves under the manifest's keys, or under one party's own key. Raises AuditError."""
    note = parse_note(proof.checkpoint)
    origin = parse_checkpoint(note.text).origin
    checkpoint, note = verify_checkpoint(proof.checkpoint, origin=origin, key=party_key(origin, key))
    verify_inclusion(leaf_hash(proof.entry), proof.index, size=checkpoint.size, proof=proof.path, root=checkpoint.root)
    entry = parse_entry(proof.entry)
    if entry.index != proof.index:
        raise _malformed("the entry has another index")
    cosigned = _cosigned(note, key, own=origin) if isinstance(key, Manifest) else ()
    return Proven(entry, origin, checkpoint.size, cosigned)


def _cosigned(note: Note, manifest: Manifest, *, own: str) -> tuple[tuple[str, int], ...]:
    names = {origin_of(manifest.consortium, party.id): party for party in manifest.parties()}
    lines = [line for line in note.signatures if line.name in names and line.name != own]
    return tuple(
        (names[line.name].id, verify_cosignature(note, line, name=line.name, key=names[line.name].signing_key))
        for line in lines
    )


def policy_text(manifest: Manifest, party: str, *, witnesses: Sequence[str]) -> str:
    """Return the C2SP tlog-policy for one party's log: its key, the witnesses' keys, and that one of them suffices."""
    origin = origin_of(manifest.consortium, party)
    lines = [f"log {verifier_text(origin, manifest.party(party).signing_key)}"]
    for name in witnesses:
        key = manifest.party(name).signing_key
        lines.append(f"witness {name} {verifier_text(origin_of(manifest.consortium, name), key, COSIGNATURE)}")
    if not witnesses:
        return "\n".join([*lines, "quorum none", ""])
    return "\n".join([*lines, f"group peers any {' '.join(witnesses)}", "quorum peers", ""])


def _malformed(what: str) -> AuditError:
    return AuditError(f"证明文件格式不正确：{what}", f"malformed tlog-proof: {what}")
