"""What crosses the wire for one row, byte for byte, and its columns at the coordinator.

One row, little-endian, no padding, width = 16·T + l/8 + 2 + 4 + P bytes:

| column  | bytes | meaning |
|---------|-------|---------|
| tokens  | 16·T  | one keyed token per token kind of the schema, in its order; filled in where this row has none |
| filter  | l/8   | the hardened record-level Bloom filter, bit i = byte i//8, bit i%8 (least significant first) |
| flags   | 2     | availability flags of the schema, bit i = flag i |
| scope   | 4     | anchors only: bit i = the row belongs to anchor set i of the warrant; 0 elsewhere |
| payload | P     | sealed payload; the coordinator cannot read it |

A row's only name is its position in the upload. Reveals: which rows of one round share a token, how near filters
are, by the filter's set bits roughly how much a row says. Nothing here links two rounds. Before an upload leaves, all
zero = this row has no such token.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

TOKEN_BYTES: Final = 16
PAYLOAD_PLAIN_BYTES: Final = 8
PAYLOAD_SEALED_BYTES: Final = PAYLOAD_PLAIN_BYTES + 16  # AES-256-GCM tag.


class Grade(IntEnum):
    """How sure a link is (design §5). A smaller number is surer."""

    A = 1  # Exact number, name agrees.
    B = 2  # Exact number, name disagrees: a person must look.
    C = 3  # Name, birth and sex.
    D = 4  # Fuzzy above the threshold, best and unambiguous.
    E = 5  # Ambiguous or near the threshold: "cannot tell".
    W = 6  # Wider band below E: "cannot tell" in a difference only.


@dataclass(frozen=True, slots=True)
class RowLayout:
    """Fix the columns of one upload. `payload_bytes` is 0 or PAYLOAD_SEALED_BYTES."""

    token_kinds: int
    filter_bits: int
    payload_bytes: int = 0

    def __post_init__(self) -> None:
        if self.token_kinds < 1 or self.filter_bits % 64 or self.filter_bits <= 0:
            raise ValueError("token kinds must be positive and filter bits a multiple of 64")

    @property
    def dtype(self) -> np.dtype[np.void]:
        """Return the row as a packed structured dtype; its itemsize is the row width."""
        fields: list[tuple[str, object]] = [
            ("tokens", (np.uint8, (self.token_kinds, TOKEN_BYTES))),
            ("filter", (np.uint8, (self.filter_bits // 8,))),
            ("flags", "<u2"),
            ("scope", "<u4"),
        ]
        if self.payload_bytes:
            fields.append(("payload", (np.uint8, (self.payload_bytes,))))
        return np.dtype(fields)

    @property
    def row_bytes(self) -> int:
        return self.dtype.itemsize


@dataclass(frozen=True, slots=True, repr=False)
class EncodedPopulation:
    """Hold one population's columns, memory-mapped or in memory, all of n rows.

    tokens: (n, T, 16) uint8 · filters: (n, l/64) uint64 · flags: (n,) uint16 · scope: (n,) uint32 ·
    payload: (n, P) uint8, P may be 0.
    """

    tokens: npt.NDArray[np.uint8]
    filters: npt.NDArray[np.uint64]
    flags: npt.NDArray[np.uint16]
    scope: npt.NDArray[np.uint32]
    payload: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return int(self.flags.shape[0])

    def __repr__(self) -> str:
        return f"EncodedPopulation(rows={len(self)})"


def population_from_rows(rows: npt.NDArray[np.void]) -> EncodedPopulation:
    """Split structured rows (RowLayout.dtype) into contiguous columns, in memory."""
    names = rows.dtype.names or ()
    payload = rows["payload"] if "payload" in names else np.zeros((len(rows), 0), np.uint8)
    return EncodedPopulation(
        tokens=np.ascontiguousarray(rows["tokens"]),
        filters=np.ascontiguousarray(rows["filter"]).view(np.uint64),
        flags=np.ascontiguousarray(rows["flags"]),
        scope=np.ascontiguousarray(rows["scope"]),
        payload=np.ascontiguousarray(payload),
    )


STRETCHES: Final = 8  # Of a column on disk that are read one after the other.
COLUMNS: Final = ("tokens", "filter", "flags", "scope", "payload")


def split_columns(rows_file: Path, layout: RowLayout, folder: Path, *, chunk_rows: int = 65536) -> None:
    """Write one raw file per column (`folder/<column>.bin`) from a file of rows, in bounded memory.

    Tokens are written kind by kind, (T, n, 16): joining one kind reads its bytes only.
    """
    count = rows_file.stat().st_size // layout.row_bytes
    names = [c for c in COLUMNS if c in (layout.dtype.names or ())]
    files = {name: (folder / f"{name}.bin").open("wb") for name in names}
    try:
        with rows_file.open("rb") as source:
            for start in range(0, count, chunk_rows):
                part = np.fromfile(source, layout.dtype, min(chunk_rows, count - start))
                for kind in range(layout.token_kinds):
                    files["tokens"].seek((kind * count + start) * TOKEN_BYTES)
                    files["tokens"].write(np.ascontiguousarray(part["tokens"][:, kind]).data)
                for name in names[1:]:
                    files[name].write(np.ascontiguousarray(part[name]).data)
    finally:
        for file in files.values():
            file.close()


def open_columns(folder: Path, layout: RowLayout) -> EncodedPopulation:
    """Memory-map the columns that `split_columns` wrote, read-only."""

    def column(name: str, dtype: str, *shape: int) -> npt.NDArray[np.generic]:
        path = folder / f"{name}.bin"
        if not path.exists() or path.stat().st_size == 0:
            return np.zeros((0, *shape) if shape else (0,), dtype)
        return np.memmap(path, dtype=dtype, mode="r").reshape(-1, *shape) if shape else np.memmap(path, dtype, "r")

    flags = column("flags", "<u2")
    tokens = column("tokens", "u1", TOKEN_BYTES).reshape(layout.token_kinds, -1, TOKEN_BYTES).transpose(1, 0, 2)
    payload = column("payload", "u1", layout.payload_bytes) if layout.payload_bytes else None
    return EncodedPopulation(
        tokens=tokens,  # type: ignore[arg-type]
        filters=column("filter", "<u8", layout.filter_bits // 64),  # type: ignore[arg-type]
        flags=flags,  # type: ignore[arg-type]
        scope=column("scope", "<u4"),  # type: ignore[arg-type]
        payload=np.zeros((len(flags), 0), np.uint8) if payload is None else payload,  # type: ignore[arg-type]
    )


def release_pages(*populations: EncodedPopulation) -> None:
    """Let go of the memory-mapped pages read so far; they stay in the system's cache and come back when read again.

    A process then holds what it works on and not every column it has ever touched.
    """
    for population in populations:
        for column in (population.tokens, population.filters, population.payload):
            mapped = _mapping_of(column)
            if mapped is not None:
                mapped.madvise(mmap.MADV_DONTNEED)


def take_rows(population: EncodedPopulation, rows: npt.NDArray[np.integer]) -> EncodedPopulation:
    """Return the listed rows in memory. Columns on disk are read one by one, a stretch at a time, and let go.

    rows: ascending. Reading rows here and there straight from a mapping would keep nearly all of it in memory.
    """
    kinds = population.tokens.shape[1]
    tokens = np.empty((len(rows), kinds, TOKEN_BYTES), np.uint8)
    filters = np.empty((len(rows), population.filters.shape[1]), np.uint64)
    for part in np.array_split(np.arange(len(rows)), STRETCHES):
        for kind in range(kinds):
            tokens[part, kind] = population.tokens[rows[part], kind]
        filters[part] = population.filters[rows[part]]
        release_pages(population)
    return EncodedPopulation(
        tokens=tokens,
        filters=filters,
        flags=np.asarray(population.flags[rows]),
        scope=np.asarray(population.scope[rows]),
        payload=np.asarray(population.payload[rows]),
    )


def is_mapped(population: EncodedPopulation) -> bool:
    """Tell whether the population's filters lie on disk."""
    return _mapping_of(population.filters) is not None


def _mapping_of(column: npt.NDArray[np.generic]) -> mmap.mmap | None:
    base: object = column
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap.mmap) and hasattr(base, "madvise") else None
