"""The compiled comparison against the plain one: same pairs, whatever the target, the prefix, the cores, the tiles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.match.kernel import chance_rule, compare, dice_rule, engine
from linkage.match.kernel.prefix import choose_prefix
from linkage.match.kernel.targets import ALL_LANES, best_lanes
from tests.match.kernel.plain import dice_pairs, near_pairs

Words = npt.NDArray[np.uint64]
Pairs = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]
# Density of the rows from, to; share of bits flipped in the near ones; Dice threshold.
SETTINGS = [
    (0.3, 0.5, 0.1, 0.8),
    (0.5, 0.5, 0.25, 0.6),
    (0.65, 0.7, 0.2, 0.72),
    (0.1, 0.6, 0.1, 0.6),
    (0.4, 0.4, 0.3, 0.5),
]
SLOW_LANES = [n if n == best_lanes() else pytest.param(n, marks=pytest.mark.slow) for n in ALL_LANES]


def filters(count: int, seed: int, *, words: int = 16, low: float = 0.5, high: float = 0.5) -> Words:
    rng = np.random.default_rng(seed)
    density = rng.uniform(low, high, (count, 1))
    return np.packbits(rng.random((count, 64 * words)) < density, axis=1).view(np.uint64)


def two_sides(setting: tuple[float, float, float, float], seed: int) -> tuple[Words, Words]:
    """Two sides of which some rows are near, at all distances around the threshold."""
    low, high, flipped, _ = setting
    a, b = filters(333, seed, low=low, high=high), filters(777, seed + 1, low=low, high=high)
    b[100:300] = a[:200] ^ filters(200, seed + 2, low=0, high=flipped)
    return a, b


def same(got: Pairs, wanted: Pairs) -> bool:
    return all(np.array_equal(g, w) and g.dtype == w.dtype for g, w in zip(got, wanted, strict=True))


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("lanes", SLOW_LANES)
def test_every_width_of_vector_finds_the_pairs_of_the_plain_comparison(
    setting: tuple[float, float, float, float], lanes: int
) -> None:
    a, b = two_sides(setting, 1)
    wanted = dice_pairs(a, b, setting[3])

    assert len(wanted[0]) >= 50
    assert same(compare(a, b, dice_rule(setting[3]), lanes=lanes), wanted)
    assert same(compare(a, b, chance_rule(1024, 4.0), lanes=lanes), near_pairs(a, b, 4.0))


@pytest.mark.parametrize("prefix", [1, 7, 13, 15, 16])
@pytest.mark.parametrize("setting", SETTINGS)
def test_no_prefix_loses_or_adds_a_pair(setting: tuple[float, float, float, float], prefix: int) -> None:
    a, b = two_sides(setting, 4)

    assert same(compare(a, b, dice_rule(setting[3]), prefix=prefix), dice_pairs(a, b, setting[3]))
    assert same(compare(a, b, chance_rule(1024, 3.0), prefix=prefix), near_pairs(a, b, 3.0))


@pytest.mark.parametrize("z", [-1.0, 0.0, 2.0, 5.5])
def test_pairs_on_the_very_cut_fall_on_the_same_side(z: float) -> None:
    """Rows of all popcounts, empty and full ones among them, so that single precision rounds both ways."""
    a, b = filters(150, 7, low=0, high=1), filters(150, 8, low=0, high=1)
    a[:2], b[:2] = 0, 0
    a[2:4], b[2:4] = np.uint64(2**64 - 1), np.uint64(2**64 - 1)

    assert same(compare(a, b, chance_rule(1024, z)), near_pairs(a, b, z))


@pytest.mark.parametrize("threshold", [0.0, 1e-9, 0.5, 1.0])
def test_extreme_dice_thresholds(threshold: float) -> None:
    a, b = filters(60, 9, low=0, high=1), filters(70, 10, low=0, high=1)
    a[:2], b[:3], b[5] = 0, 0, a[7]

    assert same(compare(a, b, dice_rule(threshold)), dice_pairs(a, b, threshold))


def test_a_tile_that_overflows_is_done_again_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = filters(50, 11), filters(90, 12)
    monkeypatch.setattr(engine, "FIRST_CAPACITY", 3)

    i, j = compare(a, b, dice_rule(0.0))

    assert len(i) == 4500
    assert same((i, j), dice_pairs(a, b, 0.0))


def test_neither_tiles_nor_cores_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = two_sides(SETTINGS[1], 13)
    whole = compare(a, b, chance_rule(1024, 2.5), cores=1)
    monkeypatch.setattr(engine, "LEFT_ROWS", 37)
    monkeypatch.setattr(engine, "RIGHT_ROWS", 256)

    assert same(compare(a, b, chance_rule(1024, 2.5), cores=3), whole)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40), st.integers(0, 300), st.integers(0, 2**32), st.floats(0.3, 0.9))
def test_any_size_of_either_side_and_either_direction(left: int, right: int, seed: int, threshold: float) -> None:
    a, b = filters(left, seed, low=0.2, high=0.8), filters(right, seed + 1, low=0.2, high=0.8)
    i, j = compare(a, b, dice_rule(threshold))
    back = compare(b, a, dice_rule(threshold))
    order = np.lexsort((back[0], back[1]))

    assert same((back[1][order], back[0][order]), (i, j))
    if left and right:
        assert same((i, j), dice_pairs(a, b, threshold))


def test_the_order_of_rows_only_renames_the_pairs() -> None:
    a, b = two_sides(SETTINGS[0], 14)
    shuffled = np.random.default_rng(15).permutation(len(b))
    i, j = compare(a, b[shuffled], dice_rule(0.8))
    order = np.lexsort((shuffled[j], i))

    assert same((i[order], shuffled[j][order].astype(np.int32)), compare(a, b, dice_rule(0.8)))


def test_progress_reaches_its_total() -> None:
    seen: list[tuple[int, int]] = []
    compare(filters(30, 16), filters(50, 17), dice_rule(0.8), progress=lambda done, total: seen.append((done, total)))

    assert seen[-1] == (1500, 1500)


@pytest.mark.parametrize(("left", "right"), [(16, 8), (128, 128)])
def test_widths_that_differ_or_do_not_fit_are_refused(left: int, right: int) -> None:
    with pytest.raises(ValueError, match="width"):
        compare(np.zeros((1, left), np.uint64), np.zeros((1, right), np.uint64), dice_rule(0.5))


def test_the_prefix_follows_the_data() -> None:
    """Sparse rows are told apart early; the chance rule needs nearly all words; identical rows need all."""
    sparse, half = filters(500, 18, low=0.3, high=0.3), filters(500, 19)
    equal = np.repeat(half[:1], 300, axis=0)

    assert choose_prefix(sparse, sparse[::-1], dice_rule(0.8)) <= 9
    assert choose_prefix(half, filters(500, 20), chance_rule(1024, 5.0)) >= 13
    assert choose_prefix(equal, equal, dice_rule(0.8)) == 16
