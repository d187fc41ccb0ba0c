"""SHA-256 of many messages at once (FIPS 180-4): one vector lane per message, compiled for the processor it runs on.

The rounds are written as vector instructions of LLVM, so every target has them: sixteen 32-bit lanes are one AVX-512
register; elsewhere eight are one AVX2 register, or two NEON or SSE2 ones, with identical results. HMAC (RFC 2104)
starts from the two states that a key leaves behind, so a short message costs two compressions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from linkage.jit import cached_jit, features

LANES: Final = 16 if "avx512f" in features() else 8
LITTLE_ENDIAN: Final = sys.byteorder == "little"
BLOCK_BYTES: Final = 64
DIGEST_PADDING: Final = {8: 0x80000000, 15: (BLOCK_BYTES + 32) * 8}  # Behind the digest, after a block of key.
State = npt.NDArray[np.uint32]

_MASK = 0xFFFFFFFF
_PRIMES = [p for p in range(2, 312) if all(p % d for d in range(2, p))][:64]


def _root_bits(prime: int, root: int) -> int:
    """Return the first 32 bits of the fractional part of a prime's square or cube root, in whole numbers."""
    scaled, low, high = prime << (32 * root), 0, 1 << 40
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**root <= scaled else (low, middle)
    return low & _MASK


ROUND_CONSTANTS: Final = tuple(_root_bits(p, 3) for p in _PRIMES)
START: Final = np.array([_root_bits(p, 2) for p in _PRIMES[:8]], np.uint32)


def _emit_rounds(builder: Any, load: Callable[[str, int], Any], store: Callable[[int, Any], None]) -> None:
    """Emit one compression: sixteen message words and eight state words in, eight state words out."""
    vector = ir.VectorType(ir.IntType(32), LANES)

    def const(value: int) -> Any:
        return ir.Constant(vector, [value] * LANES)

    def shift(x: Any, n: int) -> Any:
        return builder.lshr(x, const(n))

    def turn(x: Any, n: int) -> Any:
        return builder.or_(builder.lshr(x, const(n)), builder.shl(x, const(32 - n)))

    def mix(x: Any, *parts: Any) -> Any:
        for part in parts:
            x = builder.xor(x, part)
        return x

    def total(x: Any, *parts: Any) -> Any:
        for part in parts:
            x = builder.add(x, part)
        return x

    words = [load("words", i) for i in range(16)]
    first = [load("state", i) for i in range(8)]
    a, b, c, d, e, f, g, h = first
    for t in range(64):
        if t >= 16:
            w15, w2 = words[(t - 15) % 16], words[(t - 2) % 16]
            small0 = mix(turn(w15, 7), turn(w15, 18), shift(w15, 3))
            small1 = mix(turn(w2, 17), turn(w2, 19), shift(w2, 10))
            words[t % 16] = total(words[t % 16], small0, words[(t - 7) % 16], small1)
        big1 = mix(turn(e, 6), turn(e, 11), turn(e, 25))
        chosen = mix(g, builder.and_(e, mix(f, g)))
        one = total(h, big1, chosen, builder.add(const(ROUND_CONSTANTS[t]), words[t % 16]))
        big0 = mix(turn(a, 2), turn(a, 13), turn(a, 22))
        most = builder.or_(builder.and_(a, b), builder.and_(c, builder.or_(a, b)))
        a, b, c, d, e, f, g, h = total(one, big0, most), a, b, c, builder.add(d, one), e, f, g
    for i, (old, new) in enumerate(zip(first, (a, b, c, d, e, f, g, h), strict=True)):
        store(i, builder.add(old, new))


@intrinsic  # type: ignore[untyped-decorator]
def _compress(_typing: Any, state: Any, words: Any) -> Any:
    """Type and emit compress(state (8, LANES), words (16, LANES)), both uint32 and C-contiguous; state in place."""
    signature = types.void(state, words)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = ir.VectorType(ir.IntType(32), LANES).as_pointer()
        base = {
            name: builder.bitcast(_data(context, builder, kind, value), vector)
            for name, kind, value in zip(("state", "words"), signature.args, args, strict=True)
        }

        def place(name: str, index: int) -> Any:
            return builder.gep(base[name], [ir.Constant(ir.IntType(32), index)])

        _emit_rounds(
            builder,
            lambda name, index: builder.load(place(name, index), align=4),
            lambda index, value: builder.store(value, place("state", index), align=4),
        )
        return context.get_dummy_value()

    return signature, generate


def _data(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    return context.make_array(kind)(context, builder, value=value).data


@intrinsic  # type: ignore[untyped-decorator]
def _close(_typing: Any, state: Any, keys: Any) -> Any:
    """Type and emit close_hmac(state (8, LANES), keys (2, 8)), both uint32 and C-contiguous; state in place."""
    signature = types.void(state, keys)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        lanes = ir.VectorType(ir.IntType(32), LANES)
        data = [_data(context, builder, kind, value) for kind, value in zip(signature.args, args, strict=True)]
        vectors, key = builder.bitcast(data[0], lanes.as_pointer()), data[1]

        def place(base: Any, index: int) -> Any:
            return builder.gep(base, [ir.Constant(ir.IntType(32), index)])

        def load(name: str, index: int) -> Any:
            if name == "state":
                word = builder.load(place(key, 8 + index))
                first = builder.insert_element(ir.Constant(lanes, ir.Undefined), word, ir.Constant(ir.IntType(32), 0))
                return builder.shuffle_vector(first, first, ir.Constant(lanes, [0] * LANES))
            if index < 8:
                return builder.load(place(vectors, index), align=4)
            return ir.Constant(lanes, [DIGEST_PADDING.get(index, 0)] * LANES)

        _emit_rounds(builder, load, lambda index, value: builder.store(value, place(vectors, index), align=4))
        return context.get_dummy_value()

    return signature, generate


@intrinsic  # type: ignore[untyped-decorator]
def copy_16(_typing: Any, target: Any, at: Any, source: Any, start: Any) -> Any:
    """Type and emit a copy of 16 bytes from source[start:] to target[at:], arrays of bytes; nothing is checked."""
    signature = types.void(target, types.intp, source, types.intp)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = ir.VectorType(ir.IntType(8), 16).as_pointer()
        to, to_at, of, of_at = args
        read = builder.gep(_data(context, builder, signature.args[2], of), [of_at])
        write = builder.gep(_data(context, builder, signature.args[0], to), [to_at])
        content = builder.load(builder.bitcast(read, vector), align=1)
        builder.store(content, builder.bitcast(write, vector), align=1)
        return context.get_dummy_value()

    return signature, generate


@intrinsic  # type: ignore[untyped-decorator]
def big_endian_word(_typing: Any, source: Any, at: Any) -> Any:
    """Type and emit the 32-bit number of the four bytes from source[at:] on, the first the highest."""
    signature = types.uint32(source, types.intp)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.gep(_data(context, builder, signature.args[0], args[0]), [args[1]])
        word = builder.load(builder.bitcast(place, ir.IntType(32).as_pointer()), align=1)
        return builder.bswap(word) if LITTLE_ENDIAN else word

    return signature, generate


@intrinsic  # type: ignore[untyped-decorator]
def put_word(_typing: Any, target: Any, at: Any, word: Any) -> Any:
    """Type and emit writing a 32-bit number to the four bytes from target[at:] on, the highest byte first."""
    signature = types.void(target, types.intp, types.uint32)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        to, to_at, value = args
        place = builder.gep(_data(context, builder, signature.args[0], to), [to_at])
        content = builder.bswap(value) if LITTLE_ENDIAN else value
        builder.store(content, builder.bitcast(place, ir.IntType(32).as_pointer()), align=1)
        return context.get_dummy_value()

    return signature, generate


@cached_jit
def compress(state: State, words: State) -> None:  # pragma: no cover - compiled
    """Run the compression function on every lane: state (8, LANES) is replaced, words (16, LANES) are read."""
    _compress(state, words)


@cached_jit
def close_hmac(state: State, keys: State) -> None:  # pragma: no cover - compiled
    """Replace every lane's inner digest, state (8, LANES), by the HMAC; keys (2, 8) of hmac_states."""
    _close(state, keys)


def hmac_states(key: bytes) -> State:
    """Return (2, 8): the states after the inner and the outer padded key of HMAC-SHA-256; keys of at most 64 bytes."""
    if len(key) > BLOCK_BYTES:
        raise ValueError("keys here have at most one block")
    out = np.empty((2, 8), np.uint32)
    for row, pad in enumerate((0x36, 0x5C)):
        block = bytes(byte ^ pad for byte in key.ljust(BLOCK_BYTES, b"\0"))
        words = np.repeat(np.frombuffer(block, ">u4").astype(np.uint32)[:, None], LANES, axis=1)
        state = np.repeat(START[:, None], LANES, axis=1)
        compress(state, words)
        out[row] = state[:, 0]
    return out
