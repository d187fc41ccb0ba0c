"""How many people a warrant would ask about: a job, because every paper of the case files is read for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from linkage.web.jobs import Job
from linkage.web.page import Page
from procuratorate_node.node import Node
from procuratorate_node.rounds.asking import Asking, describe_round
from procuratorate_node.rounds.progress import rows_last_time
from procuratorate_node.rounds.requests import Draft, Requests

PATIENCE_SECONDS: Final = 0.5  # A small office's files are read by then, and the page need not ask again.
BEGUN: Final = "begun"  # What a page that waits adds to its question.


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is kept of a draft for its page: counts, and of whom what is asked; nobody."""

    people: int
    held_back: int
    asking: Asking


def requests_heard(node: Node, job: Job) -> Requests:
    """Return the requests such that the job shows how far reading the case files is."""
    return replace(node.requests, casework=lambda: node.casework(lambda at: job.at(at.stage, at.done, at.total)))


def show_estimate(page: Page, key: str, draft: Callable[[Requests], Draft]) -> Response:
    """Begin to count, or join who counts the same; answer with how far that is, in the end with the estimate.

    `page.query` holds BEGUN where the page asks again: then a count that has ended is the answer.
    """
    node = page.node(Node)
    begun = node.jobs.find(key) if BEGUN in page.query else None
    job = begun or node.jobs.join(key, lambda job: _count(node, draft(requests_heard(node, job))))
    job.wait(PATIENCE_SECONDS)
    if job.state == "running":
        return page.part("screening/counting.html", job=job, again=f"{page.path}?{urlencode({**page.query, BEGUN: 1})}")
    if job.error is not None:
        ended = page.part("screening/problem.html", error=job.error)
    else:
        ended = page.part("screening/estimate.html", estimate=job.result)
    ended.headers["HX-Retarget"] = "#estimate"  # What waits is a line above the table that is now filled in.
    return ended


def _count(node: Node, draft: Draft) -> Estimate:
    asking = describe_round(draft.warrant, node.keys.manifest, rows_last_time(node.store))
    return Estimate(len(draft.people), draft.held_back, asking)
