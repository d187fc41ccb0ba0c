"""The procuratorate as an owner in its own rounds: it consents to what it signed itself and provides the anchors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from linkage.errors import NotFoundError, RoundStateError
from linkage.owner.choice import Approve, Choice, OwnerRow, OwnerRows, Refuse
from linkage.owner.relays import OpenedRelay
from linkage.owner.verifying import VerifiedWarrant
from linkage.warrant import PopulationSpec, RoundWarrant
from procuratorate_node.anchors import Placed
from procuratorate_node.persons import OwnPerson
from procuratorate_node.rounds.anchor_table import save_anchors
from procuratorate_node.rounds.requests import Requests, warrant_of
from procuratorate_node.store import REQUESTS

NUMBER_BYTES = 4


@dataclass(frozen=True, slots=True)
class RequesterPolicy:
    """Fits linkage.owner.choice.OwnerPolicy."""

    requests: Requests = field(repr=False)
    take_relay: Callable[[OpenedRelay], None] = field(repr=False)
    woken: Callable[[], None] = field(repr=False)

    def decide(self, verified: VerifiedWarrant) -> Choice:
        """Approve exactly the warrants that two of our own people approved here; our key alone is not enough."""
        try:
            row = self.requests.store.get(REQUESTS, verified.round_id)
        except NotFoundError:
            row = None
        if row is None or not row["envelope"] or warrant_of(row).digest != verified.digest:
            return Refuse("本院没有批准这份委托 | this office has not approved this warrant", "policy")
        if row["cancel_reason"]:
            return Refuse("本院已撤回 | withdrawn by this office", "policy")
        return Approve("policy")

    def rows(self, warrant: RoundWarrant, spec: PopulationSpec) -> OwnerRows:
        """Return the anchors, and keep the table that maps their numbers back to rows of the case files."""
        if not spec.anchor:
            raise RoundStateError(f"本院没有群体 {spec.id}", f"we have no population {spec.id}")
        placed, people = self.requests.anchors(warrant.round_id)
        save_anchors(self.requests.store, warrant.round_id, placed)
        return OwnerRows(_owner_rows(placed, people), len(placed))

    def relay_arrived(self, relay: OpenedRelay) -> None:
        self.take_relay(relay)

    def round_changed(self, round_id: str, state: str, reason: str) -> None:
        try:
            row = self.requests.store.get(REQUESTS, round_id)
        except NotFoundError:
            return  # A round of ours that was asked for elsewhere; the owner's part refuses it.
        if state != "REFUSED" or not row["proposed"]:  # The event does not say who refused: the follower asks.
            self.requests.store.update(REQUESTS, round_id, state=state, reason=reason)
        self.woken()

    def work(self) -> None:
        """Nothing is due here apart from rounds: the follower does the requester's part."""


def _owner_rows(placed: tuple[Placed, ...], people: Mapping[str, OwnPerson]) -> Iterator[OwnerRow]:
    for number, anchor in enumerate(placed):
        person = people[anchor.person].person
        yield OwnerRow(number.to_bytes(NUMBER_BYTES, "big"), person, context=anchor.context, scope=anchor.scope)
