"""A hash table of 16-byte tokens: the compiled loops under the token joins.

Tokens come as two 64-bit words, (0, 0) = absent. A slot holds 32 bits of the hash and the number of a distinct value
plus one, 0 = free; the value's words lie in `keys`, so that a probe that misses touches one cache line and a hit is
always checked against all 16 bytes. The salt comes from the data, so nobody who knows only his own tokens can choose
them to collide. Nothing here depends on the order of slots.
"""

from __future__ import annotations

import numpy as np

from linkage.jit import cached_jit
from linkage.match.kernel.bits import ctpop

LOW = np.uint64(0xFFFFFFFF)
HIGH = np.uint64(0xFFFFFFFF00000000)
ODD_A = np.uint64(0x9E3779B97F4A7C15)
ODD_B = np.uint64(0xC2B2AE3D27D4EB4F)
HALF = np.uint64(32)
ZERO = np.uint64(0)


@cached_jit
def count_present(words, columns):  # type: ignore[no-untyped-def]
    """Return how many tokens the columns have. words: uint64 (n, kinds, 2); columns: int64."""
    found = 0
    for c in columns:
        for i in range(len(words)):
            if words[i, c, 0] != ZERO or words[i, c, 1] != ZERO:
                found += 1
    return found


@cached_jit
def fold_words(words, columns, step):  # type: ignore[no-untyped-def]
    """Return all bits of every step-th row's tokens folded into one word."""
    salt = ZERO
    for i in range(0, len(words), step):
        for c in columns:
            salt = (salt ^ words[i, c, 0]) * ODD_A
            salt ^= (salt >> HALF) ^ words[i, c, 1]
    return salt


@cached_jit
def _mixed(x, y, salt):  # type: ignore[no-untyped-def]
    mixed = (x ^ salt) * ODD_A
    mixed = ((mixed ^ (mixed >> HALF)) ^ y) * ODD_B
    return mixed ^ (mixed >> HALF)


@cached_jit
def number_values(words, columns, salt, table, keys, rows, values):  # type: ignore[no-untyped-def]
    """List the tokens by row, number their distinct values and enter these into the table; return how many there are.

    table: uint64, zero, a power of two larger than the tokens; keys: uint64 (tokens, 2); rows, values: int32 (tokens,):
    the row of each token and the number of its value.
    """
    mask = np.uint64(len(table) - 1)
    listed = distinct = 0
    for i in range(len(words)):
        for c in columns:
            x, y = words[i, c, 0], words[i, c, 1]
            if x == ZERO and y == ZERO:
                continue
            mixed = _mixed(x, y, salt)
            at = mixed & mask
            while True:
                slot = table[at]
                value = np.int64(slot & LOW) - 1
                if slot == ZERO:
                    keys[distinct, 0], keys[distinct, 1] = x, y
                    table[at] = (mixed & HIGH) | np.uint64(distinct + 1)
                    value = np.int64(distinct)
                    distinct += 1
                    break
                if (slot ^ mixed) & HIGH == ZERO and keys[value, 0] == x and keys[value, 1] == y:
                    break
                at = (at + np.uint64(1)) & mask
            rows[listed], values[listed] = i, value
            listed += 1
    return distinct


@cached_jit
def find_values(words, columns, first, last, salt, table, keys, rows, values):  # type: ignore[no-untyped-def]
    """List the tokens of rows first .. last - 1 that the table has; return how many. Arguments as number_values."""
    mask = np.uint64(len(table) - 1)
    listed = 0
    for i in range(first, last):
        for c in columns:
            x, y = words[i, c, 0], words[i, c, 1]
            if x == ZERO and y == ZERO:
                continue
            mixed = _mixed(x, y, salt)
            at = mixed & mask
            while True:
                slot = table[at]
                if slot == ZERO:
                    break
                if (slot ^ mixed) & HIGH == ZERO:
                    value = np.int64(slot & LOW) - 1
                    if keys[value, 0] == x and keys[value, 1] == y:
                        rows[listed], values[listed] = i, value
                        listed += 1
                        break
                at = (at + np.uint64(1)) & mask
    return listed


@cached_jit
def gather_by_value(rows, values, starts, out):  # type: ignore[no-untyped-def]
    """Write the rows ordered by value, in their order within a value. starts: int64 (distinct + 1,), is used up."""
    for k in range(len(rows)):
        v = values[k]
        out[starts[v]] = rows[k]
        starts[v] += 1


@cached_jit
def expand(anchors, firsts, counts, rows, limit, out):  # type: ignore[no-untyped-def]
    """Write anchor << 32 | row for every entry with at most `limit` rows; return how many pairs that are."""
    at = 0
    for e in range(len(anchors)):
        if counts[e] > limit:
            continue
        for k in range(firsts[e], firsts[e] + counts[e]):
            out[at] = np.int64(anchors[e]) << 32 | np.int64(rows[k])
            at += 1
    return at


@cached_jit
def expand_pairs(anchors, firsts, counts, rows, limit, i, j):  # type: ignore[no-untyped-def]
    """Write (anchor, row) for every entry with at most `limit` rows, in the order of the entries."""
    at = 0
    for e in range(len(anchors)):
        if counts[e] > limit:
            continue
        for k in range(firsts[e], firsts[e] + counts[e]):
            i[at], j[at] = anchors[e], rows[k]
            at += 1


@cached_jit
def agree_pairs(a, b, i, j, columns, agree):  # type: ignore[no-untyped-def]
    """Set per pair whether a token is shared."""
    for p in range(len(i)):
        equal = False
        for c in columns:
            x, y = a[i[p], c, 0], a[i[p], c, 1]
            if x == ZERO and y == ZERO:
                continue
            for d in columns:
                equal = equal or (b[j[p], d, 0] == x and b[j[p], d, 1] == y)
        agree[p] = equal


@cached_jit
def compare_in_block(a, b, ones, need, block, out):  # type: ignore[no-untyped-def]
    """Write anchor << 32 | row of every near pair as far as it goes; return how many there are.

    a, b: filters; ones: popcounts of both; need: common bits needed by both popcounts; block: (anchors, firsts, counts,
    rows), entry e stands for anchors[e] with counts[e] rows from firsts[e] on.
    """
    ones_a, ones_b = ones
    anchors, firsts, counts, rows = block
    found = 0
    for e in range(len(anchors)):
        i = anchors[e]
        for k in range(firsts[e], firsts[e] + counts[e]):
            j = rows[k]
            least = need[ones_a[i], ones_b[j]]
            if least > min(ones_a[i], ones_b[j]):
                continue
            both = ZERO
            for w in range(a.shape[1]):
                both += ctpop(a[i, w] & b[j, w])
            if np.int64(both) >= least:
                if found < len(out):
                    out[found] = np.int64(i) << 32 | np.int64(j)
                found += 1
    return found


@cached_jit
def apart(a, b, i, j, out):  # type: ignore[no-untyped-def]
    """Write the Hamming distance of each listed pair."""
    for p in range(len(i)):
        bits = ZERO
        for w in range(a.shape[1]):
            bits += ctpop(a[i[p], w] ^ b[j[p], w])
        out[p] = np.float32(bits)


@cached_jit
def near_rivals(order, key, score, margin, most, first, second):  # type: ignore[no-untyped-def]
    """List per group of equal keys which of its `most` foremost entries lie within `margin` of whom; return how many.

    order: entries sorted by key and falling score; first, second: room for what there is, or empty to count only.
    """
    listed = begin = 0
    while begin < len(order):
        end = begin + 1
        while end < len(order) and key[order[end]] == key[order[begin]]:
            end += 1
        last = min(end, begin + most)
        for p in range(begin, end):
            for q in range(begin, last):
                if p != q and score[order[q]] >= score[order[p]] - margin:
                    if listed < len(first):
                        first[listed], second[listed] = order[p], order[q]
                    listed += 1
        begin = end
    return listed


@cached_jit
def count_ones(filters, rows, out):  # type: ignore[no-untyped-def]
    """Write the number of set bits of the listed rows."""
    for p in range(len(rows)):
        bits = ZERO
        for w in range(filters.shape[1]):
            bits += ctpop(filters[rows[p], w])
        out[p] = np.int32(bits)
