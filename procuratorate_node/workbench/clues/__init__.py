"""The pages of clues: the list, one clue and what is decided on it, its people, papers, amount and referrals.

Every module has its pages and its ROUTES. Until two people opened a clue, no page of it holds a name.
"""

from __future__ import annotations

from typing import Final

from linkage.web.routes import Section
from procuratorate_node.workbench.clues import (
    amount,
    award,
    decisions,
    listing,
    opening,
    papers,
    person,
    referral,
    referring,
    showing,
)

SECTION: Final = Section(
    listing.TITLE,
    *listing.ROUTES,
    *showing.ROUTES,
    *decisions.ROUTES,
    *opening.ROUTES,
    *papers.ROUTES,
    *person.ROUTES,
    *amount.ROUTES,
    *award.ROUTES,
    *referring.ROUTES,
    *referral.ROUTES,
)
