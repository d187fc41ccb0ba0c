"""Chunks of raw rows in, chunks of encoded rows out: in bulk where it pays, else row by row; the bytes are the same.

The compiled way pays from some thousands of rows on: loading it takes half a second, compiling it once per machine
some ten more. Schemas with another hash than SHA-256 always go row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from linkage.encode.rows import RowEncoder
from linkage.errors import EncodingError
from linkage.normalise import normalise
from linkage.normalise.person import RawPerson, is_known

if TYPE_CHECKING:
    from linkage.encode.bulk import BulkEncoder

BULK_FROM: Final = 4096  # Rows in the first chunk; a shorter one is usually the whole population.
BULK_HASH: Final = "hmac-sha256"


@dataclass(frozen=True, slots=True, repr=False)
class RawChunk:
    """Some rows to encode, with one context and one scope per row or none at all."""

    persons: Sequence[RawPerson]
    contexts: Sequence[str] = ()
    scopes: Sequence[int] = ()

    def __post_init__(self) -> None:
        if any(given and len(given) != len(self.persons) for given in (self.contexts, self.scopes)):
            raise EncodingError("情境或范围的行数不符", "contexts and scopes need one entry per person")

    def __repr__(self) -> str:
        return f"RawChunk(rows={len(self.persons)})"


@dataclass(frozen=True, slots=True, repr=False)
class EncodedChunk:
    """The rows of a chunk in its order (schema.layout(payload).dtype), and which say by name or number who it is."""

    rows: npt.NDArray[np.void]
    known: npt.NDArray[np.bool_]

    def __repr__(self) -> str:
        return f"EncodedChunk(rows={len(self.rows)})"


def encode_raw(
    chunks: Iterable[RawChunk], encoder: RowEncoder, *, as_of: date, payload: bool = False, threads: int = 0
) -> Iterator[EncodedChunk]:
    """Yield every chunk encoded, in order; a few chunks are read ahead. `threads` 0 = one per core.

    `as_of` bounds dates and stands in for a missing `age_on`. The payload column is zero.
    """
    source = iter(chunks)
    first = next(source, None)
    if first is None:
        return
    whole = chain((first,), source)
    if encoder.schema.hash == BULK_HASH and len(first.persons) >= BULK_FROM:
        yield from bulk_encoder(encoder, as_of=as_of, threads=threads).encode(whole, payload=payload)
        return
    for chunk in whole:
        people = [normalise(raw, as_of=as_of) for raw in chunk.persons]
        rows = encoder.encode(people, contexts=chunk.contexts, scopes=chunk.scopes, payload=payload)
        yield EncodedChunk(rows, np.fromiter(map(is_known, people), np.bool_, len(people)))


def bulk_encoder(encoder: RowEncoder, *, as_of: date, threads: int = 0) -> BulkEncoder:
    """Return the compiled encoder of the same round. Raises EncodingError for a hash that is not compiled."""
    from linkage.encode.bulk import BulkEncoder  # Late import: the compiler takes a moment and much memory to load.

    return BulkEncoder(encoder.schema, encoder.round_key, as_of=as_of, threads=threads)
