"""One round: its way, what it asks, and how far it is while it runs. The part that moves asks for itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.responses import Response

from linkage.errors import LinkageError
from linkage.keys.times import parse_utc
from linkage.warrant import RoundWarrant
from linkage.web.jobs import Job
from linkage.web.page import Page
from linkage.web.texts import Text
from procuratorate_node.compile import ANCHORS_ID
from procuratorate_node.node import Node
from procuratorate_node.rounds.asking import describe_round
from procuratorate_node.rounds.progress import RoundProgress, Upload, progress_of, rows_last_time
from procuratorate_node.rounds.register import ScreeningRound
from procuratorate_node.rounds.requests import REQUESTED, Draft, Requests, warrant_of
from procuratorate_node.store import REQUESTS
from procuratorate_node.workbench.rounds.words import CHANGES, left_words, stage_words, state_words, way_of
from procuratorate_node.workbench.screening.choosing import own_people
from procuratorate_node.workbench.screening.diagram import draw_steps
from procuratorate_node.workbench.screening.estimating import show_estimate

SILENCE: Final = timedelta(seconds=60)
NOBODY_YET: Final = "待批准"
SIGNING: Final = f"{REQUESTED}-signing"
SIGNED: Final = Text("委托书已签署", "The warrant is signed")


@dataclass(frozen=True, slots=True)
class OfficePart:
    """One office's part in a round: `consent` is yes, no, waiting or "" before anybody was asked."""

    name: str
    consent: str
    uploads: tuple[Upload, ...]


@dataclass(frozen=True, slots=True)
class LiveRound:
    """What moves on a round's page. `silent`: it is under way and nothing was heard for a while.

    `signing` is the job that signs the warrant, or did and failed.
    """

    found: ScreeningRound
    state: tuple[Text, str]
    way: list[tuple[Text, str, str]]
    seen: RoundProgress | None
    offices: list[OfficePart]
    stage: Text
    left: Text
    silent: bool
    signing: Job | None

    @property
    def shown(self) -> str:
        """Return what the rest of the page depends on: when it is another, the whole page is needed anew."""
        return SIGNING if self.is_signing else self.found.state

    @property
    def is_signing(self) -> bool:
        return self.signing is not None and self.signing.state == "running"


def signing(round_id: str) -> str:
    """Return the key of the job that signs a round's warrant."""
    return f"sign {round_id}"


def show(page: Page) -> Response:
    """Show one round; before its signature with the whole warrant in plain words."""
    node = page.node(Node)
    found = node.rounds.get(page.parameters["round"])
    warrant, problem = _warrant(node, found)
    return page.render(
        "rounds/show.html",
        title=Text(f"轮次 {found.round_id[:8]}", f"Round {found.round_id[:8]}"),
        live=_live(node, found),
        titles=_titles(page, node),
        changes=CHANGES,
        warrant=warrant,
        problem=problem,
        is_requested=found.state == REQUESTED,
        asking=warrant and describe_round(warrant, node.keys.manifest, rows_last_time(node.store)),
        own=own_people([m for m in node.models if m.id in found.models]),
        draw=lambda steps: draw_steps(steps, page.language),
    )


def progress(page: Page) -> Response:
    """Return the part of the page that moves; a round that is not as it was shown needs the whole page anew."""
    node = page.node(Node)
    live = _live(node, node.rounds.get(page.parameters["round"]))
    before = page.query.get("state", live.shown)
    if before != live.shown:
        if before == SIGNING and live.found.approved_at:
            page.cookies.say(SIGNED)
        return Response(headers={"HX-Refresh": "true"})
    return page.part("rounds/progress.html", live=live, titles=_titles(page, node), changes=CHANGES)


def _titles(page: Page, node: Node) -> dict[str, str]:
    """Return populations by their titles."""
    registers = {name: use.title or use.dataset for m in node.models for name, use in m.populations.items()}
    return registers | {ANCHORS_ID: page.t("本院人员", "our own people")}


def draft(page: Page) -> Response:
    """Say how many people the warrant would ask about if it were signed now; reads the case files."""
    node = page.node(Node)
    found = node.rounds.get(page.parameters["round"])
    who = (found.requested_by, page.officer or NOBODY_YET)

    def drafted(requests: Requests) -> Draft:
        chosen = requests.chosen(found.round_id)
        return requests.draft(chosen, found.round_id, reference=found.reference, approved_by=who, now=node.clock())

    return show_estimate(page, f"estimate {found.round_id}", drafted)


def _warrant(node: Node, found: ScreeningRound) -> tuple[RoundWarrant | None, LinkageError | None]:
    """Return the signed warrant, before it the outline; what stands in the way of one where neither can be had."""
    row = node.store.get(REQUESTS, found.round_id)
    if row["envelope"]:
        return warrant_of(row), None
    try:
        chosen = node.requests.chosen(found.round_id)
        who = (found.requested_by, NOBODY_YET)
        now = node.clock()
        return node.requests.outline(chosen, found.round_id, reference=found.reference, approved_by=who, now=now), None
    except LinkageError as error:
        return None, error


def _live(node: Node, found: ScreeningRound) -> LiveRound:
    seen = progress_of(node.store, found.round_id)
    job = node.jobs.find(signing(found.round_id)) if found.state == REQUESTED else None
    return LiveRound(
        found,
        state_words(found),
        way_of(found, {0: found.requested_by, 1: found.approved_by}),
        seen,
        _offices(node, found, seen),
        stage_words(seen.stage if seen is not None else ""),
        left_words(seen.seconds_left if seen is not None and found.state == "MATCHING" else None),
        silent=found.under_way and node.clock() - parse_utc(_last_news(found, seen)) > SILENCE,
        signing=job,
    )


def _last_news(found: ScreeningRound, seen: RoundProgress | None) -> str:
    """Return when the running node last said something of a round, or could first have."""
    return found.approved_at if seen is None else seen.seen_at


def _offices(node: Node, found: ScreeningRound, seen: RoundProgress | None) -> list[OfficePart]:
    if seen is None:
        return []
    owners = list(dict.fromkeys(upload.owner for upload in seen.uploads))
    return [
        OfficePart(
            node.keys.manifest.party(owner).name,
            _consent(owner, found, seen),
            tuple(upload for upload in seen.uploads if upload.owner == owner),
        )
        for owner in owners
    ]


def _consent(owner: str, found: ScreeningRound, seen: RoundProgress) -> str:
    if owner == seen.refused_by and found.state == "REFUSED":
        return "no"
    if owner in seen.consented:
        return "yes"
    return "" if found.ended else "waiting"
