"""Fill missing tokens, compiled, in vector lanes: the bytes of absences.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from linkage.encode.absences import PER_MAC, SEED_BYTES
from linkage.encode.lanes import PADDING, STEP, close_message, copy_bytes, hash_lanes
from linkage.encode.sha256 import LANES, big_endian_word, hmac_states, put_word
from linkage.encoded import TOKEN_BYTES
from linkage.jit import cached_jit

ROOM = SEED_BYTES + 1 + PADDING
WORD_BYTES = 4
WORDS = TOKEN_BYTES // WORD_BYTES


def fill_compiled(rows: npt.NDArray[np.void], key: bytes) -> None:
    """Fill rows (RowLayout.dtype, contiguous) in place."""
    kinds = rows.dtype["tokens"].shape[0]
    size = rows.dtype["filter"].shape[0]
    _fill(rows.view(np.uint8).reshape(-1), rows.dtype.itemsize, (kinds, size), hmac_states(key))


@cached_jit
def _is_absent(flat: Any, at: Any) -> Any:  # pragma: no cover - compiled
    """Tell whether the token at `at` is all zero; nearly every other one shows by its first byte."""
    if flat[at]:
        return False
    found = 0
    for i in range(at, at + TOKEN_BYTES):
        found |= flat[i]
    return found == 0


@cached_jit
def _write(flat: Any, at: Any, last: Any, state: Any, lane: Any) -> None:  # pragma: no cover - compiled
    """Write the halves of a lane's HMAC to those of two places that are absent; `last`: the second is no place."""
    for half in range(1 if last else PER_MAC):
        start = at + half * TOKEN_BYTES
        if _is_absent(flat, start):
            for i in range(WORDS):
                put_word(flat, start + i * WORD_BYTES, state[half * WORDS + i, lane])


@cached_jit
def _fold(flat: Any, at: Any, size: Any, seed: Any) -> None:  # pragma: no cover - compiled
    """Leave the exclusive or of the filter's parts in seed; `size` is a multiple of 8."""
    for place in range(0, SEED_BYTES, WORD_BYTES):
        word = np.uint32(0)
        for start in range(place, size, SEED_BYTES):
            word ^= big_endian_word(flat, at + start)
        put_word(seed, place, word)


@cached_jit
def _fill(flat: Any, width: Any, sizes: Any, keys: Any) -> None:  # pragma: no cover - compiled
    """Fill the tokens at the start of every row of `width` bytes; its filter follows them.

    sizes: how many tokens, and the bytes of the filter · keys (2, 8).
    """
    kinds, filter_bytes = sizes
    seed = np.zeros(SEED_BYTES + STEP, np.uint8)
    buffer = np.zeros(LANES * ROOM, np.uint8)
    blocks, targets = np.zeros(LANES, np.int64), np.zeros(LANES, np.int64)
    lasts = np.zeros(LANES, np.bool_)
    state, words = np.zeros((8, LANES), np.uint32), np.zeros((16, LANES), np.uint32)
    for lane in range(LANES):  # All messages have one length: what is behind it stays.
        blocks[lane] = close_message(buffer, lane * ROOM, lane * ROOM + SEED_BYTES + 1)
    used = 0
    for row in range(0, len(flat), width):
        _fold(flat, row + kinds * TOKEN_BYTES, filter_bytes, seed)
        for kind in range(0, kinds, PER_MAC):
            at = row + kind * TOKEN_BYTES
            last = kind + 1 == kinds
            if not (_is_absent(flat, at) or (not last and _is_absent(flat, at + TOKEN_BYTES))):
                continue
            buffer[copy_bytes(buffer, used * ROOM, seed, 0, SEED_BYTES)] = kind // PER_MAC
            targets[used], lasts[used] = at, last
            used += 1
            if used == LANES:
                hash_lanes(buffer, ROOM, blocks, keys, state, words)
                for lane in range(used):
                    _write(flat, targets[lane], lasts[lane], state, lane)
                used = 0
    if used:
        hash_lanes(buffer, ROOM, blocks, keys, state, words)
        for lane in range(used):
            _write(flat, targets[lane], lasts[lane], state, lane)
