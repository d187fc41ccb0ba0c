"""Search bytes of any length for tens of thousands of marks at once; say how many of which kind, never which."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.e2e.strangers import Stranger

HEAD = 8  # Bytes of a mark that are looked up; the rest is compared.
MULTIPLIER = 0x9E3779B97F4A7C15  # Knuth's multiplicative hashing, 2^64 / golden ratio.
TABLE_BITS = 24
FILE_PIECE = 8 << 20
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
HASHES = ("md5", "sha1", "sha256", "sm3")


def _candidates(data: npt.NDArray[np.uint8], table: npt.NDArray[np.bool_]) -> Iterator[int]:
    """Yield where the next eight bytes may begin a mark: all windows of one alignment at a time."""
    for start in range(min(HEAD, len(data) - HEAD + 1)):
        count = (len(data) - start) // HEAD
        windows = data[start : start + count * HEAD].view(">u8").astype(np.uint64)
        slots = (windows * np.uint64(MULTIPLIER)) >> np.uint64(64 - TABLE_BITS)
        yield from (np.flatnonzero(table[slots]) * HEAD + start).tolist()


def _slot(head: bytes) -> int:
    return (int.from_bytes(head, "big") * MULTIPLIER % (1 << 64)) >> (64 - TABLE_BITS)


class Marks:
    """Hold byte strings of at least eight bytes under the names of their kinds, and find them."""

    def __init__(self, marks: Iterable[tuple[str, bytes]]) -> None:
        self._by_head: dict[bytes, set[tuple[str, bytes]]] = {}
        self._table = np.zeros(1 << TABLE_BITS, np.bool_)
        self.longest = HEAD
        for kind, mark in marks:
            if len(mark) < HEAD:
                raise ValueError(f"a mark of kind {kind} is too short to be sure of")
            self._by_head.setdefault(mark[:HEAD], set()).add((kind, mark))
            self._table[_slot(mark[:HEAD])] = True
            self.longest = max(self.longest, len(mark))

    def __len__(self) -> int:
        return sum(map(len, self._by_head.values()))

    def in_bytes(self, data: bytes) -> Counter[str]:
        """Count the different marks in `data`, by kind."""
        return Counter(kind for kind, _ in self._found(data))

    def in_pieces(self, pieces: Iterable[bytes]) -> Counter[str]:
        """Count the different marks in all pieces together."""
        return Counter(kind for kind, _ in set().union(*map(self._found, pieces)))

    def in_folder(self, folder: Path) -> Counter[str]:
        """Count the different marks in the files below a folder, and in their names.

        A file that is renamed meanwhile, as one just written is, lets the search begin again.
        """
        while True:
            files = sorted(path for path in folder.rglob("*") if path.is_file())
            names = "\n".join(str(path) for path in files).encode()
            with contextlib.suppress(FileNotFoundError):
                return self.in_pieces([names, *(piece for file in files for piece in self._pieces(file))])

    def in_file(self, file: Path) -> Counter[str]:
        return self.in_pieces(self._pieces(file))

    def _found(self, data: bytes) -> set[tuple[str, bytes]]:
        array = np.frombuffer(data, np.uint8)
        found = set()
        for at in _candidates(array, self._table):
            for kind, mark in self._by_head.get(data[at : at + HEAD], ()):
                if data.startswith(mark, at):
                    found.add((kind, mark))
        return found

    def _pieces(self, file: Path) -> Iterator[bytes]:
        with file.open("rb") as source:
            kept = b""
            while piece := source.read(FILE_PIECE):
                yield kept + piece
                kept = piece[-self.longest :]


def marks_of(people: Iterable[Stranger]) -> Iterator[tuple[str, bytes]]:
    """Yield all forms in which a person could be written down, and what anybody could compute from a number."""
    for person in people:
        for encoding in ENCODINGS:
            yield f"name {encoding}", person.name.encode(encoding)
            yield f"address {encoding}", person.address.encode(encoding)
            yield f"phone {encoding}", person.phone.encode(encoding)
            for number in {person.number, person.number.lower()}:
                yield f"number {encoding}", number.encode(encoding)
        for number in {person.number, person.number.lower()}:
            yield from _hashes_of(number.encode())


def _hashes_of(number: bytes) -> Iterator[tuple[str, bytes]]:
    for name in HASHES:
        raw = hashlib.new(name, number).digest()
        yield f"{name} raw", raw
        yield f"{name} hex", raw.hex().encode()
        yield f"{name} upper hex", raw.hex().upper().encode()
        yield f"{name} base64", base64.b64encode(raw).rstrip(b"=")
        yield f"{name} url base64", base64.urlsafe_b64encode(raw).rstrip(b"=")
