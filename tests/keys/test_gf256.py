from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.keys.gf256 import interpolate, inverse, multiply, split


def plain_product(left: int, right: int) -> int:
    """Multiply as polynomials, then divide by 0x11b: another way than the program's."""
    product = 0
    for bit in range(8):
        if right >> bit & 1:
            product ^= left << bit
    for bit in range(14, 7, -1):
        if product >> bit & 1:
            product ^= 0x11B << (bit - 8)
    return product


def test_products_are_those_of_fips_197() -> None:
    assert [multiply(0x57, 0x83), multiply(0x57, 0x13)] == [0xC1, 0xFE]


def test_every_product_is_that_of_long_division() -> None:
    assert [plain_product(a, b) for a in range(256) for b in range(256)] == [
        multiply(a, b) for a in range(256) for b in range(256)
    ]


def test_every_element_but_zero_has_its_inverse() -> None:
    assert [multiply(a, inverse(a)) for a in range(1, 256)] == [1] * 255
    assert inverse(0) == 0


def test_the_published_shares_give_the_published_secret() -> None:
    # draft-mcgrew-tss-03, section 9.
    shares = {1: bytes.fromhex("b9fa07e185"), 2: bytes.fromhex("f5409b4511")}
    assert interpolate(shares) == b"test\0"


@given(st.binary(min_size=1, max_size=40), st.integers(2, 6), st.integers(0, 6), st.randoms(use_true_random=False))
def test_any_shares_to_the_threshold_give_the_secret(
    secret: bytes, threshold: int, more: int, dice: random.Random
) -> None:
    shares = split(secret, threshold=threshold, count=threshold + more, random_bytes=dice.randbytes)
    chosen = dice.sample(sorted(shares), threshold)
    assert secret == interpolate({number: shares[number] for number in chosen})


def test_one_share_of_two_fits_every_secret() -> None:
    share = split(b"\x2a", threshold=2, count=2, random_bytes=lambda n: b"\x91" * n)[1]
    fitting = {interpolate({1: share, 2: bytes([other])})[0] for other in range(256)}
    assert set(range(256)) == fitting


@pytest.mark.parametrize(("threshold", "count"), [(1, 3), (0, 3), (4, 3), (2, 256)])
def test_impossible_numbers_are_refused(threshold: int, count: int) -> None:
    with pytest.raises(ValueError):
        split(b"x", threshold=threshold, count=count, random_bytes=bytes)
