"""The band of comparable decided cases: the median ± 30 % (domain GY-M2-9, C5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from procuratorate_node.relief.calibration import median
from procuratorate_node.relief.facts import AmountFacts
from procuratorate_node.relief.history import DecidedCase, window
from procuratorate_node.relief.money import EXACT
from procuratorate_node.relief.scale import PeerRule
from procuratorate_node.relief.validity import years_before


@dataclass(frozen=True, slots=True)
class PeerBand:
    """What peers got, in yuan. `keys` is what they share with the case; too few peers leave the sums None."""

    keys: tuple[str, ...]
    cases: int
    least_cases: int
    since: date
    until: date
    share: Decimal
    middle: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None

    def outside(self, amount: Decimal) -> bool:
        """Tell whether an amount lies outside the band; the ends belong to it, and no band holds nothing out."""
        return self.low is not None and self.high is not None and not self.low <= amount <= self.high


def peer_band(facts: AmountFacts, tier: str, history: Iterable[DecidedCase], rule: PeerRule) -> PeerBand:
    """Return the band of the closest set of peers that is large enough; `tier` is the case's tier of hardship.

    The sets are tried in the order of `rule.keys`, the closest first. A decided case with the facts' own reference,
    with amount 0, or decided on or after the day of the decision is no peer.
    """
    own: dict[str, object] = {
        "charge": facts.folded_charge,
        "case_type": facts.case_type,
        "harm": facts.harm,
        "tier": tier,
    }
    inside = window(history, until=facts.decided_on, years=rule.years)
    pool = [c for c in inside if c.amount > 0 and not (facts.reference and c.reference == facts.reference)]
    since = years_before(facts.decided_on, rule.years)
    found: list[Decimal] = []
    keys: tuple[str, ...] = ()
    for text in rule.keys:
        keys = tuple(text.split("+"))
        found = [c.amount for c in pool if all(own[k] not in ("", None) and c.key(k) == own[k] for k in keys)]
        if len(found) >= rule.least_cases:
            with localcontext(EXACT):
                middle = median(found)
                low, high = middle * (1 - rule.band), middle * (1 + rule.band)
            return PeerBand(keys, len(found), rule.least_cases, since, facts.decided_on, rule.band, middle, low, high)
    return PeerBand(keys, len(found), rule.least_cases, since, facts.decided_on, rule.band)
