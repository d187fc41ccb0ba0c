"""The prosecutor's workbench. `SECTIONS` is the navigation, from left to right.

To add pages: write one module here with functions from Page to a response and a `SECTION` (linkage/web/__init__.py
shows one), put its templates into templates/, and name the section below. Every route's action has a row in rights.py.
Pages work on the Node (`page.node(Node)`), with the functions the commands call.
"""

from __future__ import annotations

from typing import Final

from linkage.web import accounts
from linkage.web.routes import Section
from procuratorate_node.workbench import clues
from procuratorate_node.workbench.governance import figures
from procuratorate_node.workbench.record import entries
from procuratorate_node.workbench.rounds import acting
from procuratorate_node.workbench.rules import changing
from procuratorate_node.workbench.screening import choosing, one_person
from procuratorate_node.workbench.standing import orders
from procuratorate_node.workbench.todo import day

SECTIONS: Final[tuple[Section, ...]] = (
    day.SECTION,
    clues.SECTION,
    choosing.SECTION,
    acting.SECTION,
    orders.SECTION,
    one_person.SECTION,
    changing.SECTION,
    figures.SECTION,
    entries.SECTION,
    accounts.SECTION,
)
