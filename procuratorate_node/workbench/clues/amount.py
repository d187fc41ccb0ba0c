"""The amount calculator of a clue: what is known, the officer's answers, every term, the peers' band; then propose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup
from starlette.responses import Response

from linkage.errors import InputError, LinkageError
from linkage.web.page import UNPROCESSABLE, Page
from linkage.web.routes import get, post
from linkage.web.texts import Text
from procuratorate_node.awards.drafting import Draft, merge_facts
from procuratorate_node.awards.preparing import Prepared, planned_day, prepare
from procuratorate_node.clues import Clue
from procuratorate_node.cluework.deadlines import local_day
from procuratorate_node.node import Node
from procuratorate_node.relief.checklist import Answer
from procuratorate_node.relief.report import proposal_json
from procuratorate_node.workbench.clues import words
from procuratorate_node.workbench.clues.band import band_chart
from procuratorate_node.workbench.clues.listing import parse_day

TITLE: Final = Text("救助金额测算", "Amount of aid")
TEXTS: Final = ("case_type", "fault", "tier", "hardship", "case_coefficient", "award", "paid")
FORM: Final = "form"


@dataclass(frozen=True, slots=True)
class Choice:
    """One field that is chosen from a list."""

    name: str
    title: Text
    options: tuple[tuple[str, Text], ...]


def show(page: Page) -> Response:
    """Show the form with what clue and case file already say."""
    return _page(page, {}, report=None)


def calculate(page: Page) -> Response:
    """Compute with what the form says; nothing is stored."""
    node, given = page.node(Node), _given(page)
    try:
        draft = _draft(page, given)
        report = proposal_json(node.awards.preview(draft.given))
    except InputError as error:
        return _page(page, given, report=None, error=error)
    return _page(page, given, report=report, changed=draft.set_by_officer)


def propose(page: Page) -> Response:
    """Store the proposal as it was computed."""
    node, clue_id = page.node(Node), page.parameters["clue"]
    draft = _draft(page, _given(page))
    award, _ = node.awards.propose(
        clue_id, draft.given, by=page.officer, now=node.clock(), set_by_officer=draft.set_by_officer
    )
    return page.redirect(f"/awards/{award}", said=Text("已提出，待决定", "Proposed; another person decides"))


def _given(page: Page) -> Mapping[str, str]:
    return {name: page.field(name) for name in page.form if name not in ("csrf", "by")}


def _prepared(page: Page, clue: Clue, given: Mapping[str, str]) -> Prepared:
    node = page.node(Node)
    today = local_day(node.clock())
    day = parse_day(given["day"]) if given.get("day") else planned_day(node.board.calendar, today)
    return prepare(node.store, node.config, clue, node.casework_kept(), tables=node.awards.tables, day=day)


def _draft(page: Page, given: Mapping[str, str]) -> Draft:
    """Return the complete input. Raises InputError with all that is missing or wrong."""
    clue = page.node(Node).book.get(page.parameters["clue"])
    known = _prepared(page, clue, given)
    own: dict[str, object] = {n: given[n] for n in TEXTS if given.get(n)}
    if given.get("harm", "").isdecimal():
        own["harm"] = int(given["harm"])
    own["urgent"] = bool(given.get("urgent"))
    own = {name: value for name, value in own.items() if str(value) != str(known.derived.get(name, _silent(name)))}
    points = [
        {"tag": name.removeprefix("points-"), "points": value}
        for name, value in given.items()
        if name.startswith("points-") and value
    ]
    answers = {name.removeprefix("item-"): value for name, value in given.items() if name.startswith("item-")}
    data = {"facts": own, "points": points, "checklist": answers}
    return merge_facts(known.derived, data, name=FORM, history=known.history)


def _silent(name: str) -> object:
    """Return what an untouched field says where the case file says nothing."""
    return False if name == "urgent" else None


def _page(
    page: Page,
    given: Mapping[str, str],
    *,
    report: Mapping[str, Any] | None,
    changed: tuple[str, ...] = (),
    error: LinkageError | None = None,
) -> Response:
    clue = page.node(Node).book.get(page.parameters["clue"])
    known = _prepared(page, clue, given)
    scale, rules = known.tables.scale, known.tables.rules
    tags = [group for group in scale.groups if group.tag in known.derived["tags"]]  # type: ignore[operator]  # A list.
    return page.render(
        "clues/amount.html",
        title=TITLE,
        status=UNPROCESSABLE if error else 200,
        clue=clue,
        derived=known.derived,
        given=given,
        day=known.tables.day,
        choices=tuple(_choices(known)),
        groups=tags,
        items=rules.items,
        answers=[(a.value, words.word(words.ANSWERS, {"unknown": "unsure"}.get(a, a))) for a in reversed(Answer)],
        report=report,
        looks=_looks(report),
        band=band_chart(report, page.language) if report else Markup(""),
        changed=changed,
        error=error,
        words=words,
    )


def _looks(report: Mapping[str, Any] | None) -> Mapping[str, Text]:
    """Return why the facts point at lines of the checklist, by their code."""
    lines = report["checklist"] if report else ()
    return {line["code"]: Text(line["look_zh"], line["look_en"]) for line in lines if line["look_zh"]}


def _choices(known: Prepared) -> Iterator[Choice]:
    scale = known.tables.scale
    yield Choice(
        "case_type", Text("案件类型", "Case type"), tuple((k.code, Text(k.zh, k.en)) for k in scale.case_types)
    )
    yield Choice("harm", Text("伤害程度", "Harm"), tuple((str(n), text) for n, text in enumerate(words.HARM)))
    yield Choice("fault", Text("过错责任", "Fault"), tuple((f.code, Text(f.zh, f.en)) for f in scale.faults))
    yield Choice("tier", Text("困难档次", "Tier of hardship"), tuple((t.code, Text(t.zh, t.en)) for t in scale.tiers))


ROUTES: Final = (
    get("/clues/{clue}/amount", "award.draft", show),
    post("/clues/{clue}/amount", "award.draft", calculate),
    post("/clues/{clue}/amount/propose", "award.propose", propose),
)
