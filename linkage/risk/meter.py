"""Run every attack on a register's own encodings and say how many people each finds, beside a control that bites.

The control is the same rows without diffusion (a plain CLK), the key itself for trying values, a token of one field for
counting. Memory is some ten (n, n) matrices of float32 and time grows with the square: large registers are sampled.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from linkage.encode.parts import grams_of
from linkage.normalise.person import Person
from linkage.risk.crowd import Crowd, know, person_rows
from linkage.risk.graph import attack, draw_seeds
from linkage.risk.guesses import TRIES, aligned, dictionary, frequency, with_key
from linkage.risk.patterns import mined
from linkage.risk.structure import structure_classes
from linkage.schema import EncodingSchema

FEWEST = 50  # Below that a share means nothing.
KNOWN = (0.01, 0.1)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One attack: its name, the share of people found, the control's share, and the most that is acceptable."""

    attack: str
    found: float
    control: float
    limit: float

    @property
    def passes(self) -> bool:
        return self.found <= self.limit


LIMITS = {"dictionary": 0.0, "frequency": 0.001, "patterns": 0.001, "known_1": 0.01, "known_10": 0.1}


def measure(
    people: Sequence[Person],
    schema: EncodingSchema,
    *,
    seed: int = 1,
    tries: int = TRIES,
    progress: Progress = lambda stage, done, total: None,
) -> Iterator[Finding]:
    """Yield one finding per attack, the quick ones first."""
    encode = person_rows(people)
    known = know(encode, schema, seed=seed)
    crowd = Crowd(encode, schema, seed=seed, known=known)
    control = Crowd(encode, replace(schema, diffusion=0), seed=seed, known=known)
    yield _dictionary(crowd, people, schema, tries=tries, progress=progress)
    counted = frequency(crowd.rows, crowd.order, people, schema)
    yield Finding("frequency", counted, _surnames(crowd, people), LIMITS["frequency"])
    grams = [list(grams_of(person)) for person in people]
    found, bare = (mined(c.rows["filter"], c.order, grams) for c in (crowd, control))
    yield Finding("patterns", found, bare, LIMITS["patterns"])
    for share in KNOWN:
        name = f"known_{share * 100:.0f}"
        seeds = draw_seeds(crowd, share, seed=seed)
        classes = structure_classes(crowd, schema, seeds)
        say = functools.partial(progress, name)
        found = attack(crowd, seeds, classes, progress=say)
        yield Finding(name, found, attack(control, seeds, classes, progress=say), LIMITS[name])


def _dictionary(
    crowd: Crowd, people: Sequence[Person], schema: EncodingSchema, *, tries: int, progress: Progress
) -> Finding:
    """Try values without the key. The control has the key and tries as many tokens as there are."""

    def say(done: int, total: int) -> None:
        progress("dictionary", done, total)

    hits = dictionary(crowd.rows, people, schema, tries=tries, progress=say)
    given = with_key(crowd.rows, people, schema, crowd.key)
    return Finding("dictionary", hits / tries, given, LIMITS["dictionary"])


def _surnames(crowd: Crowd, people: Sequence[Person]) -> float:
    """Return what counting would find if there were a token of the surname alone."""
    surnames = [people[person].surname for person in crowd.order]
    return aligned([f"token of {name}" for name in surnames], surnames)
