"""Texts inside a column are numbered by their characters and mark, never by a hash alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.normalise.plain_cells import code_points
from linkage.normalise.text_index import TextIndex

TEXTS = st.lists(st.tuples(st.text("ab三", min_size=1, max_size=4), st.integers(0, 2)), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_equal_texts_with_equal_marks_have_one_number(texts: list[tuple[str, int]]) -> None:
    index, expected = TextIndex(), list(dict.fromkeys(texts))
    numbers = [index.add(code_points([text])[:-1], mark) for text, mark in texts]

    assert numbers == [expected.index(text) for text in texts]
    assert len(index) == len(expected)


def test_many_texts_are_found_again_inside_a_column() -> None:
    index, texts = TextIndex(), [f"文{i}字" for i in range(5000)]
    for text in texts:
        index.add(code_points([text])[:-1], 7)
    points = code_points(texts)
    ends = np.flatnonzero(points == 10)
    bounds = np.stack((np.concatenate(([0], ends[:-1] + 1)), ends), axis=1)

    assert index.find(points, bounds, np.full(5000, 7, np.int32)).tolist() == list(range(5000))
    assert set(index.find(points, bounds, np.full(5000, 8, np.int32)).tolist()) == {-1}


def test_what_was_forgotten_is_unknown_and_an_empty_text_has_no_number() -> None:
    index, points = TextIndex(), code_points(["文字"])
    index.add(points[:-1], 0)
    index.clear()

    assert index.find(points, np.array([[0, 2], [1, 1]]), np.zeros(2, np.int32)).tolist() == [-1, -1]
    assert repr(index) == "TextIndex(texts=0)"
