"""Referrals other offices sent: a list, one opened to a person on request, and the steps of its handling."""

from __future__ import annotations

from starlette.responses import Response

from agency_node.console.office import Console
from agency_node.console.words import REFERRALS, REFERRED, word
from linkage.owner.referrals import Answer, ReferralState
from linkage.web.listing import Listing
from linkage.web.moments import local
from linkage.web.page import Page
from linkage.web.routes import Section, get, post
from linkage.web.texts import Text

TITLE = Text("转介", "Referrals")
WORD_DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def list_referrals(page: Page) -> Response:
    console = page.node(Console)
    today = console.answers.today.isoformat()
    found = console.answers.referrals.all()[::-1]
    listing = Listing.of(page.query, total=len(found))
    rows = [
        (r, word(REFERRALS, r.state), console.party_name(r.sender), r.is_overdue(today)) for r in listing.part(found)
    ]
    return page.render("referrals.html", title=TITLE, listing=listing, rows=rows)


def show_referral(page: Page) -> Response:
    """Show a referral still sealed: what is asked, by when, how far it is; no person."""
    return _show(page, content=None)


def open_referral(page: Page) -> Response:
    """Open it to the person; the audit entry stands before anything is shown."""
    answers, relay = page.node(Console).answers, page.parameters["relay"]
    return _show(page, content=answers.open_referral(relay, by=page.officer))


def _show(page: Page, *, content: object) -> Response:
    console = page.node(Console)
    found = console.answers.referrals.named(page.parameters["relay"])
    return page.render(
        "referral.html",
        title=Text("转介事项", "Referral"),
        found=found,
        state=word(REFERRALS, found.state),
        sender=console.party_name(found.sender),
        late=found.is_overdue(console.answers.today.isoformat()),
        content=content,
        titles=REFERRED,
        at=local(console.answers.clock()),
        today=console.answers.today.isoformat(),
    )


def save_letter(page: Page) -> Response:
    """Send the enclosed letter, which names the person, after its audit entry."""
    answers = page.node(Console).answers
    content = answers.open_referral(page.parameters["relay"], by=page.officer, letter=True)
    body = content.letter.content if content.letter is not None else b""
    headers = {"Content-Disposition": 'attachment; filename="letter.docx"'}  # A letter's own name may tell of a person.
    return Response(body, media_type=WORD_DOCUMENT, headers=headers)


def accept(page: Page) -> Response:
    return _update(page, "ACCEPTED", Text("已受理", "Accepted"))


def refuse(page: Page) -> Response:
    page.needed("reason", Text("理由", "reason"))
    return _update(page, "REFUSED", Text("不予受理，理由会送回", "Refused: the reason goes back"))


def finish(page: Page) -> Response:
    return _update(page, "DONE", Text("已办结", "Done"))


def _update(page: Page, state: ReferralState, said: Text) -> Response:
    answers, relay = page.node(Console).answers, page.parameters["relay"]
    answer = Answer(page.field("item"), page.field("day"), page.field("band"))
    answers.update_referral(relay, state, by=page.officer, reason=page.field("reason"), answer=answer)
    return page.redirect(f"/referrals/{relay}", said=said)


SECTION = Section(
    TITLE,
    get("/referrals", "referrals", list_referrals),
    get("/referrals/{relay}", "referrals", show_referral),
    post("/referrals/{relay}", "referrals", open_referral),
    post("/referrals/{relay}/letter", "referrals", save_letter),
    post("/referrals/{relay}/accept", "referral_update", accept),
    post("/referrals/{relay}/refuse", "referral_update", refuse),
    post("/referrals/{relay}/done", "referral_update", finish),
)
