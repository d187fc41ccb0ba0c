"""The comparison of filters: beside anonlink, beside the and+popcount ceiling, and against a plain reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.figures import Figure, missing
from benchmarks.running import PEER_PROGRAMS, NotMeasured, Run

FASTER, CEILING, SCALING, SETTINGS = 8.0, 0.85, 1.9, 5


def figures(run: Run) -> Iterator[Figure]:
    """Yield ratios per data set on one core, the scaling to all, and how many settings gave the same pairs."""
    county = str(run.county(*run.size.counties[0]))
    try:
        plain = _rows(run, "own", county, run.size.reference_rows, 1, "--peer-program", str(PEER_PROGRAMS / "plain.py"))
        same = sum(row["same_pairs"] for row in plain)
        yield Figure("settings with the pairs of the plain reference", same, f"of {len(plain)}", SETTINGS)
    except NotMeasured as why:
        yield missing("settings with the pairs of the plain reference", str(why), target=SETTINGS)
        plain = []
    try:
        rows = _rows(run, "anonlink", county, run.size.kernel_rows, run.size.kernel_repeats)
    except NotMeasured as why:
        yield missing("× anonlink, one core", str(why), target=FASTER)
        yield from (f for row in plain for f in _alone(row))
        return
    same = sum(row["same_pairs"] for row in rows)
    yield Figure("settings with the pairs of anonlink", same, f"of {len(rows)}", float(len(rows)))
    for row in rows:
        if row["cores"] == 1:
            what = f"× anonlink, one core, {row['data']}"
            yield Figure(what, row["ratio_cpu"], "×", FASTER, note=f"processor time; by the clock {row['ratio']:.1f}")
        yield from _alone(row)


def _rows(run: Run, peer: str, county: str, size: int, repeats: int, *more: str) -> list[dict[str, Any]]:  # noqa: PLR0913
    import sys

    try:
        python = sys.executable if peer == "own" else run.peers.python(peer)
    except LookupError as reason:
        raise NotMeasured(str(reason)) from None
    words = ["--rows", str(size), "--repeats", str(repeats), "--county", county, *more]
    found: list[dict[str, Any]] = run.module("kernel_speed", "--peer", python, *words)
    return found


def _alone(row: dict[str, Any]) -> Iterator[Figure]:
    """Yield what needs no peer."""
    if row["cores"] == 1:
        note = f"processor time; by the clock {row['of_ceiling']:.2f}"
        yield Figure(f"of the ceiling, {row['data']}", row["of_ceiling_cpu"], "", CEILING, note=note)
        yield Figure(f"rate on one core, {row['data']}", row["ours"], "M pairs/s", note=f"{row['prefix']} words first")
    else:
        note = f"by the clock; by processor time {row['scaling_cpu']:.2f}"
        yield Figure(f"{row['cores']} cores to one, {row['data']}", row["scaling"], "×", SCALING, note=note)
