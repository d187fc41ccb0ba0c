"""The prosecutor's workbench. `SECTIONS` is the navigation, from left to right.

To add pages: write one module here with functions from Page to a response and a `SECTION` (linkage/web/__init__.py
shows one), put its templates into templates/, and name the section below. Every route's action has a row in rights.py.
"""

from __future__ import annotations

from typing import Final

from linkage.web.routes import Section
from procuratorate_node.workbench import clues, home

SECTIONS: Final[tuple[Section, ...]] = (home.SECTION, clues.SECTION)
