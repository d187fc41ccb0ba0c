"""Judge clkhash with anonlink on a FEBRL task; run by the interpreter of an environment that has both.

    python febrl_clk.py FOLDER TASK

The schema is that of clkhash's tutorial for FEBRL4 (names and birth 200 bits a feature, other fields 100, no
soc_sec_id), 1,024 bits, no hardening; anonlink's greedy solver. The default cut is the tutorial's, 0.8.
"""

import csv
import importlib.metadata
import io
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import anonlink  # noqa: E402
from clkhash import clk  # noqa: E402
from clkhash.comparators import NgramComparison  # noqa: E402
from clkhash.field_formats import (  # noqa: E402
    BitsPerFeatureStrategy,
    FieldHashingProperties,
    IntegerSpec,
    MissingValueSpec,
    StringSpec,
)
from clkhash.schema import Schema  # noqa: E402
from febrl_scores import answer, judged, read  # noqa: E402

USUAL, FLOOR, LOWEST_JOINED = 0.8, 0.72, 0.78
NUMBERS = ("street_number", "postcode", "date_of_birth")
STRONG = ("given_name", "surname", "date_of_birth")


def spec(field):
    strategy = BitsPerFeatureStrategy(200 if field in STRONG else 100)
    if field in NUMBERS:
        missing = MissingValueSpec(sentinel="")
        comparator = NgramComparison(1, True)
        return IntegerSpec(
            field, FieldHashingProperties(comparator=comparator, strategy=strategy, missing_value=missing)
        )
    return StringSpec(field, FieldHashingProperties(comparator=NgramComparison(2), strategy=strategy))


def encode(rows):
    schema = Schema([spec(field) for field in rows[0]], 1024)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    text.seek(0)
    return clk.generate_clk_from_csv(
        text, "benchmark secret", schema, validate=False, progress_bar=False, max_workers=1
    )


def main(folder, task):
    left, right, truth = read(folder, task)
    began = time.perf_counter()
    sides = encode(left), encode(right or left)
    dice = anonlink.similarities.dice_coefficient
    found = anonlink.candidate_generation.find_candidate_pairs(sides, dice, FLOOR)
    scored = list(zip(*(list(part) for part in (found[0], *found[2])), strict=True))
    if right is None:
        scored = [pair for pair in scored if pair[1] < pair[2]]
    seconds = time.perf_counter() - began
    cuts = [FLOOR + step * 0.005 for step in range(47)]
    versions = {name: importlib.metadata.version(name) for name in ("clkhash", "anonlink")}
    answer(peer="clkhash+anonlink", task=task, seconds=seconds, versions=versions,
           modes=judged(scored, truth, cuts, USUAL, link=right is not None, lowest_joined=LOWEST_JOINED))  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:3])
