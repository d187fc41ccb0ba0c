"""The fuzzy comparison against a plain reference, and the chance rule."""

from __future__ import annotations

import numpy as np

from linkage.match.distances import chance_z, hamming_pairs, popcounts
from linkage.match.kernel import chance_rule, compare


def bits_apart(a: bytes, b: bytes) -> int:
    return (int.from_bytes(a, "little") ^ int.from_bytes(b, "little")).bit_count()


def random_filters(count: int, seed: int) -> np.ndarray:
    return np.frombuffer(np.random.default_rng(seed).bytes(count * 128), np.uint64).reshape(count, 16).copy()


def test_distances_equal_a_plain_bit_count() -> None:
    a, b = random_filters(5, 1), random_filters(7, 2)
    i, j = (x.ravel().astype(np.int32) for x in np.indices((5, 7)))
    expected = [bits_apart(a[x].tobytes(), b[y].tobytes()) for x, y in zip(i, j, strict=True)]

    assert hamming_pairs(a, b, i, j).tolist() == expected


def test_the_chance_rule_lets_through_about_the_accepted_number_of_unrelated_pairs() -> None:
    a, b = random_filters(600, 5), random_filters(600, 6)
    z = chance_z(600 * 600, 600, 0.05)
    found, _ = compare(a, b, chance_rule(1024, z))

    assert 10 <= len(found) <= 60


def test_sparse_unrelated_rows_are_not_near() -> None:
    """Two nearly empty rows differ in few bits; the expected distance follows their popcounts."""
    rng = np.random.default_rng(7)
    sparse = np.packbits(rng.random((200, 1024)) < 0.08, axis=1, bitorder="little").view(np.uint64)
    z = chance_z(200 * 200, 200, 0.001)

    assert len(compare(sparse[:100], sparse[100:], chance_rule(1024, z))[0]) == 0


def test_popcounts() -> None:
    assert popcounts(np.array([[3, 0], [0, 2**63]], np.uint64)).tolist() == [2, 1]
