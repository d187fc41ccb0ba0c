"""Take the next file of a peer, or refuse it: with a reason for people, and an audit entry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from linkage.courier.envelope import ARRIVED, MOST_NUMBER, Arrived, receive
from linkage.courier.packing import Note
from linkage.courier.post import Post
from linkage.errors import InputError, LinkageError
from linkage.keys.store import PartyKeys
from linkage.keys.times import utc_text
from linkage.rpc.leaves import LEAF_BYTES
from linkage.rpc.v1.courier_pb2 import CarriedRecord, Cover


def next_file(
    file: Path, keys: PartyKeys, post: Post, *, now: datetime, note: Note, skip_missing: bool = False
) -> Arrived:
    """Return the verified file when it is its sender's next one. Raises LinkageError once the refusal is logged."""
    try:
        arrived = receive(file, keys, into=post.inbox, now=now)
        post.require_turn(arrived.header, skip_missing=skip_missing)
        return arrived
    except LinkageError as error:
        (post.inbox / ARRIVED).unlink(missing_ok=True)
        note("courier.refused", {"code": error.code, "reason": error.en})
        raise


def split_cover(records: Iterator[CarriedRecord]) -> tuple[Cover, Iterator[CarriedRecord]]:
    """Return a file's cover and the records behind it. Raises InputError."""
    first = next(records, CarriedRecord())
    if first.WhichOneof("body") != "cover":
        raise InputError("传递文件没有封面", "a carried file begins with its cover")
    cover = first.cover
    check_numbers(cover.received, cover.after_sequence, cover.answered)
    if len(cover.leaf) not in (0, LEAF_BYTES):
        raise InputError("审计叶应为 32 字节", "an audit leaf has 32 bytes")
    return cover, records


def check_numbers(*numbers: int) -> None:
    """Return when numbers are such as we count with. Raises InputError."""
    if max(numbers) > MOST_NUMBER:
        raise InputError("传递文件里的编号过大", "a number in a carried file is too large")


def shown_leaf(leaf: bytes) -> bytes:
    """Return a log's last leaf as a cover shows it: b"" for a log without entries, whose leaf is all zero."""
    return leaf if any(leaf) else b""


def done_with(arrived: Arrived, post: Post, cover: Cover, *, now: datetime) -> None:
    """Count a file as taken, and drop what it confirms and our copy of it."""
    header, sender = arrived.header, arrived.sender.id
    post.confirm(sender, int(cover.received))
    post.set(sender, taken=header.route.number, taken_content=header.content, taken_at=utc_text(now))
    arrived.file.unlink()
