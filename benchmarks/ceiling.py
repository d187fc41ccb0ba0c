"""Measure how fast this processor can take the and of two registers, count its bits and add: no memory, one core.

The usual way to compare filters does nothing else for every word, so this is its ceiling. `kernel_speed` prints it
beside the comparison, which counts by columns and may lie above it.
"""

from __future__ import annotations

import time
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

I64 = ir.IntType(64)
CHAINS = 8  # Independent sums, so that no latency is seen.


@intrinsic  # type: ignore[untyped-decorator]
def rounds(_typing: Any, count: Any, seed: Any, lanes: Any) -> Any:
    """Do `count` rounds of and, population count and add on CHAINS registers of len(lanes) words; return a sum."""
    width = len(lanes.types)

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        vector = ir.VectorType(I64, width)
        count_bits = ir.FunctionType(vector, [vector])
        ctpop = cgutils.get_or_insert_function(builder.module, count_bits, f"llvm.ctpop.v{width}i64")
        mask = ir.Constant(vector, [0] * width)
        for lane in range(width):
            mask = builder.insert_element(mask, args[1], ir.Constant(ir.IntType(32), lane))
        sums = [
            cgutils.alloca_once_value(builder, builder.add(mask, ir.Constant(vector, [k] * width)))
            for k in range(CHAINS)
        ]
        with cgutils.for_range(builder, args[0]):
            for slot in sums:
                total = builder.load(slot)
                builder.store(builder.add(total, builder.call(ctpop, [builder.and_(total, mask)])), slot)
        result = ir.Constant(I64, 0)
        for slot in sums:
            first = builder.extract_element(builder.load(slot), ir.Constant(ir.IntType(32), 0))
            result = builder.add(result, first)
        return result

    return types.uint64(types.int64, types.uint64, lanes), generate


@njit(nogil=True)  # type: ignore[untyped-decorator]
def busy(count: Any, seed: Any, lanes: Any) -> Any:
    return rounds(count, seed, lanes)


def ceiling(bits: int, *, lanes: int, count: int = 4_000_000) -> tuple[float, float]:
    """Return pairs of `bits` bits per second of wall and of processor time; call once before, to compile."""
    began, spent = time.perf_counter(), time.thread_time()
    busy(count, 0x5555_5555_5555_5555, (0,) * lanes)
    pairs = count * CHAINS * lanes * 64 / bits
    return pairs / (time.perf_counter() - began), pairs / (time.thread_time() - spent)
