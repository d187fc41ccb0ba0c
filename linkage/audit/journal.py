"""A file of lines that several threads and processes of one party append to; a line counts once `settle` has returned.

Threads that wait for the disk at one time share one fdatasync, as a database's group commit does. A last line without
its newline was never acknowledged, so whoever next holds the lock cuts it off. After a failed sync nobody knows what is
on the disk, and the system takes the pages for written, so every line that does not count yet is written again first.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from linkage.errors import AuditError
from linkage.keys.files import sync_folder

CHUNK_BYTES = 1 << 20
MAX_LINE_BYTES = 1 << 17


class Journal:
    """Hold the open file, the bytes read so far and the lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._syncing = threading.Lock()
        self._depth = 0
        self._offset = 0
        self._durable = 0
        self._waiting: deque[tuple[int, bytes]] = deque()  # Where each line that does not count yet begins.
        self._unsure = False  # The last sync failed.
        self._given_up = False
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            sync_folder(path.parent)
        except OSError as error:
            raise _failed("cannot open the audit log", error) from None

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep every other thread and process out; may be nested by one thread. Raises AuditError."""
        with self._lock:
            if self._given_up:
                raise AuditError("审计日志此前出过错，须重新打开", "the audit log failed before and must be reopened")
            try:
                if self._depth == 0:
                    fcntl.flock(self._descriptor, fcntl.LOCK_EX)
                self._depth += 1
            except OSError as error:
                raise _failed("cannot lock the audit log", error) from None
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0 and self._descriptor >= 0:
                    fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def new_lines(self) -> Iterator[bytes]:
        """Yield complete lines, without newline, that were not read yet; cut off a torn tail. Needs the lock."""
        try:
            self._check_same_file()
            rest = b""
            while chunk := os.pread(self._descriptor, CHUNK_BYTES, self._offset + len(rest)):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._offset += len(line) + 1
                    yield line
                if len(rest) > MAX_LINE_BYTES:
                    raise AuditError("审计日志里有过长的行", "the audit log has an overlong line")
            if rest:
                with contextlib.suppress(OSError):  # Where nothing can be written now, the next append does it.
                    os.ftruncate(self._descriptor, self._offset)
                    os.fsync(self._descriptor)
        except OSError as error:
            raise _failed("cannot read the audit log", error) from None

    def append(self, line: bytes) -> None:
        """Write one line; it is not durable yet. Needs the lock and nothing unread. Raises AuditError."""
        content = line + b"\n"
        try:
            written = 0
            if os.fstat(self._descriptor).st_size > self._offset:
                os.ftruncate(self._descriptor, self._offset)
            while written < len(content):
                written += os.write(self._descriptor, content[written:])
        except OSError as error:
            with contextlib.suppress(OSError):  # What stays is a torn tail, which the next reader cuts off.
                os.ftruncate(self._descriptor, self._offset)
            raise _failed("cannot write the audit log", error) from None
        self._waiting.append((self._offset, content))
        self._offset += len(content)

    @property
    def end(self) -> int:
        """Return where the lines read and written so far end: what `settle` must reach for them to count."""
        return self._offset

    @property
    def durable(self) -> int:
        """Return where the lines that are known to be on disk end."""
        return self._durable

    def settle(self, end: int) -> None:
        """Return once everything up to `end` is durable. Raises AuditError: then nothing may be answered."""
        if self._durable >= end:
            return
        with self._syncing:  # Whoever comes first syncs for all that wait here.
            if self._durable >= end:
                return
            written = self._offset
            try:
                if self._unsure:
                    self._write_again()
                os.fdatasync(self._descriptor)
            except OSError as error:
                self._unsure = True
                raise _failed("cannot write the audit log", error) from None
            self._unsure, self._durable = False, written
            while self._waiting and self._waiting[0][0] < written:
                self._waiting.popleft()

    def _write_again(self) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CLOEXEC)  # What is opened to append cannot write elsewhere.
        try:
            for offset, content in tuple(self._waiting):
                os.pwrite(descriptor, content, offset)
        finally:
            os.close(descriptor)

    def give_up(self) -> None:
        """Take no more lines."""
        self._given_up = True

    def close(self) -> None:
        """Release the file; further use raises AuditError."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
            self._descriptor, self._given_up = -1, True

    @property
    def is_usable(self) -> bool:
        """Tell whether the file is open and fits what was read of it."""
        return not self._given_up

    def _check_same_file(self) -> None:
        mine, named = os.fstat(self._descriptor), os.stat(self._path)
        if (mine.st_dev, mine.st_ino) != (named.st_dev, named.st_ino):
            raise AuditError("审计日志文件被替换", "the audit log's file has been exchanged")
        if mine.st_size < self._offset:
            raise AuditError("审计日志变短了", "the audit log has become shorter")


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield every line without newline; a torn last line is not yielded. Raises AuditError."""
    try:
        with path.open("rb") as stream:
            while (line := stream.readline(MAX_LINE_BYTES)).endswith(b"\n"):
                yield line[:-1]
            if len(line) == MAX_LINE_BYTES:
                raise AuditError("审计日志里有过长的行", "the audit log has an overlong line")
    except OSError as error:
        raise _failed("cannot read the audit log", error) from None


def _failed(what: str, error: OSError) -> AuditError:
    return AuditError(
        "审计日志无法读写，本次请求不予答复",
        f"{what}: {error.strerror}",
        hint_zh="检查磁盘空间、权限和挂载状态",
        hint_en="check disk space, permissions and mounts",
    )
