"""Hand a collected round to a worker and take its outcome back; safe to do again after a restart."""

from __future__ import annotations

from linkage.coordinator.assemble import needed_populations
from linkage.coordinator.job import Job, Outcome
from linkage.coordinator.records import StoredRound, load_round, uploads_of
from linkage.coordinator.round import Failed, Matched, State
from linkage.coordinator.unit import Unit
from linkage.keys.canonical import JSON
from linkage.keys.signing import Signed


def start(unit: Unit, round_id: str) -> None:
    """Start a MATCHING round's worker, or fail the round when it would compare too much."""
    with unit.lock:  # So that two callers cannot both find no worker.
        _start(unit, round_id)


def _start(unit: Unit, round_id: str) -> None:
    with unit.step() as step:
        stored = load_round(step.connection, round_id)
        if stored.round.state is not State.MATCHING or unit.matching.progress(round_id) is not None:
            return
        uploads = {u.population: u for u in uploads_of(step.connection, round_id)}
        predicted = predicted_comparisons(stored, {name: u.rows for name, u in uploads.items()})
        unit.note("match.started", {"round": round_id, "comparisons": predicted})
        if predicted > unit.config.quotas.max_comparisons:
            limit = unit.config.quotas.max_comparisons
            reason = f"预计比较 {predicted} 次，上限 {limit} | {predicted} comparisons predicted, at most {limit}"
            unit.move(step, stored, Failed(reason))
            return
    job = Job(
        warrant=Signed.parse(stored.envelope).body,
        rows={name: u.rows for name, u in uploads.items()},
        upload_keys={name: u.sealed_upload_key for name, u in uploads.items() if u.sealed_upload_key},
        links_per_anchor=unit.config.quotas.links_per_anchor,
    )
    job.save(unit.folder(round_id))
    unit.matching.start(round_id, unit.folder(round_id), lambda i, outcome: finish(unit, i, outcome))


def predicted_comparisons(stored: StoredRound, rows: dict[str, int]) -> int:
    """Return the filter comparisons a round needs at most: none where links need an equal context token."""
    anchors = rows[stored.warrant.anchor_population.id]
    needed = [stored.warrant.population(name) for name in needed_populations(stored.warrant)]
    return sum(anchors * rows[spec.id] for spec in needed if not spec.context)


def finish(unit: Unit, round_id: str, outcome: Outcome) -> None:
    """Move a round on by its worker's outcome."""
    with unit.step() as step:
        stored = load_round(step.connection, round_id)
        if stored.round.state is not State.MATCHING:
            return
        if outcome.failure:
            unit.note("match.failed", {"round": round_id, "reason": outcome.failure})
            unit.move(step, stored, Failed(outcome.failure))
            return
        facts: dict[str, JSON] = {
            "round": round_id,
            "result": outcome.result_digest.hex(),
            "bytes": outcome.result_bytes,
        }
        unit.note("match.finished", facts)
        unit.move(step, stored, Matched(outcome.result_digest, outcome.result_bytes))
