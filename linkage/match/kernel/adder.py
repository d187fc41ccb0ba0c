"""Count common bits of left rows with a whole block of right rows in bit-sliced counters: the compiled inner loops.

A block holds right rows as columns: vector p carries bit p of all rows of the block, one row per bit of the vector.
For a left row only the vectors of its set bits are added, by a tree of full adders (Harley and Seal): two operations
per position for all rows of the block where the processor has three-input logic (AVX-512), some four elsewhere. No
population count is needed, so one code serves every target; only the number of 64-bit lanes differs (8 AVX-512, 4 AVX2,
2 SSE2 and NEON, 1 plain), and no target can give another result. Two left rows go together: what they share is added
once.

The counters start at 2^k - need, so the top slice says for every row of the block whether the pair is near enough.
Compiled code is cached per file and its callees elsewhere are not watched, so everything the loop calls stands here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from linkage.jit import cached_jit, features
from linkage.match.kernel.bits import ctpop, cttz

I64 = ir.IntType(64)
BATCH_BITS = 5  # Lists are padded to whole batches of 32 positions.
PARITY = sum((i.bit_count() & 1) << i for i in range(8))  # Truth tables: the entry for inputs i is bit i.
MAJORITY = sum((i.bit_count() >> 1) << i for i in range(8))
GROUPS_AT_ONCE = 64  # Their lists stay in the second-level cache while the blocks pass by.


class _Counters:
    """Emit bit-sliced addition: one vector per slice, slice s of weight 2^s, held in registers."""

    def __init__(self, builder: Any, block: Any, lanes: int, slices: int) -> None:
        self.builder = builder
        self.block = block
        self.lanes = lanes
        self.ternary = lanes == 8  # The width of AVX-512; elsewhere the same sums in plain logic.
        self.vector = ir.VectorType(I64, lanes)
        self.slots = [cgutils.alloca_once(builder, self.vector) for _ in range(slices)]

    def place(self, base: Any, offset: Any) -> Any:
        return self.builder.bitcast(self.builder.gep(base, [offset]), self.vector.as_pointer())

    def fetch(self, base: Any) -> None:
        for s, slot in enumerate(self.slots):
            self.builder.store(self.builder.load(self.place(base, ir.Constant(I64, s * self.lanes)), align=8), slot)

    def keep(self, base: Any) -> None:
        for s, slot in enumerate(self.slots):
            self.builder.store(self.builder.load(slot), self.place(base, ir.Constant(I64, s * self.lanes)), align=8)

    def keep_top(self, base: Any) -> Any:
        """Write the top slice and return whether it has any bit."""
        top = self.builder.load(self.slots[-1])
        self.builder.store(top, self.place(base, ir.Constant(I64, 0)), align=8)
        whole = ir.IntType(64 * self.lanes)
        return self.builder.icmp_unsigned("!=", self.builder.bitcast(top, whole), ir.Constant(whole, 0))

    def listed(self, positions: Any, index: int) -> Any:
        """Load the vector of a listed position."""
        b = self.builder
        offset = b.zext(b.load(b.gep(positions, [ir.Constant(I64, index)])), I64)
        return b.load(self.place(self.block, offset), align=8)

    def carries(self, level: int, positions: Any, first: int) -> tuple[Any, Any]:
        """Add 2^(level + 1) listed positions; return both carries of weight 2^level.

        Without three-input logic they come as (one, one xor other): two full adders then take eight operations.
        """
        if level == 0:
            x, y = self.listed(positions, first), self.listed(positions, first + 1)
            return x, y if self.ternary else self.builder.xor(x, y)
        left = self.carries(level - 1, positions, first)
        right = self.carries(level - 1, positions, first + (1 << level))
        if self.ternary:
            return self.full(level - 1, *left), self.full(level - 1, *right)
        return self.double(level - 1, left, right)

    def full(self, level: int, x: Any, y: Any) -> Any:
        """Add two vectors into a counter by three-input logic and return the carry."""
        z = self.builder.load(self.slots[level])
        self.builder.store(self.logic(PARITY, x, y, z), self.slots[level])
        return self.logic(MAJORITY, x, y, z)

    def logic(self, table: int, x: Any, y: Any, z: Any) -> Any:
        """Apply a symmetric three-input function, by one instruction where the processor has it."""
        b = self.builder
        if "avx512f" in features():
            of_three = ir.FunctionType(self.vector, [self.vector] * 3 + [ir.IntType(32)])
            name = "llvm.x86.avx512.pternlog.q.512"
            return b.call(
                cgutils.get_or_insert_function(b.module, of_three, name), [x, y, z, ir.Constant(ir.IntType(32), table)]
            )
        if table == PARITY:
            return b.xor(b.xor(x, y), z)
        return b.or_(b.and_(x, y), b.and_(b.or_(x, y), z))

    def double(self, level: int, left: tuple[Any, Any], right: tuple[Any, Any]) -> tuple[Any, Any]:
        """Add two pairs given as (one, one xor other) into a counter and return both carries in that form."""
        b = self.builder
        z = b.load(self.slots[level])
        middle = b.xor(z, left[1])
        b.store(b.xor(middle, right[1]), self.slots[level])
        some = b.or_(b.xor(left[0], z), left[1])
        other = b.and_(b.xor(right[0], middle), b.not_(right[1]))
        return b.xor(some, middle), b.xor(some, other)

    def ripple(self, level: int, carry: Any) -> None:
        """Add a carry of weight 2^level into the counters from there on."""
        b = self.builder
        for slot in self.slots[level:]:
            x = b.load(slot)
            b.store(b.xor(x, carry), slot)
            carry = b.and_(x, carry)

    def batch(self, level: int, positions: Any) -> None:
        """Add 2^level listed positions."""
        b = self.builder
        x, y = self.carries(level - 1, positions, 0)
        if self.ternary:
            carry = self.full(level - 1, x, y)
        else:
            z = b.load(self.slots[level - 1])
            total = b.xor(z, y)
            b.store(total, self.slots[level - 1])
            carry = b.xor(b.or_(b.xor(x, z), y), total)
        self.ripple(level, carry)

    def add(self, positions: Any, count: Any) -> None:
        """Add a list of `count` positions, a multiple of the batch: by two batches, then the one left over."""
        b = self.builder
        double, single = ir.Constant(I64, BATCH_BITS + 1), ir.Constant(I64, BATCH_BITS)
        pairs = b.lshr(count, double)
        with cgutils.for_range(b, pairs) as loop:
            self.batch(BATCH_BITS + 1, b.gep(positions, [b.shl(loop.index, double)]))
        with b.if_then(b.trunc(b.lshr(count, single), ir.IntType(1))):
            self.batch(BATCH_BITS, b.gep(positions, [b.shl(pairs, double)]))


def _pointer(context: Any, builder: Any, array: tuple[Any, Any], element: int = 64) -> Any:
    """Return the data pointer of a numba array given as (type, value)."""
    data = cgutils.create_struct_proxy(array[0])(context, builder, value=array[1]).data
    return builder.bitcast(data, ir.IntType(element).as_pointer())


@intrinsic  # type: ignore[untyped-decorator]
def count_pair(_typing: Any, lists: Any, at: Any, blocks: Any, base: Any, states: Any, shape: Any) -> Any:
    """Count two left rows against one block; return a mask of those with a right row in reach.

    lists: uint16 offsets of vectors in 64-bit words; at: four places in it, where the list of both rows, of the first
    and of the second begin, and the end of the last; blocks: uint64, base: where the block begins; states: uint64,
    the start counters (slices, lanes), room for as many, then the top slices of both rows, which this writes;
    shape: two tuples whose lengths are the lanes and the slices, for lengths are known when compiling.
    """
    lanes, slices = len(shape.types[0]), len(shape.types[1])
    signature = types.int64(lists, at, blocks, types.int64, states, shape)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        start = _pointer(context, builder, (sig.args[4], args[4]))
        block = builder.gep(_pointer(context, builder, (sig.args[2], args[2])), [args[3]])
        lists_at = _pointer(context, builder, (sig.args[0], args[0]), 16)
        places = [builder.extract_value(args[1], k) for k in range(4)]
        counters = _Counters(builder, block, lanes, slices)
        shared = builder.gep(start, [ir.Constant(I64, slices * lanes)])
        result = ir.Constant(I64, 0)
        counters.fetch(start)
        for k in range(3):
            if k == 2:
                counters.fetch(shared)
            counters.add(builder.gep(lists_at, [places[k]]), builder.sub(places[k + 1], places[k]))
            if k == 0:
                counters.keep(shared)
            else:
                top = counters.keep_top(builder.gep(start, [ir.Constant(I64, (2 * slices + k - 1) * lanes)]))
                result = builder.or_(result, builder.shl(builder.zext(top, I64), ir.Constant(I64, k - 1)))
        return result

    return signature, generate


@cached_jit
def start_counters(need, runs, span, rest, k, top, state, lanes, slices):  # type: ignore[no-untyped-def]
    """Set the counters to top - need for every row of a block, plus its bits behind the prefix; is any in reach?

    need: per class of right rows; runs: int64 (n, 3), rows [begin, end) of a block and their class; span: the runs of
    block k are [span[k], span[k + 1]); rest: uint64 (blocks, slices, lanes), without blocks when whole filters are
    compared; top: a power of two above any count.
    """
    state[: slices * lanes] = np.uint64(0)
    live = False
    for r in range(span[k], span[k + 1]):
        value = top - min(max(need[runs[r, 2]], 0), top)
        live = live or value > 0
        begin, end = runs[r, 0], runs[r, 1]
        for lane in range(begin >> 6, ((end - 1) >> 6) + 1):
            low, high = max(begin - 64 * lane, 0), min(end - 64 * lane, 64)
            mask = np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(64 - (high - low)) << np.uint64(low)
            for s in range(slices):
                if value >> s & 1:
                    state[s * lanes + lane] |= mask
    if live and len(rest):
        for lane in range(lanes):
            carry = np.uint64(0)
            for s in range(slices):
                x, y = state[s * lanes + lane], rest[k, s, lane]
                state[s * lanes + lane] = x ^ y ^ carry
                carry = (x & y) | (carry & (x ^ y))
    return live


@cached_jit
def common_bits(a, b):  # type: ignore[no-untyped-def]
    """Return how many bits are set in both rows."""
    both = np.uint64(0)
    for w in range(len(a)):
        both += ctpop(a[w] & b[w])
    return np.int64(both)


@cached_jit
def compare_tile(left, right, need, top, out, shape):  # type: ignore[no-untyped-def]
    """Find all near pairs of a chunk of left rows and a tile of right rows; return how many there are.

    left: (rows, ids, group_first, group_size, group_class, lists, at); right: (rows, ids, classes, blocks, rest,
    runs, span); out: int32 (capacity, 2), filled with ids as far as it goes. Every survivor is checked exactly.
    """
    rows, ids, group_first, group_size, group_class, lists, at = left
    columns, column_ids, classes, blocks, rest, runs, span = right
    lanes, slices = len(shape[0]), len(shape[1])
    step, size = slices * lanes, blocks.shape[1] * lanes
    states = np.zeros(2 * step + 2 * lanes, np.uint64)
    found, groups = 0, len(group_first)
    begin = 0
    while begin < groups:
        end, cls = begin + 1, group_class[begin]
        while end < min(groups, begin + GROUPS_AT_ONCE) and group_class[end] == cls:
            end += 1
        for k in range(len(blocks)):
            if not start_counters(need[cls], runs, span, rest, k, top, states, lanes, slices):
                continue
            for g in range(begin, end):
                four = (at[g, 0], at[g, 1], at[g, 2], at[g, 3])
                hit = count_pair(lists, four, blocks, k * size, states, shape)
                for r in range(group_size[g]):
                    if hit >> r & 1 == 0:
                        continue
                    i = group_first[g] + r
                    for lane in range(lanes):
                        mask = states[2 * step + r * lanes + lane]
                        while mask != np.uint64(0):
                            j = (k * lanes + lane) * 64 + np.int64(cttz(mask))
                            mask &= mask - np.uint64(1)
                            if common_bits(rows[i], columns[j]) >= need[cls, classes[j]]:
                                if found < len(out):
                                    out[found, 0], out[found, 1] = ids[i], column_ids[j]
                                found += 1
        begin = end
    return found
