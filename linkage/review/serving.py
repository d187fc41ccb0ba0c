"""Put the reviewer's pages together from logs that were read, for this machine only."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from linkage.accounts.book import AccountBook
from linkage.accounts.carriers import FileCarrier
from linkage.accounts.gate import OPEN, Gate, Rights, roles
from linkage.accounts.sessions import Sessions
from linkage.keys.canonical import JSON
from linkage.review import deeds, exports, logs, timeline
from linkage.review.material import Material
from linkage.web.settings import WebSettings
from linkage.web.site import Site
from linkage.web.texts import Text

log = logging.getLogger(__name__)
SECTIONS: Final = (timeline.SECTION, deeds.SECTION, logs.SECTION, exports.SECTION)
# Anybody at this machine may look, since all of it is public material; nothing else is allowed to anybody.
RIGHTS: Final[Rights] = {timeline.ACTION: roles(OPEN), "accounts.whoami": roles(OPEN)}
NOWHERE: Final = Path(os.devnull)  # Nothing can stand in it: there never are accounts.


def review_site(material: Material, *, port: int = 0) -> Site:
    """Return the site; it listens on the loopback address alone."""
    book = AccountBook(NOWHERE, frozenset())
    sessions = Sessions(book, FileCarrier(NOWHERE), _note, lambda: datetime.now(UTC), os.urandom)
    return Site(
        name=Text("审查人页面", "Reviewer's view"),
        party="reviewer",
        party_name=material.reading.manifest.consortium,
        gate=Gate(RIGHTS, book, sessions, _note),
        sections=SECTIONS,
        templates="linkage.review",
        node=material,
        settings=WebSettings(port=port),
    )


def _note(kind: str, facts: Mapping[str, JSON]) -> None:
    """A reviewer has no audit log; what was refused goes to the program's own."""
    log.warning("%s %s", kind, facts.get("action", ""))
