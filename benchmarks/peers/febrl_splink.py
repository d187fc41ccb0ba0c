"""Judge Splink in clear text on a FEBRL task; run by the interpreter of Splink's own environment.

    python febrl_splink.py FOLDER TASK

Comparisons and blocking follow Splink's own FEBRL examples, without soc_sec_id: names by Jaro-Winkler levels with term
frequencies, birth as a date, postcode by Damerau-Levenshtein. The default cut is p >= 0.5.
"""

import sys
import time
import warnings

import duckdb
import pyarrow
import splink
import splink.comparison_library as cl
from febrl_scores import answer, judged, read
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

USUAL = 0.5
PAIRS_FOR_U = 1e7  # The examples take a million; ten is what the documentation advises.
LINK_BLOCKS = [
    block_on("given_name", "surname"),
    "l.given_name = r.surname and l.surname = r.given_name",
    block_on("date_of_birth"),
    block_on("state", "address_1"),
    block_on("street_number", "address_1"),
    block_on("postcode"),
]
ONE_FILE_BLOCKS = [block_on(column) for column in ("given_name", "surname", "date_of_birth", "postcode")]
COMPARISONS = [
    cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
    cl.NameComparison("surname").configure(term_frequency_adjustments=True),
    cl.DateOfBirthComparison(
        "date_of_birth", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=True
    ),
    cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
    cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
]
CERTAIN = [block_on("given_name", "surname", "date_of_birth"), block_on("surname", "date_of_birth", "postcode")]


def table(rows):
    columns = {"rec_id": list(range(len(rows)))}
    return pyarrow.table(columns | {field: [row[field] or None for row in rows] for field in rows[0]})


def scored_pairs(sides):
    api = DuckDBAPI(connection=duckdb.connect())
    link = len(sides) == 2
    settings = SettingsCreator(
        unique_id_column_name="rec_id",
        link_type="link_only" if link else "dedupe_only",
        blocking_rules_to_generate_predictions=LINK_BLOCKS if link else ONE_FILE_BLOCKS,
        comparisons=COMPARISONS,
    )
    frames = [api.register(table(rows), dataset_display_name=f"side_{n}") for n, rows in enumerate(sides)]
    linker = Linker(frames if link else frames[0], settings, log_level=40)
    linker.training.estimate_probability_two_random_records_match(CERTAIN, recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS_FOR_U, seed=7)
    for column in ("date_of_birth", "postcode"):
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(column), estimate_without_term_frequencies=True
        )
    found = linker.inference.predict().as_duckdbpyrelation()
    source = ", source_dataset_l" if link else ""
    rows = found.select(f"match_probability, rec_id_l, rec_id_r{source}").fetchall()
    if link:
        return [(p, a, b) if side == "side_0" else (p, b, a) for p, a, b, side in rows]
    return [(p, min(a, b), max(a, b)) for p, a, b in rows]


def main(folder, task):
    warnings.filterwarnings("ignore")
    left, right, truth = read(folder, task)
    began = time.perf_counter()
    scored = scored_pairs([left] if right is None else [left, right])
    seconds = time.perf_counter() - began
    # The cuts are even in the logarithm of the odds, where Splink's weights live.
    cuts = [odds / (1 + odds) for odds in (2 ** (step / 4) for step in range(-80, 121))]
    answer(peer="splink", task=task, seconds=seconds,
           versions={"splink": splink.__version__, "duckdb": duckdb.__version__},
           modes=judged(scored, truth, cuts, USUAL, link=right is not None, lowest_joined=USUAL / 2))  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:3])
