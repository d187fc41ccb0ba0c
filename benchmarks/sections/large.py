"""A whole round between real programs, a million anchors against ten million rows at full size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.figures import Figure, missing
from benchmarks.running import NotMeasured, Run

TAKEN, HELD = "encode, upload, match and plan", "peak memory of the coordinator and its worker"
RECALLED = "recall of the candidates against comparing all, on a sample"
SECONDS, MEMORY, RECALL = 600.0, 4096.0, 0.995


def figures(run: Run) -> Iterator[Figure]:
    """Yield what the round took, what it held, which candidates it kept and how right it was."""
    left, right = run.size.large
    try:
        if not left:
            raise NotMeasured("not at this size")
        words = ["--rows-left", str(left), "--rows-right", str(right), "--registers", str(run.crowd(left, right))]
        found = run.module("large_round", *words, "--folder", str(run.work))
    except NotMeasured as why:
        yield missing(TAKEN, str(why), target=SECONDS, at_least=False)
        yield missing(HELD, str(why), target=MEMORY, at_least=False)
        yield missing(RECALLED, str(why), target=RECALL)
        return
    yield from _told(found, f"{left:,} to {right:,}")


def _told(found: dict[str, Any], size: str) -> Iterator[Figure]:
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in found["stages"].items())
    yield Figure(TAKEN, found["seconds"], "s", SECONDS, at_least=False, note=f"{size}; {stages}")
    files = next(peak["file"] for name, peak in found["peaks_mib"].items() if name.startswith("coordinator"))
    note = f"of it {files:.0f} MiB pages of mapped files"
    yield Figure(HELD, found["coordinator_peak_mib"], "MiB", MEMORY, at_least=False, note=note)
    if "candidate_recall" in found:
        sample = found["candidates"]
        note = f"{sample['links']:,.0f} links of {sample['sample']:,.0f} anchors"
        note += f"; {sample['unsettled_recall']:.4f} of those that no equal number makes"
        yield Figure(RECALLED, found["candidate_recall"], "", RECALL, note=note)
    quality = found["quality"]
    note = f"precision {quality['precision']:.4f}, recall {quality['recall']:.4f}; every pair said"
    yield Figure("F1 of sure links", quality["f1"], "", note=note)
