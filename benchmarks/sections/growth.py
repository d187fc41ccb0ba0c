"""The same generated people linked on hardened encodings and by Splink in clear text, at growing sizes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np

from benchmarks.figures import Figure, missing
from benchmarks.running import NotMeasured, Run

JUDGED = (100_000, 1_000_000)  # The size at which we promise to be faster at no lower F1.
CANDIDATES = 0.995
Measures = list[dict[str, Any]]


def figures(run: Run) -> Iterator[Figure]:
    """Yield seconds, F1 and memory of both per size, the ratios, and how both grow."""
    done: dict[tuple[int, int], tuple[Measures, Measures]] = {}
    for size in run.size.growth:
        ours, theirs, why = _measured(run, size)
        done[size] = ours, theirs
        yield from _told(size, "ours", ours)
        yield from _told(size, "Splink", theirs)
        yield from _ratios(size, ours, theirs, why)
    yield _candidates(run, run.size.growth[-1])
    if JUDGED not in done:
        yield missing(f"{_title(JUDGED)}: × faster than Splink", "not at this size", target=1.0)
    sizes = list(done)
    if len(sizes) > 1:
        for who, place in (("ours", 0), ("Splink", 1)):
            if done[sizes[0]][place]:
                first, last = _seconds(done[sizes[0]][place]), _seconds(done[sizes[-1]][place])
                power = math.log(last / first) / math.log(sizes[-1][1] / sizes[0][1])
                note = f"{first:.1f} s to {last:.1f} s: seconds grow as rows to this power"
                yield Figure(f"growth from {sizes[0][1]:,} to {sizes[-1][1]:,}, {who}", power, "", note=note)


def _title(size: tuple[int, int]) -> str:
    return f"{size[0]:,} to {size[1]:,}"


def _seconds(measures: Measures) -> float:
    return float(median(m["seconds"] for m in measures))


def _measured(run: Run, size: tuple[int, int]) -> tuple[Measures, Measures, str]:
    """Run both in turn on the same files; say why Splink was not."""
    folder = run.crowd(*size)
    ours, theirs, why = [], [], ""
    for _ in range(run.size.growth_repeats):
        ours.append(run.ours("crowd_link", str(folder), "--pairs", str(folder / "found.npy")))
        try:
            if not why:
                threads = str(ours[0]["threads"])
                theirs.append(run.peer("splink", "splink_persons.py", str(folder), "--threads", threads))
        except NotMeasured as reason:
            why = str(reason)
    return ours, theirs, why


def _candidates(run: Run, size: tuple[int, int]) -> Figure:
    """Compare all filters of the last size and say which of these links were found without."""
    folder = run.crowd(*size)
    words = ["--comparisons", str(size[0] * size[1]), "--pairs", str(folder / "all.npy")]
    full = run.ours("crowd_link", str(folder), *words)
    every, found = np.load(folder / "all.npy"), np.load(folder / "found.npy")
    share = float(np.isin(every, found).mean()) if len(every) else 0.0
    note = f"{len(every):,} links; comparing all takes {full['seconds']:.1f} s and has F1 {full['default']['f1']:.4f}"
    return Figure(f"{_title(size)}: recall against comparing all", share, "", CANDIDATES, note=note)


def _told(size: tuple[int, int], who: str, measures: Measures) -> Iterator[Figure]:
    if measures:
        first = measures[0]
        stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in first["stages"].items())
        yield Figure(f"{_title(size)}: {who}, seconds", _seconds(measures), "s", note=stages)
        yield Figure(f"{_title(size)}: {who}, processor seconds", median(m["cpu"] for m in measures), "s")
        yield Figure(f"{_title(size)}: {who}, peak memory", max(m["peak_mib"] for m in measures), "MiB")
        at = first["default"] if who == "ours" else first["at"]["0.5"]
        note = f"precision {at['precision']:.4f}, recall {at['recall']:.4f}"
        note += f"; best cut {first['best']['f1']:.4f}" if "best" in first else ""
        yield Figure(f"{_title(size)}: {who}, F1 at the default cut", at["f1"], "", note=note)


def _ratios(size: tuple[int, int], ours: Measures, theirs: Measures, why: str) -> Iterator[Figure]:
    target = 1.0 if size == JUDGED else None
    if not theirs:
        yield missing(f"{_title(size)}: × faster than Splink", why, target=target)
        return
    faster = [b["seconds"] / a["seconds"] for a, b in zip(ours, theirs, strict=False)]
    note = f"by processor time {median(b['cpu'] / a['cpu'] for a, b in zip(ours, theirs, strict=False)):.2f}"
    yield Figure(f"{_title(size)}: × faster than Splink", median(faster), "×", target, note=note)
    lead = ours[0]["default"]["f1"] - theirs[0]["at"]["0.5"]["f1"]
    yield Figure(f"{_title(size)}: F1 less Splink's at the default cuts", round(lead, 5), "", target and 0.0)
