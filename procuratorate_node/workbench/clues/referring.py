"""Referrals of a clue's persons: what is suggested and why, the form with the least data per service, the draft."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from linkage.audit.words import DATASETS
from linkage.errors import InputError
from linkage.web.page import Page
from linkage.web.routes import get, post
from linkage.web.texts import Text
from procuratorate_node.cluework.deadlines import local_day
from procuratorate_node.node import Node
from procuratorate_node.referrals import desk
from procuratorate_node.referrals.least import OF_THE_PERSON, known_fields
from procuratorate_node.referrals.subject import subject_of
from procuratorate_node.referrals.suggestions import bar, suggest
from procuratorate_node.reidentify import people_of
from procuratorate_node.workbench.clues import words

TITLE: Final = Text("转介", "Referral")


def suggestions(page: Page) -> Response:
    """Show what is suggested for one person of the clue, with every other service below."""
    node = page.node(Node)
    clue, work, place = node.book.get(page.parameters["clue"]), node.casework_kept(), node.workplace
    number, today = _person(page.query.get("person", "1")), local_day(node.clock())
    subject = subject_of(clue, number, work, place.colours, asked=node.models_asked(clue), today=today)
    return page.render(
        "clues/suggestions.html",
        title=TITLE,
        clue=clue,
        number=number,
        people=len(people_of(clue.people, work.facts.person_of)),
        suggestions=suggest(place.catalogue, subject),
        catalogue=place.catalogue,
        referrals=place.table.all(clue_id=clue.clue_id),
        opened=node.desk.was_opened(clue.clue_id),
        titled=lambda datasets: [page.t(*DATASETS.get(name, (name, name))) for name in datasets],
        words=words,
    )


def form(page: Page) -> Response:
    """Show which fields one service may get, and which of them the case file knows; no value of a person."""
    node = page.node(Node)
    clue, work, place = node.book.get(page.parameters["clue"]), node.casework_kept(), node.workplace
    number, service = _person(page.query.get("person", "1")), place.catalogue.service(page.query.get("service", ""))
    unit, today = place.catalogue.unit(service.unit), local_day(node.clock())
    subject = subject_of(clue, number, work, place.colours, asked=(), today=today)
    guards = place.catalogue.guards
    barred = bar(guards, unit, subject)
    return page.render(
        "clues/referral_form.html",
        title=TITLE,
        clue=clue,
        number=number,
        service=service,
        unit=unit,
        party=place.party_of(unit),
        known=known_fields(clue, number, service, need=place.catalogue.need(service.need), work=work),
        withheld=guards.withheld if subject.kind in guards.no_home_contact else (),
        barred=Text(*barred) if barred is not None else None,
        titles=words.REFERRED,
        personal=OF_THE_PERSON,
    )


def draft(page: Page) -> Response:
    """Draft: exactly the ticked fields of the service, with what the officer added."""
    node, service = page.node(Node), page.field("service")
    fields = node.workplace.catalogue.service(service).least
    given = [f"{name}={page.field(f'give-{name}')}" for name in fields if page.field(f"give-{name}")]
    wish = desk.Wish(
        page.parameters["clue"],
        service,
        _person(page.field("person")),
        given,
        tuple(name for name in fields if not page.field(f"send-{name}")),
        page.field("note"),
    )
    made = desk.draft(node.workplace, wish, node.casework_kept(), by=page.officer, now=node.clock())
    said = Text("已拟稿，待另一人批准", "Drafted; another officer must approve")
    return page.redirect(f"/referrals/{made.referral_id}", said=said)


def _person(text: str) -> int:
    if not text.isdecimal() or len(text) > 4:
        raise InputError("没有这个人", "there is no such person")
    return int(text)


ROUTES: Final = (
    get("/clues/{clue}/referrals", "referrals.suggestions", suggestions),
    get("/clues/{clue}/referrals/new", "referrals.draft", form),
    post("/clues/{clue}/referrals", "referrals.draft", draft),
)
