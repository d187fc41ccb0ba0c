"""Read many papers: from the cache where nothing changed, else side by side in processes of their own.

Shows progress, keeps every result as soon as it is there, stops when asked and goes on from there the next time. A
paper whose process ends is tried once more alone; if that ends too, it is set aside and the others go on.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from linkage.owner.progress import Meter, Monotonic, Report, report_nothing
from procuratorate_node.casefiles.cache import PaperCache
from procuratorate_node.casefiles.facts import PaperFacts
from procuratorate_node.casefiles.facts_json import facts_from_json
from procuratorate_node.casefiles.faults import Fault
from procuratorate_node.casefiles.reading import IMAGES
from procuratorate_node.casefiles.worker import Done, Job, prepare, read_job, read_limited

STAGE: Final = "案卷文书 papers"
AHEAD: Final = 4  # Jobs waiting per process: enough to keep it busy, few enough to bound memory.
BATCH: Final = 600  # Papers one set of processes reads before fresh ones take over, so that nothing lost piles up.
ALONE: Final = 120  # So many plain papers are read sooner here than in new processes.
HEAVY: Final = (".pdf", *IMAGES)  # Read by libraries that may take a process down with them.


@dataclass(frozen=True, slots=True, repr=False)
class PaperFile:
    """One paper of a case: where it is, its name below the cases folder, and the names the case's tables give."""

    path: Path
    name: str
    case: str
    known: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"PaperFile({self.path.name})"


@dataclass(frozen=True, slots=True, repr=False)
class ReadPaper:
    """One paper read, or the fault that kept it from being read."""

    file: PaperFile
    facts: PaperFacts | None
    fault: Fault | None = None

    def __repr__(self) -> str:
        return f"ReadPaper({self.file.path.name}, fault={self.fault})"


@dataclass(frozen=True, slots=True)
class Work:
    """How to read: dates are bounded by `as_of`; `processes` 0 means one per processor; `stop` ends it early; without
    `scans` pictures of pages are set aside and not recognised."""

    as_of: date
    clock: Monotonic
    processes: int = 0
    report: Report = report_nothing
    stop: threading.Event | None = None
    scans: bool = True

    def stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()


def read_papers(files: Sequence[PaperFile], cache: PaperCache, work: Work) -> list[ReadPaper]:
    """Return every paper in the order given; those not reached when `stop` was set are left out."""
    found: dict[int, ReadPaper] = {}
    waiting: list[tuple[int, Job]] = []
    meter = Meter(STAGE, len(files), report=work.report, clock=work.clock)
    for number, file in enumerate(files):
        kept, job = _look_up(file, cache, work)
        if kept is not None:
            found[number] = kept
        else:
            waiting.append((number, job))
    for number, done in _run(waiting, work):
        found[number] = _keep(files[number], done, cache, work)
        meter.at(len(found))
    if waiting:
        meter.end(len(found))
    return [found[n] for n in sorted(found)]


def _asked(file: PaperFile, work: Work) -> str:
    """Return the mark of what else the facts depend on: the month, and the known names (as a digest)."""
    return hashlib.sha256("\0".join((f"{work.as_of:%Y-%m}", *sorted(file.known))).encode()).hexdigest()[:16]


def _look_up(file: PaperFile, cache: PaperCache, work: Work) -> tuple[ReadPaper | None, Job]:
    job = Job(file.path, work.as_of, file.known, scans=work.scans)
    try:
        digest = cache.digest(file.path)
    except OSError:
        return ReadPaper(file, None, Fault.DAMAGED), job
    if not digest:
        return None, job
    pages, fault = cache.text(digest)
    if fault and not (fault == Fault.NO_OCR and work.scans):
        return ReadPaper(file, None, Fault(fault)), job
    facts = cache.facts(digest, _asked(file, work))
    try:
        return (ReadPaper(file, facts_from_json(facts)), job) if facts else (None, replace(job, pages=pages))
    except (ValueError, KeyError, TypeError):
        return None, job


def _keep(file: PaperFile, done: Done, cache: PaperCache, work: Work) -> ReadPaper:
    if done.fault is Fault.LOST or not done.digest:
        return ReadPaper(file, None, done.fault)
    try:
        cache.keep_text(done.digest, done.pages, done.fault)
        if done.facts:
            cache.keep_facts(done.digest, _asked(file, work), done.facts)
        cache.saw(file.path, done.digest)
    except (OSError, sqlite3.Error):
        pass  # The cache only saves time.
    return ReadPaper(file, facts_from_json(done.facts) if done.facts else None, done.fault)


def _run(jobs: Sequence[tuple[int, Job]], work: Work) -> Iterator[tuple[int, Done]]:
    """Yield (number, outcome) as they come. Few plain papers are read here; anything else in other processes."""
    if len(jobs) <= ALONE and all(job.pages or job.path.suffix.lower() not in HEAVY for _, job in jobs):
        for number, job in jobs:
            if work.stopped():
                return
            yield number, read_job(job)
        return
    rest = list(jobs)
    while rest and not work.stopped():
        running: dict[Future[Done], int] = {}
        done: set[int] = set()
        suspects: set[int] = set()
        try:
            for number, outcome in _side_by_side(rest[:BATCH], work, running):
                done.add(number)
                yield number, outcome
        except BrokenProcessPool:
            suspects = set(running.values()) - done
        for number, job in rest:
            if number in suspects and not work.stopped():
                done.add(number)
                yield number, _alone(job)
        rest = [(number, job) for number, job in rest if number not in done]


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=prepare,
    )


def _side_by_side(
    jobs: Sequence[tuple[int, Job]], work: Work, running: dict[Future[Done], int]
) -> Iterator[tuple[int, Done]]:
    """Yield outcomes; `running` holds the jobs under way, also when the pool breaks."""
    processes = min(work.processes or os.cpu_count() or 1, len(jobs))
    rest = iter(jobs)
    pool = _pool(processes)
    try:
        while True:
            while len(running) < processes * AHEAD and not work.stopped() and (job := next(rest, None)) is not None:
                running[pool.submit(read_limited, job[1])] = job[0]
            if not running:
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                outcome = future.result()
                yield running.pop(future), outcome
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _alone(job: Job) -> Done:
    """Read one paper in a process that nobody else shares."""
    with _pool(1) as pool:
        try:
            return pool.submit(read_limited, job).result()
        except BrokenProcessPool:
            return Done("", fault=Fault.LOST)
