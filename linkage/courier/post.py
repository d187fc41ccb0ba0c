"""Count the files between us and each other party, and keep ours until the other side has said that it took them.

Files of one sender to one receiver are taken in the order of their numbers, each once. A lost file stays in our folder
and is written to the stick again at the next export; a doubled one is recognised by its number.
"""

from __future__ import annotations

import fcntl
import filecmp
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from linkage.courier.envelope import Header, read_header
from linkage.errors import InputError, LinkageError
from linkage.keys.files import make_folder, sync_folder

METADATA = sa.MetaData()
SUFFIX = ".linkage"

PEERS = sa.Table(
    "courier_peers",
    METADATA,
    sa.Column("peer", sa.String(64), primary_key=True),
    sa.Column("taken", sa.BigInteger, nullable=False),  # The number of the last file we took.
    sa.Column("taken_content", sa.String(64), nullable=False),  # Its digest in hex.
    sa.Column("taken_at", sa.String(20), nullable=False),
    sa.Column("written", sa.BigInteger, nullable=False),  # The number of the last file we wrote.
    sa.Column("confirmed", sa.BigInteger, nullable=False),  # Of ours, the last that the peer said it took.
    sa.Column("told", sa.BigInteger, nullable=False),  # Of the peer's, the last that a file of ours confirms.
)
Transaction = Callable[[], AbstractContextManager[sa.Connection]]


@dataclass(frozen=True, slots=True)
class Traffic:
    """How the files between us and one peer stand."""

    peer: str
    taken: int = 0
    taken_content: str = ""
    taken_at: str = ""
    written: int = 0
    confirmed: int = 0
    told: int = 0


class Post:
    """Keep the counts in the party's database and our unconfirmed files in `folder`."""

    def __init__(self, transaction: Transaction, folder: Path, us: str) -> None:
        self._transaction = transaction
        self._folder = folder
        self._us = us
        make_folder(folder)
        make_folder(self.inbox)

    @property
    def inbox(self) -> Path:
        """Return where a file that arrives is copied to while it is taken."""
        return self._folder / "in"

    def peers(self) -> tuple[Traffic, ...]:
        """Return everybody we have exchanged files with."""
        with self._transaction() as connection:
            rows = connection.execute(PEERS.select().order_by(PEERS.c.peer)).mappings().all()
        return tuple(Traffic(**row) for row in rows)

    def traffic(self, peer: str) -> Traffic:
        return next((found for found in self.peers() if found.peer == peer), Traffic(peer))

    def set(self, peer: str, **values: object) -> None:
        """Set columns of a peer; the names are Traffic's."""
        with self._transaction() as connection:
            if connection.execute(PEERS.select().where(PEERS.c.peer == peer)).first() is None:
                fresh = Traffic(peer)
                connection.execute(PEERS.insert().values({name: getattr(fresh, name) for name in Traffic.__slots__}))
            if values:
                connection.execute(PEERS.update().where(PEERS.c.peer == peer).values(values))

    def require_turn(self, header: Header, *, skip_missing: bool = False) -> None:
        """Return when this is the next file of its sender. Raises InputError for one taken already or out of order."""
        known, number, sender = self.traffic(header.route.sender), header.route.number, header.route.sender
        if number == known.taken and header.content == known.taken_content:
            raise InputError(
                f"{sender} 的第 {number} 号文件已在 {known.taken_at} 导入过，不再重复处理",
                f"file {number} of {sender} was taken on {known.taken_at} already; nothing is done twice",
            )
        if number <= known.taken:
            raise InputError(
                f"{sender} 的第 {number} 号已经导入过，这份是旧文件或另一份",
                f"number {number} of {sender} was taken already: this file is an old one, or another one",
                hint_zh="对方如果从备份恢复过，请先把本方的最新文件交给对方导入，再让对方重新导出",
                hint_en="if the sender was restored from a backup, let it take our newest file, then export again",
            )
        if number > known.taken + 1 and not skip_missing:
            missing = f"{known.taken + 1}" if number == known.taken + 2 else f"{known.taken + 1}–{number - 1}"
            raise InputError(
                f"还缺 {sender} 的第 {missing} 号文件，要按编号顺序导入",
                f"file {missing} of {sender} is missing; files are taken in the order of their numbers",
                hint_zh="找到缺的文件先导入；丢失了就请对方重新导出，未确认的文件会再写一遍",
                hint_en="take the missing file first; if it is lost, let the sender export again: it is written anew",
            )

    def confirm(self, peer: str, received: int) -> None:
        """Take the peer's word that it has our files up to this number, and drop them.

        A number beyond what we wrote means that we were restored from a backup: our next file goes on from there.
        """
        known = self.traffic(peer)
        for number, file in self._kept(peer):
            if number <= received:
                file.unlink()
        self.set(peer, confirmed=max(known.confirmed, received), written=max(known.written, received))

    def begin(self, peer: str) -> int:
        """Return the number of our next file; what an interrupted packing left behind is dropped."""
        written = self.traffic(peer).written
        for number, file in self._kept(peer):
            if number > written:
                file.unlink()
        return written + 1

    def commit(self, peer: str, *, written: int, along: Callable[[sa.Connection], object]) -> None:
        """Count our new files in, with what they took with them: `along` writes in the same transaction."""
        told = self.traffic(peer).taken
        self.set(peer)
        with self._transaction() as connection:
            connection.execute(PEERS.update().where(PEERS.c.peer == peer).values(written=written, told=told))
            along(connection)

    def place(self, peer: str, number: int) -> Path:
        """Return where our file of this number to the peer is kept."""
        return self._folder / f"{self._us}-to-{peer}-{number:06d}{SUFFIX}"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other commands of this party from the files meanwhile. Raises InputError when one is at work."""
        with (self._folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                zh, en = "另一个导入或导出正在进行，请稍后再试", "another import or export is at work; try again later"
                raise InputError(zh, en) from None
            yield

    def kept(self, peer: str) -> list[Path]:
        """Return our files that the peer has not confirmed, in order; none that was only half made."""
        written = self.traffic(peer).written
        return [file for number, file in self._kept(peer) if number <= written]

    def _kept(self, peer: str) -> Iterator[tuple[int, Path]]:
        begin = f"{self._us}-to-{peer}-"
        for file in sorted(self._folder.glob(f"{begin}*{SUFFIX}")):
            number = file.name.removeprefix(begin).removesuffix(SUFFIX)
            if number.isdigit():  # Else it is to a peer whose name goes on.
                yield int(number), file


def copy_to(files: list[Path], folder: Path) -> list[Path]:
    """Copy files to the carrier's folder, durably; one that is there already whole is left. Raises InputError."""
    copied = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            target = folder / file.name
            if not target.exists() or not filecmp.cmp(file, target, shallow=False):
                part = target.with_name(target.name + ".part")
                shutil.copyfile(file, part)
                with part.open("rb+") as written:
                    os.fsync(written.fileno())
                os.replace(part, target)
            copied.append(target)
        sync_folder(folder)
    except OSError as error:
        raise InputError(
            f"写不进 {folder.name}：空间不足、写保护或已拔出",
            f"cannot write to {folder.name}: {error.strerror}",
            hint_zh="换一个盘再导出一次；文件仍保存在本机",
            hint_en="export again to another stick; the files are still kept here",
        ) from None
    return copied


def files_for(place: Path, receiver: str, taken: Callable[[str], int]) -> list[Path]:
    """Return the file itself, or a folder's files to `receiver` that were not taken yet, by sender and number.

    Raises InputError when there is nothing at that place.
    """
    if place.is_file():
        return [place]
    found: list[tuple[str, int, Path]] = []
    for file in sorted(place.glob(f"*{SUFFIX}")) if place.is_dir() else []:
        try:
            route = read_header(file)[0].route
        except LinkageError:
            continue  # It can still be named by itself; then it is refused with the reason.
        if route.receiver == receiver and route.number > taken(route.sender):
            found.append((route.sender, route.number, file))
    if not found:
        raise InputError(
            f"{place.name} 里没有给 {receiver} 的新文件",
            f"there is no new file for {receiver} in {place.name}",
        )
    return [file for _, _, file in sorted(found)]
