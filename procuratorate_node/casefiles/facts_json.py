"""Write paper facts to JSON and back, for the cache in the node's own state folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from procuratorate_node.casefiles.facts import Fact, FoundPerson, PaperFacts, Role, Span, Topic
from procuratorate_node.casefiles.kinds import Kind
from procuratorate_node.casefiles.paper_text import Line
from procuratorate_node.casefiles.reading import Page


def facts_to_json(facts: PaperFacts) -> str:
    people = [
        [
            p.name,
            p.role.name,
            p.masked,
            _span(p.span),
            [[f.topic.name, f.value, _span(f.span)] for f in p.facts],
            p.about,
        ]
        for p in facts.people
    ]
    dated = facts.dated.isoformat() if facts.dated is not None else ""
    return json.dumps([facts.kind.name, dated, facts.scanned, people], ensure_ascii=False)


def facts_from_json(text: str) -> PaperFacts:
    """Read what facts_to_json wrote. Raises ValueError, KeyError, TypeError on anything else."""
    kind, dated, scanned, people = json.loads(text)
    found = tuple(
        FoundPerson(
            name,
            Role[role],
            bool(masked),
            Span(*span),
            tuple(Fact(Topic[topic], value, Span(*where)) for topic, value, where in facts),
            about,
        )
        for name, role, masked, span, facts, about in people
    )
    return PaperFacts(Kind[kind], date.fromisoformat(dated) if dated else None, bool(scanned), found)


def _span(span: Span) -> Sequence[object]:
    return [span.page, span.start, span.end, span.words]


def pages_to_json(pages: Sequence[Page], scanned: bool) -> str:
    lines = [[[line.text, line.full] for line in page] for page in pages]
    return json.dumps({"scanned": scanned, "pages": lines}, ensure_ascii=False)


def pages_from_json(text: str) -> tuple[tuple[Page, ...], bool]:
    data: Mapping[str, Any] = json.loads(text)
    pages = tuple(tuple(Line(str(t), full) for t, full in page) for page in data["pages"])
    return pages, bool(data["scanned"])
