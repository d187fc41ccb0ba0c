"""Attack the encodings of a schema with a seeded graph attack and print how many people it finds.

    python -m benchmarks.seeded_attack COUNTY [--people 3000] [--known 0.01 0.1] [--seeds 3] [--schema person-v1]

The attacker has every plaintext in its own normalised form, the schema and this program, and sees one upload of the
same people in secret order: full overlap, the worst case. It lacks the round key and knows some pairs (person, row).
It encodes the plaintexts itself under keys of its own without diffusion, which tells it how far apart two people's
plain filters are under any key, predicts the diffused distance (1 - (1 - 2d)^t) / 2, scores every (row, person) by the
likelihood of the row's distances to the anchors, and lets its surest mutual best pairs become anchors of the next pass.
It knows which way to grow the anchors serves it best.
The control is the same attack on the same grams without diffusion: it shows that the attack bites.
The last two columns also give the attacker what rows show beside the filter: the flags of the schema, if it has any,
which tokens a row has, and which rows share them.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.county import as_of_of, newest, offices, register_truth, row_key
from linkage.encode.filters import FilterEncoder
from linkage.encode.parts import flags_of, grams_of, parts_of
from linkage.encode.roundkey import RoundKey
from linkage.normalise import Person, normalise
from linkage.schema import EncodingSchema, load_schema

ATTACKER_KEYS = 4  # The mean over several keys of its own is nearer to what the owner's key will give.
ANCHORS_USED = 400  # More anchors than these no longer change the result, only the time.
PASSES = 12
SURE_LEAD = 10  # In units of minus twice the log likelihood: 150 times likelier than the next person.
SMALLEST_VARIANCE = 1e-5
REFINEMENTS = 4
EXCLUDED = ("enforcement_debtor", "enforcement_creditor")  # Without birth or village, and half of them companies.
Matrix = npt.NDArray[np.float32]
Filters = Callable[[EncodingSchema, RoundKey, Sequence[Any]], npt.NDArray[np.uint8]]


def register_people(county: Path, count: int, *, seed: int) -> list[Person]:
    """Return `count` different people of a generated county, each as one office's register shows them.

    Who is the same person is taken from the truth, so that no two of them are one. Raises ValueError when there are
    too few.
    """
    person_of, as_of = register_truth(county), as_of_of(county)
    people: dict[str, Person] = {}
    for office, registers in offices(county, as_of).items():
        for dataset in registers.datasets():
            if dataset.id in EXCLUDED:
                continue
            for row in registers.rows(newest(office, dataset.id)):
                person = person_of.get(row_key(row), "")
                if person and person not in people:
                    people[person] = normalise(row.person, as_of=as_of)
    if len(people) < count:
        raise ValueError(f"the county's registers list {len(people)} people, {count} are asked for")
    ids = sorted(people)
    return [people[ids[i]] for i in np.random.default_rng(seed).permutation(len(ids))[:count]]


def distances(bits: npt.NDArray[np.uint8]) -> Matrix:
    """Return the (n, n) relative Hamming distances of packed filters (n, l/8)."""
    plain = np.unpackbits(bits, axis=1).astype(np.float32)
    ones = plain.sum(1)
    return np.asarray((ones[:, None] + ones[None] - 2 * plain @ plain.T) / plain.shape[1], np.float32)


class Crowd:
    """Hold one upload as the coordinator sees it, and what the attacker computes from the plaintexts.

    Row x of the upload is person `order[x]`; `order` is only read to hand out known pairs and to count.
    """

    def __init__(
        self, people: Sequence[Any], schema: EncodingSchema, *, seed: int, filters: Filters | None = None
    ) -> None:
        """`filters` encodes such people as they are; without it they are Persons."""
        encode = filters or person_filters
        self.order = np.random.default_rng(seed).permutation(len(people))
        self.seen = distances(encode(schema, _key(f"owner/{seed}"), [people[p] for p in self.order]))
        bare = replace(schema, diffusion=0)
        d = sum(distances(encode(bare, _key(f"attacker/{seed}/{i}"), people)) for i in range(ATTACKER_KEYS))
        d = np.asarray(d / np.float32(ATTACKER_KEYS), np.float32)
        own = d * (1 - d) / np.float32(schema.filter_bits)  # The owner's key moves the plain distance too.
        if schema.diffusion:
            left = np.clip(1 - 2 * d, 0, 1)
            self.predicted = np.asarray((1 - left**schema.diffusion) / 2, np.float32)
            slope = schema.diffusion * left ** (schema.diffusion - 1)
            own = own * slope**2 + self.predicted * (1 - self.predicted) / np.float32(schema.filter_bits)
        else:
            self.predicted = d
        self.variance = np.maximum(own, np.float32(SMALLEST_VARIANCE)).astype(np.float32)

    def __len__(self) -> int:
        return len(self.order)


def _key(name: str) -> RoundKey:
    return RoundKey(hashlib.sha256(b"linkage/v1/benchmark/" + name.encode()).digest())


def person_filters(schema: EncodingSchema, key: RoundKey, people: Sequence[Person]) -> npt.NDArray[np.uint8]:
    """Return the (n, l/8) filters of normalised persons."""
    return FilterEncoder(schema, key).encode([list(grams_of(p)) for p in people])


def draw_seeds(crowd: Crowd, share: float, *, seed: int) -> npt.NDArray[np.int64]:
    """Return the rows whose person the attacker knows."""
    return np.random.default_rng(seed).choice(len(crowd), max(2, round(share * len(crowd))), replace=False)


def attack(crowd: Crowd, seeds: npt.NDArray[np.int64], classes: npt.NDArray[np.int64] | None = None) -> float:
    """Return the share of the people it did not know (rows outside `seeds`) that the attacker names rightly.

    `classes` gives every person a class by structure; a row is then only compared with the people of its own class.
    The better of two ways to grow the anchors counts: a fixed share per pass, or only rows that lead by far.
    """
    return max(_grow(crowd, seeds, classes, bold=bold) for bold in (True, False))


def _grow(crowd: Crowd, seeds: npt.NDArray[np.int64], classes: npt.NDArray[np.int64] | None, *, bold: bool) -> float:
    n, random = len(crowd), np.random.default_rng(0)
    guess = np.full(n, -1)
    guess[seeds] = crowd.order[seeds]
    anchors = seeds
    forbidden = None if classes is None else classes[crowd.order][:, None] != classes[None]
    for turn in range(1, PASSES + 1):
        used = anchors if len(anchors) <= ANCHORS_USED else random.choice(anchors, ANCHORS_USED, replace=False)
        cost = costs(crowd, used, guess[used])
        if forbidden is not None:
            cost[forbidden] = np.inf
        guess, lead = mutual_best(cost)
        guess[seeds] = crowd.order[seeds]
        surest = np.argsort(-lead, kind="stable")[: n * turn // PASSES] if bold else np.flatnonzero(lead >= SURE_LEAD)
        grown = np.union1d(seeds, surest[lead[surest] > 0])
        if not bold and np.array_equal(grown, anchors):
            break
        anchors = grown
    unknown = np.setdiff1d(np.arange(n), seeds)
    return float((guess[unknown] == crowd.order[unknown]).mean())


def costs(crowd: Crowd, rows: npt.NDArray[np.int64], people: npt.NDArray[np.int64]) -> Matrix:
    """Return (row, person) → minus twice the log likelihood of the row's distances to the anchors."""
    seen, predicted = crowd.seen[:, rows], crowd.predicted[:, people]
    weight = 1 / crowd.variance[:, people]
    own = (predicted**2 * weight - np.log(weight)).sum(1)
    return np.asarray(seen**2 @ weight.T - 2 * seen @ (predicted * weight).T + own[None], np.float32)


def mutual_best(cost: Matrix) -> tuple[npt.NDArray[np.int64], Matrix]:
    """Return every row's cheapest person and its lead over the next one; -1 where that person prefers another row."""
    best = cost.argmin(1)
    lowest = np.partition(cost, 1, axis=1)[:, :2]
    mutual = cost.argmin(0)[best] == np.arange(len(cost))
    lead = np.minimum(lowest[:, 1] - lowest[:, 0], np.float32(1e9))
    return best, np.where(mutual, lead, np.float32(-1))


def structure_classes(
    people: Sequence[Person], schema: EncodingSchema, known: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the class (n,) of every person that flags and shared tokens alone show, by colour refinement.

    Known people have a class of their own. The partition is the same for owner and attacker: a token hides its value
    but not who shares it.
    """
    tokens = [_token_values(p, schema) for p in people]
    marks = dict.fromkeys(map(int, known), True)
    colour: list[Hashable] = [
        (flags_of(p) & set(schema.flags), tuple(bool(t) for t in tokens[i]), i if i in marks else -1)
        for i, p in enumerate(people)
    ]
    colours = _numbered(colour)
    for _ in range(REFINEMENTS):
        groups: dict[tuple[str, str], list[int]] = {}
        for i, row in enumerate(tokens):
            for tag, value in _present(row, schema):
                groups.setdefault((tag, value), []).append(colours[i])
        sums = {key: tuple(sorted(Counter(g).items())) for key, g in groups.items()}
        colours = _numbered(
            [(colours[i], tuple(sums[key] for key in _present(row, schema))) for i, row in enumerate(tokens)]
        )
    return np.array(colours)


def _token_values(person: Person, schema: EncodingSchema) -> list[str]:
    """Return per token kind what its token stands for, "" where the person has none."""
    parts = parts_of(person)
    return ["\0".join(parts[p] for p in t.parts) if all(parts[p] for p in t.parts) else "" for t in schema.tokens]


def _present(row: Sequence[str], schema: EncodingSchema) -> Iterator[tuple[str, str]]:
    return ((kind.tag, value) for kind, value in zip(schema.tokens, row, strict=True) if value)


def _numbered(values: Sequence[Hashable]) -> list[int]:
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(v, len(numbers)) for v in values]


def alone(classes: npt.NDArray[np.int64], unknown: npt.NDArray[np.int64]) -> float:
    """Return the share of the unknown people who are the only one of their class: found without any filter."""
    size = np.bincount(classes)
    return float((size[classes[unknown]] == 1).mean())


def report(people: Sequence[Person], schema: EncodingSchema, shares: Sequence[float], rounds: int) -> Iterator[str]:
    """Yield Markdown rows: share of the unknown people found, mean and range over the seeds."""
    yield "| known pairs | filters | control without diffusion | tokens | filters and tokens |"
    yield "|---|---|---|---|---|"
    found: dict[float, list[tuple[float, float, float, float]]] = {share: [] for share in shares}
    for seed in range(rounds):
        crowd, bare = Crowd(people, schema, seed=seed), Crowd(people, replace(schema, diffusion=0), seed=seed)
        for share in shares:
            seeds = draw_seeds(crowd, share, seed=seed)
            known = crowd.order[seeds]
            classes = structure_classes(people, schema, known)
            rest = np.setdiff1d(np.arange(len(crowd)), known)
            shown = alone(classes, rest), attack(crowd, seeds, classes)
            found[share].append((attack(crowd, seeds), attack(bare, seeds), *shown))
    for share, rows in found.items():
        yield f"| {share:.0%} | " + " | ".join(map(_range, zip(*rows, strict=True))) + " |"


def _range(values: Sequence[float]) -> str:
    return f"{np.mean(values):.2%} ({min(values):.2%}–{max(values):.2%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("county", type=Path)
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--known", type=float, nargs="+", default=[0.01, 0.1])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--schema", default="person-v1")
    args = parser.parse_args()
    people = register_people(args.county, args.people, seed=1)
    for line in report(people, load_schema(args.schema), args.known, args.seeds):
        print(line, flush=True)


if __name__ == "__main__":
    main()
