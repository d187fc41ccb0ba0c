"""Hand a collected round to a worker and take its outcome back; safe to do again after a restart."""

from __future__ import annotations

from collections.abc import Mapping

from linkage.coordinator.assemble import needed_populations
from linkage.coordinator.job import Job, Outcome
from linkage.coordinator.records import StoredRound, load_round, uploads_of
from linkage.coordinator.round import Failed, Matched, State
from linkage.coordinator.unit import Unit
from linkage.keys.canonical import JSON
from linkage.keys.signing import Signed


def start(unit: Unit, round_id: str) -> None:
    """Start a MATCHING round's worker, or fail the round when it would compare too much."""
    with unit.store.reading() as connection:
        if load_round(connection, round_id).round.state is not State.MATCHING:
            return  # Most seals are not the last one: they need no turn.
    with unit.starting:  # So that two callers cannot both find no worker.
        _start(unit, round_id)


def _start(unit: Unit, round_id: str) -> None:
    with unit.step() as step:
        stored = load_round(step.connection, round_id)
        if stored.round.state is not State.MATCHING or unit.matching.progress(round_id) is not None:
            return
        uploads = {u.population: u for u in uploads_of(step.connection, round_id)}
        rows = {name: u.rows for name, u in uploads.items()}
        products = possible_comparisons(stored, rows)
        shares = share_comparisons(products, budget_of(sum(products.values()), unit.config.quotas.full_comparisons))
        predicted = sum(shares.values())
        by_tokens: list[JSON] = [name for name in sorted(shares) if shares[name] < products[name]]
        step.note("match.started", {"round": round_id, "comparisons": predicted, "by_tokens": by_tokens})
        if predicted > unit.config.quotas.max_comparisons:
            limit = unit.config.quotas.max_comparisons
            reason = f"预计比较 {predicted} 次，上限 {limit} | {predicted} comparisons predicted, at most {limit}"
            unit.move(step, stored, Failed(reason))
            return
    job = Job(
        warrant=Signed.parse(stored.envelope).body,
        rows=rows,
        upload_keys={name: u.sealed_upload_key for name, u in uploads.items() if u.sealed_upload_key},
        links_per_anchor=unit.config.quotas.links_per_anchor,
        comparisons=shares,
        max_pairs=unit.config.quotas.max_pairs,
    )
    job.save(unit.folder(round_id))
    unit.matching.start(round_id, unit.folder(round_id), lambda i, outcome: finish(unit, i, outcome))


def possible_comparisons(stored: StoredRound, rows: Mapping[str, int]) -> dict[str, int]:
    """Return per population the filters to compare for all with all; none where links need an equal context token."""
    anchors = rows[stored.warrant.anchor_population.id]
    needed = [stored.warrant.population(name) for name in needed_populations(stored.warrant)]
    return {spec.id: 0 if spec.context else anchors * rows[spec.id] for spec in needed}


def budget_of(possible: int, full: int) -> int:
    """Return how many of the possible comparisons a round may make: all up to `full`, then a tenth, at most ten `full`.

    A tenth holds what tokens leave open where a tenth of the rows have no number; the matcher takes less if it can.
    """
    return possible if possible <= full else max(full, min(possible // 10, 10 * full))


def share_comparisons(products: Mapping[str, int], budget: int) -> dict[str, int]:
    """Return how many filters each population may have compared: all while they fit, else equal shares of the rest.

    Known before anything is compared; the matcher keeps to it.
    """
    shares: dict[str, int] = {}
    for left, name in zip(range(len(products), 0, -1), sorted(products, key=lambda n: (products[n], n)), strict=True):
        shares[name] = min(products[name], budget // left)
        budget -= shares[name]
    return shares


def finish(unit: Unit, round_id: str, outcome: Outcome) -> None:
    """Move a round on by its worker's outcome."""
    with unit.step() as step:
        stored = load_round(step.connection, round_id)
        if stored.round.state is not State.MATCHING:
            return
        if outcome.failure:
            step.note("match.failed", {"round": round_id, "reason": outcome.failure})
            unit.move(step, stored, Failed(outcome.failure))
            return
        facts: dict[str, JSON] = {
            "round": round_id,
            "result": outcome.result_digest.hex(),
            "bytes": outcome.result_bytes,
            "compared": outcome.compared,
            "judged": outcome.judged,
            "left_out": outcome.left_out,
        }
        step.note("match.finished", facts)
        unit.move(step, stored, Matched(outcome.result_digest, outcome.result_bytes))
