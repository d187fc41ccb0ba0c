"""Raw rows to rows of bytes in bulk: column by column, hashed in vector lanes, on all cores; the bytes of RowEncoder.

One thread reads the cells; the others hash, outside the interpreter's lock. Chunks come out in the order they went in,
and only a few are under way at once, so memory does not grow with the register. The bytes depend on the rows only,
never on chunks, order or threads. Compiling takes some seconds once per machine and is logged.
"""

from __future__ import annotations

import functools
import logging
import os
import time
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from linkage.encode.filters import FilterEncoder
from linkage.encode.gathering import gather
from linkage.encode.hashing import Hashing
from linkage.encode.in_order import in_order
from linkage.encode.material import Material
from linkage.encode.raw_rows import BULK_HASH, EncodedChunk, RawChunk
from linkage.encode.roundkey import RoundKey
from linkage.encode.vocabulary import Vocabulary
from linkage.errors import EncodingError
from linkage.normalise.columns import ColumnReader
from linkage.normalise.person import RawPerson
from linkage.schema import EncodingSchema

log = logging.getLogger(__name__)
SLOW_SECONDS: Final = 2.0


class BulkEncoder:
    """Encode chunks of raw rows under one round key, byte for byte as normalise and RowEncoder do."""

    def __init__(self, schema: EncodingSchema, round_key: RoundKey, *, as_of: date, threads: int = 0) -> None:
        """`threads` 0 = one per core. Raises EncodingError for a schema whose hash is not compiled."""
        if schema.hash != BULK_HASH:
            raise EncodingError(f"批量编码不支持 {schema.hash}", f"bulk encoding does not support {schema.hash}")
        started = time.monotonic()
        self._threads = threads or os.cpu_count() or 1
        self._reader = ColumnReader(as_of=as_of)
        self._filters = FilterEncoder(schema, round_key)
        self._vocabulary = Vocabulary(self._filters)
        self._hashing = Hashing(schema, round_key, self._filters)
        self._encode(RawChunk([RawPerson()]), False)
        taken = time.monotonic() - started
        if taken > SLOW_SECONDS:
            log.info("compiled the encoder in %.1f s", taken)

    def __repr__(self) -> str:
        return f"BulkEncoder(threads={self._threads})"

    def encode(self, chunks: Iterable[RawChunk], *, payload: bool = False) -> Iterator[EncodedChunk]:
        """Return the encoded chunks in order; at most threads + 1 of them are read ahead."""
        jobs = (functools.partial(self._hashed, *self._prepared(chunk), payload) for chunk in chunks)
        return in_order(jobs, self._threads)

    def _encode(self, chunk: RawChunk, payload: bool) -> EncodedChunk:
        return self._hashed(*self._prepared(chunk), payload)

    def _prepared(self, chunk: RawChunk) -> tuple[Material, RawChunk, npt.NDArray[np.bool_]]:
        people = self._reader.read(chunk.persons)
        return gather(people, self._vocabulary, chunk.contexts), chunk, people.known

    def _hashed(self, material: Material, chunk: RawChunk, known: npt.NDArray[np.bool_], payload: bool) -> EncodedChunk:
        rows = self._hashing.rows(material, payload)
        if chunk.scopes:
            rows["scope"] = chunk.scopes
        return EncodedChunk(rows, known)
