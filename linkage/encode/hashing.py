"""One chunk's hashing in one compiled call, so that the interpreter's lock is taken once and not for every kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linkage.encode.filters import LABEL as GRAM_LABEL
from linkage.encode.filters import FilterEncoder
from linkage.encode.lanes import STEP, add_fresh, fill_tokens
from linkage.encode.material import FLAGS, HOUSE, NAME, PARTS, PHONE, Material
from linkage.encode.mixing import add_known, add_listed, diffuse_rows, tile_sources
from linkage.encode.roundkey import RoundKey
from linkage.encode.sha256 import hmac_states
from linkage.encode.token_keys import TokenKeys
from linkage.encoded import TOKEN_BYTES
from linkage.jit import cached_jit
from linkage.schema import EncodingSchema

UNUSED_FLAG: Final = 16  # Shifted out of the sixteen bits.
HAN_BYTES: Final = 3
# Grams that have too many different values to keep their bitmaps: they are hashed for every row anew.
FRESH: Final = ("house", "phone", "bigram")
Ints = npt.NDArray[np.int32]


class Hashing:
    """Hold the keys of one round in the form the compiled code takes; turn material into rows. Safe for threads."""

    def __init__(self, schema: EncodingSchema, round_key: RoundKey, filters: FilterEncoder) -> None:
        self._schema = schema
        keys = TokenKeys(schema, round_key, PARTS)
        columns = _listed(keys.parts), _listed(keys.given)
        self._tokens = (*columns, *_padded(keys.prefixes), np.stack(keys.keys))
        hashes = np.array([schema.grams.get(kind, 0) for kind in FRESH], np.int64)
        fresh = _padded([GRAM_LABEL + kind.encode() + b"\0" for kind in FRESH])
        self._fresh = (*fresh, hashes, hmac_states(round_key.derive("filter")))
        self._sources = tile_sources(filters.permutations, schema.filter_bits)
        self._flags = np.array([schema.flags.index(f) if f in schema.flags else UNUSED_FLAG for f in FLAGS], np.uint32)

    def __repr__(self) -> str:
        return "Hashing()"

    def rows(self, material: Material, payload: bool) -> npt.NDArray[np.void]:
        """Return the encoded rows; scope and payload are zero."""
        layout, listed = self._schema.layout(payload), material.listed
        rows = np.zeros(len(material), layout.dtype)
        out = rows.view(np.uint8).reshape(len(rows), layout.row_bytes)
        plain = np.zeros((len(rows), self._schema.filter_bits // 64), np.uint64)
        _hash_rows(
            (material.arena, material.starts, material.sizes, material.names),
            self._tokens,
            (material.table, material.grams, listed.gram_ends, listed.grams),
            (listed.bigram_ends, listed.bigrams),
            self._fresh,
            self._sources,
            plain,
            out,
        )
        rows["flags"] = (material.flags.astype(np.uint32) << self._flags).sum(axis=1, dtype=np.uint32) & 0xFFFF
        return rows


@cached_jit
def _bigrams(names: Any, starts: Any, sizes: Any, ends: Any, listed: Any) -> Any:  # pragma: no cover - compiled
    """Return (b, 3): row, start and size of every pair of characters in the names."""
    count = 0
    for row in range(len(names)):
        name = names[row]
        count += max(0, sizes[row, NAME] // HAN_BYTES - 1) if name < 0 else ends[name + 1] - ends[name]
    found = np.empty((count, 3), np.int32)
    count = 0
    for row in range(len(names)):
        name = names[row]
        if name < 0:
            for at in range(0, sizes[row, NAME] - HAN_BYTES, HAN_BYTES):
                found[count, 0], found[count, 1], found[count, 2] = row, starts[row, NAME] + at, 2 * HAN_BYTES
                count += 1
        else:
            for i in range(ends[name], ends[name + 1]):
                found[count, 0], found[count, 1], found[count, 2] = row, listed[i, 0], listed[i, 1]
                count += 1
    return found


@cached_jit
def _hash_rows(
    parts: Any, tokens: Any, known: Any, listed: Any, fresh: Any, sources: Any, plain: Any, out: Any
) -> None:  # pragma: no cover - compiled
    """Fill out (n, row bytes) with tokens and filters; plain (n, l/64) is zero and takes the filters undiffused."""
    arena, starts, sizes, names = parts
    kinds, given, prefixes, prefix_sizes, keys = tokens
    for kind in range(len(kinds)):
        fill_tokens(
            arena, starts, sizes, kinds[kind][kinds[kind] >= 0], given[kind][given[kind] >= 0], prefixes[kind],
            prefix_sizes[kind], keys[kind], out, kind * TOKEN_BYTES,
        )  # fmt: skip
    table, grams, gram_ends, gram_list = known
    add_known(table, grams, plain)
    add_listed(table, names, gram_ends, gram_list, plain)
    prefixes, prefix_sizes, hashes, key = fresh
    every = np.arange(len(names)).astype(np.int32)
    for kind, part in ((0, HOUSE), (1, PHONE)):
        add_fresh(
            arena, every, starts[:, part], sizes[:, part], prefixes[kind], prefix_sizes[kind], hashes[kind], key, plain
        )
    pairs = _bigrams(names, starts, sizes, *listed)
    add_fresh(arena, pairs[:, 0], pairs[:, 1], pairs[:, 2], prefixes[2], prefix_sizes[2], hashes[2], key, plain)
    diffuse_rows(plain, sources, out, len(kinds) * TOKEN_BYTES)


def _listed(columns: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Return each kind's columns as a row, -1 behind them."""
    rows = np.full((len(columns), max(map(len, columns))), -1, np.int64)
    for row, listed in zip(rows, columns, strict=True):
        row[: len(listed)] = listed
    return rows


def _padded(texts: Sequence[bytes]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return what each kind's messages start with, with spare bytes behind, and their sizes."""
    room = max(map(len, texts)) + STEP
    rows = np.frombuffer(b"".join(text.ljust(room, b"\0") for text in texts), np.uint8).reshape(-1, room).copy()
    return rows, np.array([len(text) for text in texts], np.int64)
