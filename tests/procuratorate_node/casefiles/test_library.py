"""Papers are read side by side, kept by digest, resumed after an interruption, and set aside when broken."""

from __future__ import annotations

import os
import resource
import threading
from datetime import date
from pathlib import Path

import pytest

from procuratorate_node.casefiles import library
from procuratorate_node.casefiles.cache import PaperCache
from procuratorate_node.casefiles.faults import Fault
from procuratorate_node.casefiles.library import PaperFile, Work, read_papers
from procuratorate_node.casefiles.worker import Done, Job, read_job


def end_at_nine(job: Job) -> Done:
    """Stand for a library that takes its process down with it."""
    if job.path.name.startswith("009"):
        os._exit(1)
    return read_job(job)


WORK = Work(date(2026, 10, 31), clock=lambda: 0.0)
TEXT = "起诉书\n经依法审查查明：\n钱多多击打被害人李晓梅（女，时年35岁），经鉴定属轻伤二级。\n至今未赔偿李晓梅。"


def write(folder: Path, number: int, content: bytes | None = None, suffix: str = ".txt") -> PaperFile:
    path = folder / f"{number:03}{suffix}"
    path.write_bytes(TEXT.encode() if content is None else content)
    return PaperFile(path, path.name, "c1")


def test_papers_come_back_in_their_order_and_broken_ones_with_their_fault(tmp_path: Path) -> None:
    files = [write(tmp_path, 1), write(tmp_path, 2, b"PK broken", ".docx"), write(tmp_path, 3)]

    read = read_papers(files, PaperCache(None), WORK)

    assert [r.file for r in read] == files
    assert [r.fault for r in read] == [None, Fault.DAMAGED, None]
    assert read[0].facts is not None and [p.name for p in read[0].facts.victims] == ["李晓梅"]


def test_many_papers_are_read_in_other_processes(tmp_path: Path) -> None:
    files = [write(tmp_path, n) for n in range(library.ALONE + 1)]

    read = read_papers(files, PaperCache(None), Work(WORK.as_of, WORK.clock, processes=2))

    assert [r.file for r in read] == files
    assert all(r.facts is not None for r in read)


def test_a_second_import_reads_no_file_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, cache = [write(tmp_path, 1), write(tmp_path, 2, b"PK broken", ".docx")], tmp_path / "state" / "papers.db"
    first = read_papers(files, PaperCache(cache), WORK)

    def forbidden(job: Job) -> Done:
        raise AssertionError(f"{job} was read again")

    monkeypatch.setattr(library, "read_job", forbidden)

    assert read_papers(files, PaperCache(cache), WORK) == first
    assert cache.stat().st_mode & 0o777 == 0o600


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    cache = PaperCache(tmp_path / "papers.db")
    file = write(tmp_path, 1)
    read_papers([file], cache, WORK)
    write(tmp_path, 1, TEXT.replace("李晓梅", "吴大海").encode())

    (again,) = read_papers([file], cache, WORK)

    assert again.facts is not None and [p.name for p in again.facts.victims] == ["吴大海"]


def test_an_interrupted_import_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, cache, stop = (
        [write(tmp_path, n, f"{TEXT}{n}".encode()) for n in range(4)],
        PaperCache(None),
        threading.Event(),
    )
    seen: list[str] = []

    def counted(job: Job) -> Done:
        seen.append(job.path.name)
        if len(seen) == 2:
            stop.set()
        return read_job(job)

    monkeypatch.setattr(library, "read_job", counted)
    part = read_papers(files, cache, Work(WORK.as_of, WORK.clock, stop=stop))
    stop.clear()
    whole = read_papers(files, cache, Work(WORK.as_of, WORK.clock, stop=stop))

    assert (len(part), len(whole)) == (2, 4)
    assert seen == [f.path.name for f in files]


def test_reading_here_leaves_this_process_without_a_limit(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_CPU)

    read_papers([write(tmp_path, 1)], PaperCache(None), WORK)

    assert resource.getrlimit(resource.RLIMIT_CPU) == before


def test_a_paper_that_ends_its_process_is_set_aside_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [write(tmp_path, n) for n in range(3)] + [write(tmp_path, 9, b"ends", ".pdf")]
    monkeypatch.setattr(library, "read_limited", end_at_nine)

    read = read_papers(files, PaperCache(None), Work(WORK.as_of, WORK.clock, processes=2))

    assert [r.fault for r in read] == [None, None, None, Fault.LOST]


def test_a_damaged_cache_is_made_again(tmp_path: Path) -> None:
    cache = tmp_path / "papers.db"
    cache.write_bytes(b"this is no database, " * 100)

    (read,) = read_papers([write(tmp_path, 1)], PaperCache(cache), WORK)

    assert read.facts is not None
