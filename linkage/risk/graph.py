"""The seeded graph attack: from some known pairs (row, person) to the others.

Every (row, person) is scored by the likelihood of the row's distances to the anchors, and the surest mutual best pairs
become anchors of the next pass. The attacker knows which way to grow the anchors serves it best. Where classes by
structure are given (structure.py), a row is only compared with the people of its own class.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from linkage.risk.crowd import Crowd, Ints, Matrix

ANCHORS_USED = 400  # More anchors than these no longer change the result, only the time.
PASSES = 12
SURE_LEAD = 10  # In units of minus twice the log likelihood: 150 times likelier than the next person.
Classes = tuple[Ints, Ints]  # Of the rows and of the people.
Progress = Callable[[int, int], None]


def draw_seeds(crowd: Crowd, share: float, *, seed: int) -> Ints:
    """Return the rows whose person the attacker knows."""
    return np.random.default_rng(seed).choice(len(crowd), max(2, round(share * len(crowd))), replace=False)


def attack(
    crowd: Crowd, seeds: Ints, classes: Classes | None = None, *, progress: Progress = lambda done, total: None
) -> float:
    """Return the share of the people it did not know (rows outside `seeds`) that the attacker names rightly.

    The better of two ways to grow the anchors counts: a fixed share per pass, or only rows that lead by far.
    """

    def say(half: int) -> Callable[[int], None]:
        return lambda turn: progress(half * PASSES + turn, 2 * PASSES)

    return max(_grow(crowd, seeds, classes, bold=bold, say=say(half)) for half, bold in enumerate((True, False)))


def _grow(crowd: Crowd, seeds: Ints, classes: Classes | None, *, bold: bool, say: Callable[[int], None]) -> float:
    n, random = len(crowd), np.random.default_rng(0)
    guess = np.full(n, -1)
    guess[seeds] = crowd.order[seeds]
    anchors = seeds
    for turn in range(1, PASSES + 1):
        used = anchors if len(anchors) <= ANCHORS_USED else random.choice(anchors, ANCHORS_USED, replace=False)
        cost = costs(crowd, used, guess[used])
        if classes is not None:
            cost[classes[0][:, None] != classes[1][None]] = np.inf
        guess, lead = mutual_best(cost)
        guess[seeds] = crowd.order[seeds]
        surest = np.argsort(-lead, kind="stable")[: n * turn // PASSES] if bold else np.flatnonzero(lead >= SURE_LEAD)
        grown = np.union1d(seeds, surest[lead[surest] > 0])
        say(turn)
        if not bold and np.array_equal(grown, anchors):
            break
        anchors = grown
    unknown = np.setdiff1d(np.arange(n), seeds)
    return float((guess[unknown] == crowd.order[unknown]).mean())


def costs(crowd: Crowd, rows: Ints, people: Ints) -> Matrix:
    """Return (row, person) → minus twice the log likelihood of the row's distances to the anchors, and to no bit."""
    rows, people = np.append(rows, len(crowd)), np.append(people, len(crowd))
    seen, predicted = crowd.seen[:, rows], crowd.predicted[:, people]
    weight = 1 / crowd.variance[:, people]
    own = (predicted**2 * weight - np.log(weight)).sum(1)
    return np.asarray(seen**2 @ weight.T - 2 * seen @ (predicted * weight).T + own[None], np.float32)


def mutual_best(cost: Matrix) -> tuple[npt.NDArray[np.int64], Matrix]:
    """Return every row's cheapest person and its lead over the next one; -1 where that person prefers another row."""
    best = cost.argmin(1)
    lowest = np.partition(cost, 1, axis=1)[:, :2]
    mutual = (cost.argmin(0)[best] == np.arange(len(cost))) & np.isfinite(lowest[:, 0])
    with np.errstate(invalid="ignore"):
        lead = np.minimum(lowest[:, 1] - lowest[:, 0], np.float32(1e9))
    return best, np.where(mutual, lead, np.float32(-1))
