"""The row format on the wire and its columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from linkage.encoded import (
    PAYLOAD_SEALED_BYTES,
    RowLayout,
    is_mapped,
    open_columns,
    population_from_rows,
    release_pages,
    split_columns,
    take_rows,
)


@pytest.mark.parametrize(("payload", "width"), [(0, 16 * 3 + 128 + 6), (PAYLOAD_SEALED_BYTES, 16 * 3 + 128 + 6 + 24)])
def test_a_row_has_the_documented_width(payload: int, width: int) -> None:
    assert RowLayout(3, 1024, payload).row_bytes == width


@pytest.mark.parametrize("payload", [0, PAYLOAD_SEALED_BYTES])
@pytest.mark.parametrize("count", [0, 1, 1000])
def test_columns_on_disk_equal_columns_in_memory(tmp_path: Path, payload: int, count: int) -> None:
    layout = RowLayout(2, 128, payload)
    rng = np.random.default_rng(1)
    rows = np.frombuffer(rng.bytes(count * layout.row_bytes), layout.dtype)
    (tmp_path / "rows").write_bytes(rows.tobytes())
    split_columns(tmp_path / "rows", layout, tmp_path, chunk_rows=300)
    disk, memory = open_columns(tmp_path, layout), population_from_rows(rows)
    assert len(disk) == count
    for name in ("tokens", "filters", "flags", "scope", "payload"):
        np.testing.assert_array_equal(getattr(disk, name), getattr(memory, name), strict=True)


@pytest.mark.parametrize("bits", [0, 63, 100])
def test_a_filter_is_a_whole_number_of_words(bits: int) -> None:
    with pytest.raises(ValueError, match="multiple of 64"):
        RowLayout(1, bits)


def test_columns_read_the_same_after_their_pages_were_released(tmp_path: Path) -> None:
    layout = RowLayout(3, 128)
    rows = np.frombuffer(np.random.default_rng(1).bytes(5000 * layout.row_bytes), layout.dtype)
    (tmp_path / "rows").write_bytes(rows.tobytes())
    split_columns(tmp_path / "rows", layout, tmp_path)
    disk, memory = open_columns(tmp_path, layout), population_from_rows(rows)
    for _ in range(2):
        np.testing.assert_array_equal(disk.tokens, memory.tokens)
        np.testing.assert_array_equal(disk.filters, memory.filters)
        release_pages(disk, memory)


@pytest.mark.parametrize("wanted", [[], [4], [0, 1, 7, 4999], list(range(0, 5000, 3))])
def test_rows_taken_from_disk_equal_rows_in_memory(tmp_path: Path, wanted: list[int]) -> None:
    layout = RowLayout(3, 128, PAYLOAD_SEALED_BYTES)
    rows = np.frombuffer(np.random.default_rng(1).bytes(5000 * layout.row_bytes), layout.dtype)
    (tmp_path / "rows").write_bytes(rows.tobytes())
    split_columns(tmp_path / "rows", layout, tmp_path)
    disk, memory = open_columns(tmp_path, layout), population_from_rows(rows[wanted])
    taken = take_rows(disk, np.array(wanted, np.int64))
    for name in ("tokens", "filters", "flags", "scope", "payload"):
        np.testing.assert_array_equal(getattr(taken, name), getattr(memory, name), strict=True)
    assert (is_mapped(disk), is_mapped(memory)) == (True, False)


def test_tokens_lie_kind_by_kind(tmp_path: Path) -> None:
    layout = RowLayout(2, 64)
    rows = np.frombuffer(np.random.default_rng(1).bytes(7 * layout.row_bytes), layout.dtype)
    (tmp_path / "rows").write_bytes(rows.tobytes())
    split_columns(tmp_path / "rows", layout, tmp_path, chunk_rows=3)
    assert (tmp_path / "tokens.bin").read_bytes() == rows["tokens"].transpose(1, 0, 2).tobytes()
