"""Register files: what there is, how good it is, and taking in a new export."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from starlette.responses import FileResponse, Response

from agency_node.check import check_source
from agency_node.console import importing
from agency_node.console.office import Console
from agency_node.console.words import PERSON, STATES
from agency_node.mapping import PERSON_FIELDS
from agency_node.scan import RegisterFile
from linkage.errors import NotFoundError
from linkage.keys.files import make_folder
from linkage.sources.rejects import REPORT_SUFFIX
from linkage.web.page import Page
from linkage.web.routes import Section, get
from linkage.web.texts import Text

TITLE = Text("登记表", "Registers")
PATIENCE_SECONDS = 1.5  # Most checks are over by then, and no page that waits need be shown.


def list_registers(page: Page) -> Response:
    console = page.node(Console)
    registers = console.overview()
    files = [(file, key_of(file), (console.answers.today - file.period.as_of).days) for file in registers.files]
    missing = sorted(set(console.keys.party.datasets) - {d for file in registers.files for d in file.preset.datasets})
    return page.render(
        "registers.html",
        title=TITLE,
        files=files,
        problems=registers.problems,
        datasets=registers.datasets(),
        missing=missing,
        datasets_of=console.titled,
        folder=console.config.data.name,
    )


def key_of(file: RegisterFile) -> str:
    """Return what stands for a file in an address: its name may tell of a person."""
    return hashlib.sha256(f"{file.file}\0{file.preset.id}".encode()).hexdigest()[:16]


def _named(console: Console, key: str) -> RegisterFile:
    found = next((file for file in console.overview().files if key_of(file) == key), None)
    if found is None:
        raise NotFoundError("没有这个登记表文件，可能已移走", "there is no such register file; it may have moved")
    return found


def show_register(page: Page) -> Response:
    """Check a file when its page is opened; the page waits for what takes long."""
    console, key = page.node(Console), page.parameters["file"]
    file = _named(console, key)
    job = console.jobs.find(_job(file)) or console.jobs.start(_job(file), lambda _: _checked(console, file))
    job.wait(PATIENCE_SECONDS)
    title = Text("登记表检查", "Register check")
    return page.render("register.html", title=title, file=file, job=job, key=key, person=_person(), words=STATES)


def show_check(page: Page) -> Response:
    console, key = page.node(Console), page.parameters["file"]
    job = console.jobs.find(_job(_named(console, key)))
    return page.part("check.html", job=job, key=key, person=_person(), words=STATES)


def _person() -> list[tuple[str, Text]]:
    return [(name, PERSON[name]) for name in PERSON_FIELDS]


def _job(file: RegisterFile) -> str:
    """Return the key of a file's check: a file that was changed is checked anew."""
    changed = file.source.stat().st_mtime_ns if isinstance(file.source, Path) else date.today().toordinal()
    return f"check {key_of(file)} {changed}"


def _checked(console: Console, file: RegisterFile) -> object:
    folder = console.config.state / "rejects"
    make_folder(folder)
    return check_source(file, rejects_folder=folder)


def download_rejects(page: Page) -> Response:
    """Send the list of rows left out: it names rows and columns, never a cell."""
    console = page.node(Console)
    file = _named(console, page.parameters["file"])
    name = f"{Path(file.file).name}{REPORT_SUFFIX}"
    place = console.config.state / "rejects" / name
    if not place.is_file():
        raise NotFoundError("没有未采用的行", "no row was left out")
    return FileResponse(place, filename=f"rejects-{page.parameters['file']}.csv", media_type="text/csv")


SECTION = Section(
    TITLE,
    get("/registers", "datasets", list_registers),
    *importing.ROUTES,
    get("/registers/{file}", "datasets", show_register),
    get("/registers/{file}/check", "datasets", show_check, live=True),
    get("/registers/{file}/rejects", "datasets", download_rejects),
)
