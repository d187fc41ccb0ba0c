"""Long work of a site: begun by a form, looked at by its page, in a thread of the pages' own process.

What a job leaves for good it writes itself; a restart forgets only how far it was.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from linkage.errors import LinkageError, RoundStateError

log = logging.getLogger(__name__)
State = Literal["running", "done", "failed"]


@dataclass(slots=True)
class Job:
    """One piece of work: what it said so far, how far it is, and in the end its result or its error."""

    state: State = "running"
    lines: list[str] = field(default_factory=list)
    stage: str = ""
    done: int = 0
    total: int = 0
    result: object = field(default=None, repr=False)
    error: LinkageError | None = None
    ended: threading.Event = field(default_factory=threading.Event, repr=False)

    def wait(self, seconds: float) -> None:
        """Wait until it has ended, at most so long: a page that is quick need not poll."""
        self.ended.wait(seconds)

    def at(self, stage: str, done: int, total: int) -> None:
        """Note how far it is."""
        self.stage, self.done, self.total = stage, done, total

    def counted(self, done: int, total: int) -> None:
        """Note how far a job of one stage is."""
        self.at("", done, total)


class Jobs:
    """The jobs of one site by key, one at a time for each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}

    def find(self, key: str) -> Job | None:
        return self._jobs.get(key)

    def start(self, key: str, work: Callable[[Job], object]) -> Job:
        """Begin a job in the place of an ended one. Raises RoundStateError while it is running."""
        with self._lock:
            if self._running(key) is not None:
                raise RoundStateError("这项工作正在进行", "this is under way already")
            return self._begin(key, work)

    def join(self, key: str, work: Callable[[Job], object]) -> Job:
        """Return the job that is running, or begin it."""
        with self._lock:
            return self._running(key) or self._begin(key, work)

    def _running(self, key: str) -> Job | None:
        job = self._jobs.get(key)
        return job if job is not None and job.state == "running" else None

    def _begin(self, key: str, work: Callable[[Job], object]) -> Job:
        job = self._jobs[key] = Job()
        threading.Thread(target=_run, args=(job, work), name=key, daemon=True).start()
        return job


def _run(job: Job, work: Callable[[Job], object]) -> None:
    try:
        job.result = work(job)
        job.state = "done"
    except LinkageError as error:
        job.error, job.state = error, "failed"
    except Exception as error:
        log.error("a job failed: %s", type(error).__name__)  # Its text may quote a row.
        job.error, job.state = LinkageError("程序出错，没有完成", "the program failed"), "failed"
    finally:
        job.ended.set()
