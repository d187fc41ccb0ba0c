"""The rounds, newest first, each opening to its warrant, consents, uploads, result, openings, referrals, erasures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from linkage.audit.choosing import Choice
from linkage.audit.findings import Finding, of_level
from linkage.audit.page import Table
from linkage.audit.rules import Name
from linkage.audit.story import Round
from linkage.audit.terms import Record
from linkage.audit.words import STATES
from linkage.review.material import Material
from linkage.review.searching import search
from linkage.web.listing import Listing
from linkage.web.page import Page
from linkage.web.routes import Section, get
from linkage.web.texts import Text

TITLE = Text("轮次时间线", "Rounds")
ACTION = "pages.review"
SIZE = 20


@dataclass(frozen=True, slots=True)
class Inside:
    """All that the logs tell of one round; `erased` is who and when."""

    found: Round
    requester: str
    tables: tuple[tuple[Text, Table | None], ...]
    records: tuple[Record, ...]
    findings: tuple[Finding, ...]
    erased: tuple[tuple[str, str], ...]
    kinds: Mapping[str, Name]


def show(page: Page) -> Response:
    material, wanted = page.node(Material), search(page)
    chosen = wanted.choice.apply(material.story).rounds[::-1]
    listing = Listing.of(page.query, total=len(chosen), size=SIZE)
    return page.render(
        "timeline.html",
        title=TITLE,
        search=wanted,
        listing=listing,
        rounds=[_line(material, found) for found in listing.part(chosen)],
        all=len(material.story.rounds),
        faults=len(of_level(material.reading.checked.findings, "fault")),
        absent=len(material.reading.checked.absent),
        states=_states(),
        span=material.story.span(),
    )


def _states() -> Mapping[str, Text]:
    return {code: Text(*words) for code, words in STATES.items()}


def _line(material: Material, found: Round) -> dict[str, object]:
    """Return what the closed line of a round says."""
    return {
        "round": found,
        "time": min(found.times(), default=""),
        "requester": _name(material, found.requester),
        "approved": sum(c.decision == "approve" for c in found.consents),
        "rows": sum(u.rows for u in found.uploads),
        "dummies": sum(u.dummies for u in found.uploads),
        "opened": sum(o.persons for o in material.story.openings if o.round == found.id),
        "faults": len(of_level(material.findings.get(found.id, ()), "fault")),
    }


def _name(material: Material, party: str) -> str:
    return {p.id: p.name for p in material.reading.manifest.parties()}.get(party, party)


def show_round(page: Page) -> Response:
    return page.render("round.html", title=Text("轮次", "Round"), inside=_inside(page), states=_states())


def show_inside(page: Page) -> Response:
    return page.part("round_inside.html", inside=_inside(page), states=_states())


def _inside(page: Page) -> Inside:
    """Return all that the logs tell of one round. Raises NotFoundError."""
    material = page.node(Material)
    found = material.round(page.parameters["round"])
    told = material.reporter(material.about(found), Choice(), page.language)
    consents, uploads = told.round_section(found).tables
    parts = (told.openings(), told.releases(), told.referrals(), told.refusals())
    return Inside(
        found=found,
        requester=_name(material, found.requester),
        tables=(
            (Text("同意与拒绝", "Consents and refusals"), consents),
            (Text("上传与销毁", "Uploads and erasures"), uploads),
            *(
                (Text(part.zh, part.en[:1].upper() + part.en[1:]), part.tables[0] if part.tables else None)
                for part in parts
            ),
        ),
        records=material.records.get(found.id, ()),
        findings=material.findings.get(found.id, ()),
        erased=tuple(sorted((_name(material, party), at) for party, at in found.deleted.items())),
        kinds=material.reading.rules.kinds,
    )


SECTION = Section(
    TITLE,
    get("/", ACTION, show),
    get("/rounds/{round}", ACTION, show_round),
    get("/rounds/{round}/inside", ACTION, show_inside, live=True),
)
