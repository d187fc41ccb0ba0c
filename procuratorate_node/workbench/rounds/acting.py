"""What officers do with a round: approve, start, cancel, close."""

from __future__ import annotations

import threading
from typing import Final

from starlette.responses import Response

from linkage.web.jobs import Job
from linkage.web.page import Page
from linkage.web.routes import Section, get, post
from linkage.web.texts import Text
from procuratorate_node.node import Node
from procuratorate_node.workbench.rounds import listing, live
from procuratorate_node.workbench.screening.estimating import requests_heard

REASON: Final = Text("理由", "Reason")
PATIENCE_SECONDS: Final = 1.5  # A small office's files are read by then, and no page that waits need be shown.


def approve(page: Page) -> Response:
    """Begin to sign; reading the case files may take a minute, and the round's page shows how far that is."""
    node, round_id, by = page.node(Node), page.parameters["round"], page.officer
    node.requests.verify_approvable(round_id, by=by)
    job = node.jobs.start(live.signing(round_id), lambda job: _sign(node, round_id, by, job))
    job.wait(PATIENCE_SECONDS)
    if job.error is not None:
        raise job.error
    return page.redirect(f"/rounds/{round_id}", said=live.SIGNED if job.state == "done" else None)


def _sign(node: Node, round_id: str, by: str, job: Job) -> None:
    requests_heard(node, job).approve(round_id, by=by, now=node.clock())


def start(page: Page) -> Response:
    node, round_id = page.node(Node), page.parameters["round"]
    node.requests.want(round_id)
    return page.redirect(f"/rounds/{round_id}", said=Text("已交给常驻程序执行", "Left to the running node"))


def cancel(page: Page) -> Response:
    node, round_id = page.node(Node), page.parameters["round"]
    node.requests.cancel(round_id, by=page.officer, reason=page.needed("reason", REASON))
    return page.redirect(f"/rounds/{round_id}", said=Text("已取消", "Cancelled"))


def close(page: Page) -> Response:
    node, round_id = page.node(Node), page.parameters["round"]
    node.config.require(page.officer, "request")
    node.follower(threading.Event()).close(round_id)
    said = Text("本方数据将由常驻程序销毁", "Our part will be erased by the running node")
    return page.redirect(f"/rounds/{round_id}", said=said)


SECTION = Section(
    listing.TITLE,
    get("/rounds", "screening.rounds", listing.show),
    get("/rounds/{round}", "screening.show", live.show),
    get("/rounds/{round}/progress", "screening.show", live.progress, live=True),
    get("/rounds/{round}/draft", "screening.approve", live.draft, live=True),
    post("/rounds/{round}/approve", "screening.approve", approve),
    post("/rounds/{round}/start", "screening.start", start),
    post("/rounds/{round}/cancel", "screening.cancel", cancel),
    post("/rounds/{round}/close", "screening.close", close),
)
