"""A whole round of a million anchors against ten million rows between real programs: time, memory, missed candidates."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figures import Figure, missing
from benchmarks.running import NotMeasured, Run

SECONDS, MEMORY, RECALL = 600.0, 4096.0, 0.995
WANTED = (
    ("seconds", "end to end", "s", SECONDS, False),
    ("coordinator_peak_mib", "peak memory of the coordinator", "MiB", MEMORY, False),
    ("candidate_recall", "recall of the candidates against the full comparison", "", RECALL, True),
)


def figures(run: Run) -> Iterator[Figure]:
    """Yield what the large round measured."""
    left, right = run.size.large
    try:
        if not left:
            raise NotMeasured("only at full size")
        if not run.has_option("large_round", "--out"):
            raise NotMeasured("benchmarks.large_round measures nothing yet")
        found = run.module("large_round", "--rows-left", str(left), "--rows-right", str(right))
    except NotMeasured as why:
        yield from (missing(name, str(why), target=t, at_least=least) for _, name, _, t, least in WANTED)
        return
    for key, name, unit, target, least in WANTED:
        if key in found:
            yield Figure(name, found[key], unit, target, at_least=least, note=f"{left:,} to {right:,}")
        else:
            yield missing(name, "the round did not say", target=target, at_least=least)
