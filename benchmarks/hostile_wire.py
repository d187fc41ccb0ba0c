"""A bare HTTP/2 connection with a member's own certificate, for calls that no gRPC library would make (RFC 9113, 7541).

It says what it is told to: half a message, a message without end. It follows the server's flow control, so that what
it got rid of is what the server let in.
"""

from __future__ import annotations

import select
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW = 0, 1, 3, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
INITIAL_WINDOW, FIRST_WINDOW = 4, 65_535
FRAME: Final = 1 << 14
PATH: Final = "/linkage.rpc.v1.LinkageUnit/"
CANCEL: Final = 8


class BareWire:
    """One connection; the streams on it are opened one after another."""

    def __init__(self, keys: Path, port: int, *, seconds: float = 10.0) -> None:
        """`keys` is a party's folder of that name, with its TLS key in the clear."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_verify_locations(keys / "ca.crt")
        context.load_cert_chain(keys / "tls.crt", keys / "tls.key")
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("localhost", port), timeout=seconds)
        self._socket = context.wrap_socket(plain, server_hostname="localhost")
        self._held, self._stream, self._seconds = b"", -1, seconds
        self._room = {0: FIRST_WINDOW}
        self._first = FIRST_WINDOW
        self._send(SETTINGS, 0, 0, b"", before=PREFACE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def open(self, method: str) -> int:
        """Begin a call and return its stream."""
        self._stream += 2
        self._room[self._stream] = self._first
        head = {
            ":method": "POST", ":scheme": "https", ":path": PATH + method, ":authority": "localhost",
            "te": "trailers", "content-type": "application/grpc", "grpc-timeout": f"{self._seconds:.0f}S",
        }  # fmt: skip
        self._send(HEADERS, END_HEADERS, self._stream, b"".join(map(_literal, head, head.values())))
        return self._stream

    def say(self, stream: int, body: bytes, *, last: bool = False) -> None:
        """Send bytes that fit the window, as they are; `last` ends our half of the stream."""
        self._send(DATA, END_STREAM if last else 0, stream, body)
        self._spend(stream, len(body))

    def reset(self, stream: int) -> None:
        """Give the call up at once."""
        self._send(RESET, 0, stream, struct.pack(">I", CANCEL))

    def await_end(self, stream: int) -> bool:
        """Wait until the server ended a stream; False when it did not in time."""
        return any(self._ends(stream, frame) for frame in self._frames())

    def pour(self, stream: int, body: Iterator[bytes], most: int) -> int:
        """Send without end, as fast as the server lets it in; return how many bytes it let in until it cut the call.

        `most` bytes are sent at most; nothing let in for the connection's seconds ends it too.
        """
        sent = 0
        for piece in body:
            while self._has_news() or min(self._room[0], self._room[stream]) < len(piece):
                frame = next(self._frames(), None)
                if frame is None or self._ends(stream, frame):
                    return sent
            if sent + len(piece) > most:
                return sent
            try:
                self.say(stream, piece)
            except OSError:
                return sent  # The connection itself was closed.
            sent += len(piece)
        return sent

    def _has_news(self) -> bool:
        ready, _, _ = select.select([self._socket], [], [], 0)
        return bool(ready or self._held or self._socket.pending())

    def _spend(self, stream: int, count: int) -> None:
        for one in (0, stream):
            self._room[one] -= count

    def _send(self, kind: int, flags: int, stream: int, body: bytes, *, before: bytes = b"") -> None:
        head = len(body).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big")
        self._socket.sendall(before + head + body)

    def _frames(self) -> Iterator[tuple[int, int, int, bytes]]:
        """Yield (kind, flags, stream, body) of what comes, until nothing does in time or the connection ends."""
        end = time.monotonic() + self._seconds
        while time.monotonic() < end:
            while len(self._held) >= 9 and len(self._held) >= 9 + (size := int.from_bytes(self._held[:3], "big")):
                kind, flags = self._held[3], self._held[4]
                stream, body = int.from_bytes(self._held[5:9], "big"), self._held[9 : 9 + size]
                self._held = self._held[9 + size :]
                self._take(kind, flags, stream, body)
                yield kind, flags, stream, body
            try:
                more = self._socket.recv(1 << 16)
            except OSError:
                return
            if not more:
                return
            self._held += more

    def _take(self, kind: int, flags: int, stream: int, body: bytes) -> None:
        if kind == WINDOW:
            self._room[stream] = self._room.get(stream, 0) + int.from_bytes(body, "big")
        elif kind == SETTINGS and not flags & ACK:
            for name, value in struct.iter_unpack(">HI", body):
                if name == INITIAL_WINDOW:
                    for one in self._room.keys() - {0}:
                        self._room[one] += value - self._first
                    self._first = value
            self._send(SETTINGS, ACK, 0, b"")
        elif kind == PING and not flags & ACK:
            self._send(PING, ACK, 0, body)

    def _ends(self, stream: int, frame: tuple[int, int, int, bytes]) -> bool:
        kind, flags, about, _ = frame
        return kind == GOAWAY or (about == stream and (kind == RESET or (kind == HEADERS and bool(flags & END_STREAM))))


def _literal(name: str, value: str) -> bytes:
    """Return a header as HPACK has it without index and Huffman coding; both parts below 127 bytes."""
    return b"\0" + bytes((len(name),)) + name.encode() + bytes((len(value),)) + value.encode()


def grpc_frame(body: bytes, *, length: int | None = None) -> bytes:
    """Return a gRPC message with its prefix; `length` is what it claims to have."""
    return b"\0" + struct.pack(">I", len(body) if length is None else length) + body
