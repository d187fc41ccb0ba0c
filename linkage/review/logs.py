"""How far the logs can be trusted: each log recomputed, each held against the others, every rule, every reason."""

from __future__ import annotations

from starlette.responses import Response

from linkage.audit.findings import LEVELS, of_level
from linkage.review.material import Material
from linkage.review.timeline import ACTION
from linkage.web.listing import Listing
from linkage.web.page import Page
from linkage.web.routes import Section, get
from linkage.web.texts import Text

TITLE = Text("日志可信程度", "State of the logs")
WORDS = {
    "fault": Text("问题", "fault"),
    "open": Text("已宣布、未见完成", "announced, not carried out"),
    "note": Text("提示", "note"),
}


def show(page: Page) -> Response:
    reading = page.node(Material).reading
    checked = reading.checked
    names = {party.id: party.name for party in reading.manifest.parties()}
    findings = [found for level in LEVELS for found in of_level(checked.findings, level)]
    listing = Listing.of(page.query, total=len(findings))
    rules = {rule.name.id: rule.name for rule in reading.rules.links}
    return page.render(
        "logs.html",
        title=TITLE,
        logs=[(content, checked.held[content.party.id]) for content in reading.contents],
        faults={content.party.id: _faults(page, content.party.id) for content in reading.contents},
        absent=[names[party] for party in checked.absent],
        names=names,
        findings=listing.part(findings),
        listing=listing,
        words=WORDS,
        counted=[(rules[count.rule], count) for count in checked.checked],
        pairs=sum(count.pairs for count in checked.checked),
        unchecked=sum(count.unchecked for count in checked.checked),
        unknown=sorted(checked.unknown.items()),
        digest=reading.rules.digest,
        fingerprint=reading.manifest.officers.fingerprint,
        faulty=len(of_level(checked.findings, "fault")),
    )


def _faults(page: Page, party: str) -> int:
    found = of_level(page.node(Material).reading.checked.findings, "fault")
    return sum(finding.party == party for finding in found)


SECTION = Section(TITLE, get("/logs", ACTION, show))
