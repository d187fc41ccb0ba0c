"""What a party is told about a round. A data owner sees its own uploads only, and nothing about the result's size."""

from __future__ import annotations

from collections.abc import Sequence

from linkage.coordinator.matching import WorkerProgress
from linkage.coordinator.records import StoredRound, Upload
from linkage.rpc.v1 import linkage_pb2 as pb


def event(round_id: str) -> pb.Event:
    return pb.Event(round_id=round_id)


def status(
    stored: StoredRound, uploads: Sequence[Upload], *, viewer: str, progress: WorkerProgress | None = None
) -> pb.RoundStatus:
    """Return the round's status as `viewer` may see it; other owners' sizes and the result's are the requester's."""
    current = stored.round
    found = pb.RoundStatus(
        round_id=current.id,
        state=str(current.state),
        reason=current.reason,
        reason_party=current.reason_party,
        warrant_digest=current.warrant_digest,
    )
    is_requester = viewer == current.requester
    if is_requester:
        found.result_digest, found.result_bytes = current.result_digest, current.result_bytes
        found.consented.extend(sorted(current.approved))
    if is_requester and progress is not None:
        found.stage, found.done, found.total = progress.stage, progress.done, progress.total
    by_population = {u.population: u for u in uploads}
    for spec in stored.warrant.populations:
        if is_requester or spec.owner == viewer:
            found.populations.append(_population(spec.id, spec.owner, by_population.get(spec.id)))
    return found


def _population(population: str, owner: str, upload: Upload | None) -> pb.PopulationProgress:
    if upload is None:
        return pb.PopulationProgress(population=population, owner=owner)
    return pb.PopulationProgress(
        population=population,
        owner=owner,
        rows_expected=upload.rows,
        bytes_expected=upload.total,
        bytes_received=upload.offset,
        sealed=upload.sealed,
    )


def signed(envelope: bytes) -> pb.SignedDocument:
    return pb.SignedDocument(envelope=envelope)
