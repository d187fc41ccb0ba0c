"""Make a fictitious county from the command line: `python -m linkage.demo.county OUT --seed 1 --population 3000`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from linkage.demo.county import generate_county
from linkage.demo.county.errata import PROFILES
from linkage.errors import LinkageError


def main(arguments: list[str] | None = None) -> int:
    """Write a county and print its sizes; return 0, or 2 when an option is refused."""
    parser = argparse.ArgumentParser(prog="python -m linkage.demo.county", description=__doc__)
    parser.add_argument("out", type=Path, help="目标文件夹 | the folder to write")
    parser.add_argument("--seed", type=int, default=1, help="随机种子 | the seed")
    parser.add_argument("--population", type=int, default=3000, help="人口 | living people")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="normal", help="误差档位 | error profile")
    chosen = parser.parse_args(arguments)
    try:
        made = generate_county(chosen.out, seed=chosen.seed, population=chosen.population, profile=chosen.profile)
    except LinkageError as error:
        print("\n".join(error.lines()), file=sys.stderr)
        return 2
    for file, rows in made.files.items():
        print(f"{rows:8d}  {file}")
    for model, clues in made.clues.items():
        print(f"{clues:8d}  {model}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
