"""Match what a person needs with the services of the referral catalogue (PA-G-4, PA-G-5). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from procuratorate_node.referrals.catalogue import Catalogue, Need, Service, Unit


@dataclass(frozen=True, slots=True)
class Measure:
    """One service that answers a need; `there` tells that a register already shows its outcome."""

    need: Need
    service: Service
    unit: Unit
    there: bool


def measures(needs: Iterable[str], catalogue: Catalogue, *, tags: Collection[str]) -> tuple[Measure, ...]:
    """Return every service for the needs, in the catalogue's order. Raises NotFoundError for an unknown need."""
    wanted = {code: catalogue.need(code) for code in needs}
    return tuple(
        Measure(wanted[s.need], s, catalogue.unit(s.unit), bool(set(s.outcome_tags) & set(tags)))
        for s in catalogue.services
        if s.need in wanted
    )
