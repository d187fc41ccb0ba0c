"""Read one party's exported log into what reconciling needs, in one pass that verifies it on the way.

Kept in memory: every entry that is not mere traffic (polls, chunks), every leaf hash, and what the party wrote down
about other parties' logs. Traffic is verified, counted and let go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from linkage.audit.entry import Entry
from linkage.audit.log import ENTRIES
from linkage.audit.merkle import HASH_BYTES
from linkage.audit.restart import is_origin_of
from linkage.audit.terms import Record
from linkage.audit.verify import LogReport, log_origin, verify_log, witnessed
from linkage.errors import AuditError
from linkage.keys.canonical import JSON
from linkage.keys.manifest import Manifest, Party

Progress = Callable[[str, int], object]  # Party and entries read so far.
REPORT_EVERY = 20_000


@dataclass(frozen=True, slots=True)
class Reference:
    """A leaf of another party's log that an entry names: this log's entry index, that party, 32 bytes."""

    index: int
    party: str
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """The size and root of another party's log as an entry here names them."""

    index: int
    party: str
    size: int
    root: bytes


@dataclass(slots=True)
class LogContent:
    """One log as read: `leaves` is all leaf hashes in a row, `index_of` where each stands."""

    party: Party
    folder: Path
    report: LogReport = field(init=False)
    leaves: bytearray = field(default_factory=bytearray, repr=False)
    index_of: dict[bytes, int] = field(default_factory=dict, repr=False)
    records: dict[str, list[Record]] = field(default_factory=dict, repr=False)
    counts: Counter[str] = field(default_factory=Counter)
    references: list[Reference] = field(default_factory=list, repr=False)
    claims: list[Claim] = field(default_factory=list, repr=False)

    @property
    def size(self) -> int:
        return len(self.leaves) // HASH_BYTES

    def leaf(self, index: int) -> bytes:
        return bytes(self.leaves[index * HASH_BYTES : (index + 1) * HASH_BYTES])

    def of_kind(self, kind: str) -> Sequence[Record]:
        return self.records.get(kind, ())


def log_folders(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the folders of logs; a folder that holds no log itself stands for all logs in it."""
    for path in paths:
        inside = [] if (path / ENTRIES).exists() else sorted(file.parent for file in path.glob(f"*/{ENTRIES}"))
        yield from inside or [path]


def read_logs(
    paths: Sequence[Path], manifest: Manifest, *, traffic: frozenset[str], progress: Progress = lambda party, done: None
) -> list[LogContent]:
    """Read several parties' logs, each also against the checkpoints the others kept. Raises AuditError.

    One log per party; a second one of the same party is refused, since both cannot be the whole truth.
    """
    folders = [path if path.is_dir() else path.parent for path in paths]
    found = [read_log(folder, folders, manifest, traffic=traffic, progress=progress) for folder in folders]
    parties = [content.party.id for content in found]
    twice = sorted({party for party in parties if parties.count(party) > 1})
    if twice:
        raise AuditError(f"同一单位有两份日志：{'、'.join(twice)}", f"two logs of one party: {', '.join(twice)}")
    return found


def read_log(
    folder: Path,
    folders: Sequence[Path],
    manifest: Manifest,
    *,
    traffic: frozenset[str],
    progress: Progress = lambda party, done: None,
) -> LogContent:
    """Read one of several logs, against the checkpoints that the others kept of it. Raises AuditError."""
    content = LogContent(party_of(folder, manifest), folder)

    def visit(entry: Entry, leaf: bytes) -> None:
        _take(content, entry, leaf, traffic)
        if content.size % REPORT_EVERY == 0:
            progress(content.party.id, content.size)

    kept = witnessed(folder, folders, manifest)
    content.report = verify_log(folder, manifest, witnessed=kept, visit=visit)
    return content


def party_of(folder: Path, manifest: Manifest) -> Party:
    """Return whose log a folder holds, as its first checkpoint says. Raises AuditError."""
    origin = log_origin(folder)
    for party in manifest.parties():
        if is_origin_of(origin, manifest.consortium, party.id):
            return party
    raise AuditError("日志不属于清单里的任何单位", "the log is of no party of the manifest")


def _take(content: LogContent, entry: Entry, leaf: bytes, traffic: frozenset[str]) -> None:
    index = content.size
    content.leaves += leaf
    content.index_of[leaf] = index
    content.counts[entry.kind] += 1
    facts = entry.facts
    peer = facts.get("peer") or facts.get("party")
    if isinstance(peer, str):
        content.references += [Reference(index, peer, leaf) for leaf in _leaves(facts)]
    content.claims += _claims(index, entry)
    if entry.kind not in traffic:
        record = Record(content.party.id, index, entry.time, entry.kind, facts)
        content.records.setdefault(entry.kind, []).append(record)


def _leaves(facts: Mapping[str, JSON]) -> Iterator[bytes]:
    listed = facts.get("peer_leaves", [])
    for text in [facts.get("peer_leaf"), *(listed if isinstance(listed, list) else [])]:
        leaf = _hash(text)
        if leaf:
            yield leaf


def _claims(index: int, entry: Entry) -> Iterator[Claim]:
    if entry.kind == "checkpoint.exchanged":
        listed: JSON = [entry.facts]
    else:
        listed = entry.facts.get("logs", []) if entry.kind == "checkpoints.witnessed" else []
    for row in listed if isinstance(listed, list) else []:
        if isinstance(row, Mapping):
            party, size, root = row.get("party"), row.get("size"), _hash(row.get("root"))
            if isinstance(party, str) and isinstance(size, int) and root:
                yield Claim(index, party, size, root)


def _hash(text: JSON) -> bytes:
    try:
        found = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        return b""
    return found if len(found) == HASH_BYTES else b""
