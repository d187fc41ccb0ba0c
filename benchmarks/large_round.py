"""Play one large round between real programs, stage by stage.

    python -m benchmarks.large_round --rows-left 100000 --rows-right 1000000 --export FOLDER
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.crowd import Crowd, export


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows-left", type=int, default=100_000)
    parser.add_argument("--rows-right", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--export", type=Path, metavar="FOLDER")
    a = parser.parse_args(arguments)
    if a.export:
        export(Crowd(a.rows_left, a.rows_right, a.seed), a.export)
    return 0


if __name__ == "__main__":
    sys.exit(main())
