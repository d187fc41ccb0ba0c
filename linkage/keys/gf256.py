"""Shamir's secret sharing, byte by byte, over GF(2^8) with the polynomial x^8 + x^4 + x^3 + x + 1.

As in draft-mcgrew-tss-03: the secret is the value at 0, share n the value at n. No tables and no branches depend on
secret bytes; CPython itself makes no promise about timing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

MAX_SHARES = 255


def multiply(left: int, right: int) -> int:
    """Return the product of two field elements, 0 to 255."""
    product = 0
    for bit in range(8):
        product ^= -(right >> bit & 1) & left
        left = (left << 1) ^ (-(left >> 7) & 0x11B)
    return product


def inverse(element: int) -> int:
    """Return element^254, which is 1/element, and 0 for 0."""
    result = 1
    for _ in range(7):
        element = multiply(element, element)
        result = multiply(result, element)
    return result


def split(secret: bytes, *, threshold: int, count: int, random_bytes: Callable[[int], bytes]) -> dict[int, bytes]:
    """Return shares 1 to `count`, each as long as the secret; fewer than `threshold` of them say nothing about it.

    Raises ValueError unless 2 <= threshold <= count <= 255.
    """
    if not 2 <= threshold <= count <= MAX_SHARES:
        raise ValueError("2 <= threshold <= count <= 255")
    rows = [secret, *(random_bytes(len(secret)) for _ in range(threshold - 1))]
    return {x: bytes(_evaluate([row[i] for row in rows], x) for i in range(len(secret))) for x in range(1, count + 1)}


def interpolate(shares: Mapping[int, bytes], at: int = 0) -> bytes:
    """Return the value at `at` of the polynomial of least degree through all shares; at 0 that is the secret."""
    weights = {x: _weight(x, shares, at) for x in shares}
    found = bytearray(len(next(iter(shares.values()))))
    for x, value in shares.items():
        for i, byte in enumerate(value):
            found[i] ^= multiply(weights[x], byte)
    return bytes(found)


def _evaluate(coefficients: list[int], x: int) -> int:
    value = 0
    for coefficient in reversed(coefficients):
        value = multiply(value, x) ^ coefficient
    return value


def _weight(x: int, others: Mapping[int, bytes], at: int) -> int:
    weight = 1
    for other in others:
        if other != x:
            weight = multiply(weight, multiply(at ^ other, inverse(x ^ other)))
    return weight
