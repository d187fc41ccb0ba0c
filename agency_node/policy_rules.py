"""The terms of policy.toml: what an office may be asked, how often, and what it looks at when it decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from agency_node.rows import PopulationFacts
from linkage.warrant import PopulationSpec

DAY = timedelta(days=1)
Mode = Literal["auto", "operator"]


@dataclass(frozen=True, slots=True)
class AllowRule:
    """One [[allow]]: all conditions must hold. `classes` empty = any filter; `tags` empty = no payload tags.

    `min_asked`: people a population must be asked about, and newly asked since `overlap_days` (0 days: not looked at).
    `definitions`: different questions about one dataset within those days. `max_share`: most of our rows, in percent,
    the warrant may let the result link. `bucket`: our upload is filled with dummy rows up to the next step, each this
    many percent above the last (0: not filled).
    """

    name: str
    requesters: frozenset[str]
    purposes: frozenset[str]
    models: frozenset[str]
    datasets: frozenset[str]
    fields: frozenset[str]
    mode: Mode
    valid_until: date
    classes: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    changes: bool = False
    context: bool = False
    min_rows: int = 50
    min_anchor_rows: int = 50
    per_day: int = 20
    per_30_days: int = 100
    min_asked: int = 20
    overlap_days: int = 90
    definitions: int = 8
    max_share: int = 20
    bucket: int = 25


@dataclass(frozen=True, slots=True)
class Budget:
    """[budget]: approvals of the whole office, whatever the dataset; per requester, purpose and case or campaign."""

    office_per_day: int = 40
    requester_per_day: int = 20
    purpose_per_30_days: int = 100
    reference_per_30_days: int = 10


@dataclass(frozen=True, slots=True)
class ReleaseRule:
    """One [[release]]: which fields of one row may be given for a confirmed clue."""

    name: str
    requesters: frozenset[str]
    datasets: frozenset[str]
    fields: frozenset[str]
    mode: Mode
    valid_until: date
    per_day: int = 20


@dataclass(frozen=True, slots=True)
class RiskRule:
    """[risk]: the most people that an attacker may find in our own encodings (`agency-node risk`), as shares.

    known_1, known_10: by one who knows 1 % or 10 % of the pairs · guesses: by one who knows none.
    """

    known_1: float
    known_10: float
    guesses: float

    def limits(self) -> Mapping[str, float]:
        """Return attack → limit. Without the key nothing at all may be found."""
        guesses = dict.fromkeys(("frequency", "patterns"), self.guesses)
        return {"dictionary": 0.0, **guesses, "known_1": self.known_1, "known_10": self.known_10}


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules of policy.toml; `digest` is the hex SHA-256 of the file. Without `risk` nothing need be measured."""

    allow: tuple[AllowRule, ...] = ()
    release: tuple[ReleaseRule, ...] = ()
    digest: str = ""
    risk: RiskRule | None = None
    budget: Budget = Budget()


class Definition(NamedTuple):
    """What a population asks for, without the names it is given: two rounds with one definition ask the same rows."""

    dataset: str
    classes: tuple[str, ...]
    active_only: bool
    snapshot: str
    change: str
    change_since: str
    context: bool

    @classmethod
    def of(cls, spec: PopulationSpec) -> Definition:
        classes = tuple(sorted(set(spec.classes)))
        return cls(spec.dataset, classes, spec.active_only, spec.snapshot, spec.change, spec.change_since, spec.context)


@dataclass(frozen=True, slots=True)
class PastApproval:
    """A round this office approved before."""

    requester: str
    datasets: frozenset[str]
    at: datetime
    round_id: str = ""
    purpose: str = ""
    reference: str = ""
    definitions: frozenset[Definition] = frozenset()


@dataclass(frozen=True, slots=True)
class PolicyContext:
    """What beside the warrant is looked at: the time, our populations' facts by id, and what we approved before."""

    now: datetime
    facts: Mapping[str, PopulationFacts]
    past: Sequence[PastApproval] = ()
