"""One referral: its status, the letter as it will read, approval by another officer, sending, answers."""

from __future__ import annotations

from typing import Final, cast

from starlette.responses import Response

from linkage.errors import InputError
from linkage.owner.referrals import Answer, ReferralState, ReferralStatus
from linkage.warrant import utc_text
from linkage.web.page import Page
from linkage.web.routes import get, post
from linkage.web.texts import Text
from procuratorate_node.cluework.deadlines import local_day
from procuratorate_node.letters.previewing import letter_text
from procuratorate_node.node import Node
from procuratorate_node.referrals import answers, desk
from procuratorate_node.referrals.composing import masked, number_text
from procuratorate_node.referrals.states import NEXT
from procuratorate_node.referrals.workplace import Workplace, open_particulars
from procuratorate_node.workbench.clues import words
from procuratorate_node.workbench.clues.decisions import REASON
from procuratorate_node.workbench.clues.listing import download
from procuratorate_node.workbench.clues.watermark import seen_by

TITLE: Final = Text("转介", "Referral")
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OPENED: Final = "opened"


def show(page: Page) -> Response:
    """Show one referral, its person's values and the letter masked."""
    return _page(page, opened=False)


def open_(page: Page) -> Response:
    """Show it with the person's values, after an audit entry; watermarked with the viewer."""
    return _page(page, opened=True)


def _page(page: Page, *, opened: bool) -> Response:
    node = page.node(Node)
    place, key, now = node.workplace, page.parameters["referral"], node.clock()
    if opened:
        found, particulars = desk.open_referral(place, key, by=page.officer)
        person, note = particulars.person, particulars.note
    else:
        found = place.table.named(key)
        hidden = open_particulars(place.keys, found.referral_id, found.sealed)
        person, note = masked(hidden.person), ""
    letter = desk.preview(place, found, by=page.officer, now=now, mask=not opened)
    return page.render(
        "clues/referral.html",
        title=TITLE,
        found=found,
        opened=opened,
        person=person,
        note=note,
        titles=words.REFERRED,
        number=number_text(place, found),
        unit=place.catalogue.unit(found.unit),
        service=place.catalogue.service(found.service),
        letter=letter_text(letter),
        steps=place.table.steps(found.referral_id),
        following=[s for s in words.STATES if s in NEXT[found.state]],
        late=found.is_overdue(local_day(now)),
        fault=_fault(place, found.relay_id),
        mark=seen_by(page),
        words=words,
    )


def _fault(place: Workplace, relay_id: str) -> str:
    """Return why the linkage unit did not take a sent referral, "" where it did."""
    waiting = desk.undelivered(place).get(relay_id)
    return waiting.fault if waiting is not None else ""


def _back(page: Page, said: Text) -> Response:
    return page.redirect(f"/referrals/{page.parameters['referral']}", said=said)


def approve(page: Page) -> Response:
    node = page.node(Node)
    desk.approve(node.workplace, page.parameters["referral"], by=page.officer, now=node.clock())
    return _back(page, Text("已批准", "Approved"))


def send(page: Page) -> Response:
    """Send to the unit's node; a unit without one gets the letter by hand, to be downloaded from the page."""
    node = page.node(Node)
    desk.send(node.workplace, page.parameters["referral"], by=page.officer, now=node.clock())
    return _back(page, Text("已发出", "Sent"))


def resend(page: Page) -> Response:
    node = page.node(Node)
    desk.resend(node.workplace, page.parameters["referral"], by=page.officer)
    return _back(page, Text("已交给常驻进程重发", "Left to the running node"))


def letter(page: Page) -> Response:
    """Download the letter: masked, or in clear with an audit entry."""
    node, mask = page.node(Node), page.field("mask") != "no"
    key = page.parameters["referral"]
    content = desk.letter_of(node.workplace, key, by=page.officer, now=node.clock(), mask=mask)
    name = f"{node.workplace.table.named(key).referral_id[:12]}{'-masked' if mask else ''}.docx"
    return download(content, name, DOCX)


def record(page: Page) -> Response:
    """Record what a unit without a node answered on paper."""
    node, state = page.node(Node), page.field("state")
    if state not in ("RECEIVED", "ACCEPTED", "REFUSED", "DONE"):
        raise InputError("请选择答复", "choose an answer")
    answer = Answer(page.field("item"), page.field("day"), page.field("band"))
    status = ReferralStatus(
        cast("ReferralState", state), page.field("reason"), page.officer, utc_text(node.clock()), answer
    )
    answers.record(node.workplace, page.parameters["referral"], status, by=page.officer, now=node.clock())
    return _back(page, Text("已记录", "Noted"))


def verify(page: Page) -> Response:
    node, evidence = page.node(Node), page.needed("evidence", Text("核实依据", "what shows it"))
    answers.verify_by_hand(
        node.workplace, page.parameters["referral"], by=page.officer, evidence=evidence, now=node.clock()
    )
    return _back(page, Text("已核实", "Verified"))


def close(page: Page) -> Response:
    node, reason = page.node(Node), page.needed("reason", REASON)
    answers.close(node.workplace, page.parameters["referral"], by=page.officer, reason=reason, now=node.clock())
    return _back(page, Text("已归档", "Closed"))


ROUTES: Final = (
    get("/referrals/{referral}", "referrals.show", show),
    get("/referrals/{referral}/open", "referrals.show", open_),
    post("/referrals/{referral}/approve", "referrals.approve", approve),
    post("/referrals/{referral}/send", "referrals.send", send),
    post("/referrals/{referral}/resend", "referrals.resend", resend),
    post("/referrals/{referral}/letter", "referrals.letter", letter),
    post("/referrals/{referral}/record", "referrals.record", record),
    post("/referrals/{referral}/verify", "referrals.verify", verify),
    post("/referrals/{referral}/close", "referrals.close", close),
)
