"""papers read / show: what the papers of the case files say, names hidden."""

from __future__ import annotations

import argparse
import csv
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from linkage.errors import NotFoundError
from linkage.owner.progress import Progress
from procuratorate_node.casefiles.case_papers import CasePapers
from procuratorate_node.casefiles.showing import names_of_case, shown
from procuratorate_node.casework import Casework, Reading, load_casework
from procuratorate_node.config import load_config


def read(asked: argparse.Namespace) -> int:
    """Read all papers, in as many processes as asked; what is read already is taken from the cache."""
    work = casework(asked)
    print_summary(work)
    if asked.rejects is not None:
        write_rejects(asked.rejects, work.papers)
    return 0


def show(asked: argparse.Namespace) -> int:
    """Show one case's papers. Raises NotFoundError for a case without any."""
    work = casework(asked)
    papers = work.papers.by_case.get(asked.case, ())
    if not papers:
        raise NotFoundError(
            "该案没有已读的文书",
            "no paper of this case was read",
            hint_zh="核对案号；用 papers read --rejects 查看未读的文书",
            hint_en="check the case number; `papers read --rejects FILE` lists papers not read",
        )
    names = names_of_case(work.read.file, asked.case, papers)
    for number, paper in enumerate(papers, 1):
        print("\n".join((f"[{number}] {line}" if not i else line for i, line in enumerate(shown(paper, names)))))
    return 0


def casework(asked: argparse.Namespace) -> Casework:
    """Read the cases folder with progress on standard error; Ctrl-C stops, what is read stays read."""
    with stopped_by_interrupt() as stop:
        reading = Reading(report=report, stop=stop, processes=getattr(asked, "processes", 0))
        work = load_casework(load_config(asked.config), today=datetime.now(UTC).date(), reading=reading)
        if stop.is_set():
            raise KeyboardInterrupt
    return work


def report(progress: Progress) -> None:
    left = f"，约剩 {progress.seconds_left:.0f} 秒 left" if progress.seconds_left > 0 else ""
    print(f"{progress.stage} {progress.done}/{progress.total} {progress.rate:.1f}/s{left}", file=sys.stderr, flush=True)


@contextmanager
def stopped_by_interrupt() -> Iterator[threading.Event]:
    """Turn the first interrupt into a request to stop after the papers under way; a second one ends at once."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def print_summary(work: Casework) -> None:
    """Print counts only: papers by type, set aside by reason, what was added to the tables' rows."""
    papers = work.papers
    print(f"案卷文书 papers read {papers.read}，未读 unread {papers.unread}")
    kinds = Counter(p.facts.kind.value for dated in papers.by_case.values() for p in dated)
    for kind, number in kinds.most_common():
        print(f"  {kind} {number}")
    for fault, number in Counter(a.fault for a in papers.aside).most_common():
        print(f"  未读 unread {number}：{fault.words}")
    print(f"文书补入人员 people added {work.added}，补入栏目 cells filled {work.cells}")


def write_rejects(path: Path, papers: CasePapers) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(("file", "reason", "explanation"))
        writer.writerows((a.name, a.fault.value, a.fault.words) for a in papers.aside)
