"""Match rounds in a process of its own, one after the other: `python -m linkage.coordinator.worker`.

Takes the rounds' folders as JSON strings, one a line, from standard input until that closes. For each it reads job.json
and the columns, links every population a plan needs to the anchors, evaluates the plans, seals the result to the
requester and leaves result.sealed and outcome.json, each written whole or not at all. Nothing of a round stays behind.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from typing import Final, Protocol

from linkage.coordinator import spool
from linkage.coordinator.assemble import LinkArrays, Linked, needed_populations, rows_of_model
from linkage.coordinator.bounds import refuse_large_result, refuse_small_question
from linkage.coordinator.job import FINISHED, RESULT_FILE, Job, Outcome
from linkage.encoded import EncodedPopulation, open_columns, release_pages
from linkage.errors import EncodingError, LinkageError
from linkage.keys.files import PRIVATE, write_file
from linkage.keys.sealing import RecipientPublic
from linkage.rpc.result import RoundResult, seal_result
from linkage.schema import EncodingSchema, load_schema
from linkage.warrant import PopulationSpec, RoundWarrant

Progress = Callable[[str, int, int], None]
Prepare = Callable[[EncodingSchema, Callable[[int, int], None]], None]  # Schema, progress.
SchemaOf = Callable[[str], EncodingSchema]
SAY_EVERY: Final = 0.2  # Seconds between two progress lines of one stage.
INPUT_CLOSED: Final = 3  # The code a worker ends with when its coordinator has gone, or needs it no longer.
NICE: Final = 10  # Calls come before matching: a round takes minutes, and somebody waits for each answer.


class Effort(Protocol):
    """What linking one population took: `linkage.match.candidates.Effort`."""

    @property
    def compared(self) -> int: ...
    @property
    def judged(self) -> int: ...
    @property
    def left_out(self) -> int: ...


class Found(LinkArrays, Protocol):
    """What the matcher returns."""

    @property
    def effort(self) -> Effort: ...


class Link(Protocol):
    """The matcher: `linkage.match.link`."""

    def __call__(
        self,
        anchors: EncodedPopulation,
        others: EncodedPopulation,
        schema: EncodingSchema,
        *,
        need_context: bool,
        wide: bool,
        most: int,
        most_pairs: int,
        progress: Callable[[int, int], None] | None = None,
    ) -> Found: ...


def run(
    folder: Path,
    link: Link,
    *,
    say: Progress,
    schema_of: Callable[[str], EncodingSchema] = load_schema,
    prepare: Prepare | None = None,
) -> Outcome:
    """Do the job in `folder` and return its outcome; `prepare` compiles what `link` needs. Raises LinkageError."""
    job = Job.load(folder)
    warrant = RoundWarrant.from_bytes(job.warrant)
    schema = schema_of(warrant.schema_id)
    if schema.digest != warrant.schema_digest:
        raise EncodingError("编码方案摘要不符", "the schema's digest is not the warrant's")
    anchors = _open(folder, schema, warrant.anchor_population, job)
    if prepare is not None:
        prepare(schema, lambda done, total: say("compile", done, total))
    linked: dict[str, Linked] = {}
    efforts: list[Effort] = []
    for population, negative in needed_populations(warrant).items():
        spec = warrant.population(population)
        others = _open(folder, schema, spec, job)
        most = job.comparisons[population]
        say(population, 0, 0 if spec.context else most)
        found = link(
            anchors,
            others,
            schema,
            need_context=spec.context,
            wide=negative,
            most=most,
            most_pairs=job.max_pairs,
            progress=lambda done, total, stage=population: say(stage, done, total),  # type: ignore[misc]
        )
        linked[population] = Linked(found, others.payload)
        efforts.append(found.effort)
        release_pages(anchors, others)
    say("plan", 0, len(warrant.models))
    result = _result(warrant, job, anchors, linked)
    sealed = seal_result(result, RecipientPublic.from_text(warrant.recipient_key))
    write_file(folder / RESULT_FILE, sealed, mode=PRIVATE)
    links = sum(len(row.links) for row in result.rows)
    return Outcome(
        sha256(sealed).digest(),
        len(sealed),
        len(result.rows),
        links,
        compared=sum(e.compared for e in efforts),
        judged=sum(e.judged for e in efforts),
        left_out=sum(e.left_out for e in efforts),
    )


def compile_matcher(schema: EncodingSchema, progress: Callable[[int, int], None]) -> None:
    """Compile the matcher as a stage of its own, so that its cost is seen and no population pays for it."""
    from linkage.match import warm_up  # Here, because importing a compiler takes a while.

    warm_up(schema, monotonic=time.monotonic, progress=progress)


def _open(folder: Path, schema: EncodingSchema, spec: PopulationSpec, job: Job) -> EncodedPopulation:
    found = open_columns(spool.columns_folder(folder, spec.id), schema.layout(spec.payload))
    if len(found) != job.rows.get(spec.id):
        raise EncodingError(f"{spec.id} 的行数不符", f"{spec.id} does not have the rows it was sealed with")
    return found


def _result(warrant: RoundWarrant, job: Job, anchors: EncodedPopulation, linked: dict[str, Linked]) -> RoundResult:
    refuse_small_question(warrant, anchors)
    rows = [
        row
        for model in warrant.models
        for row in rows_of_model(warrant, model, anchors, linked, links_per_anchor=job.links_per_anchor)
    ]
    refuse_large_result(warrant, job.rows, rows)
    used = {link.population for row in rows for link in row.links}
    keys = {name: key for name, key in job.upload_keys.items() if name in used}
    return RoundResult(warrant.digest, keys, tuple(rows))


def sayer(write: Callable[[str], object], monotonic: Callable[[], float] = time.monotonic) -> Progress:
    """Return a progress callback that writes JSON lines, at most one every SAY_EVERY seconds and stage."""
    last: dict[str, float] = {}

    def say(stage: str, done: int, total: int) -> None:
        now = monotonic()
        if done >= total or now - last.get(stage, -SAY_EVERY) >= SAY_EVERY:
            last[stage] = now
            write(json.dumps({"stage": stage, "done": int(done), "total": int(total)}) + "\n")

    return say


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other worker of the round runs: a killed coordinator's may need a moment to notice."""
    with (folder / "worker.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read_folders(folders: SimpleQueue[Path]) -> None:
    """Hand on the folders that are named; end this process when no more can come, whatever it is doing."""
    rest = b""
    while read := os.read(0, 4096):  # Not sys.stdin: waiting inside its buffer would make the interpreter's end fail.
        *lines, rest = (rest + read).split(b"\n")
        for line in lines:
            folders.put(Path(json.loads(line)))
    os._exit(INPUT_CLOSED)


def _print(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


def attend(folder: Path, link: Link, *, prepare: Prepare | None = None) -> bool:
    """Run the job and leave its outcome, success or failure; unforeseen errors say their type only.

    Returns whether this process may go on: not after an unforeseen error.
    """
    foreseen = True
    try:
        outcome = run(folder, link, say=sayer(_print), prepare=prepare)
    except LinkageError as exc:
        outcome = Outcome(failure=str(exc))
    except Exception as exc:
        name, foreseen = type(exc).__name__, False
        outcome = Outcome(failure=f"匹配程序内部错误（{name}） | internal error in the matcher ({name})")
    outcome.save(folder)
    return foreseen


def serve(link: Link, *, prepare: Prepare | None = None) -> int:
    """Attend to every round folder named on standard input; ends when that closes, or after an unforeseen error."""
    folders: SimpleQueue[Path] = SimpleQueue()
    threading.Thread(target=_read_folders, args=(folders,), daemon=True).start()
    while True:
        folder = folders.get()
        with _alone(folder):
            if Outcome.load(folder) is None and not attend(folder, link, prepare=prepare):
                return 0
        gc.collect()  # Before anybody is told: what was mapped of the round's files is to be gone when they are erased.
        _print(FINISHED + "\n")


def main() -> int:
    """Serve with the matcher."""
    os.nice(NICE)
    from linkage.match import link  # Here, because importing a compiler takes a while and tests bring their own.

    return serve(link, prepare=compile_matcher)


if __name__ == "__main__":
    sys.exit(main())
