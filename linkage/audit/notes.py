"""The checkpoints beside a log: checkpoints/<size>.note of its own, peers/<party>.note of the others.

A peer's newer checkpoint replaces the older one only when nothing speaks against it. What does speak against it is kept
as peers/<party>.evidence-<n>.txt: two notes signed by one key that cannot both be true.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from linkage.audit.checkpoint import Checkpoint, verify_checkpoint
from linkage.audit.merkle import verify_consistency
from linkage.errors import AuditError, KeyMaterialError
from linkage.keys.files import PUBLIC, make_folder, write_file
from linkage.keys.signing import VerifyKey

NOTE = re.compile(r"([0-9]{12})\.note")
PARTY = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


def note_path(folder: Path, size: int) -> Path:
    return folder / "checkpoints" / f"{size:012d}.note"


def note_sizes(folder: Path) -> list[int]:
    """Return the sizes of a log's own checkpoints, ascending."""
    place = folder / "checkpoints"
    if not place.is_dir():
        return []
    return sorted(int(found[1]) for name in os.listdir(place) if (found := NOTE.fullmatch(name)))


def read_note(path: Path) -> str:
    """Return a note's text. Raises AuditError."""
    try:
        # Newlines are part of what is signed, so none are translated.
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise AuditError(f"检查点 {path.name} 无法读取", f"the checkpoint {path.name} cannot be read") from None


def write_note(path: Path, text: str) -> None:
    """Write a note durably. Raises AuditError."""
    try:
        make_folder(path.parent)
        write_file(path, text.encode("utf-8"), mode=PUBLIC)
    except KeyMaterialError as error:
        raise AuditError(error.zh, error.en) from None


class PeerNotes:
    """Keep the newest checkpoint of every other party."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "peers"

    def path(self, party: str) -> Path:
        """Return where a party's checkpoint is kept. Raises AuditError for a malformed id."""
        if not PARTY.fullmatch(party):
            raise AuditError("单位 id 格式不正确", "malformed party id")
        return self._folder / f"{party}.note"

    def newest(self, party: str) -> str | None:
        """Return the kept note's text, or None."""
        path = self.path(party)
        return read_note(path) if path.exists() else None

    def store(
        self, party: str, text: str, *, origin: str, key: VerifyKey, proof: Sequence[bytes] | None = None
    ) -> Checkpoint:
        """Verify a peer's checkpoint against the kept one and keep it; see AuditLog.store_peer_checkpoint."""
        found, _ = verify_checkpoint(text, origin=origin, key=key)
        known_text = self.newest(party)
        if known_text is not None:
            known, _ = verify_checkpoint(known_text, origin=origin, key=key)
            if (known.size, known.root) == (found.size, found.root):
                return found
            try:
                _check_growth(known, found, proof)
            except AuditError:
                self._keep_evidence(party, known_text, text)
                raise
        write_note(self.path(party), text)
        return found

    def _keep_evidence(self, party: str, known: str, found: str) -> None:
        kept, text = self.evidence(party), f"{known}\n{found}"
        if all(read_note(path) != text for path in kept):
            write_note(self._folder / f"{party}.evidence-{len(kept) + 1}.txt", text)

    def evidence(self, party: str = "*") -> list[Path]:
        """Return the files of evidence against a party, or against any."""
        return sorted(self._folder.glob(f"{party}.evidence-*.txt"))


def _check_growth(known: Checkpoint, found: Checkpoint, proof: Sequence[bytes] | None) -> None:
    if found.size < known.size:
        raise AuditError("对方日志变短了", f"the peer's log shrank from {known.size} to {found.size}")
    if found.size == known.size:
        raise AuditError("对方对同一长度给出两个不同的根", f"the peer signed two roots for size {known.size}")
    if proof is not None:
        verify_consistency(known.root, found.root, old_size=known.size, new_size=found.size, proof=proof)
