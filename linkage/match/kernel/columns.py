"""Turn rows into what the adder reads: right rows into blocks of columns, left rows into lists of set positions."""

from __future__ import annotations

import numpy as np

from linkage.jit import cached_jit
from linkage.match.kernel.bits import ctpop, write_eight

BATCH = 32  # Positions the adder takes at once.


@cached_jit
def transpose_words(x):  # type: ignore[no-untyped-def]
    """Transpose 64 words as a square of bits, in place: bit k of word p becomes bit p of word k."""
    width, mask = 32, np.uint64(0x00000000FFFFFFFF)
    while width:
        shift = np.uint64(width)
        k = 0
        while k < 64:
            swap = ((x[k] >> shift) ^ x[k + width]) & mask
            x[k + width] ^= swap
            x[k] ^= swap << shift
            k = (k + width + 1) & ~width
        width >>= 1
        mask ^= mask << np.uint64(width)


@cached_jit
def fill_blocks(rows, words, blocks):  # type: ignore[no-untyped-def]
    """Write the first `words` words of all rows as columns; rows a block lacks are empty.

    blocks: uint64 (blocks, 64·words + 1, lanes), row r in block r // (64·lanes), bit r % 64 of lane r // 64 % lanes.
    The last vector of a block stays empty: lists are padded with it.
    """
    lanes = blocks.shape[2]
    square = np.empty(64, np.uint64)
    for k in range(len(blocks)):
        blocks[k, 64 * words] = np.uint64(0)
        for lane in range(lanes):
            first = (k * lanes + lane) * 64
            for w in range(words):
                for r in range(64):
                    square[r] = rows[first + r, w] if first + r < len(rows) else np.uint64(0)
                transpose_words(square)
                for p in range(64):
                    blocks[k, 64 * w + p, lane] = square[p]


@cached_jit
def fill_slices(values, slices):  # type: ignore[no-untyped-def]
    """Write one number per right row as bit slices: uint64 (blocks, slices, lanes)."""
    slices[:] = np.uint64(0)
    lanes = slices.shape[2]
    for r in range(len(values)):
        k, lane, bit = r // (64 * lanes), r // 64 % lanes, np.uint64(r % 64)
        for s in range(slices.shape[1]):
            slices[k, s, lane] |= np.uint64(values[r] >> s & 1) << bit


@cached_jit
def positions_in_bytes(lanes):  # type: ignore[no-untyped-def]
    """Return, per value of a byte, the offsets of its set bits, in the first places of eight."""
    table = np.zeros((256, 8), np.uint16)
    for value in range(256):
        n = 0
        for bit in range(8):
            if value >> bit & 1:
                table[value, n] = bit * lanes
                n += 1
    return table


@cached_jit
def append_positions(word, first, table, lists, end):  # type: ignore[no-untyped-def]
    """Append the offsets of a word's set bits to a list that ends at `end`; return the new end.

    first: the offset of bit 0. Eight entries are written per byte, of which those beyond its bits are overwritten.
    """
    step = np.uint16(table[128, 0] + table[2, 0])  # Eight bits on.
    base = np.uint16(first)
    while word:
        value = np.int64(word & np.uint64(255))
        write_eight(lists, end, table, value, base)
        end += np.int64(ctpop(word & np.uint64(255)))
        word >>= np.uint64(8)
        base = np.uint16(base + step)
    return end


@cached_jit
def lowest_bits(word, n):  # type: ignore[no-untyped-def]
    """Return the word with only its n lowest set bits."""
    rest = word
    for _ in range(n):
        rest &= rest - np.uint64(1)
    return word ^ rest


@cached_jit
def shared_to_take(both, first, second):  # type: ignore[no-untyped-def]
    """Return how many of `both` shared positions to list once so that the three padded lists are shortest together."""
    best, lowest = 0, 1 << 30
    for taken in range(both, max(-1, both - BATCH), -1):
        batches = (taken + BATCH - 1) // BATCH
        batches += (first - taken + BATCH - 1) // BATCH + (second - taken + BATCH - 1) // BATCH
        if batches < lowest:
            best, lowest = taken, batches
    return best


@cached_jit
def list_positions(rows, first, size, words, lanes, lists, at):  # type: ignore[no-untyped-def]
    """Write, per pair of rows, the positions set in both, in the first and in the second, as offsets of vectors.

    first, size: int64 per pair, size 1 or 2; lists: uint16, `room_of_lists(words)` per pair; at: int64 (pairs, 4),
    where the three lists begin and where the last ends. Lists are padded to whole batches with the empty vector.
    """
    room, table = room_of_lists(words), positions_in_bytes(lanes)
    extracted = np.zeros(words, np.uint64)
    for g in range(len(first)):
        a, b = rows[first[g]], rows[first[g] + size[g] - 1]
        ones = np.zeros(3, np.int64)
        for w in range(words):
            ones[0] += np.int64(ctpop(a[w] & b[w]))
            ones[1] += np.int64(ctpop(a[w]))
            ones[2] += np.int64(ctpop(b[w]))
        left = shared_to_take(ones[0], ones[1], ones[2]) if size[g] == 2 else 0
        end = at[g, 0] = g * room
        for w in range(words):
            n = min(left, np.int64(ctpop(a[w] & b[w])))
            extracted[w] = lowest_bits(a[w] & b[w], n)
            end = append_positions(extracted[w], 64 * w * lanes, table, lists, end)
            left -= n
        for r in range(3):
            if 0 < r <= size[g]:
                for w in range(words):
                    end = append_positions((a[w] if r == 1 else b[w]) ^ extracted[w], 64 * w * lanes, table, lists, end)
            while (end - at[g, r]) % BATCH:
                lists[end] = np.uint16(64 * words * lanes)
                end += 1
            at[g, r + 1] = end


@cached_jit
def room_of_lists(words):  # type: ignore[no-untyped-def]
    """Return how many entries the lists of two rows can take, with what is written beyond their end for a moment."""
    return 128 * words + 3 * BATCH + 8
