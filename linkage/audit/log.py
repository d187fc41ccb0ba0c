"""A party's own audit log: no entry, no answer (design §8).

<folder>/entries.jsonl      one canonical JSON entry per line; the leaf hash is over the line without its newline
<folder>/checkpoints/       the log's signed checkpoints with the peers' cosignatures
<folder>/peers/             the newest checkpoint of every other party, and evidence of any that lied
<folder>/restart.json       only in a log that began again after a restore (linkage/audit/restart.py)

Opening recomputes the tree and refuses to go on when it contradicts the newest checkpoint, because a log must never
sign a checkpoint inconsistent with one it signed before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from linkage.audit import merkle
from linkage.audit.checkpoint import Checkpoint, sign_checkpoint, verify_checkpoint
from linkage.audit.entry import check_facts, make_entry, parse_entry
from linkage.audit.journal import Journal, read_lines
from linkage.audit.merkle import CompactRange
from linkage.audit.note import Note, NoteSignature, cosign_note, verify_cosignature
from linkage.audit.notes import PeerNotes, note_path, note_sizes, read_note, write_note
from linkage.audit.restart import own_origin, peer_origin
from linkage.errors import AuditError, KeyMaterialError
from linkage.keys.canonical import JSON
from linkage.keys.files import make_folder
from linkage.keys.signing import SigningKey, VerifyKey
from linkage.keys.times import Clock

ENTRIES = "entries.jsonl"
CHECKPOINT_EVERY = 256
NO_LEAF = bytes(32)


@dataclass(frozen=True, slots=True)
class AuditReceipt:
    """Say where an entry stands: index from 0, 32-byte leaf hash."""

    index: int
    leaf_hash: bytes


class AuditLog:
    """Append entries durably and sign checkpoints; safe for several threads and several processes of one party."""

    def __init__(self, folder: Path, *, origin: str, signer: SigningKey, clock: Clock, journal: Journal) -> None:
        self._folder = folder
        self._name = origin  # Under which we cosign others' checkpoints, whatever becomes of our own log.
        self._origin = own_origin(folder, origin)
        self._signer = signer
        self._clock = clock
        self._journal = journal
        self._tree = CompactRange()
        self._ends: deque[tuple[int, bytes]] = deque([(0, NO_LEAF)])  # Where entries end; the first is on disk.
        self._read_end = 0
        self._peers = PeerNotes(folder)

    @classmethod
    def open(cls, folder: Path, *, origin: str, signer: SigningKey, clock: Clock) -> Self:
        """Open or begin a log; `origin` is that of the party's first one. Raises AuditError when it does not fit its
        newest checkpoint.
        """
        try:
            make_folder(folder)
        except KeyMaterialError as error:
            raise AuditError(error.zh, error.en) from None
        log = cls(folder, origin=origin, signer=signer, clock=clock, journal=Journal(folder / ENTRIES))
        try:
            with log._journal.exclusive():
                log._catch_up(log._newest_checkpoint())
        except BaseException:
            log._journal.close()
            raise
        return log

    @property
    def origin(self) -> str:
        return self._origin

    @property
    def folder(self) -> Path:
        return self._folder

    def append(self, kind: str, facts: Mapping[str, JSON]) -> AuditReceipt:
        """Write one entry; it is on disk when this returns. Raises AuditError, and then nothing may be answered."""
        receipt, end = self._write(kind, facts)
        self._journal.settle(end)
        return receipt

    def write(self, kind: str, facts: Mapping[str, JSON]) -> AuditReceipt:
        """Write one entry behind those before it; it counts once `settle` has returned. Raises AuditError."""
        return self._write(kind, facts)[0]

    def settle(self) -> None:
        """Return once everything written so far is on disk. Raises AuditError, and then nothing may be answered."""
        self._journal.settle(self._journal.end)

    def _write(self, kind: str, facts: Mapping[str, JSON]) -> tuple[AuditReceipt, int]:
        check_facts(kind, facts)
        with self._journal.exclusive():
            self._catch_up()
            line = make_entry(self._tree.size, self._clock(), kind, facts)
            self._journal.append(line)
            receipt, end = AuditReceipt(self._tree.size, self._take(line)), self._journal.end
            self._durable_leaf()  # What is on disk by now need not be kept.
            self._ends.append((end, receipt.leaf_hash))
            if self._tree.size % CHECKPOINT_EVERY == 0:
                self._checkpoint()
        return receipt, end

    def size(self) -> int:
        """Return the number of entries, those of other processes included."""
        with self._journal.exclusive():
            self._catch_up()
            return self._tree.size

    def last_leaf(self) -> bytes:
        """Return the 32-byte leaf hash of the newest entry that is on disk; 32 zero bytes where there is none.

        A leaf that others know must not be lost; entries under way are not waited for.
        """
        with self._journal.exclusive():
            self._catch_up()
            if self._journal.durable < self._read_end:  # Written by another process, and perhaps not on disk yet.
                self._journal.settle(self._journal.end)
            return self._durable_leaf()

    def checkpoint(self) -> str:
        """Sign the tree as it is, keep the note and return its text."""
        with self._journal.exclusive():
            self._catch_up()
            return self._checkpoint()

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Return the path of an entry in the tree of the first `size` entries."""
        return merkle.inclusion_proof(self._leaves(size), index)

    def consistency_proof(self, old_size: int, size: int) -> list[bytes]:
        """Return the proof that a peer needs to follow from one of our checkpoints to a later one."""
        return merkle.consistency_proof(self._leaves(size), old_size)

    def add_cosignature(self, size: int, line: NoteSignature, *, name: str, key: VerifyKey) -> str:
        """Verify a peer's cosignature, keep it in our checkpoint of that size, return the note. Raises AuditError."""
        with self._journal.exclusive():
            path = note_path(self._folder, size)
            _, note = verify_checkpoint(read_note(path), origin=self._origin, key=self._signer.verify_key)
            verify_cosignature(note, line, name=name, key=key)
            if all((s.name, s.key_hash) != (line.name, line.key_hash) for s in note.signatures):
                note = Note(note.text, (*note.signatures, line))
                write_note(path, note.to_text())
            return note.to_text()

    def store_peer_checkpoint(
        self, party: str, text: str, *, origin: str, key: VerifyKey, proof: Sequence[bytes] | None = None
    ) -> Checkpoint:
        """Verify a peer's signed checkpoint and keep it.

        A smaller size, another root for the same size or a failing consistency proof is refused and kept as evidence.
        Without `proof` a larger tree is taken at its word until a reviewer compares the logs. Raises AuditError.
        """
        with self._journal.exclusive():
            return self._peers.store(party, text, origin=origin, key=key, proof=proof)

    def peer_origin(self, party: str, name: str) -> str:
        """Return the origin of a peer's log; `name` is that of its first one."""
        return peer_origin(self._folder, party, name)

    def peer_checkpoint(self, party: str) -> str | None:
        """Return the newest checkpoint kept of a peer."""
        return self._peers.newest(party)

    def cosign_peer(
        self, party: str, text: str, *, origin: str, key: VerifyKey, proof: Sequence[bytes] | None = None
    ) -> NoteSignature:
        """Keep a peer's checkpoint, then witness it with our timestamped cosignature under our origin's name."""
        with self._journal.exclusive():
            self._peers.store(party, text, origin=origin, key=key, proof=proof)
            _, note = verify_checkpoint(text, origin=origin, key=key)
            return cosign_note(note, name=self._name, key=self._signer, seconds=int(self._clock().timestamp()))

    def close(self) -> None:
        """Sign a last checkpoint and release the file. A log that failed is only released."""
        try:
            if self._journal.is_usable:
                self.checkpoint()
        finally:
            self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _catch_up(self, known: Checkpoint | None = None) -> None:
        """Read what other processes wrote; what does not fit stops this log until it is opened anew."""
        try:
            self._read_on(known)
        except AuditError:
            self._journal.give_up()
            raise

    def _read_on(self, known: Checkpoint | None) -> None:
        line, leaf = b"", NO_LEAF
        if known is not None and known.size == 0:
            known = None
        for line in self._journal.new_lines():
            leaf = self._take(line)
            if known is not None and known.size == self._tree.size:
                self._check_root(known)
                known = None
        if known is not None:
            raise AuditError(
                f"审计日志只有 {self._tree.size} 条，检查点却已签到 {known.size} 条",
                f"the audit log has {self._tree.size} entries, but a checkpoint was signed over {known.size}",
            )
        if line and parse_entry(line).index != self._tree.size - 1:
            raise AuditError("审计日志序号不连续", f"entry {self._tree.size - 1} of the audit log has another index")
        if line:
            self._read_end = self._journal.end
            self._ends.append((self._read_end, leaf))

    def _take(self, line: bytes) -> bytes:
        leaf = merkle.leaf_hash(line)
        self._tree.append(leaf)
        return leaf

    def _durable_leaf(self) -> bytes:
        while len(self._ends) > 1 and self._ends[1][0] <= self._journal.durable:
            self._ends.popleft()
        return self._ends[0][1]

    def _check_root(self, known: Checkpoint) -> None:
        if self._tree.root() != known.root:
            raise AuditError(
                f"审计日志前 {known.size} 条与已签的检查点不符",
                f"the first {known.size} entries of the audit log contradict the signed checkpoint",
                hint_zh="停用并保留现场，用 linkage audit verify 定位",
                hint_en="stop, keep everything as it is, and run `linkage audit verify`",
            )

    def _newest_checkpoint(self) -> Checkpoint | None:
        sizes = note_sizes(self._folder)
        if not sizes:
            return None
        text = read_note(note_path(self._folder, sizes[-1]))
        return verify_checkpoint(text, origin=self._origin, key=self._signer.verify_key)[0]

    def _checkpoint(self) -> str:
        self._journal.settle(self._journal.end)
        path = note_path(self._folder, self._tree.size)
        if path.exists():
            known, note = verify_checkpoint(read_note(path), origin=self._origin, key=self._signer.verify_key)
            self._check_root(known)
            return note.to_text()
        found = Checkpoint(self._origin, self._tree.size, self._tree.root())
        text = sign_checkpoint(found, self._signer).to_text()
        write_note(path, text)
        return text

    def _leaves(self, size: int) -> list[bytes]:
        leaves: list[bytes] = []
        for line in read_lines(self._folder / ENTRIES):
            if len(leaves) == size:
                break
            leaves.append(merkle.leaf_hash(line))
        if len(leaves) < size:
            raise AuditError("审计日志没有这么多条", f"the audit log has fewer than {size} entries")
        return leaves
