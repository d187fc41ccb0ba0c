"""Raw Latin rows to rows of bytes in bulk, on all cores; the bytes of LatinEncoder.

One thread joins a chunk's cells; folding, grams, hashing and diffusion are compiled and run on the others,
outside the interpreter's lock. Only a few chunks are under way at once and the tables have fixed sizes, so memory does
not grow with the register. The bytes depend on the rows only, never on chunks, order or threads.
"""

from __future__ import annotations

import functools
import itertools
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from linkage.encode.filters import FilterEncoder
from linkage.encode.in_order import in_order
from linkage.encode.lanes import fill_tokens
from linkage.encode.latin.filling import fill_filters
from linkage.encode.latin.numbering import GramTable, list_grams
from linkage.encode.latin.reading import CELLS, GIVEN, PARTS, SURNAME, Folded, fold_cells, join_cells
from linkage.encode.latin.rows import LatinEncoder
from linkage.encode.mixing import tile_sources
from linkage.encode.raw_rows import BULK_HASH
from linkage.encode.roundkey import RoundKey
from linkage.encode.token_keys import TokenKeys
from linkage.encoded import TOKEN_BYTES
from linkage.errors import EncodingError
from linkage.normalise.latin import LatinRow
from linkage.schema import EncodingSchema

log = logging.getLogger(__name__)
SLOW_SECONDS: Final = 2.0
MISSING_AT_ONCE: Final = 1 << 14
ROWS_AT_ONCE: Final = 1024


class LatinBulkEncoder:
    """Encode chunks of raw Latin rows under one round key, byte for byte as LatinEncoder does."""

    def __init__(self, schema: EncodingSchema, round_key: RoundKey, *, threads: int = 0) -> None:
        """`threads` 0 = one per core. Raises EncodingError for another kind of schema, or a hash not compiled."""
        if schema.hash != BULK_HASH:
            raise EncodingError(f"批量编码不支持 {schema.hash}", f"bulk encoding does not support {schema.hash}")
        started = time.monotonic()
        self._schema = schema
        self._threads = threads
        self._plain = LatinEncoder(schema, round_key)
        filters = FilterEncoder(schema, round_key)
        self._table = GramTable(schema, round_key)
        self._hashes = np.array([kind.hashes for kind in schema.fields], np.int64)
        self._sources = tile_sources(filters.permutations, schema.filter_bits).astype(np.uint16)
        self._tokens = TokenKeys(schema, round_key, PARTS)
        self._sounds = np.zeros(len(PARTS), np.int64)
        self._sounds[[GIVEN, SURNAME]] = CELLS, CELLS + 1
        first = [LatinRow("a", "b", "1")]
        self._encode(join_cells(first), first, payload=False)
        taken = time.monotonic() - started
        if taken > SLOW_SECONDS:
            log.info("compiled the encoder in %.1f s", taken)

    def __repr__(self) -> str:
        return f"LatinBulkEncoder(threads={self._threads})"

    def encode(self, chunks: Iterable[Sequence[LatinRow]], *, payload: bool = False) -> Iterator[npt.NDArray[np.void]]:
        """Yield the encoded chunks in order (schema.layout(payload).dtype); at most threads + 1 are read ahead."""
        jobs = (functools.partial(self._encode, join_cells(rows), rows, payload=payload) for rows in chunks)
        return in_order(jobs, self._threads)

    def _encode(self, text: bytes, raw: Sequence[LatinRow], *, payload: bool) -> npt.NDArray[np.void]:
        layout = self._schema.layout(payload)
        rows = np.zeros(len(raw), layout.dtype)
        if not len(raw):
            return rows
        out = rows.view(np.uint8).reshape(len(raw), layout.row_bytes)
        folded = fold_cells(text, len(raw))
        for kind in range(len(self._schema.tokens)):
            fill_tokens(folded.arena, folded.starts, folded.sizes, *self._tokens.of(kind), out, kind * TOKEN_BYTES)
        strange = np.flatnonzero(self._fill(folded, out, len(self._schema.tokens) * TOKEN_BYTES))
        if len(strange):
            rows[strange] = self._plain.encode([raw[i] for i in strange.tolist()], payload=payload)
        return rows

    def _fill(self, folded: Folded, out: npt.NDArray[np.uint8], column: int) -> npt.NDArray[np.uint8]:
        """Write the filters, some rows at a time so that their lists stay in the cache; return which rows are odd."""
        table, n = self._table, len(folded)
        ends = [*range(0, n, ROWS_AT_ONCE), n]
        # No kind makes more grams of a cell than it has characters, and one.
        most = (folded.sizes[:, table.fields[:, 0]] + 1) @ (table.fields[:, 3] - table.fields[:, 2])
        listed = np.empty(np.add.reduceat(most, ends[:-1]).max(), np.uint64)
        counts, odd = np.zeros((n, len(table.fields)), np.int32), np.zeros(n, np.uint8)
        missing = np.empty(MISSING_AT_ONCE, np.int64)
        parts = (folded.arena, folded.starts, folded.sizes, self._sounds)
        known = (table.fields, table.sections, table.known)
        for rows in itertools.pairwise(ends):
            lost = len(missing)
            while lost == len(missing):  # Else it had room for all that were not known, and now they are.
                lost = list_grams(parts, rows, known, listed, counts, odd, missing)
                table.learn(np.unique(missing[:lost]))
            fill_filters(listed, counts, rows, (self._hashes, table.cells), self._sources, out, column)
        return odd
