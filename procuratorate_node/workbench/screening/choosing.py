"""Choose models, see what they would ask of whom, and request the round."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from starlette.responses import Response

from linkage.errors import InputError
from linkage.web.page import Page
from linkage.web.routes import Section, get, post
from linkage.web.texts import Text
from procuratorate_node.anchor_words import rule_words
from procuratorate_node.model import CAMPAIGN, SYSTEM, ScreeningModel, choose_models
from procuratorate_node.node import Node
from procuratorate_node.rounds.asking import describe_round, lacking_registers
from procuratorate_node.rounds.progress import rows_last_time
from procuratorate_node.workbench.screening.diagram import draw_steps
from procuratorate_node.workbench.screening.estimating import show_estimate

TITLE = Text("新的筛查", "New screening")
CHOICE = "model-"  # A ticked box of the form: model-SX-1=on.
REFERENCE = Text("案件或专项", "Case or campaign")
NOBODY_YET = "待批准"


def choose(page: Page) -> Response:
    """Show every model in words, those that may be chosen first."""
    node = page.node(Node)
    lacking = {
        m.id: [use.title or use.dataset for use in lacking_registers(m, node.keys.manifest)] for m in node.models
    }
    groups = [
        (words, sorted((m for m in node.models if m.use == use), key=lambda m: bool(lacking[m.id])))
        for use, words in (
            (SYSTEM, Text("六个系统的模型", "Models of the six systems")),
            (CAMPAIGN, Text("专项行动", "Campaigns")),
        )
    ]
    registers = _registers(node)
    return page.render("screening/choose.html", title=TITLE, groups=groups, registers=registers, lacking=lacking)


def _registers(node: Node) -> dict[str, list[str]]:
    """Return the registers of each model by title, in the model's order."""
    return {m.id: list(dict.fromkeys(use.title or use.dataset for use in m.populations.values())) for m in node.models}


def preview(page: Page) -> Response:
    """Show what the chosen models ask of whom; nothing is stored."""
    node = page.node(Node)
    chosen = _chosen(page, node)
    outline = node.requests.outline(chosen, **_request(page, node))
    asking = describe_round(outline, node.keys.manifest, rows_last_time(node.store))
    return page.render(
        "screening/preview.html",
        title=Text("将要查询的内容", "What will be asked"),
        chosen=chosen,
        outline=outline,
        asking=asking,
        own=own_people(chosen),
        draw=lambda steps: draw_steps(steps, page.language),
        query="&".join(f"{CHOICE}{m.id}=on" for m in chosen),
    )


def estimate(page: Page) -> Response:
    """Say how many people are asked about, and how many pairs compared; reads the case files."""
    chosen, unsigned = _chosen(page, page.node(Node)), _request(page, page.node(Node))
    key = f"estimate {' '.join(m.id for m in chosen)}"
    return show_estimate(page, key, lambda requests: requests.draft(chosen, **unsigned))


def request(page: Page) -> Response:
    """Ask for the round; a second officer approves."""
    node = page.node(Node)
    ids = [m.id for m in _chosen(page, node)]
    round_id = os.urandom(16).hex()
    reference = page.needed("reference", REFERENCE)
    node.requests.ask(ids, reference=reference, by=page.officer, round_id=round_id, now=node.clock())
    said = Text("已提出申请，等另一人批准", "Requested; another officer must approve")
    return page.redirect(f"/rounds/{round_id}", said=said)


def own_people(chosen: Sequence[ScreeningModel]) -> dict[str, tuple[Text, list[Text]]]:
    """Return each model's title and which of our own people it asks about, in words."""
    return {m.id: (Text(m.title, m.title_en), [Text(*rule_words(r)) for r in m.anchors[m.asked]]) for m in chosen}


def _chosen(page: Page, node: Node) -> tuple[ScreeningModel, ...]:
    given = page.form or page.query
    ids = [name.removeprefix(CHOICE) for name in given if name.startswith(CHOICE)]
    if not ids:
        raise InputError("请至少选择一个模型", "please choose at least one model")
    return choose_models(node.models, ids)


class _Unsigned(TypedDict):
    """What a warrant says of a request that nobody made yet."""

    round_id: str
    reference: str
    approved_by: tuple[str, str]
    now: datetime


def _request(page: Page, node: Node) -> _Unsigned:
    who = (page.officer or "-", NOBODY_YET)
    return _Unsigned(round_id=os.urandom(16).hex(), reference="", approved_by=who, now=node.clock())


SECTION = Section(
    TITLE,
    get("/screening", "screening.request", choose),
    get("/screening/preview", "screening.request", preview),
    get("/screening/estimate", "screening.request", estimate, live=True),
    post("/screening/request", "screening.request", request),
)
