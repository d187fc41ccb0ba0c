"""How long the reviewer's pages take with many rounds: the median of several calls.

    python -m benchmarks.pages_review [--rounds 1000] [--calls 11]

The logs are those of a small consortium with real keys; pages are called in this process. Reading is timed apart.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.audit_town import make_town
from benchmarks.pages import TARGET_MS, measured
from linkage.audit.reading import read_logs
from linkage.audit.reconcile import reconcile
from linkage.audit.rules import load_rules
from linkage.audit.steps.reconcile import Reading
from linkage.review.material import Material
from linkage.review.serving import review_site

PATHS: Final = ("/", "/?page=50", "/?agency=cl", "/?officer=1", "/deeds", "/deeds/openings", "/deeds/officers", "/logs")


def read_town(folder: Path, *, rounds: int) -> Material:
    """Make a town with so many rounds and read its logs as a reviewer does."""
    town = make_town(folder, rounds)
    rules, began = load_rules(), time.perf_counter()
    contents = read_logs(town.folders(), town.manifest, traffic=rules.traffic)
    found = Material.of(Reading(contents, town.manifest, rules, reconcile(contents, town.manifest, rules)))
    print(f"read and reconciled {sum(c.size for c in contents):,} entries in {time.perf_counter() - began:.1f} s")
    return found


def main() -> int:
    """Print each page's median; 1 when one takes longer than the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--calls", type=int, default=11)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        material = read_town(Path(folder) / "town", rounds=args.rounds)
        inside = f"/rounds/{material.story.rounds[-1].id}"
        found = list(measured(review_site(material), (*PATHS, inside, "/exports"), args.calls))
    for path, wall, processor in found:
        print(f"{path:<40} median {wall:7.1f} ms, of the processor {processor:7.1f} ms")
    return int(max(wall for _, wall, _ in found) > TARGET_MS)


if __name__ == "__main__":
    raise SystemExit(main())
