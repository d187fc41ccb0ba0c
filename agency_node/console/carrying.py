"""Carried files, for an office without a connection: take what the linkage unit sent, do what is due, fetch ours."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.responses import FileResponse, Response

from agency_node.console.office import Console
from agency_node.courier import courier_session
from linkage.courier.grammar import DEFAULT_MIB
from linkage.courier.packing import check_size
from linkage.courier.post import SUFFIX, Post
from linkage.courier.telling import KIND_NAMES
from linkage.errors import NotFoundError, RoundStateError
from linkage.keys.files import PRIVATE, make_folder
from linkage.owner.courier.calls import Calls
from linkage.owner.courier.packing import KINDS
from linkage.owner.courier.session import FOLDER, CourierSession, Taken
from linkage.web.jobs import Job
from linkage.web.page import Page
from linkage.web.routes import Section, get, post
from linkage.web.texts import Text

TITLE: Final = Text("传递文件", "Carried files")
MOST_BYTES: Final = 256 << 20  # Warrants, consents and answers; encodings only ever leave.
JOB: Final = "courier"
PATIENCE_SECONDS: Final = 1.5
UPLOADED: Final = "uploaded"
Work = Callable[[CourierSession], object]


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a file that was taken brought, and what the linkage unit refused of ours."""

    number: int
    kinds: tuple[Text, ...]
    refused: tuple[Text, ...]

    @classmethod
    def of(cls, taken: Taken) -> Arrived:
        refused = tuple(Text(reply.zh, reply.en) for reply in taken.refused)
        return cls(taken.header.route.number, tuple(_kind(kind) for kind in taken.header.kinds), refused)


def show(page: Page) -> Response:
    """Show what came, what waits to be carried, and how far an import or export is."""
    console = page.node(Console)
    exchanged = _post(console)
    job = console.jobs.find(JOB)
    return page.render(
        "carrying.html",
        title=TITLE,
        job=job,
        traffic=exchanged.traffic(_unit(console)),
        kept=[(file.name, file.stat().st_size) for file in exchanged.kept(_unit(console))],
        waiting=[(_kind(KINDS[call.method]), call.round_id, call.packed) for call in _calls(console).waiting()],
        suffix=SUFFIX,
    )


def progress(page: Page) -> Response:
    """Let the page that waits show itself again once the work has ended."""
    job = page.node(Console).jobs.find(JOB)
    if job is not None and job.state == "running":
        return page.part("carried.html", job=job)
    return Response(headers={"HX-Refresh": "true"})


def receive(page: Page) -> Response:
    """Take one file, and do everything it brings that waits for nobody."""
    console, sent = page.node(Console), page.upload("file")
    folder = console.config.state / FOLDER / UPLOADED
    make_folder(folder)
    file = folder / f"{secrets.token_hex(8)}{SUFFIX}"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "wb") as target:
        shutil.copyfileobj(sent.file, target)

    def work(session: CourierSession) -> Arrived:
        found = session.take(file)
        session.work()
        return Arrived.of(found)

    return _do(page, work, finish=file.unlink)


def make(page: Page) -> Response:
    """Do what is due and write what the linkage unit has to get since the last file."""

    def work(session: CourierSession) -> None:
        session.work()
        session.pack(most=check_size(DEFAULT_MIB))

    return _do(page, work)


def send(page: Page) -> Response:
    """Send one of our files that the linkage unit has not confirmed."""
    console = page.node(Console)
    kept = _post(console).kept(_unit(console))
    file = next((file for file in kept if file.name == page.parameters["file"]), None)
    if file is None:
        raise NotFoundError("没有这个待带走的文件", "no such file waits to be carried")
    return FileResponse(file, media_type="application/octet-stream", filename=file.name)


def _do(page: Page, work: Work, *, finish: Callable[[], object] = lambda: None) -> Response:
    console = page.node(Console)

    def run(job: Job) -> object:
        try:
            with courier_session(console.config, report=lambda at: job.at(at.stage, at.done, at.total)) as session:
                return work(session)
        finally:
            finish()

    try:
        job = console.jobs.start(JOB, run)
    except RoundStateError:
        finish()
        raise
    job.wait(PATIENCE_SECONDS)
    return page.redirect("/courier")


def _post(console: Console) -> Post:
    return Post(console.answers.book.engine.begin, console.config.state / FOLDER, console.keys.party.id)


def _calls(console: Console) -> Calls:
    return Calls(console.answers.book.engine)


def _unit(console: Console) -> str:
    return console.keys.manifest.coordinator.id


def _kind(kind: str) -> Text:
    zh, _, en = KIND_NAMES[kind].partition(" ")
    return Text(zh, en)


SECTION = Section(
    TITLE,
    get("/courier", "courier_status", show),
    get("/courier/progress", "courier_status", progress, live=True),
    post("/courier/import", "courier_import", receive, body=MOST_BYTES),
    post("/courier/export", "courier_export", make),
    get("/courier/files/{file}", "courier_export", send),
)
