"""The risk meter: attack the office's own encodings before anything leaves, with limits and a control that bites."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from agency_node.console.office import Console
from agency_node.measuring import MOST_PEOPLE, Request
from agency_node.policy_file import load_policy
from linkage.risk.meter import FEWEST, LIMITS
from linkage.risk.report import TITLES
from linkage.web.page import Page
from linkage.web.routes import Section, get, post
from linkage.web.texts import Text

TITLE = Text("风险测评", "Risk meter")
PEOPLE = 3000
SCHEMA = "person-v1"


def show(page: Page) -> Response:
    console = page.node(Console)
    datasets = console.overview().datasets()
    rule = load_policy(console.config.policy).risk
    limits = rule.limits() if rule is not None else LIMITS
    rows = [(found, _limits(found.found, limits)) for found in console.answers.decisions.risks.all()]
    return page.render(
        "risk.html",
        title=TITLE,
        datasets=datasets,
        names=console.dataset_titles(),
        rows=rows,
        titles={name: Text(words[0], words[1]) for name, words in TITLES.items()},
        is_demanded=rule is not None,
        job=console.jobs.find("risk"),
        people=PEOPLE,
        fewest=FEWEST,
        most=MOST_PEOPLE,
    )


def _limits(found: Mapping[str, float], limits: Mapping[str, float]) -> list[tuple[str, float, float]]:
    return [(attack, share, limits[attack]) for attack, share in found.items() if attack in limits]


def show_progress(page: Page) -> Response:
    job = page.node(Console).jobs.find("risk")
    titles = {name: Text(words[0], words[1]) for name, words in TITLES.items()}
    return page.part("meter.html", job=job, titles=titles)


def start(page: Page) -> Response:
    console = page.node(Console)
    people = page.field("people")
    asked = Request(
        console.keys.party.id,
        page.needed("dataset", Text("数据集", "dataset")),
        page.field("snapshot") or "latest",
        int(people) if people.isdecimal() else PEOPLE,
        SCHEMA,
    )
    console.jobs.start(
        "risk",
        lambda job: console.answers.measure_risk(console.registers(), asked, show=job.lines.append, progress=job.at),
    )
    return page.redirect("/risk")


SECTION = Section(
    TITLE,
    get("/risk", "risk", show),
    get("/risk/progress", "risk", show_progress, live=True),
    post("/risk", "risk", start),
)
