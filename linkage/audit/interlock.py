"""Hold logs together by what each wrote down of the others: leaves, roots, cosignatures, evidence.

A party can sign anything about its own log. It cannot change what stands in the others': the leaves it sent with its
calls, the checkpoints they witnessed. Whatever of it is not there, or is another, is a fault of the log that lacks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from linkage.audit.checkpoint import origin_of, verify_checkpoint
from linkage.audit.findings import Finding
from linkage.audit.merkle import CompactRange
from linkage.audit.note import Note, verify_cosignature
from linkage.audit.notes import PeerNotes, note_path, note_sizes, read_note
from linkage.audit.reading import Claim, LogContent
from linkage.audit.verify import log_origin
from linkage.errors import AuditError
from linkage.keys.manifest import Manifest, Party

Logs = Mapping[str, LogContent]
Stated = tuple[int, bytes]  # The size and root of a checkpoint.


@dataclass(frozen=True, slots=True)
class Held:
    """How firmly others hold a log: leaves of it they wrote down, the entries that a witnessed checkpoint covers."""

    leaves: int
    covered: int
    witnesses: tuple[str, ...]


def check_interlock(logs: Logs, manifest: Manifest) -> tuple[list[Finding], dict[str, Held]]:
    """Return every contradiction between the logs, and how firmly each of them is held by the others."""
    findings: list[Finding] = []
    held: dict[str, Held] = {}
    for content in logs.values():
        findings += _log_fault(content)
        findings += _evidence(content)
        findings += _references(content, logs)
        claims = [(other.party.id, claim) for other in logs.values() for claim in _claims_on(content, other)]
        bad, good = _check_claims(content, claims)
        cosigners, faults = _cosignatures(content, logs, manifest)
        findings += bad + faults
        leaves = len({r.leaf for other in logs.values() for r in other.references if r.party == content.party.id})
        sizes = {claim.size for _, claim in good} | _kept_sizes(content, logs, manifest)
        covered = max((size for size in sizes if size <= content.size), default=0)
        held[content.party.id] = Held(leaves, covered, tuple(sorted({by for by, _ in good} | cosigners)))
    return findings, held


def _log_fault(content: LogContent) -> Iterator[Finding]:
    fault = content.report.fault
    if fault is not None:
        yield Finding("fault", "log", content.party.id, fault.index, fault.zh, fault.en)


def _evidence(content: LogContent) -> Iterator[Finding]:
    for path in PeerNotes(content.folder).evidence():
        zh, en = f"留有证据文件 {path.name}", f"evidence is kept: {path.name}"
        yield Finding(
            "fault", "evidence", path.name.partition(".evidence-")[0], None, f"{zh}（{content.party.id}）", en
        )


def _references(content: LogContent, logs: Logs) -> Iterator[Finding]:
    """Every leaf that an entry names must stand in the log it is said to be of."""
    for reference in content.references:
        other = logs.get(reference.party)
        if other is None or reference.party == content.party.id or reference.leaf in other.index_of:
            continue
        name = content.party.id
        yield Finding(
            "fault",
            "leaf",
            reference.party,
            None,
            f"{name} 第 {reference.index} 条记下的叶在 {reference.party} 的日志里不存在",
            f"entry {reference.index} of {name} names a leaf that the log of {reference.party} does not hold",
        )


def _claims_on(content: LogContent, other: LogContent) -> Iterator[Claim]:
    if other is not content:
        yield from (claim for claim in other.claims if claim.party == content.party.id)


def _kept_sizes(content: LogContent, logs: Logs, manifest: Manifest) -> set[int]:
    """Return the sizes of the checkpoints that others keep of a log; `verify` has held each against it."""
    origin = log_origin(content.folder)
    texts = [PeerNotes(other.folder).newest(content.party.id) for other in logs.values() if other is not content]
    kept = [verify_checkpoint(t, origin=origin, key=content.party.signing_key)[0] for t in texts if t is not None]
    return {checkpoint.size for checkpoint in kept} if content.report.is_sound else set()


def _check_claims(
    content: LogContent, claims: Sequence[tuple[str, Claim]]
) -> tuple[list[Finding], list[tuple[str, Claim]]]:
    """Recompute the root at every size that another log names; return the faults and the claims that hold."""
    by_size: dict[int, list[tuple[str, Claim]]] = {}
    for by, claim in claims:
        by_size.setdefault(claim.size, []).append((by, claim))
    faults: list[Finding] = []
    good: list[tuple[str, Claim]] = []
    tree = CompactRange()
    for size in sorted(by_size):
        while tree.size < min(size, content.size):
            tree.append(content.leaf(tree.size))
        root = tree.root() if tree.size == size else b""
        for by, claim in by_size[size]:
            if claim.root == root:
                good.append((by, claim))
                continue
            zh = f"与 {by} 第 {claim.index} 条见证的检查点（{size} 条）不符"
            en = f"contradicts the checkpoint over {size} entries that entry {claim.index} of {by} witnessed"
            faults.append(Finding("fault", "witness", content.party.id, None, zh, en))
    return faults, good


def _cosignatures(content: LogContent, logs: Logs, manifest: Manifest) -> tuple[set[str], list[Finding]]:
    """Verify the cosignatures on a log's checkpoints, and that who cosigned wrote it down."""
    names = {origin_of(manifest.consortium, party.id): party for party in manifest.parties()}
    own = log_origin(content.folder)
    told = {by: {(c.size, c.root) for c in _claims_on(content, log)} for by, log in logs.items()}
    found: set[str] = set()
    faults: list[Finding] = []
    for size in note_sizes(content.folder):
        try:
            text = read_note(note_path(content.folder, size))
            checkpoint, note = verify_checkpoint(text, origin=own, key=content.party.signing_key)
        except AuditError:
            return found, faults  # The log's own fault is reported already.
        for by in _cosigners(note, names, own):
            stated = (checkpoint.size, checkpoint.root)
            fault = _cosignature(note, by, stated, content.party.id, told=told, names=names)
            if fault is None:
                found.add(by.id)
            else:
                faults.append(fault)
    return found, faults


def _cosigners(note: Note, names: Mapping[str, Party], own: str) -> list[Party]:
    return [names[s.name] for s in note.signatures if s.name in names and s.name != own]


def _cosignature(
    note: Note, by: Party, stated: Stated, party: str, *, told: Mapping[str, set[Stated]], names: Mapping[str, Party]
) -> Finding | None:
    size = stated[0]
    line = next(s for s in note.signatures if names.get(s.name) == by)
    try:
        verify_cosignature(note, line, name=line.name, key=by.signing_key)
    except AuditError as error:
        return Finding("fault", "cosignature", party, None, f"{by.id} 的联署：{error.zh}", f"{by.id}: {error.en}")
    if by.id not in told or stated in told[by.id]:
        return None
    zh = f"{by.id} 联署了 {size} 条的检查点，自己的日志里却没有记"
    en = f"{by.id} cosigned the checkpoint over {size} entries, but its log does not say so"
    return Finding("fault", "cosignature", by.id, None, zh, en)
