"""Encode a CSV of persons with clkhash and print seconds; run by the interpreter of clkhash's own environment.

    python clkhash_encode.py FILE WORKERS

The fields as they stand in the file, Chinese or Latin, character bigrams (single digits for numbers), 1024 bits.
clkhash does not normalise; that is its advantage here.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from pathlib import Path

from clkhash import clk
from clkhash.comparators import NgramComparison
from clkhash.field_formats import BitsPerFeatureStrategy, FieldHashingProperties, MissingValueSpec, StringSpec
from clkhash.schema import Schema

# Field → grams of so many characters, by place or not, and bits.
FIELDS = {
    "name": (2, False, 200),
    "id_number": (1, True, 200),
    "sex": (1, False, 100),
    "birth": (1, True, 200),
    "address": (2, False, 100),
    "phone": (1, True, 100),
    # Latin rows: the weights of clkhash's own tutorial for FEBRL.
    "given_name": (2, False, 200),
    "surname": (2, False, 200),
    "address_1": (2, False, 100),
    "address_2": (2, False, 100),
    "suburb": (2, False, 100),
    "postcode": (1, True, 100),
    "state": (2, False, 100),
    "street_number": (1, True, 100),
}


def spec(field: str) -> StringSpec:
    size, positional, bits = FIELDS[field]
    properties = FieldHashingProperties(
        comparator=NgramComparison(size, positional),
        strategy=BitsPerFeatureStrategy(bits),
        missing_value=MissingValueSpec(sentinel=""),
    )
    return StringSpec(field, properties)


def main(file: str, workers: int) -> None:
    text = Path(file).read_text(encoding="utf-8")
    schema = Schema([spec(field) for field in next(csv.reader([text.splitlines()[0]]))], 1024)
    started, used = time.perf_counter(), time.process_time()
    found = clk.generate_clk_from_csv(
        io.StringIO(text), "benchmark secret", schema, validate=False, progress_bar=False, max_workers=workers
    )
    taken = time.perf_counter() - started
    print(json.dumps({"rows": len(found), "seconds": taken, "cpu": time.process_time() - used}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
