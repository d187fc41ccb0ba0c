"""Import one export: send it, see its columns and counts, choose other columns, keep it whole or not at all."""

from __future__ import annotations

import time

from starlette.responses import FileResponse, Response

from agency_node import importing
from agency_node.console.office import Console
from agency_node.console.words import COLUMNS, PERSON, STATES
from agency_node.importing import Choice, Trial
from agency_node.mapping import PERSON_FIELDS
from linkage.errors import LinkageError, NotFoundError, RoundStateError
from linkage.sources.rejects import report_path
from linkage.web.jobs import Job
from linkage.web.page import Page
from linkage.web.routes import get, post
from linkage.web.texts import Text

TITLE = Text("导入登记表", "Import a register")
MOST_BYTES = 512 << 20  # A million rows of two hundred bytes, twice over.
FIELD = "field:"  # Of the form: before the name of each field of the register.
PATIENCE_SECONDS = 1.5


def show_import(page: Page) -> Response:
    presets = page.node(Console).shelf().owned.values()
    return page.render("import.html", title=TITLE, presets=presets, most=MOST_BYTES >> 20)


def receive(page: Page) -> Response:
    """Keep the file that was sent aside and go to its trial."""
    console, sent = page.node(Console), page.upload("file")
    importing.drop_stale(console.config.state, now=time.time())
    token = importing.receive(console.config.state, sent.filename or "", sent.file)
    _try(console, token, Choice(page.field("preset"), page.field("as_of")))
    return page.redirect(f"/registers/import/{token}")


def choose(page: Page) -> Response:
    """Try the file again with what was chosen."""
    console, token = page.node(Console), page.parameters["token"]
    titles = {name.removeprefix(FIELD): page.field(name) for name in page.form if name.startswith(FIELD)}
    chosen = {name: title for name, title in titles.items() if title}
    _try(console, token, Choice(page.field("preset"), page.field("as_of"), chosen))
    return page.redirect(f"/registers/import/{token}")


def _try(console: Console, token: str, choice: Choice) -> Job:
    shelf, file = console.shelf(), importing.waiting_file(console.config.state, token)
    rejects = console.config.state / "rejects"
    today = console.answers.today

    def work(_: Job) -> tuple[Choice, Trial | LinkageError]:
        try:
            return choice, importing.try_file(file, choice, shelf, today=today, rejects=rejects)
        except LinkageError as error:
            return choice, error

    return console.jobs.start(f"import {token}", work)


def show_trial(page: Page) -> Response:
    console, token = page.node(Console), page.parameters["token"]
    file = importing.waiting_file(console.config.state, token)
    job = console.jobs.find(f"import {token}") or _try(console, token, Choice())
    job.wait(PATIENCE_SECONDS)
    running = job.state == "running"  # Before the outcome: a page that ends in between asks once more.
    choice, trial, error = _outcome(job)
    shelf = console.shelf()
    return page.render(
        "trial.html",
        title=TITLE,
        token=token,
        file=file.name,
        running=running,
        choice=choice,
        trial=trial,
        error=error,
        titles=_titles(console, token, choice, trial),
        columns=trial.columns if trial else _columns(console, token, choice),
        presets=shelf.owned.values(),
        person=[(name, PERSON[name]) for name in PERSON_FIELDS],
        words=STATES,
        english=COLUMNS,
        beside=_beside(console, trial),
    )


def show_state(page: Page) -> Response:
    """Let the page that waits show itself again once the file was read."""
    job = page.node(Console).jobs.find(f"import {page.parameters['token']}")
    return Response(status_code=204, headers={} if job and job.state == "running" else {"HX-Refresh": "true"})


def _outcome(job: Job) -> tuple[Choice, Trial | None, LinkageError | None]:
    if job.state == "running" or not isinstance(job.result, tuple):
        return Choice(), None, job.error
    choice, found = job.result
    return (choice, found, found.fault) if isinstance(found, Trial) else (choice, None, found)


def _titles(console: Console, token: str, choice: Choice, trial: Trial | None) -> tuple[str, ...]:
    """Return the file's titles, also where it was refused because one of them is missing."""
    if trial is not None:
        return trial.titles
    presets = console.shelf().owned
    wanted = [presets[choice.preset]] if choice.preset in presets else list(presets.values())
    try:
        return importing.file_titles(importing.waiting_file(console.config.state, token), wanted)
    except LinkageError:
        return ()


def _columns(console: Console, token: str, choice: Choice) -> tuple[importing.Column, ...]:
    presets = console.shelf().owned
    if choice.preset not in presets:
        return ()
    found = importing.columns_of(presets[choice.preset], _titles(console, token, choice, None))
    return tuple(importing.Column(c.field, c.words, choice.titles.get(c.field, c.title)) for c in found)


def _beside(console: Console, trial: Trial | None) -> tuple[str, ...]:
    """Return the office's own files of the same register and month: both would count as one list."""
    if trial is None:
        return ()
    month, inside = f"{trial.as_of:%Y%m}", console.overview().files
    same = [f for f in inside if f.preset.id == trial.preset.id and f.period.month == month]
    return tuple(f.file for f in same if not f.file.startswith(f"{trial.preset.id}."))


def keep(page: Page) -> Response:
    """Keep the file as it was tried last."""
    console, token = page.node(Console), page.parameters["token"]
    job = console.jobs.find(f"import {token}")
    choice, trial, _ = _outcome(job) if job is not None else (Choice(), None, None)
    if trial is None:
        raise RoundStateError("文件还没有检查完，或没有通过", "the file is not checked yet, or was refused")
    if trial.fault is not None:
        raise trial.fault
    about = {"register": trial.preset.id, "as_of": str(trial.as_of), "by": page.officer}
    console.answers.note("register.imported", {**about, "rows": _rows(trial)})
    importing.keep(
        console.config.state, console.config.folder, token, trial=trial, choice=choice, shelf=console.shelf()
    )
    zh, en = f"已导入 {trial.preset.title}", f"{trial.preset.id} was imported"
    return page.redirect("/registers", said=Text(zh, en))


def _rows(trial: Trial) -> int:
    return sum(count.rows for count in trial.report.datasets.values())


def drop(page: Page) -> Response:
    importing.drop(page.node(Console).config.state, page.parameters["token"])
    return page.redirect("/registers", said=Text("没有导入，文件已删除", "Not imported: the file was deleted"))


def download_rejects(page: Page) -> Response:
    """Send the list of rows left out: it names rows and columns, never a cell."""
    state, token = page.node(Console).config.state, page.parameters["token"]
    place = report_path(importing.waiting_file(state, token), state / "rejects")
    if not place.is_file():
        raise NotFoundError("没有未采用的行", "no row was left out")
    return FileResponse(place, filename="rejects.csv", media_type="text/csv")


ROUTES = (
    get("/registers/import", "pages.import", show_import),
    post("/registers/import", "pages.import", receive, body=MOST_BYTES),
    get("/registers/import/{token}", "pages.import", show_trial),
    get("/registers/import/{token}/state", "pages.import", show_state, live=True),
    get("/registers/import/{token}/rejects", "pages.import", download_rejects),
    post("/registers/import/{token}", "pages.import", choose),
    post("/registers/import/{token}/keep", "pages.import", keep),
    post("/registers/import/{token}/drop", "pages.import", drop),
)
