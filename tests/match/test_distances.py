"""The fuzzy comparison against a plain reference, and the chance rule."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.match import distances
from linkage.match.distances import chance_z, hamming_pairs, hamming_tile, near_pairs, popcounts


def bits_apart(a: bytes, b: bytes) -> int:
    return (int.from_bytes(a, "little") ^ int.from_bytes(b, "little")).bit_count()


def random_filters(count: int, seed: int) -> np.ndarray:
    return np.frombuffer(np.random.default_rng(seed).bytes(count * 128), np.uint64).reshape(count, 16).copy()


def test_distances_equal_a_plain_bit_count() -> None:
    a, b = random_filters(5, 1), random_filters(7, 2)
    tile = hamming_tile(a, b)
    expected = [[bits_apart(x.tobytes(), y.tobytes()) for y in b] for x in a]
    assert expected == tile.tolist()
    i, j = np.nonzero(tile >= 0)
    assert hamming_pairs(a, b, i.astype(np.int32), j.astype(np.int32)).tolist() == tile.ravel().tolist()


def test_near_pairs_do_not_depend_on_the_tile_size(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = random_filters(40, 3), random_filters(90, 4)
    b[10] = a[7]
    whole = sorted((int(x), int(y)) for i, j in near_pairs(a, b, 2.0) for x, y in zip(i, j, strict=True))
    monkeypatch.setattr(distances, "TILE_ROWS", 7)
    monkeypatch.setattr(distances, "TILE_COLUMNS", 11)
    tiled = sorted((int(x), int(y)) for i, j in near_pairs(a, b, 2.0) for x, y in zip(i, j, strict=True))
    assert whole == tiled
    assert (7, 10) in whole


def test_the_chance_rule_lets_through_about_the_accepted_number_of_unrelated_pairs() -> None:
    a, b = random_filters(600, 5), random_filters(600, 6)
    z = chance_z(600 * 600, 600, 0.05)
    found = sum(len(i) for i, _ in near_pairs(a, b, z))
    assert 10 <= found <= 60


def test_sparse_unrelated_rows_are_not_near() -> None:
    """Two nearly empty rows differ in few bits; the expected distance follows their popcounts."""
    rng = np.random.default_rng(7)
    sparse = np.packbits(rng.random((200, 1024)) < 0.08, axis=1, bitorder="little").view(np.uint64)
    z = chance_z(200 * 200, 200, 0.001)
    assert sum(len(i) for i, _ in near_pairs(sparse[:100], sparse[100:], z)) == 0


def test_progress_reaches_its_total() -> None:
    seen: list[tuple[int, int]] = []
    list(near_pairs(random_filters(30, 8), random_filters(50, 9), 5.0, lambda done, total: seen.append((done, total))))
    assert seen[-1] == (1500, 1500)


def test_popcounts() -> None:
    assert popcounts(np.array([[3, 0], [0, 2**63]], np.uint64)).tolist() == [2, 1]
