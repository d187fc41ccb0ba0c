"""What must hold after any fault, checked from what the parties left on disk. One function: `broken_invariants`.

* Nothing that was acknowledged is lost, and nothing acknowledged is sent again.
* Nothing is applied twice: every party heard of each state once, every deletion is stated once.
* The result says the same, whatever happened on the way.
* There is no answer without its audit entry: each leaf that a party saw stands in the log of who sent it.
* Every party ends in a named state, and with a reason where it is not the good one; nobody holds data of the round.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from linkage.audit.interlock import check_interlock
from linkage.audit.reading import read_logs
from linkage.coordinator.round import ENDED
from linkage.keys.manifest import Manifest
from linkage.rpc.v1 import linkage_pb2 as pb
from tests.faults.programs import REQUESTER
from tests.faults.records import COORDINATOR, Records

UPLOAD_TRAFFIC = frozenset({"watch.sent", "round.asked"})


def broken_invariants(records: Records, rounds: Sequence[str], manifest: Manifest, *, content: str) -> list[str]:
    """Return what does not hold; `content` is what every result must say."""
    owners = [party.id for party in manifest.owners]
    found: list[str] = []
    for owner in owners:
        found += _lost_or_repeated(records.root / owner)
    for round_id in rounds:
        found += _applied_twice(records, round_id)
        found += _wrong_result(records, round_id, content)
        found += _unnamed_end(records, round_id, owners)
        found += _left_behind(records, round_id)
    return found + list(_unaudited(records.root, [*owners, manifest.coordinator.id], manifest))


def _lost_or_repeated(state: Path) -> Iterator[str]:
    """Go through all that was acknowledged to one owner, in order."""
    held: dict[tuple[str, str], int] = {}
    file = state / "acknowledged.jsonl"
    for line in file.read_text().splitlines() if file.exists() else ():
        said = json.loads(line)
        upload, offset = (said["round"], said["population"]), said["offset"]
        if said["word"] == "begun" and offset < held.get(upload, 0):
            yield f"{state.name} {upload}: {held[upload]} bytes were acknowledged, {offset} are held"
        if said["word"] == "held" and offset <= held.get(upload, 0):
            yield f"{state.name} {upload}: what ends at {offset} was acknowledged twice"
        held[upload] = offset


def _applied_twice(records: Records, round_id: str) -> Iterator[str]:
    told: Counter[tuple[object, str]] = Counter()
    query = "SELECT recipient, body FROM events WHERE round_id = ?"
    for recipient, body in records.rows(COORDINATOR, query, round_id):
        event = pb.Event.FromString(body)
        kind = str(event.WhichOneof("body"))
        detail = pb.RoundState.Name(event.status.state) if kind == "status" else ""
        detail = event.deletion.envelope.hex() if kind == "deletion" else detail
        told[recipient, f"{kind} {detail}"] += 1
    yield from (f"{round_id}: {who} was told twice of {what[:40]}" for (who, what), times in told.items() if times > 1)


def _wrong_result(records: Records, round_id: str, content: str) -> Iterator[str]:
    if records.state_of(round_id) == "CLOSED":
        taken = records.root / REQUESTER / "results" / f"{round_id}.json"
        if not taken.exists() or json.loads(taken.read_text())["content"] != content:
            yield f"{round_id}: the result is not what it must be"


def _unnamed_end(records: Records, round_id: str, owners: Sequence[str]) -> Iterator[str]:
    ends = {COORDINATOR: records.rows(COORDINATOR, "SELECT state, reason FROM rounds WHERE id = ?", round_id)}
    for owner in owners:
        query = "SELECT state, reason, step FROM owner_rounds WHERE round_id = ?"
        ends[owner] = records.rows(owner, query, round_id)
    for party, found in ends.items():
        if not found or found[0][0] not in {str(s) for s in ENDED} or found[0][0] != ends[COORDINATOR][0][0]:
            yield f"{round_id}: {party} ended as {found}"
        elif found[0][0] != "CLOSED" and not found[0][1]:
            yield f"{round_id}: {party} has no reason"
        elif found[0][2:] not in ((), ("ENDED",)):
            yield f"{round_id}: {party} still holds its data"


def _left_behind(records: Records, round_id: str) -> Iterator[str]:
    if (records.root / COORDINATOR / "rounds" / round_id).exists():
        yield f"{round_id}: the coordinator still holds its data"
    if records.rows(COORDINATOR, "SELECT erased FROM rounds WHERE id = ?", round_id) not in ([(1,)], [(True,)]):
        yield f"{round_id}: the coordinator owes its erasure"


def _unaudited(root: Path, parties: Sequence[str], manifest: Manifest) -> Iterator[str]:
    contents = read_logs([root / party / "audit" for party in parties], manifest, traffic=UPLOAD_TRAFFIC)
    findings, _ = check_interlock({content.party.id: content for content in contents}, manifest)
    yield from (f"log of {finding.party}, entry {finding.index}: {finding.en}" for finding in findings)
    coordinator = next(content for content in contents if content.party.role == "coordinator")
    chunks = (r.facts for r in coordinator.of_kind("upload.chunk"))
    kept = {(facts["population"], facts["offset"], facts["round"]) for facts in chunks}
    for party in parties:
        file = root / party / "acknowledged.jsonl"
        for line in file.read_text().splitlines() if file.exists() else ():
            said = json.loads(line)
            if said["word"] == "held" and (said["population"], said["offset"], said["round"]) not in kept:
                yield f"{party}: the chunk up to {said['offset']} was acknowledged and is in no log"
