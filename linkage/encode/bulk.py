"""Raw rows to rows of bytes in bulk: column by column, hashed in vector lanes, on all cores; the bytes of RowEncoder.

One thread reads the cells; the others hash, outside the interpreter's lock. Chunks come out in the order they went in,
and only a few are under way at once, so memory does not grow with the register. The bytes depend on the rows only,
never on chunks, order or threads. Compiling takes some seconds once per machine and is logged.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Final

from linkage.encode.filters import FilterEncoder
from linkage.encode.gathering import gather, regions_of
from linkage.encode.hashing import Hashing
from linkage.encode.in_order import in_order
from linkage.encode.raw_rows import BULK_HASH, EncodedChunk, RawChunk
from linkage.encode.roundkey import RoundKey
from linkage.encode.vocabulary import Vocabulary
from linkage.errors import EncodingError
from linkage.normalise.columns import ColumnReader
from linkage.normalise.person import RawPerson
from linkage.schema import EncodingSchema

log = logging.getLogger(__name__)
SLOW_SECONDS: Final = 2.0
# Cells of no plain form: reading them loads every table, so that no later row waits for one.
FIRST: Final = RawPerson(name="张 三（曾用名李四）", id_number="x", birth="一九九〇年", address="何集村西头")


class BulkEncoder:
    """Encode chunks of raw rows under one round key, byte for byte as normalise and RowEncoder do."""

    def __init__(self, schema: EncodingSchema, round_key: RoundKey, *, as_of: date, threads: int = 0) -> None:
        """`threads` 0 = one per core. Raises EncodingError for a schema whose hash is not compiled."""
        if schema.hash != BULK_HASH:
            raise EncodingError(f"批量编码不支持 {schema.hash}", f"bulk encoding does not support {schema.hash}")
        started = time.monotonic()
        self._threads = threads
        self._reader = ColumnReader(as_of=as_of)
        filters = FilterEncoder(schema, round_key)
        self._vocabulary = Vocabulary(filters)
        self._hashing = Hashing(schema, round_key, filters)
        self._job(RawChunk([FIRST]), False)()
        taken = time.monotonic() - started
        if taken > SLOW_SECONDS:
            log.info("compiled the encoder in %.1f s", taken)

    def __repr__(self) -> str:
        return f"BulkEncoder(threads={self._threads})"

    def encode(self, chunks: Iterable[RawChunk], *, payload: bool = False) -> Iterator[EncodedChunk]:
        """Return the encoded chunks in order; at most threads + 1 of them are read ahead."""
        return in_order((self._job(chunk, payload) for chunk in chunks), self._threads)

    def _job(self, chunk: RawChunk, payload: bool) -> Callable[[], EncodedChunk]:
        """Read a chunk, and return what is left to do with it, which any thread may."""
        people = self._reader.read(chunk.persons)
        regions = regions_of(people.digits)
        known = self._vocabulary.learn(people, regions)

        def finish() -> EncodedChunk:
            rows = self._hashing.rows(gather(people, regions, known, chunk.contexts), payload)
            if chunk.scopes:
                rows["scope"] = chunk.scopes
            return EncodedChunk(rows, people.known)

        return finish
