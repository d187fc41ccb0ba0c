"""What an owner's policy may answer to a warrant, and what the owner's part in a round needs from its node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from linkage.encode.payload import Payload
from linkage.keys.canonical import JSON
from linkage.normalise.person import Person, RawPerson
from linkage.owner.relays import OpenedRelay
from linkage.owner.verifying import VerifiedWarrant
from linkage.warrant import PopulationSpec, RoundWarrant


@dataclass(frozen=True, slots=True)
class Approve:
    """`by` is "policy" or the operator's name in the owner's office."""

    by: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """`reason` is what every party reads: Chinese, then English, no personal value."""

    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Wait:
    """An operator must decide; the owner is asked again later."""

    reason: str


Choice = Approve | Refuse | Wait


@dataclass(frozen=True, slots=True, repr=False)
class OwnerRow:
    """One row to encode. `ref` names the local row for the position map: bytes the node can find it by.

    Rows as read are normalised while they are encoded, which is much faster than one by one before. All rows of a
    population are of one kind.
    """

    ref: bytes
    person: Person | RawPerson
    context: str = ""
    scope: int = 0
    payload: Payload | None = None

    def __repr__(self) -> str:
        return "OwnerRow()"


@dataclass(frozen=True, slots=True)
class OwnerRows:
    """The rows of one population. `expected` is their number for showing progress; 0 = not known.

    `as_of` is the register's day, needed where rows are as read; such rows that name nobody are dropped silently.
    `bucket` > 0 fills the upload with dummy rows up to the next step, each so many percent above the last.
    """

    rows: Iterator[OwnerRow]
    expected: int = 0
    as_of: date | None = None
    bucket: int = 0


class OwnerPolicy(Protocol):
    """What a node decides and provides; the owner's part in the round does everything else."""

    def decide(self, verified: VerifiedWarrant) -> Choice:
        """Answer a verified warrant from metadata and past answers only; asked again after Wait."""

    def rows(self, warrant: RoundWarrant, spec: PopulationSpec) -> OwnerRows:
        """Return the rows of one of our populations. Raises LinkageError when the register is not fit."""

    def relay_arrived(self, relay: OpenedRelay) -> None:
        """Take a verified relay (release request or answer, referral or status), durably; may come twice."""

    def round_changed(self, round_id: str, state: str, reason: str) -> None:
        """Hear of a round's new state."""

    def work(self) -> None:
        """Do what is due apart from rounds, such as answering releases; called again and again."""


class AuditWriter(Protocol):
    """The part of the audit log that is used here."""

    def append(self, kind: str, facts: Mapping[str, JSON]) -> object: ...

    def last_leaf(self) -> bytes: ...
