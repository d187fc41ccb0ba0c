"""Measure every figure of the product beside its peers, in one run, and write it down.

    python -m benchmarks [--size smoke|small|full] [--peers DIR] [--only SECTION …] [--out FILE.json]

DIR keeps the peers' environments (made when missing, from benchmarks/peers/requirements-*.txt); a peer that cannot be
installed is reported as absent, and without DIR all are. The result file is written after every section, so a run that
is interrupted keeps what is finished, and --only measures single sections again; the plot lies beside it as .svg.
"smoke" uses no peers.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.environments import PEERS, Peers, make_peers, no_peers
from benchmarks.figures import Figure, Results, missing, table
from benchmarks.plot import svg
from benchmarks.running import NotMeasured, Run
from benchmarks.sizes import SIZES

FULL = "full"
# What every section needs of the peers; the order is that of the acceptance.
SECTIONS: dict[str, tuple[str, ...]] = {
    "kernel": ("anonlink",),
    "encoding": ("clkhash",),
    "febrl": ("anonlink", "splink"),
    "county": (),
    "join": ("duckdb",),
    "growth": ("splink",),
    "large": (),
    "attack": (),
}


def measured(section: str, run: Run) -> list[Figure]:
    """Return a section's figures; whatever goes wrong in it becomes a figure that is not measured."""
    found: list[Figure] = []
    try:
        figures: Callable[[Run], Iterable[Figure]] = import_module(f"benchmarks.sections.{section}").figures
        for figure in figures(run):
            found.append(figure)
    except NotMeasured as why:
        found.append(missing("the rest of the section", str(why)))
    except Exception as error:  # A section that fails must not cost the others, nor may its text name a person.
        found.append(missing("the rest of the section", f"it ended with {type(error).__name__}"))
    return found


@contextmanager
def work_folder(given: Path | None) -> Iterator[Path]:
    """Give the folder of the inputs: the one asked for, which stays, or one that goes."""
    if given:
        given.mkdir(parents=True, exist_ok=True)
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="linkage-bench-") as name:
        yield Path(name)


def peers_for(size: str, folder: Path | None, sections: Iterable[str]) -> Peers:
    """Return the peers that the sections need."""
    if size == "smoke":
        return no_peers("smoke runs use no peers")
    if folder is None:
        return no_peers("run without --peers")
    wanted = {peer for section in sections for peer in SECTIONS[section]}
    return make_peers(folder.resolve(), [peer for peer in PEERS if peer in wanted])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--peers", type=Path, metavar="DIR", help="where the environments of the peers are kept")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, metavar="SECTION", default=list(SECTIONS))
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    parser.add_argument("--county", type=Path, nargs="+", default=[], metavar="DIR", help="judge these counties too")
    parser.add_argument("--work", type=Path, help="keep the inputs here and use them again")
    a = parser.parse_args(arguments)
    peers = peers_for(a.size, a.peers, a.only)
    started = datetime.now(UTC).isoformat(timespec="seconds")
    results = Results(a.out, a.size, started=started, peers=peers.describe())
    with work_folder(a.work) as work:
        run = Run(SIZES[a.size], peers, work, tuple(county.resolve() for county in a.county))
        for section in a.only:
            print(f"{section} …", file=sys.stderr, flush=True)
            began = time.monotonic()
            try:
                figures = measured(section, run)
            except KeyboardInterrupt:
                print(f"stopped in {section}; {a.out} has what is finished", file=sys.stderr)
                break
            results.add(section, figures, seconds=time.monotonic() - began, measured=started)
    return tell(results)


def tell(results: Results) -> int:
    """Write the plot, print the table; return 1 where a promised target of the full size was missed."""
    results.file.with_suffix(".svg").write_text(svg(results.sections), encoding="utf-8")
    print("\n".join(table(results.sections)))
    print(json.dumps(results.head["machine"]))
    if results.head["size"] != FULL:
        print(f"Targets are those of --size {FULL}; at another size they only show which way it goes.")
        return 0
    rows = [row for section in results.sections.values() for row in section["figures"]]  # type: ignore[attr-defined]
    return 1 if any(row["met"] == "no" and not row["stretch"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
