"""Compiled HMAC-SHA-256 of many short messages: the tokens of a chunk, and the positions of grams seldom met twice.

Messages wait in as many buffers as there are lanes; when all are full, or the list ends, they are hashed together.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linkage.encode.sha256 import BLOCK_BYTES, LANES, big_endian_word, close_hmac, compress, copy_16, put_word
from linkage.encoded import TOKEN_BYTES
from linkage.jit import cached_jit

STEP: Final = 16  # Bytes are copied in steps: behind every source and every buffer so many must be readable.
PADDING: Final = 2 * BLOCK_BYTES + STEP
WORDS_PER_MAC: Final = 16
SEPARATOR: Final = 0x1F
Bytes = npt.NDArray[np.uint8]


@cached_jit
def copy_bytes(target: Bytes, at: int, source: Bytes, start: int, size: int) -> int:  # pragma: no cover - compiled
    """Copy bytes, and up to 15 more that the next write covers; return where they end."""
    for step in range(0, size, STEP):
        copy_16(target, at + step, source, start + step)
    return at + size


@cached_jit
def close_message(buffer: Bytes, start: int, end: int) -> int:  # pragma: no cover - compiled
    """Pad the message from start to end, which follows a block of key; return its number of blocks."""
    blocks = (end - start + 9 + BLOCK_BYTES - 1) // BLOCK_BYTES
    last = start + blocks * BLOCK_BYTES
    buffer[end] = 0x80
    for i in range(end + 1, last - 4, 4):
        put_word(buffer, i, np.uint32(0))
    put_word(buffer, last - 4, np.uint32((BLOCK_BYTES + end - start) * 8))
    return blocks


@cached_jit
def hash_lanes(buffer: Bytes, room: int, blocks: Any, keys: Any, state: Any, words: Any) -> None:  # pragma: no cover
    """Leave the HMAC of every lane's message, `room` bytes apart, in state (8, LANES); keys (2, 8) of hmac_states."""
    least = most = blocks[0]
    for lane in range(1, LANES):
        least, most = min(least, blocks[lane]), max(most, blocks[lane])
    for i in range(8):
        word = keys[0, i]
        for lane in range(LANES):
            state[i, lane] = word
    for block in range(most):
        for lane in range(LANES):
            at = lane * room + block * BLOCK_BYTES
            for t in range(16):
                words[t, lane] = big_endian_word(buffer, at + 4 * t)
        if block < least:
            compress(state, words)
            continue
        before = state.copy()
        compress(state, words)
        for lane in range(LANES):
            if block >= blocks[lane]:  # This lane's message was shorter: it stays as it was.
                for i in range(8):
                    state[i, lane] = before[i, lane]
    close_hmac(state, keys)


@cached_jit
def fill_tokens(
    arena: Bytes, starts: Any, sizes: Any, parts: Any, given: Any, prefix: Bytes, first: Any, keys: Any, out: Bytes,
    column: Any,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Write the tokens of one kind into out (n, row bytes) from `column` on, of the rows that have all its parts.

    starts and sizes (n, parts) lie in arena, which has 16 bytes to spare; so has prefix, of which `first` bytes count ·
    parts, given: the kind's · keys (2, 8).
    """
    longest = 0
    for row in range(len(sizes)):
        total = 0
        for part in parts:
            total += sizes[row, part] + 1
        longest = max(longest, total)
    room = first + longest + PADDING
    buffer = np.zeros(LANES * room, np.uint8)
    for lane in range(LANES):
        copy_bytes(buffer, lane * room, prefix, 0, first)
    blocks, targets = np.zeros(LANES, np.int64), np.zeros(LANES, np.int64)
    state, words = np.zeros((8, LANES), np.uint32), np.zeros((16, LANES), np.uint32)
    used = 0
    for row in range(len(sizes) + 1):
        if row < len(sizes):
            whole = True
            for part in parts:
                whole &= sizes[row, part] > 0
            for part in given:
                whole &= sizes[row, part] > 0
            if not whole:
                continue
            at = used * room + first
            for part in parts:
                at = copy_bytes(buffer, at, arena, starts[row, part], sizes[row, part])
                buffer[at] = SEPARATOR
                at += 1
            blocks[used] = close_message(buffer, used * room, at - 1)
            targets[used] = row
            used += 1
        if used == LANES or (row == len(sizes) and used):
            hash_lanes(buffer, room, blocks, keys, state, words)
            for lane in range(used):
                for i in range(TOKEN_BYTES // 4):
                    put_word(out, targets[lane] * out.shape[1] + column + 4 * i, state[i, lane])
            used = 0


@cached_jit
def _set_bits(state: Any, lane: int, count: int, plain: Any, row: int) -> None:  # pragma: no cover - compiled
    mask = np.uint32(plain.shape[1] * 64 - 1)  # The number of bits is a power of two.
    for i in range(count):
        word = state[i // 2, lane] >> np.uint32(16 - i % 2 * 16)
        # The bytes of a position are little-endian, those of the hash's words big-endian.
        position = (word >> np.uint32(8) & np.uint32(0xFF) | (word & np.uint32(0xFF)) << np.uint32(8)) & mask
        plain[row, position >> np.uint32(6)] |= np.uint64(1) << np.uint64(position & np.uint32(63))


@cached_jit
def add_fresh(
    arena: Bytes, rows: Any, starts: Any, sizes: Any, prefix: Bytes, first: Any, hashes: Any, key: Any, plain: Any
) -> None:  # pragma: no cover - compiled
    """Set the bits of one kind of grams in plain (n, l/64): gram i of row rows[i] lies in arena, size 0 = none."""
    longest = 0
    for size in sizes:
        longest = max(longest, size)
    room = first + longest + 2 + PADDING
    buffer = np.zeros(LANES * room, np.uint8)
    for lane in range(LANES):
        copy_bytes(buffer, lane * room, prefix, 0, first)
    blocks, targets = np.zeros(LANES, np.int64), np.zeros(LANES, np.int64)
    state, words = np.zeros((8, LANES), np.uint32), np.zeros((16, LANES), np.uint32)
    for counter in range((hashes + WORDS_PER_MAC - 1) // WORDS_PER_MAC):
        count = min(WORDS_PER_MAC, hashes - counter * WORDS_PER_MAC)
        used = 0
        for i in range(len(rows) + 1):
            if i < len(rows):
                if sizes[i] == 0:
                    continue
                at = copy_bytes(buffer, used * room + first, arena, starts[i], sizes[i])
                buffer[at] = 0
                buffer[at + 1] = counter
                blocks[used] = close_message(buffer, used * room, at + 2)
                targets[used] = rows[i]
                used += 1
            if used == LANES or (i == len(rows) and used):
                hash_lanes(buffer, room, blocks, key, state, words)
                for lane in range(used):
                    _set_bits(state, lane, count, plain, targets[lane])
                used = 0


@cached_jit
def fill_macs(arena: Bytes, starts: Any, sizes: Any, key: Any, out: Bytes) -> None:  # pragma: no cover - compiled
    """Write the HMAC of every message into out (n, 32); messages lie in arena, which has 16 bytes to spare."""
    room = sizes.max() + PADDING
    buffer = np.zeros(LANES * room, np.uint8)
    blocks = np.zeros(LANES, np.int64)
    state, words = np.zeros((8, LANES), np.uint32), np.zeros((16, LANES), np.uint32)
    for first in range(0, len(starts), LANES):
        used = min(LANES, len(starts) - first)
        for lane in range(used):
            end = copy_bytes(buffer, lane * room, arena, starts[first + lane], sizes[first + lane])
            blocks[lane] = close_message(buffer, lane * room, end)
        hash_lanes(buffer, room, blocks, key, state, words)
        for lane in range(used):
            for i in range(8):
                put_word(out, (first + lane) * 32 + 4 * i, state[i, lane])
