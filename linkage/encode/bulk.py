"""Raw rows to rows of bytes in bulk: column by column, hashed in vector lanes, on all cores; the bytes of RowEncoder.

One thread reads the cells; the others hash, outside the interpreter's lock. Chunks come out in the order they went in,
and only a few are under way at once, so memory does not grow with the register. The bytes depend on the rows only,
never on chunks, order or threads. Compiling takes some seconds once per machine and is logged.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from linkage.encode.filters import LABEL as GRAM_LABEL
from linkage.encode.filters import FilterEncoder
from linkage.encode.gathering import gather
from linkage.encode.lanes import STEP, add_fresh, fill_tokens
from linkage.encode.material import FLAGS, HOUSE, NAME, PARTS, PHONE, Material
from linkage.encode.mixing import add_known, add_listed, diffuse_rows, tile_sources
from linkage.encode.raw_rows import BULK_HASH, EncodedChunk, RawChunk
from linkage.encode.roundkey import RoundKey
from linkage.encode.sha256 import hmac_states
from linkage.encode.tokens import LABEL as TOKEN_LABEL
from linkage.encode.vocabulary import Vocabulary
from linkage.encoded import TOKEN_BYTES
from linkage.errors import EncodingError
from linkage.normalise.columns import ColumnReader
from linkage.normalise.person import RawPerson
from linkage.schema import EncodingSchema

log = logging.getLogger(__name__)
SLOW_SECONDS: Final = 2.0
UNUSED_FLAG: Final = 16  # Shifted out of the sixteen bits.
HAN_BYTES: Final = 3
MOST_ORDINARY: Final = 3  # Characters of an ordinary name.
Ints = npt.NDArray[np.int32]


class Hashing:
    """Hold the keys of one round in the form the compiled code takes; turn material into rows. Safe for threads."""

    def __init__(self, schema: EncodingSchema, round_key: RoundKey, filters: FilterEncoder) -> None:
        self._schema, self._width = schema, schema.filter_bits // 64
        self._tokens = [
            (
                np.array([PARTS.index(part) for part in kind.parts]),
                _prefix(TOKEN_LABEL, kind.tag),
                hmac_states(round_key.derive(f"token/{kind.tag}")),
            )
            for kind in schema.tokens
        ]
        self._key = hmac_states(round_key.derive("filter"))
        self._prefixes = {kind: _prefix(GRAM_LABEL, kind) for kind in ("bigram", "house", "phone")}
        self._sources = tile_sources(filters.permutations, schema.filter_bits)
        self._flags = np.array([schema.flags.index(f) if f in schema.flags else UNUSED_FLAG for f in FLAGS], np.uint32)

    def __repr__(self) -> str:
        return "Hashing()"

    def rows(self, material: Material, payload: bool) -> npt.NDArray[np.void]:
        """Return the encoded rows; scope and payload are zero."""
        layout = self._schema.layout(payload)
        rows = np.zeros(len(material), layout.dtype)
        out = rows.view(np.uint8).reshape(len(rows), layout.row_bytes)
        arena, starts, sizes = material.arena, material.starts, material.sizes
        for i, (parts, prefix, keys) in enumerate(self._tokens):
            fill_tokens(arena, starts, sizes, parts, prefix, keys, out, i * TOKEN_BYTES)
        plain = np.zeros((len(rows), self._width), np.uint64)
        add_known(material.table, material.grams, plain)
        add_listed(material.table, material.names, material.listed.gram_ends, material.listed.grams, plain)
        for kind, owners, start, size in _fresh_grams(material):
            add_fresh(
                arena, owners, start, size, self._prefixes[kind], self._schema.grams.get(kind, 0), self._key, plain
            )
        diffuse_rows(plain, self._sources, out, layout.token_kinds * TOKEN_BYTES)
        rows["flags"] = (material.flags.astype(np.uint32) << self._flags).sum(axis=1, dtype=np.uint32) & 0xFFFF
        return rows


def _fresh_grams(material: Material) -> Iterator[tuple[str, Ints, Ints, Ints]]:
    """Yield (kind, rows, starts, sizes) of the grams that have too many different values to keep their bitmaps."""
    every = np.arange(len(material), dtype=np.int32)
    starts, sizes, names = material.starts, material.sizes, material.names
    yield "house", every, starts[:, HOUSE], sizes[:, HOUSE]
    yield "phone", every, starts[:, PHONE], sizes[:, PHONE]
    for place in range(MOST_ORDINARY - 1):
        there = (names < 0) & (sizes[:, NAME] > (place + 1) * HAN_BYTES)
        yield "bigram", every, starts[:, NAME] + place * HAN_BYTES, np.where(there, 2 * HAN_BYTES, 0).astype(np.int32)
    odd = np.flatnonzero(names >= 0).astype(np.int32)
    first, last = material.listed.bigram_ends[names[odd]], material.listed.bigram_ends[names[odd] + 1]
    counts = last - first
    index = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
    found = material.listed.bigrams[index]
    yield "bigram", np.repeat(odd, counts), found[:, 0], found[:, 1]


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
        """Yield the encoded chunks in order; at most threads + 1 of them are read ahead."""
        if self._threads == 1:
            yield from (self._encode(chunk, payload) for chunk in chunks)
            return
        waiting: deque[Future[EncodedChunk]] = deque()
        with ThreadPoolExecutor(self._threads, "encode") as pool:
            try:
                for chunk in chunks:
                    waiting.append(pool.submit(self._hashed, *self._prepared(chunk), payload))
                    if len(waiting) > self._threads:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

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


def _prefix(label: bytes, name: str) -> npt.NDArray[np.uint8]:
    """Return the bytes every message of one kind starts with, and the spare ones that copying in steps reads."""
    return np.frombuffer(label + name.encode() + b"\0" + bytes(STEP), np.uint8)
