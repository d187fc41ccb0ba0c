"""What numba has no name for: single instructions."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


@intrinsic  # type: ignore[untyped-decorator]
def ctpop(_typing: Any, word: Any) -> Any:
    """Return the number of set bits of one uint64."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), generate


@intrinsic  # type: ignore[untyped-decorator]
def cttz(_typing: Any, word: Any) -> Any:
    """Return the position of the lowest set bit of one uint64."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@intrinsic  # type: ignore[untyped-decorator]
def write_eight(_typing: Any, target: Any, at: Any, table: Any, row: Any, base: Any) -> Any:
    """Write row `row` of a uint16 table (rows, 8), plus `base` on each entry, to `target` from place `at` on."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        short, eight = ir.IntType(16), ir.VectorType(ir.IntType(16), 8)

        def place(k: int, offset: Any) -> Any:
            data = cgutils.create_struct_proxy(sig.args[k])(context, builder, value=args[k]).data
            return builder.bitcast(builder.gep(builder.bitcast(data, short.as_pointer()), [offset]), eight.as_pointer())

        entries = builder.load(place(2, builder.shl(args[3], ir.Constant(args[3].type, 3))), align=2)
        bases = ir.Constant(eight, ir.Undefined)
        for k in range(8):
            bases = builder.insert_element(bases, args[4], ir.Constant(ir.IntType(32), k))
        builder.store(builder.add(entries, bases), place(0, args[1]), align=2)
        return context.get_dummy_value()

    return types.void(target, types.int64, table, types.int64, types.uint16), generate
