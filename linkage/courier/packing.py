"""Pack records into numbered files, each no larger than the carrier's file system takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa

from linkage.courier.envelope import FileWriter, Header, Route
from linkage.courier.post import Post
from linkage.errors import LimitError
from linkage.keys.canonical import JSON
from linkage.keys.files import PRIVATE, sync_folder
from linkage.keys.manifest import Party
from linkage.keys.store import PartyKeys
from linkage.rpc.v1.courier_pb2 import CarriedRecord, Cover

MIB = 1 << 20
LEAST_MIB, MOST_MIB = 8, 4095
Note = Callable[[str, Mapping[str, JSON]], object]


@dataclass(frozen=True, slots=True)
class Item:
    """One record, with what the clear header says of it."""

    record: CarriedRecord = field(repr=False)
    kind: str = ""
    round_id: str = ""


def check_size(mib: int) -> int:
    """Return the bytes of a file's greatest size given in MiB. Raises LimitError."""
    if not LEAST_MIB <= mib <= MOST_MIB:
        raise LimitError(
            f"单个文件的上限应为 {LEAST_MIB} 到 {MOST_MIB} MiB", f"a file may have {LEAST_MIB} to {MOST_MIB} MiB"
        )
    return mib * MIB


@dataclass(slots=True)
class Packer:
    """Fill files from us to one peer, one after the other."""

    post: Post
    keys: PartyKeys
    peer: Party
    cover: Cover
    most: int  # Bytes of one file.
    now: datetime
    note: Note
    headers: list[Header] = field(default_factory=list)
    _open: tuple[FileWriter, BinaryIO, Path] | None = None
    _next: int = 0

    def pack(self, items: Iterable[Item], *, along: Callable[[sa.Connection], object]) -> list[Header]:
        """Write everything, then the audit entries, then count the files in together with what `along` writes."""
        self._next = self.post.begin(self.peer.id)
        try:
            self._fill(items)
        except OSError as error:
            zh, en = "写不出传递文件，本机磁盘空间不足？", f"the file cannot be written: {error.strerror}"
            raise LimitError(zh, en) from None
        for header in self.headers:
            self.note("courier.packed", file_facts(header))
        self.post.commit(self.peer.id, written=self._next - 1, along=along)
        return self.headers

    def _fill(self, items: Iterable[Item]) -> None:
        for item in items:
            self._writer(item.record).add(item.record, kind=item.kind, round_id=item.round_id)
        if self._open is None:
            self._begin()
        self._finish()

    def _writer(self, record: CarriedRecord) -> FileWriter:
        if self._open is not None and not self._open[0].room_for(record, self.most):
            self._finish()
        return self._open[0] if self._open is not None else self._begin()

    def _begin(self) -> FileWriter:
        us, number = self.keys.party.id, self._next
        path = self.post.place(self.peer.id, number)
        target = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, PRIVATE), "wb")
        writer = FileWriter(target, Route(self.keys.manifest.consortium, us, self.peer.id, number), self.peer.hpke_key)
        writer.add(CarriedRecord(cover=self.cover))
        self._open, self._next = (writer, target, path), number + 1
        return writer

    def _finish(self) -> None:
        if self._open is None:
            return
        writer, target, path = self._open
        with target:
            self.headers.append(writer.finish(at=self.now, signing=self.keys.signing))
            target.flush()
            os.fsync(target.fileno())
        sync_folder(path.parent)
        self._open = None


def file_facts(header: Header) -> dict[str, JSON]:
    """Return what the audit entries of both sides say of one file: they must agree."""
    route = header.route
    return {
        "sender": route.sender,
        "receiver": route.receiver,
        "number": route.number,
        "file": header.content,
        "kinds": list(header.kinds),
        "rounds": list(header.rounds),
    }
