"""The audit log, newest first: what was done, by whom, when, and what was refused. It names nobody acted on."""

from __future__ import annotations

import re
from collections import deque
from pathlib import Path

from starlette.responses import Response

from linkage.audit.entry import Entry, parse_entry
from linkage.audit.log import ENTRIES
from linkage.audit.rules import load_rules
from linkage.keys.canonical import JSON
from linkage.web.listing import Listing
from linkage.web.page import Page
from linkage.web.routes import Section, get
from linkage.web.texts import Text
from procuratorate_node.node import Node

TITLE = Text("审计日志", "Audit log")
DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")  # What a person compares by its beginning.


def show(page: Page) -> Response:
    log = page.node(Node).audit
    listing = Listing.of(page.query, total=log.size())
    entries = newest(log.folder / ENTRIES, skip=listing.start, size=listing.size)
    return page.render(
        "record/entries.html", title=TITLE, listing=listing, rows=[(e, kind_words(e.kind), said(e)) for e in entries]
    )


def newest(file: Path, *, skip: int, size: int) -> list[Entry]:
    """Return so many entries, newest first, without the newest `skip`."""
    with file.open("rb") as lines:
        last = deque(lines, maxlen=skip + size)
    return [parse_entry(line.rstrip(b"\n")) for line in reversed(list(last)[: max(0, len(last) - skip)])]


def kind_words(kind: str) -> Text:
    """Return what an entry of this kind says happened."""
    known = load_rules().kinds.get(kind)
    return Text(known.zh, known.en) if known is not None else Text(kind, kind)


def said(entry: Entry) -> str:
    """Return an entry's facts on one line, without the leaves that tie logs together."""
    return "; ".join(f"{name} {_plain(value)}" for name, value in entry.facts.items() if not name.startswith("peer"))


def _plain(value: JSON) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, dict):
        return " ".join(f"{k}={_plain(v)}" for k, v in value.items())
    return DIGEST.sub(r"\1…", str(value))


SECTION = Section(TITLE, get("/record", "pages.record", show))
