"""Warrants that came in: what is asked, what would leave the building, and the office's answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.responses import Response

from agency_node.console.office import Console
from agency_node.console.words import ANSWERS, FIELDS, ROUNDS, word
from agency_node.datasets import office_presets
from agency_node.decisions import DecisionState, RoundDecision
from agency_node.rows import count_population
from linkage.errors import LinkageError
from linkage.owner.disclosure import models_in_words, models_using
from linkage.owner.office import stored_warrant
from linkage.owner.participation import OwnRound, Step
from linkage.warrant import PopulationSpec, RoundWarrant
from linkage.web.listing import Listing
from linkage.web.page import Page
from linkage.web.routes import Section, get, post
from linkage.web.texts import Text

TITLE = Text("轮次", "Rounds")
STEPS = (
    (Step.SEEN, Text("收到委托书并核验签名", "warrant received and its signature verified")),
    (Step.CONSENTED, Text("本单位的决定已签名送出", "this office's decision signed and sent")),
    (Step.UPLOADED, Text("已编码并上传", "encoded and uploaded")),
    (Step.ENDED, Text("编码和对照表已销毁", "encodings and maps erased")),
)
ORDER = {Step.SEEN: 0, Step.APPROVED: 0, Step.REFUSED: 1, Step.CONSENTED: 1, Step.UPLOADED: 2, Step.ENDED: 3}


@dataclass(frozen=True, slots=True)
class Asked:
    """One population of ours in a warrant, and what of it may be encoded."""

    spec: PopulationSpec
    models: tuple[str, ...]
    fields: tuple[Text, ...]
    tags: tuple[str, ...]
    rules: tuple[str, ...]


def list_rounds(page: Page) -> Response:
    console = page.node(Console)
    wanted = page.query.get("state", "")
    found = [d for d in reversed(console.answers.decisions.all()) if wanted in ("", str(d.state))]
    listing = Listing.of(page.query, total=len(found))
    steps = {own.round_id: own for own in console.answers.book.rounds(tuple(Step))}
    rows = [(d, word(ANSWERS, str(d.state)), _state(steps.get(d.round_id))) for d in listing.part(found)]
    names = {d.requester: console.party_name(d.requester) for d, _, _ in rows}
    return page.render(
        "rounds.html",
        title=TITLE,
        listing=listing,
        rows=rows,
        names=names,
        wanted=wanted,
        datasets_of=console.titled,
    )


def show_round(page: Page) -> Response:
    console = page.node(Console)
    decision = console.answers.decisions.named(page.parameters["round"])
    own = console.answers.book.round(decision.round_id)
    warrant = stored_warrant(own) if own is not None else None
    return page.render(
        "round.html",
        title=Text("委托书", "Warrant"),
        decision=decision,
        answer=word(ANSWERS, str(decision.state)),
        requester=console.party_name(decision.requester),
        warrant=warrant,
        models=models_in_words(warrant, name_of=console.party_name) if warrant else (),
        others=_others(console, warrant) if warrant else (),
        asked=list(_asked(console, decision, warrant)) if warrant else [],
        own=own,
    )


def _asked(console: Console, decision: RoundDecision, warrant: RoundWarrant) -> Iterator[Asked]:
    presets = office_presets(console.config.folder).values()
    own = {role.dataset: {rule.tag for rule in role.classes} for preset in presets for role in preset.roles}
    for spec in (spec for spec in warrant.populations if spec.owner == console.keys.party.id):
        grant = decision.grants.get(spec.id)
        fields = tuple(words for name, words in FIELDS.items() if grant is not None and name in grant.fields)
        tags = tuple(sorted(grant.tags & own.get(spec.dataset, set()))) if grant is not None else ()
        yield Asked(spec, models_using(warrant, spec), fields, tags, grant.rules if grant is not None else ())


def _others(console: Console, warrant: RoundWarrant) -> tuple[str, ...]:
    owners = {spec.owner for spec in warrant.populations} - {console.keys.party.id}
    return tuple(console.party_name(owner) for owner in sorted(owners))


def count_rows(page: Page) -> Response:
    """Count what would be encoded now: read anew, because files may have changed since the warrant came."""
    console = page.node(Console)
    decision = console.answers.decisions.named(page.parameters["round"])
    own = console.answers.book.round(decision.round_id)
    spec = stored_warrant(own).population(page.parameters["population"]) if own is not None else None
    try:
        facts = count_population(console.registers(), spec) if spec is not None else None
    except LinkageError as error:
        return page.part("rows.html", facts=None, filled=[], error=error)
    filled = [(words, facts.filled.get(name, 0)) for name, words in FIELDS.items()] if facts is not None else []
    return page.part("rows.html", facts=facts, filled=filled, error=None)


def show_progress(page: Page) -> Response:
    console = page.node(Console)
    own = console.answers.book.round(page.parameters["round"])
    uploads = console.answers.book.uploads(own.round_id) if own is not None else {}
    return page.part(
        "progress.html",
        own=own,
        state=_state(own),
        steps=_steps(own, uploaded=bool(uploads)),
        uploads=uploads.values(),
        names={spec.id: spec.title for spec in stored_warrant(own).populations} if own is not None else {},
    )


def _steps(own: OwnRound | None, *, uploaded: bool) -> list[tuple[Text, str]]:
    """Return our steps, each done, now, later, failed, or none where a round ended before anything was encoded."""
    at = ORDER[own.step] if own is not None else -1
    failed = own is not None and (bool(own.fault) or own.step is Step.REFUSED)
    found = []
    for place, (step, words) in enumerate(STEPS):
        never = own is not None and own.step is Step.ENDED and not uploaded and step in (Step.UPLOADED, Step.ENDED)
        state = "done" if place <= at else "now" if place == at + 1 and not failed else "later"
        state = "failed" if failed and place == at + 1 and own is not None and own.fault else state
        found.append((words, "none" if never else state))
    return found


def _state(own: OwnRound | None) -> tuple[Text, str]:
    return word(ROUNDS, own.state) if own is not None else (Text("—", "—"), "quiet")


def approve(page: Page) -> Response:
    return _decide(
        page, DecisionState.APPROVED, Text("已同意，节点会签名送出", "Approved: the node signs and sends it")
    )


def refuse(page: Page) -> Response:
    return _decide(page, DecisionState.REFUSED, Text("已拒绝，理由会送给各方", "Refused: every party reads the reason"))


def _decide(page: Page, state: DecisionState, said: Text) -> Response:
    answers = page.node(Console).answers
    found = answers.decide_round(page.parameters["round"], state, by=page.officer, reason=page.field("reason"))
    return page.redirect(f"/rounds/{found.round_id}", said=said)


SECTION = Section(
    TITLE,
    get("/rounds", "rounds", list_rounds),
    get("/rounds/{round}", "preview", show_round),
    get("/rounds/{round}/progress", "rounds", show_progress, live=True),
    get("/rounds/{round}/rows/{population}", "preview", count_rows, live=True),
    post("/rounds/{round}/approve", "approve", approve),
    post("/rounds/{round}/refuse", "refuse", refuse),
)
