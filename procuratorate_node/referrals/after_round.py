"""What a round's result means for referrals: outcomes that have come, and people no register knew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from linkage.keys.times import utc_text
from procuratorate_node.anchors import Placed
from procuratorate_node.casework import Casework
from procuratorate_node.clues import GONE
from procuratorate_node.compile import CompiledRound
from procuratorate_node.handovers import MODEL as HANDED_OVER
from procuratorate_node.referrals.answers import Outcome, outcomes, verify_outcomes
from procuratorate_node.referrals.states import State
from procuratorate_node.referrals.worklist import MODEL, unmatched_of
from procuratorate_node.referrals.workplace import Workplace
from procuratorate_node.store import REQUESTS, Store

BY_PEOPLE: Final = (MODEL, HANDED_OVER)  # Clues that people made say nothing of what registers know.


def verify_by_rounds(
    place: Workplace, store: Store, work: Casework, *, now: datetime, just_now: str = ""
) -> list[Outcome]:
    """Note as verified every referral that is done and whose outcome a delivered round shows (GY-P-4, GY-P-5)."""
    done = place.table.all(State.DONE)
    if not done:
        return []
    rows = store.select(sa.select(REQUESTS).where(REQUESTS.c.delivered_at != ""))
    delivered = {str(r["round_id"]): str(r["delivered_at"]) for r in rows}
    if just_now:
        delivered[just_now] = utc_text(now)
    shown = outcomes(done, place.book.list(), person_of=work.facts.person_of, delivered=delivered)
    return verify_outcomes(place, shown, now=now)


def after_round(
    place: Workplace,
    store: Store,
    round_id: str,
    placed: Sequence[Placed],
    *,
    compiled: CompiledRound,
    work: Casework,
    now: datetime,
) -> None:
    """Verify outcomes, then put those nobody matched on the work list (GY-P-3). May be repeated.

    A person whom the round held against only some of the registers that count is not put there.
    """
    verify_by_rounds(place, store, work, now=now, just_now=round_id)
    clues = [c for c in place.book.list() if c.change != GONE and c.model not in BY_PEOPLE]
    rule = place.catalogue.worklist
    asked = [anchor for anchor in placed if compiled.datasets_asked(anchor.rows) >= frozenset(rule.asked)]
    found = unmatched_of(round_id, asked, clues, facts=work.facts, table=place.colours, rule=rule)
    matched = frozenset(work.facts.person_of[r] for c in clues for r in c.rows if r in work.facts.person_of)
    place.trail.note("worklist.taken", {"round": round_id, "persons": len(found)})
    place.worklist.take_round(found, matched)
