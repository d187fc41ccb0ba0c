"""Uploads on disk: one spool file per population, written at the committed offset and synced before it is committed.

rounds/<round>/spool/<population>            the bytes as they came; gone once sealed
rounds/<round>/columns/<population>/*.bin    the columns, for the matcher
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from linkage.encoded import RowLayout, split_columns
from linkage.errors import LimitError, UploadError
from linkage.keys.files import make_folder, sync_folder

ROWS_AT_ONCE = 65536
FOLD = np.uint64(0x9E3779B97F4A7C15)  # Odd: two words become one, and different rows hardly ever the same.


@dataclass(frozen=True, slots=True)
class RowFaults:
    """Count what is wrong or odd in an upload's rows."""

    outside_window: int  # rows whose filter has too few or too many ones: never an honest encoder's
    empty: int  # all-zero filter and no flags: the row had nothing to encode
    repeated: int  # rows whose filter occurs more than once: the same person twice in a register


@contextmanager
def disk_room() -> Iterator[None]:
    """Turn a full disk into a LimitError."""
    try:
        yield
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LimitError("链接单元磁盘已满，请稍后继续", "the coordinator's disk is full; go on later") from None
        raise


def spool_file(folder: Path, population: str) -> Path:
    return folder / "spool" / population


def columns_folder(folder: Path, population: str) -> Path:
    return folder / "columns" / population


def prepare(folder: Path, population: str) -> None:
    """Make an empty spool file, durably, in place of any other."""
    with disk_room():
        file = spool_file(folder, population)
        make_folder(folder)
        make_folder(file.parent)
        file.write_bytes(b"")
        for place in (file.parent, folder, folder.parent):
            sync_folder(place)


def held(folder: Path, population: str) -> int:
    """Return how many bytes the spool file has, synced or not."""
    file = spool_file(folder, population)
    return file.stat().st_size if file.exists() else 0


def write_chunk(folder: Path, population: str, offset: int, data: bytes) -> None:
    """Write at `offset`, dropping whatever an unfinished call left beyond it, and sync."""
    with disk_room(), spool_file(folder, population).open("r+b") as file:
        file.truncate(offset)
        file.seek(offset)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def chunk_digest(folder: Path, population: str, offset: int, length: int) -> bytes:
    """Return the SHA-256 of bytes held already."""
    with spool_file(folder, population).open("rb") as file:
        file.seek(offset)
        return hashlib.sha256(file.read(length)).digest()


def content_digest(folder: Path, population: str) -> bytes:
    """Return the SHA-256 of everything held."""
    with spool_file(folder, population).open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def count_faults(folder: Path, population: str, layout: RowLayout, window: tuple[int, int]) -> RowFaults:
    """Hold every row's filter against the popcount window (security §5), in bounded memory."""
    file = spool_file(folder, population)
    count = file.stat().st_size // layout.row_bytes
    outside = empty = 0
    heads = np.zeros(count, np.uint64)
    with file.open("rb") as source:  # Read, not mapped: a mapping would count as memory of the coordinator.
        for start in range(0, count, ROWS_AT_ONCE):
            part = np.fromfile(source, layout.dtype, min(ROWS_AT_ONCE, count - start))
            words = np.ascontiguousarray(part["filter"]).view(np.uint64)
            ones = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
            blank = (ones == 0) & (part["flags"] == 0)
            empty += int(blank.sum())
            outside += int((((ones < window[0]) | (ones > window[1])) & ~blank).sum())
            heads[start : start + len(part)] = words[:, 0] ^ words[:, -1] * FOLD
    heads.sort()
    return RowFaults(outside, empty, int((heads[1:] == heads[:-1]).sum()))


def split(folder: Path, population: str, layout: RowLayout) -> None:
    """Write the columns in place of any left by an unfinished attempt, synced."""
    columns = columns_folder(folder, population)
    with disk_room():
        shutil.rmtree(columns, ignore_errors=True)
        make_folder(columns.parent)
        make_folder(columns)
        split_columns(spool_file(folder, population), layout, columns)
        for file in columns.iterdir():
            with file.open("rb") as written:
                os.fsync(written.fileno())
        for place in (columns, columns.parent, folder):
            sync_folder(place)


def drop_spool(folder: Path, population: str) -> None:
    spool_file(folder, population).unlink(missing_ok=True)


def erase(folder: Path) -> None:
    """Remove everything of a round. Blocks are freed, not overwritten: that is the disk encryption's task."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise UploadError("轮次数据未能删除", "a round's data could not be removed")
