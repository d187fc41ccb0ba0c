"""Judge recordlinkage's ECM classifier in clear text on a FEBRL task; any interpreter that has recordlinkage.

    python febrl_ecm.py FOLDER TASK

All fields but soc_sec_id, blocked on names, birth and postcode; trained without truth. The default cut is p >= 0.5.
"""

import sys
import time
import warnings

warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import recordlinkage as rl  # noqa: E402
from febrl_scores import answer, judged, read  # noqa: E402
from recordlinkage.index import Block  # noqa: E402

USUAL, MOST_CUTS = 0.5, 400
BLOCKS = ("given_name", "surname", "date_of_birth", "postcode")
SIMILAR = {"jarowinkler": (0.85, ("given_name", "surname")),
           "levenshtein": (0.75, ("address_1", "address_2", "suburb")),
           "damerau_levenshtein": (0.7, ("date_of_birth", "postcode"))}  # fmt: skip
EQUAL = ("street_number", "state")


def frame(rows):
    return pd.DataFrame([{field: value or None for field, value in row.items()} for row in rows])


def probabilities(sides):
    index = rl.Index()
    for column in BLOCKS:
        index.add(Block(column))
    compare = rl.Compare()
    for method, (threshold, columns) in SIMILAR.items():
        for column in columns:
            compare.string(column, column, method=method, threshold=threshold, label=column)
    for column in EQUAL:
        compare.exact(column, column, label=column)
    vectors = compare.compute(index.index(*sides), *sides)
    classifier = rl.ECMClassifier()
    classifier.fit(vectors)
    return classifier.prob(vectors)


def main(folder, task):
    left, right, truth = read(folder, task)
    began = time.perf_counter()
    found = probabilities([frame(left)] if right is None else [frame(left), frame(right)])
    seconds = time.perf_counter() - began
    scored = [(p, i, j) for p, (i, j) in zip(found.tolist(), found.index.tolist(), strict=True)]
    if right is None:
        scored = [(p, min(i, j), max(i, j)) for p, i, j in scored]
    cuts = sorted({p for p, _, _ in scored})
    if len(cuts) > MOST_CUTS:
        cuts = np.quantile(cuts, np.linspace(0, 1, MOST_CUTS)).tolist()
    answer(peer="recordlinkage ECM", task=task, seconds=seconds, versions={"recordlinkage": rl.__version__},
           modes=judged(scored, truth, cuts, USUAL, link=right is not None, lowest_joined=USUAL / 2))  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:3])
