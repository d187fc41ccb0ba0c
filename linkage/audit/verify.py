"""Recompute whole logs and say what holds: for a reviewer who has the folders and the manifest, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from linkage.audit.checkpoint import Checkpoint, parse_checkpoint, verify_checkpoint
from linkage.audit.entry import Entry, parse_entry
from linkage.audit.journal import read_lines
from linkage.audit.log import ENTRIES
from linkage.audit.merkle import CompactRange, leaf_hash
from linkage.audit.note import parse_note
from linkage.audit.notes import PeerNotes, note_path, note_sizes, read_note
from linkage.audit.restart import is_origin_of, party_in
from linkage.errors import AuditError
from linkage.keys.manifest import Manifest
from linkage.keys.signing import VerifyKey

MAX_BACKWARD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Fault:
    """Name the first thing wrong: entry index from 0 (None when no entry is to blame) and the reason."""

    index: int | None
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class LogReport:
    """Say what was found: entries read, how many of them good checkpoints cover, the root, the first fault.

    `witnesses` counts the peers whose kept checkpoint of this log was compared as well.
    """

    origin: str
    entries: int
    checkpoints: int
    witnesses: int
    signed_entries: int
    root: bytes
    first_time: str
    last_time: str
    fault: Fault | None

    @property
    def is_sound(self) -> bool:
        return self.fault is None


Visit = Callable[[Entry, bytes], object]  # Every entry that is well-formed, with its 32-byte leaf hash, in order.


def verify_log(
    path: Path, key: Manifest | VerifyKey, *, witnessed: Sequence[Checkpoint] = (), visit: Visit | None = None
) -> LogReport:
    """Recompute a log's folder (or its entries.jsonl) and return the report; a fault is reported, not raised.

    Checked: every checkpoint's form, origin and signature; every entry's canonical form; indexes 0, 1, 2, …; times that
    do not run back by more than five minutes; the root at every checkpoint, the peers' copies included. With a manifest
    the key is that of the party the log's origin names. `visit` sees every entry up to one that cannot be read.
    Raises AuditError when there is nothing to read.
    """
    folder = path if path.is_dir() else path.parent
    if not (folder / ENTRIES).exists():
        raise AuditError(f"这里没有 {ENTRIES}", f"there is no {ENTRIES} here")
    walk = _Walk(visit)
    try:
        own = _checkpoints(folder, key)
    except AuditError as error:
        return walk.report("", fault=Fault(None, error.zh, error.en))
    fault = walk.run(folder, [*own, *witnessed])
    return walk.report(own[-1].origin, checkpoints=len(own), witnesses=len(witnessed), fault=fault)


def verify_logs(paths: Sequence[Path], manifest: Manifest) -> list[LogReport]:
    """Verify several parties' logs, each also against the checkpoints the others kept of it.

    A party that rewrote its own log and signed it anew is found here and nowhere else.
    """
    folders = [path if path.is_dir() else path.parent for path in paths]
    return [verify_log(folder, manifest, witnessed=witnessed(folder, folders, manifest)) for folder in folders]


def party_key(origin: str, key: Manifest | VerifyKey) -> VerifyKey:
    """Return the key that signs an origin's checkpoints. Raises AuditError for an origin outside the manifest."""
    if isinstance(key, VerifyKey):
        return key
    for party in key.parties():
        if is_origin_of(origin, key.consortium, party.id):
            return party.signing_key
    raise AuditError("日志不属于清单里的任何单位", "the log is of no party of the manifest")


class _Walk:
    """Carry the state of one pass over the entries."""

    def __init__(self, visit: Visit | None) -> None:
        self._visit = visit
        self._tree = CompactRange()
        self._covered = 0
        self._first = ""
        self._last = ""
        self._latest: datetime | None = None

    def run(self, folder: Path, checkpoints: Iterable[Checkpoint]) -> Fault | None:
        roots: dict[int, set[bytes]] = {}
        for checkpoint in checkpoints:
            roots.setdefault(checkpoint.size, set()).add(checkpoint.root)
        fault = self._compare(roots)
        try:
            for line in read_lines(folder / ENTRIES):
                if fault is not None and self._visit is None:
                    return fault
                self._entry(line)
                fault = fault or self._compare(roots)
        except AuditError as error:
            return fault or Fault(self._tree.size, error.zh, error.en)
        missing = max(roots)
        if fault is None and missing > self._tree.size:
            zh = f"只有 {self._tree.size} 条，检查点却签到 {missing} 条"
            return Fault(self._tree.size, zh, f"{self._tree.size} entries, but a checkpoint over {missing}")
        return fault

    def report(self, origin: str, *, checkpoints: int = 0, witnesses: int = 0, fault: Fault | None = None) -> LogReport:
        return LogReport(
            origin=origin,
            entries=self._tree.size,
            checkpoints=checkpoints,
            witnesses=witnesses,
            signed_entries=self._covered,
            root=self._tree.root(),
            first_time=self._first,
            last_time=self._last,
            fault=fault,
        )

    def _entry(self, line: bytes) -> None:
        entry = parse_entry(line)
        if entry.index != self._tree.size:
            raise AuditError("序号不连续", f"expected index {self._tree.size}, got {entry.index}")
        moment = entry.moment
        if self._latest is not None and moment < self._latest - MAX_BACKWARD:
            raise AuditError("时间倒退超过五分钟", "the time runs back by more than five minutes")
        self._latest = moment if self._latest is None else max(moment, self._latest)
        self._first, self._last = self._first or entry.time, entry.time
        leaf = leaf_hash(line)
        self._tree.append(leaf)
        if self._visit is not None:
            self._visit(entry, leaf)

    def _compare(self, roots: dict[int, set[bytes]]) -> Fault | None:
        wanted = roots.get(self._tree.size)
        if wanted is None:
            return None
        if wanted != {self._tree.root()}:
            low, high = self._covered, self._tree.size - 1
            zh = f"第 {low} 至 {high} 条之间有改动，或日志被重写：根与检查点不符"
            en = f"entries {low} to {high} were changed or the log was rewritten: the root is not the checkpoint's"
            return Fault(low, zh, en)
        self._covered = self._tree.size
        return None


def _checkpoints(folder: Path, key: Manifest | VerifyKey) -> list[Checkpoint]:
    origin = log_origin(folder)
    sizes = note_sizes(folder)
    public = party_key(origin, key)
    found = [verify_checkpoint(read_note(note_path(folder, s)), origin=origin, key=public)[0] for s in sizes]
    for size, checkpoint in zip(sizes, found, strict=True):
        if checkpoint.size != size:
            raise AuditError("检查点文件名与内容不符", f"the file of checkpoint {size} holds size {checkpoint.size}")
    return found


def log_origin(folder: Path) -> str:
    """Return the origin that a log's first checkpoint claims, unverified. Raises AuditError."""
    sizes = note_sizes(folder)
    if not sizes:
        raise AuditError("日志没有检查点，无从核对", "the log has no checkpoint to verify against")
    return parse_checkpoint(parse_note(read_note(note_path(folder, sizes[0]))).text).origin


def witnessed(folder: Path, folders: Sequence[Path], manifest: Manifest) -> list[Checkpoint]:
    """Return the checkpoints that other folders kept of this log and that its own key really signed."""
    found: list[Checkpoint] = []
    try:
        origin = log_origin(folder)
        key = party_key(origin, manifest)
    except AuditError:
        return found
    for other in folders:
        text = None if other == folder else PeerNotes(other).newest(party_in(origin))
        if text is not None:
            found.append(verify_checkpoint(text, origin=origin, key=key)[0])
    return found
