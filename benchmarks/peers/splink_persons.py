"""Link two CSVs of persons in clear text with Splink on DuckDB; run by the interpreter of Splink's own environment.

    python splink_persons.py FOLDER [--threads N]

FOLDER has left.csv and right.csv (row, name, id_number, sex, birth, address, phone) and truth.csv (left row, right
row). One JSON line is printed. Rules follow Splink's own guides: cells are cleaned first, several blocking rules, u
from as many random pairs as Splink takes by itself, m by expectation maximisation in two passes that block on different
columns, term frequencies where values are uneven, matches at p >= 0.5. Best pairs first, one to one. "best" is the cut
that the truth likes best. Seconds run from the first byte read to the last pair kept; the peak is the whole process's.
"""

import argparse
import csv
import json
import resource
import time
import warnings
from pathlib import Path

import duckdb
import splink
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

FLOOR = 0.001  # Pairs below this probability are not fetched: no cut that anybody would use is down there.
CUTS = (0.5, 0.9, 0.99)

# Full dates in any usual writing; a birth or sex that is missing is read from a well-formed number.
CLEAN = r"""
create table {side} as
with cells as (
    select "row"::int as unique_id,
        nullif(regexp_replace(regexp_replace(name, '[（(].*$', ''), '[\s?]|某', '', 'g'), '') as name,
        nullif(upper(trim(id_number)), '') as number, nullif(trim(sex), '') as said, birth as written,
        nullif(
            regexp_replace(address, '^([^省]{{2,6}}省)?([^市]{{2,6}}市)?([^县区镇乡社]{{1,6}}[县区])?', ''), ''
        ) as address,
        nullif(regexp_replace(phone, '\D', '', 'g'), '') as phone
    from read_csv('{file}', header = true, all_varchar = true)
), parts as (
    select *, regexp_matches(number, '^\d{{17}}[\dX]$') as whole,
        regexp_extract(written, '(\d{{4}})\D?(\d{{1,2}})\D?(\d{{1,2}})', ['y', 'm', 'd']) as p
    from cells
)
select unique_id, name, case when number not like '%*%' then number end as id_number, address, phone,
    coalesce(said, case when whole then if(substr(number, 17, 1)::int % 2 = 1, '男', '女') end) as sex,
    coalesce(
        case when p.y <> '' then p.y || '-' || lpad(p.m, 2, '0') || '-' || lpad(p.d, 2, '0') end,
        case when whole then substr(number, 7, 4) || '-' || substr(number, 11, 2) || '-' || substr(number, 13, 2) end
    ) as birth,
    substr(name, 1, 1) as surname,
    nullif(regexp_extract(address, '(?:镇|乡|街道)?([^镇乡街道]+?(?:社区|村))', 1), '') as village
from parts
"""

BLOCKS = [
    block_on("id_number"),
    block_on("name", "birth"),
    block_on("name", "phone"),
    block_on("name", "village"),
    block_on("birth", "sex", "surname"),
    block_on("birth", "sex", "village"),
    block_on("birth", "phone"),
    block_on("name", "substr(birth, 1, 4)"),
]
NAME = cl.CustomComparison(
    output_column_name="name",
    comparison_levels=[
        cll.NullLevel("name"),
        cll.ExactMatchLevel("name", term_frequency_adjustments=True),
        cll.JaroWinklerLevel("name", 0.88),
        cll.LevenshteinLevel("name", 1),
        cll.ExactMatchLevel("surname", term_frequency_adjustments=True),
        cll.ElseLevel(),
    ],
)
COMPARISONS = [
    NAME,
    cl.DamerauLevenshteinAtThresholds("id_number", [1, 2]),
    cl.DamerauLevenshteinAtThresholds("birth", [1, 2]),
    cl.ExactMatch("sex"),
    cl.JaroWinklerAtThresholds("address", [0.95, 0.85]).configure(term_frequency_adjustments=True),
    cl.DamerauLevenshteinAtThresholds("phone", [1]).configure(term_frequency_adjustments=True),
]


def trained(api, tables):
    """Return a linker after training."""
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="unique_id",
        blocking_rules_to_generate_predictions=BLOCKS,
        comparisons=COMPARISONS,
    )
    linker = Linker(tables, settings, log_level=40)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("id_number"), block_on("name", "birth")], recall=0.9
    )
    training.estimate_u_using_random_sampling()
    for blocked in (block_on("id_number"), block_on("name", "birth")):
        training.estimate_parameters_using_expectation_maximisation(blocked, estimate_without_term_frequencies=True)
    return linker


def one_to_one(scored):
    """Return the pairs (p, left, right) kept, best first, from pairs sorted so."""
    lefts, rights, kept = set(), set(), []
    for p, left, right in scored:
        if left not in lefts and right not in rights:
            lefts.add(left)
            rights.add(right)
            kept.append((p, left, right))
    return kept


def score(right, kept, real):
    precision, recall = right / kept if kept else 0.0, right / real
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}


def judged(kept, truth):
    """Return the scores at the usual cuts and at the best one; kept pairs come best first."""
    at, best, right = {}, {"f1": 0.0}, 0
    for n, (p, left, other) in enumerate(kept):
        for cut in CUTS:
            if p < cut and str(cut) not in at:
                at[str(cut)] = score(right, n, len(truth))
        right += (left, other) in truth
        now = score(right, n + 1, len(truth))
        if now["f1"] > best["f1"]:
            best = {**now, "cut": p}
    for cut in CUTS:
        at.setdefault(str(cut), score(right, len(kept), len(truth)))
    return {"at": at, "best": best}


def run(folder, threads):
    """Link and return the pairs kept, best first, with what was measured."""
    began = time.perf_counter()
    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}")
    api = DuckDBAPI(connection=connection)
    for side in ("left", "right"):
        connection.execute(CLEAN.format(side=f"persons_{side}", file=folder / f"{side}.csv"))
    tables = [api.register(f"persons_{side}", dataset_display_name=side) for side in ("left", "right")]
    loaded = time.perf_counter()
    linker = trained(api, tables)
    learned = time.perf_counter()
    found = linker.inference.predict(threshold_match_probability=FLOOR).as_duckdbpyrelation()
    order = "match_weight desc, unique_id_l, unique_id_r"
    rows = found.select("match_probability, source_dataset_l, unique_id_l, unique_id_r, match_weight").order(order)
    pairs = [(p, a, b) if source == "left" else (p, b, a) for p, source, a, b, _ in rows.fetchall()]
    predicted = time.perf_counter()
    kept = one_to_one(pairs)
    ended = time.perf_counter()
    stages = {"load": loaded - began, "train": learned - loaded, "predict": predicted - learned}
    stages["assign"] = ended - predicted
    return kept, pairs, {"seconds": ended - began, "stages": stages}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    kept, pairs, measured = run(args.folder, args.threads)
    measured["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    used = resource.getrusage(resource.RUSAGE_SELF)
    with (args.folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = {(int(row[0]), int(row[1])) for row in list(csv.reader(file))[1:]}
    scored = {"pairs": len(pairs), "covered": len({(a, b) for _, a, b in pairs} & truth) / len(truth)}
    versions = {"splink": splink.__version__, "duckdb": duckdb.__version__}
    print(
        json.dumps(
            measured
            | scored
            | judged(kept, truth)
            | {"cpu": used.ru_utime + used.ru_stime, "threads": args.threads, "versions": versions}
        )
    )


if __name__ == "__main__":
    main()
