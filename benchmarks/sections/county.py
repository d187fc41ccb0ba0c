"""A county's links: those that an equal valid number does not settle, all together, and recall by error operator."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.county_links import PRECISION
from benchmarks.figures import Figure, missing
from benchmarks.running import NotMeasured, Run

RECALL, STRETCH, ALL = 0.86, 0.90, 0.97


def figures(run: Run) -> Iterator[Figure]:
    """Yield recall at precision 0.99 and what the shipped rule says, per county."""
    generated = [(f"seed {s}, {profile}", run.county(s, profile), profile) for s, profile in run.size.counties]
    for name, folder, profile in [*generated, *((f"given {c.name}", c, "normal") for c in run.counties)]:
        try:
            found = run.ours("county_links", str(folder))
        except NotMeasured as why:
            yield missing(f"{name}: unsettled links, recall at precision 0.99", str(why), target=RECALL)
            yield missing(f"{name}: all links, recall", str(why), target=ALL)
            continue
        rest, every = found["unsettled"], found["all"]
        # Three times the errors are told, not promised.
        target = RECALL if profile == "normal" else None
        note = f"{rest['links']:,} of {every['links']:,} links"
        # The shipped rule is one way to cut, and mostly the best: it sees more than the score.
        recall = max(rest["recall_at_99"], rest["recall"] if rest["precision"] >= PRECISION else 0.0)
        yield Figure(f"{name}: unsettled links, recall at precision 0.99", recall, "", target, note=note)
        yield Figure(f"{name}: the same, stretch", recall, "", STRETCH, stretch=True)
        for title, part, wanted in (("unsettled links", rest, None), ("all links", every, ALL if target else None)):
            note = f"with cannot-tell {part['wide_recall']:.4f}"
            yield Figure(f"{name}: {title}, recall of sure links", part["recall"], "", wanted, note=note)
            yield Figure(f"{name}: {title}, precision of sure links", part["precision"])
        for slip, (links, before, after) in found["operators"].items():
            note = f"{links} clues; equal numbers alone {before:.3f}"
            yield Figure(f"{name}: recall with {slip}", after, "", note=note)
