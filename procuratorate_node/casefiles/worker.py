"""Read one paper in a process of its own: what breaks there breaks nothing else. Nothing here logs or prints."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from procuratorate_node.casefiles.extract import extract
from procuratorate_node.casefiles.facts_json import facts_to_json, pages_from_json, pages_to_json
from procuratorate_node.casefiles.faults import Fault, UnreadablePaper
from procuratorate_node.casefiles.ocr import recogniser
from procuratorate_node.casefiles.paper_text import flow
from procuratorate_node.casefiles.reading import MAX_BYTES, Page, read_pages

MOST_SECONDS: Final = 900  # Of computing for one paper; the process that exceeds it is ended by the system.


@dataclass(frozen=True, slots=True, repr=False)
class Job:
    """One paper to read. `pages` are those kept from an earlier reading, "" without."""

    path: Path
    as_of: date
    known: tuple[str, ...]
    pages: str = ""
    scans: bool = True

    def __repr__(self) -> str:
        return f"Job({self.path.name})"


@dataclass(frozen=True, slots=True, repr=False)
class Done:
    """What came of a job: digest of the file, pages and facts as JSON, or the fault."""

    digest: str
    pages: str = ""
    facts: str = ""
    fault: Fault | None = None

    def __repr__(self) -> str:
        return f"Done(fault={self.fault})"


def prepare() -> None:
    """Make a fresh process modest: one thread for numbers, no priority over the node's other work."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    os.nice(5)


def read_job(job: Job) -> Done:
    """Read one paper and find its facts. Never raises for what is in the file."""
    try:
        if job.path.stat().st_size > MAX_BYTES:
            return Done("", fault=Fault.TOO_LARGE)
        content = job.path.read_bytes()
    except OSError:
        return Done("", fault=Fault.DAMAGED)
    digest = hashlib.sha256(content).hexdigest()
    try:
        pages, scanned = pages_from_json(job.pages) if job.pages else _read(content, job)
        if not any(page for page in pages):
            raise UnreadablePaper(Fault.NO_TEXT)
        facts = extract(flow(pages), as_of=job.as_of, scanned=scanned, known=job.known)
    except UnreadablePaper as error:
        return Done(digest, fault=error.fault)
    except Exception:  # A reader's own failure on strange bytes: the paper is set aside, the import goes on.
        return Done(digest, fault=Fault.DAMAGED)
    return Done(digest, pages_to_json(pages, scanned), facts_to_json(facts))


def read_limited(job: Job) -> Done:
    """Read one paper in a process of its own, which the system ends if the paper takes it too long."""
    _limit_time()
    return read_job(job)


def _read(content: bytes, job: Job) -> tuple[tuple[Page, ...], bool]:
    return read_pages(content, job.path.suffix, recogniser() if job.scans else None)


def _limit_time() -> None:
    """Let the system end this process if one paper takes it too long, even inside a library."""
    try:
        import resource
    except ImportError:  # Not a Unix system.
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime) + MOST_SECONDS
    if hard == resource.RLIM_INFINITY or soft < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
