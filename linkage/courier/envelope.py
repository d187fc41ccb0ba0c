"""One carried file: a clear, signed header, then segments sealed to the receiver.

b"linkage/v1/courier\\n" ‖ the header's signed envelope, filled up with spaces to 8 KiB ‖ per segment u32 length ‖
HPKE-sealed segment. Lengths are big-endian. A segment's plain text is u32 length ‖ CarriedRecord, again and again, at
most about 4 MiB; its HPKE info names consortium, sender, receiver, file number and segment index, so no segment fits
another place. The header holds the SHA-256 of everything after it: nothing is opened before signature and digest hold.
Signing label: "courier".
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Self

from google.protobuf.message import DecodeError

from linkage.errors import InputError, NotFoundError, PermissionRefused, SignatureError
from linkage.keys.canonical import JSON, canonical_json, parse_canonical_json
from linkage.keys.fields import NAME
from linkage.keys.manifest import Party
from linkage.keys.sealing import RecipientKey, RecipientPublic
from linkage.keys.signing import Signed, SigningKey
from linkage.keys.store import PartyKeys
from linkage.keys.times import parse_utc, utc_text
from linkage.rpc.v1.courier_pb2 import CarriedRecord

FORMAT: Final = "linkage/v1/courier"
MARKER: Final = b"linkage/v1/courier\n"
LABEL: Final = "courier"
INFO: Final = b"linkage/v1/courier-segment\0"
HEADER_BYTES: Final = 8192
SEGMENT_BYTES: Final = 4 << 20
MAX_LISTED: Final = 64  # Rounds that a header names; a file may hold messages of more.
ARRIVED: Final = "arrived"  # The name of our copy while a file is taken.
NO_CERTIFICATE: Final = "-"  # Only the party is asked about: a file comes without one.
MOST_NUMBER: Final = 1 << 53  # Of files, calls and events: what every database and JSON reader takes.
U32: Final = struct.Struct(">I")
Progress = Callable[[int, int], object]  # Bytes done, bytes in all.
KEYS: Final = {"consortium", "content", "date", "format", "from", "kinds", "number", "rounds", "to"}


@dataclass(frozen=True, slots=True)
class Route:
    """Say from whom to whom a file goes, and which of these it is: 1, 2, 3, …"""

    consortium: str
    sender: str
    receiver: str
    number: int

    def info(self, index: int) -> bytes:
        """Return the HPKE info of a segment."""
        return INFO + canonical_json([self.consortium, self.sender, self.receiver, self.number, index])


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says in clear. `content` is the SHA-256 of its sealed part in hex, and so names the file."""

    route: Route
    rounds: tuple[str, ...]
    kinds: tuple[str, ...]
    date: str
    content: str

    def to_bytes(self) -> bytes:
        """Return the canonical JSON that is signed."""
        return canonical_json(
            {
                "format": FORMAT,
                "consortium": self.route.consortium,
                "from": self.route.sender,
                "to": self.route.receiver,
                "number": self.route.number,
                "rounds": list(self.rounds),
                "kinds": list(self.kinds),
                "date": self.date,
                "content": self.content,
            }
        )

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Read `to_bytes` and only that. Raises InputError."""
        found = parse_canonical_json(body)
        if not isinstance(found, dict) or set(found) != KEYS or found["format"] != FORMAT:
            raise _not_ours()
        texts = [found[name] for name in ("consortium", "from", "to", "date", "content")]
        lists = [found["rounds"], found["kinds"]]
        number = found["number"]
        if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= MOST_NUMBER:
            raise _not_ours()
        consortium, sender, receiver, date, content = (_text(value) for value in texts)
        rounds, kinds = (_texts(value) for value in lists)
        parse_utc(date)
        if not all(NAME.fullmatch(name) for name in (consortium, sender, receiver, *rounds, *kinds)):
            raise _not_ours()
        return cls(Route(consortium, sender, receiver, number), rounds, kinds, date, content)


class FileWriter:
    """Write one file front to back; `finish` signs it. The target must allow seeking."""

    def __init__(self, target: BinaryIO, route: Route, receiver: RecipientPublic) -> None:
        self._target, self._route, self._receiver = target, route, receiver
        self._digest = hashlib.sha256()
        self._waiting = bytearray()
        self._segments = 0
        self._rounds: dict[str, None] = {}
        self._kinds: set[str] = set()
        self.size = HEADER_BYTES
        target.write(b" " * HEADER_BYTES)

    def add(self, record: CarriedRecord, *, kind: str = "", round_id: str = "") -> None:
        """Put one more record in; `kind` and `round_id` go into the clear header."""
        body = record.SerializeToString(deterministic=True)
        if self._waiting and len(self._waiting) + len(body) > SEGMENT_BYTES:
            self._seal()
        self._waiting += U32.pack(len(body)) + body
        self._kinds |= {kind} if kind else set()
        if round_id:
            self._rounds[round_id] = None

    def room_for(self, record: CarriedRecord, most: int) -> bool:
        """Tell whether the file stays below `most` bytes with this record in it."""
        return self.size + len(self._waiting) + record.ByteSize() + SEGMENT_BYTES // 64 <= most

    def finish(self, *, at: datetime, signing: SigningKey) -> Header:
        """Seal what waits, sign, and write the header to its place."""
        self._seal()
        rounds, kinds = tuple(self._rounds)[:MAX_LISTED], tuple(sorted(self._kinds))
        header = Header(self._route, rounds, kinds, utc_text(at), self._digest.hexdigest())
        signed = Signed.create(LABEL, header.to_bytes(), signer=self._route.sender, key=signing)
        self._target.seek(0)
        self._target.write((MARKER + signed.to_json()).ljust(HEADER_BYTES - 1) + b"\n")
        return header

    def _seal(self) -> None:
        sealed = self._receiver.seal(bytes(self._waiting), info=self._route.info(self._segments))
        for part in (U32.pack(len(sealed)), sealed):
            self._digest.update(part)
            self._target.write(part)
            self.size += len(part)
        self._segments += 1
        self._waiting.clear()


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file whose signature and digest hold, copied to where nobody else can change it."""

    header: Header
    sender: Party
    file: Path = field(repr=False)

    def records(self, recipient: RecipientKey, progress: Progress) -> Iterator[CarriedRecord]:
        """Open segment by segment. Raises KeyMaterialError, InputError."""
        size = self.file.stat().st_size
        with self.file.open("rb") as source:
            source.seek(HEADER_BYTES)
            index = 0
            while length := source.read(U32.size):
                sealed = source.read(U32.unpack(length)[0])
                yield from _records(recipient.open(sealed, info=self.header.route.info(index)))
                index += 1
                progress(source.tell(), size)


def read_header(file: Path) -> tuple[Header, Signed]:
    """Return what a file says of itself, not yet verified. Raises InputError."""
    try:
        with file.open("rb") as source:
            head = source.read(HEADER_BYTES)
    except OSError:
        raise InputError(f"读不到文件 {file.name}", f"cannot read {file.name}") from None
    if not head.startswith(MARKER) or len(head) < HEADER_BYTES:
        raise _not_ours()
    try:
        signed = Signed.parse(head[len(MARKER) :].rstrip())
    except SignatureError:
        raise _not_ours() from None
    return Header.from_bytes(signed.body), signed


def receive(file: Path, keys: PartyKeys, *, into: Path, now: datetime) -> Arrived:
    """Copy a file into our folder `into`, verify the copy and return it; nothing is opened yet.

    Raises InputError for a file that is damaged or cut short, PermissionRefused for one that is not to us or not from a
    party that may send to us, SignatureError.
    """
    header, signed = read_header(file)
    sender = _sender(header, signed, keys, now=now)
    signed.verify(LABEL, sender.signing_key)
    copy = into / ARRIVED
    if _copied(file, copy) != header.content:
        raise InputError(
            "文件内容与签名的摘要不符：已损坏、被改动或没有拷贝完整",
            "the file does not have its signed digest: damaged, altered or not copied to its end",
            hint_zh="重新拷贝；仍不行，请对方重新导出",
            hint_en="copy it again; if that does not help, ask the sender to export it again",
        )
    return Arrived(header, sender, copy)


def _sender(header: Header, signed: Signed, keys: PartyKeys, *, now: datetime) -> Party:
    route, manifest = header.route, keys.manifest
    if route.consortium != manifest.consortium or route.receiver != keys.party.id:
        raise PermissionRefused(
            f"文件是给 {route.consortium} 的 {route.receiver} 的，不是给本方的",
            f"the file is for {route.receiver} of {route.consortium}, not for us",
        )
    try:
        sender = manifest.party(route.sender)
    except NotFoundError:
        raise PermissionRefused("发件单位不在联合体清单里", "the sender is not in the manifest") from None
    fits = sender.is_owner if keys.party.role == "coordinator" else sender.role == "coordinator"
    if not fits or signed.signer != sender.id:
        zh, en = "发件单位不得给本方发件，或不是签名者", "the sender may not send us files, or did not sign"
        raise PermissionRefused(zh, en)
    if keys.revocations.current().is_revoked(sender.id, NO_CERTIFICATE, now):
        raise PermissionRefused("发件单位已被吊销", "the sender is revoked")
    return sender


def _copied(file: Path, copy: Path) -> str:
    """Copy, and return the SHA-256 of what follows the header, in hex. Raises InputError."""
    digest = hashlib.sha256()
    try:
        with file.open("rb") as source, copy.open("wb") as target:
            target.write(source.read(HEADER_BYTES))
            while data := source.read(SEGMENT_BYTES):
                digest.update(data)
                target.write(data)
    except OSError as error:
        raise InputError(f"读不到文件 {file.name}", f"cannot read {file.name}: {error.strerror}") from None
    return digest.hexdigest()


def _records(plain: bytes) -> Iterator[CarriedRecord]:
    at = 0
    try:
        while at < len(plain):
            (length,) = U32.unpack_from(plain, at)
            body = plain[at + U32.size : at + U32.size + length]
            if len(body) != length:
                raise _not_ours()
            yield CarriedRecord.FromString(body)
            at += U32.size + length
    except (struct.error, DecodeError):
        raise _not_ours() from None


def _text(value: JSON) -> str:
    if not isinstance(value, str):
        raise _not_ours()
    return value


def _texts(value: JSON) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _not_ours()
    return tuple(_text(part) for part in value)


def _not_ours() -> InputError:
    return InputError("不是本系统的传递文件，或版本不对", "not a carried file of this system, or of another version")
