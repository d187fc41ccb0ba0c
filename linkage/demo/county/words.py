"""Read the word lists beside the code: names, sounds, shapes, places, wordings and rates."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"


def lines(name: str) -> list[str]:
    """Return the lines of one word list, without comments and blank lines."""
    text = (_DATA / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def settings(name: str) -> dict[str, Any]:
    """Return one settings file of the data folder."""
    return tomllib.loads((_DATA / name).read_text(encoding="utf-8"))


def headers() -> dict[str, list[str]]:
    """Return the columns of the procuratorate's and the court's files by file."""
    return {name: str(text).split() for name, text in settings("headers.toml").items()}


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of one table of the data folder."""
    with (_DATA / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@dataclass(frozen=True, slots=True)
class Cohort:
    """Name the given-name characters of one sex and one span of birth years, most frequent first."""

    sex: str
    first: int
    last: int
    characters: str


@dataclass(frozen=True, slots=True)
class Town:
    """Name a town, whether it is urban, its share of families, and its villages or communities."""

    name: str
    urban: bool
    weight: int
    villages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Hold the surnames with weights, the compound surnames and the given-name characters."""

    surnames: tuple[str, ...]
    weights: tuple[float, ...]
    compound: tuple[str, ...]
    cohorts: tuple[Cohort, ...]
    rare: dict[str, tuple[str, str]]
    dotted: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Confusions:
    """Hold what a character is taken for: by sound, by shape, by variant form."""

    syllable: dict[str, str]
    by_syllable: dict[str, str]
    shapes: dict[str, str]
    variants: dict[str, str]
    frequent: frozenset[str] = field(repr=False)


@lru_cache(maxsize=1)
def names() -> Names:
    pairs = [line.split() for line in lines("surnames.txt")]
    cohorts = [line.split() for line in lines("given.txt")]
    rare = [line.split() for line in lines("rare.txt")]
    dotted = [line.split() for line in lines("dotted.txt")]
    return Names(
        tuple(pair[0] for pair in pairs),
        tuple(float(pair[1]) for pair in pairs),
        tuple(lines("compound.txt")),
        tuple(Cohort(sex, int(first), int(last), chars) for sex, first, last, chars in cohorts),
        {char: (sound, near.replace("-", "")) for char, sound, near in rare},
        {parts[0]: tuple(parts[1:]) for parts in dotted},
    )


@lru_cache(maxsize=1)
def towns() -> tuple[Town, ...]:
    parts = [line.split() for line in lines("places.txt")]
    return tuple(Town(part[0], part[1] == "1", int(part[2]), tuple(part[3:])) for part in parts)


@lru_cache(maxsize=1)
def confusions() -> Confusions:
    by_syllable = {line.split()[0]: line.split()[1] for line in lines("pinyin.txt")}
    syllable = {char: sound for sound, chars in by_syllable.items() for char in chars}
    known = names()
    frequent = {char for cohort in known.cohorts for char in cohort.characters}
    frequent.update(known.surnames)
    return Confusions(syllable, by_syllable, _shapes(), _variants(), frozenset(frequent))


def _shapes() -> dict[str, str]:
    found: dict[str, str] = {}
    for group in lines("lookalike.txt"):
        for char in group:
            found[char] = found.get(char, "") + group.replace(char, "")
    return found


def _variants() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines("variants.txt"):
        char, forms = line.split()
        fresh = "".join(form for form in forms if form != char)
        if fresh:
            found[char] = found.get(char, "") + fresh
    return found


def toneless(sound: str) -> str:
    """Return a toned syllable without its tone digit."""
    return sound.rstrip("12345")


def same_tone_families(sounds: Iterable[str]) -> dict[str, list[str]]:
    """Group toned syllables by their toneless form."""
    families: dict[str, list[str]] = {}
    for sound in sounds:
        families.setdefault(toneless(sound), []).append(sound)
    return families
