"""The agency's console: pages for the office that owns registers. `SECTIONS` is the navigation, from left to right.

To add pages: write one module here with functions from Page to a response and a `SECTION` (linkage/web/__init__.py
shows one), put its templates into templates/, and name the section below. Every route's action has a row in rights.py.
"""

from __future__ import annotations

from typing import Final

from agency_node.console import carrying, home, receipts, referrals, registers, releases, risk, rounds
from linkage.web import accounts
from linkage.web.routes import Section

SECTIONS: Final[tuple[Section, ...]] = (
    home.SECTION,
    rounds.SECTION,
    registers.SECTION,
    releases.SECTION,
    referrals.SECTION,
    receipts.SECTION,
    carrying.SECTION,
    risk.SECTION,
    accounts.SECTION,
)
