"""Whom our rounds ask about, and how they overlap: no round asks about a handful of new people (decision 0050).

A person is known here by a keyed fingerprint that never leaves the node. Before a warrant is signed, people who would
stand out are held back: a question about fewer than `least`, and new people who are fewer than `least` beside those the
dataset was asked about before. They wait until there are enough. The warrant states the counts and a commitment to the
fingerprints, so that nobody can change the people afterwards, and an auditor can recompute every statement.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Self

from linkage.normalise.person import Person
from linkage.warrant import Asked, ModelWarrant, Overlap, PopulationSpec
from procuratorate_node.likeness import usable_number

FINGERPRINT_BYTES: Final = 16
LABEL_FINGERPRINT: Final = b"linkage/v1/asked-person\0"
LABEL_COMMITMENT: Final = b"linkage/v1/asked-people\0"
Fate = Literal["answered", "fading", "open", "ended", "void"]
Scopes = dict[bytes, int]  # Fingerprint → bits of the anchor sets the person is in.


def fingerprint(key: bytes, person: Person) -> bytes:
    """Return 16 bytes by which this node knows a person again: by number, else by name, birth, sex and village."""
    number = usable_number(person)
    parts = ("number", number) if number else ("name", person.name, person.birth.compact(), person.sex, person.village)
    mac = hmac.new(key, LABEL_FINGERPRINT + "\0".join(parts).encode(), hashlib.sha256)
    return mac.digest()[:FINGERPRINT_BYTES]


def commitment(scopes: Mapping[bytes, int]) -> str:
    """Return the hex SHA-256 over the sorted fingerprints, each with its u32 scope."""
    content = b"".join(mark + scope.to_bytes(4, "big") for mark, scope in sorted(scopes.items()))
    return hashlib.sha256(LABEL_COMMITMENT + content).hexdigest()


@dataclass(frozen=True, slots=True)
class Question:
    """One population: its dataset, and the bits of the anchor sets whose members it is asked about."""

    population: str
    dataset: tuple[str, str]  # Owner, dataset.
    bits: int


def questions_of(
    models: Iterable[ModelWarrant], populations: Iterable[PopulationSpec], sets: Sequence[str]
) -> tuple[Question, ...]:
    """Return what every population is asked, in the warrant's order."""
    bits: dict[str, int] = defaultdict(int)
    for model in models:
        for leaf in model.plan.leaves():
            bits[leaf] |= 1 << sets.index(model.anchors)
    return tuple(Question(p.id, (p.owner, p.dataset), bits[p.id]) for p in populations if not p.anchor)


@dataclass(frozen=True, slots=True, repr=False)
class EarlierRound:
    """A round we signed before.

    "answered": its result may be known. "fading": so it may, but it will lie further back than overlap is looked at
    before the new round has ended. "open": it may still be answered. "ended": it ended on the way, perhaps after
    somebody saw it through. "void": it never went out.
    """

    round_id: str
    asked: Mapping[tuple[str, str], frozenset[bytes]]  # Per dataset.
    state: Fate


def fading(fate: Fate, *, last: str, forgotten: str) -> Fate:
    """Return the fate of a round signed or answered last at `last`, when those before `forgotten` will not count."""
    return "fading" if fate == "answered" and last < forgotten else fate


def asked_of(questions: Sequence[Question], scopes: Mapping[bytes, int]) -> dict[tuple[str, str], frozenset[bytes]]:
    """Return the people each dataset is asked about."""
    found: dict[tuple[str, str], set[bytes]] = defaultdict(set)
    for question in questions:
        found[question.dataset].update(_people(question, scopes))
    return {dataset: frozenset(people) for dataset, people in found.items()}


@dataclass(frozen=True, slots=True, repr=False)
class _Before:
    """What earlier rounds asked one dataset: surely known, perhaps known (by round), and perhaps still to be answered.

    Perhaps known is also what is forgotten before the new round ends: it may be answered before that, or after.
    """

    known: frozenset[bytes]
    unsure: tuple[frozenset[bytes], ...]
    waiting: frozenset[bytes]

    @classmethod
    def of(cls, dataset: tuple[str, str], earlier: Sequence[EarlierRound]) -> Self:
        def asked(*fates: Fate) -> tuple[frozenset[bytes], ...]:
            return tuple(e.asked[dataset] for e in earlier if e.state in fates and dataset in e.asked)

        nobody: frozenset[bytes] = frozenset()
        return cls(nobody.union(*asked("answered")), asked("open", "ended", "fading"), nobody.union(*asked("open")))


def hold_back(
    questions: Sequence[Question], scopes: Mapping[bytes, int], earlier: Sequence[EarlierRound], *, least: int
) -> Scopes:
    """Return the scopes without those who would stand out; people no population is asked about are left out.

    Nobody knows which of the open and ended rounds are answered in the end, and in which order. So new people are
    grouped by those they are in, and every group must be large enough; nor may this round leave only a few of an open
    round's group outside, because they would be alone when that round is answered later.
    """
    before = {question.dataset: _Before.of(question.dataset, earlier) for question in questions}
    kept, changed = dict(scopes), True
    while changed:
        changed = False
        for question in questions:
            for small in _small_groups(_people(question, kept), before[question.dataset], least):
                changed = True
                for mark in small:
                    kept[mark] &= ~question.bits
    asked = 0
    for question in questions:
        asked |= question.bits
    return {mark: scope for mark, scope in kept.items() if scope & asked}


def _small_groups(people: frozenset[bytes], before: _Before, least: int) -> Iterator[list[bytes]]:
    if 0 < len(people) < least:
        yield list(people)
        return
    groups: dict[tuple[bool, ...], list[bytes]] = defaultdict(list)
    for mark in (people | before.waiting) - before.known:
        groups[tuple(mark in others for others in before.unsure)].append(mark)
    for group in groups.values():
        inside = [mark for mark in group if mark in people]
        outside = len(group) - len(inside)
        if inside and (len(inside) < least or 0 < outside < least):
            yield inside


def _people(question: Question, scopes: Mapping[bytes, int]) -> frozenset[bytes]:
    return frozenset(mark for mark, scope in scopes.items() if scope & question.bits)


def state_overlap(
    questions: Sequence[Question],
    scopes: Mapping[bytes, int],
    earlier: Sequence[EarlierRound],
    *,
    least: int,
    days: int,
) -> Overlap:
    """Return the statement a warrant carries about these people."""
    asked = []
    for question in questions:
        people = _people(question, scopes)
        new = people - _Before.of(question.dataset, earlier).known
        asked.append(Asked(question.population, len(people), len(new)))
    rounds = tuple(sorted(e.round_id for e in earlier))
    return Overlap(days, least, rounds, tuple(asked), commitment(scopes))
