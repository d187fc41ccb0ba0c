"""The comparison of filters: beside anonlink, beside the and+popcount ceiling, and against a plain reference."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from benchmarks.figures import Figure, missing
from benchmarks.running import PEER_PROGRAMS, NotMeasured, Run

FASTER, CEILING, SCALING, SETTINGS = 8.0, 0.85, 1.9, 5


def figures(run: Run) -> Iterator[Figure]:
    """Yield ratios per data set on one core, the scaling to all, and how many settings gave the same pairs."""
    # The run beside the peer makes a county of its own, large enough for as many hardened rows as random ones.
    county = str(run.county(*run.size.counties[0]))
    words = ["--repeats", "1", "--county", county, "--peer-program", str(PEER_PROGRAMS / "plain.py")]
    try:
        plain = _rows(run, sys.executable, run.size.reference_rows, *words)
        same = sum(row["same_pairs"] for row in plain)
        yield Figure("settings with the pairs of the plain reference", same, f"of {len(plain)}", SETTINGS)
    except NotMeasured as why:
        yield missing("settings with the pairs of the plain reference", str(why), target=SETTINGS)
        plain = []
    yield from _scaling(run)
    try:
        peer = run.peers.python("anonlink")
        rows = _rows(run, peer, run.size.kernel_rows, "--repeats", str(run.size.kernel_repeats))
    except (NotMeasured, LookupError) as why:
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


def _rows(run: Run, python: str, size: int, *more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run.module("kernel_speed", "--peer", python, "--rows", str(size), *more)
    return found


def _alone(row: dict[str, Any]) -> Iterator[Figure]:
    """Yield what needs no peer."""
    if row["cores"] == 1:
        note = f"processor time; by the clock {row['of_ceiling']:.2f}"
        yield Figure(f"of the ceiling, {row['data']}", row["of_ceiling_cpu"], "", CEILING, note=note)
        yield Figure(f"rate on one core, {row['data']}", row["ours"], "M pairs/s", note=f"{row['prefix']} words first")
    else:
        note = f"{row['pairs']} pairs found in a fraction of a second; by processor time {row['scaling_cpu']:.2f}"
        yield Figure(f"{row['cores']} cores to one, {row['data']}", row["scaling"], "×", note=note)


def _scaling(run: Run) -> Iterator[Figure]:
    """Yield all cores to one, at a size where starting threads and laying out rows weigh little."""
    size = run.size.scaling_rows
    words = ("--rows", str(size), "--repeats", str(run.size.kernel_repeats))
    try:
        found = run.ours("kernel_scaling", *words)
    except NotMeasured as why:
        yield missing("all cores to one", str(why), target=SCALING)
        return
    note = f"{size:,} rows with as many: {found['one']:.2f} s on one core, {found['rate']:,.0f} M pairs/s on all"
    yield Figure(f"{found['cores']} cores to one", found["scaling"], "×", SCALING, note=note)
