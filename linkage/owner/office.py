"""Everything an owner's part in a round works with, gathered once at the edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from linkage.encode.secret import LinkageSecret
from linkage.keys.signing import Signed
from linkage.keys.store import PartyKeys
from linkage.owner.choice import OwnerPolicy
from linkage.owner.participation import OwnRound, Participation
from linkage.owner.progress import Report, report_nothing
from linkage.owner.spool import SpoolPlace, spool_place
from linkage.owner.trail import AuditTrail
from linkage.owner.verifying import Expectations, VerifiedWarrant
from linkage.warrant import RoundWarrant


@dataclass(frozen=True, slots=True)
class Office:
    """One owner: keys, secret, database, audit trail, policy, private state folder, clocks and randomness.

    `keep_maps` is how long position maps outlive delivery when nobody says the round is over; None = until told.
    """

    keys: PartyKeys = field(repr=False)
    secret: LinkageSecret
    book: Participation = field(repr=False)
    trail: AuditTrail = field(repr=False)
    policy: OwnerPolicy = field(repr=False)
    state: Path
    clock: Callable[[], datetime] = field(repr=False)
    monotonic: Callable[[], float] = field(repr=False)
    random_bytes: Callable[[int], bytes] = field(repr=False)
    keep_maps: timedelta | None = None
    report: Report = field(repr=False, default=report_nothing)

    @property
    def id(self) -> str:
        return self.keys.party.id

    def known(self) -> Expectations:
        """Return what documents are held against, with the deny-list as it is now."""
        revocations = self.keys.revocations.current()
        return Expectations(self.id, self.keys.manifest, revocations, self.secret.epoch, self.secret.kcv)

    def place(self, round_id: str, population: str) -> SpoolPlace:
        return spool_place(self.state, round_id, population)

    def sign(self, label: str, body: bytes) -> bytes:
        """Return a signed envelope's bytes."""
        return Signed.create(label, body, signer=self.id, key=self.keys.signing).to_json()

    def verified(self, found: OwnRound) -> VerifiedWarrant:
        """Return a stored round's warrant; it was verified before it was stored."""
        warrant = stored_warrant(found)
        own = tuple(spec for spec in warrant.populations if spec.owner == self.id)
        return VerifiedWarrant(warrant, found.digest, own, self.keys.manifest.party(warrant.requester))


def stored_warrant(found: OwnRound) -> RoundWarrant:
    """Return the warrant of a stored round, without verifying it again."""
    return RoundWarrant.from_bytes(Signed.parse(found.envelope).body)
