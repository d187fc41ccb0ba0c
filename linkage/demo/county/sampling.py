"""Choose from the population with weights, without replacement, and scale counts to the county's size."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
_REFERENCE = 60_000


def scaled(count: float, population: int, power: float = 0.85) -> int:
    """Return how many of something a county of this size has, given the count at 60,000 people.

    A power below one keeps small lists of a small example county from running empty.
    """
    return max(2, round(count * math.pow(population / _REFERENCE, power)))


def weighted(rng: random.Random, items: Sequence[Item], count: int, weight: Callable[[Item], float]) -> list[Item]:
    """Return up to `count` items, each drawn once, in proportion to positive weights (Efraimidis and Spirakis)."""
    marked = [(rng.random() ** (1.0 / load), place) for place, item in enumerate(items) if (load := weight(item)) > 0]
    marked.sort(reverse=True)
    return [items[place] for _, place in marked[:count]]
