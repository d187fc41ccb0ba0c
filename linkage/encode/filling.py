"""Fill missing tokens, compiled, in vector lanes: the bytes of absences.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from linkage.encode.absences import PER_MAC, SEED_BYTES
from linkage.encode.lanes import PADDING, close_message, copy_bytes, hash_lanes
from linkage.encode.sha256 import LANES, hmac_states
from linkage.encoded import TOKEN_BYTES
from linkage.jit import cached_jit


def fill_compiled(rows: npt.NDArray[np.void], key: bytes) -> None:
    """Fill rows (RowLayout.dtype, contiguous) in place."""
    kinds = rows.dtype["tokens"].shape[0]
    _fill(rows.view(np.uint8).reshape(len(rows), -1), kinds, hmac_states(key))


@cached_jit
def _is_absent(rows: Any, row: Any, kind: Any) -> Any:  # pragma: no cover - compiled
    found = 0
    for i in range(kind * TOKEN_BYTES, (kind + 1) * TOKEN_BYTES):
        found |= rows[row, i]
    return found == 0


@cached_jit
def _fill(rows: Any, kinds: Any, keys: Any) -> None:  # pragma: no cover - compiled
    """Fill the tokens at the start of every row; its filter follows them. keys (2, 8) of hmac_states."""
    flat, width = rows.reshape(-1), rows.shape[1]
    room = SEED_BYTES + 1 + PADDING
    buffer = np.zeros(LANES * room, np.uint8)
    blocks, targets = np.zeros(LANES, np.int64), np.zeros(LANES, np.int64)
    state, words = np.zeros((8, LANES), np.uint32), np.zeros((16, LANES), np.uint32)
    for first in range(0, kinds, PER_MAC):
        last = min(first + PER_MAC, kinds)
        used = 0
        for row in range(len(rows) + 1):
            if row < len(rows):
                absent = False
                for kind in range(first, last):
                    absent |= _is_absent(rows, row, kind)
                if not absent:
                    continue
                at = copy_bytes(buffer, used * room, flat, row * width + kinds * TOKEN_BYTES, SEED_BYTES)
                buffer[at] = first // PER_MAC
                blocks[used] = close_message(buffer, used * room, at + 1)
                targets[used] = row
                used += 1
            if used == LANES or (row == len(rows) and used):
                hash_lanes(buffer, room, blocks, keys, state, words)
                for lane in range(used):
                    for kind in range(first, last):
                        if not _is_absent(rows, targets[lane], kind):
                            continue
                        for i in range(TOKEN_BYTES):
                            byte = (kind - first) * TOKEN_BYTES + i
                            rows[targets[lane], kind * TOKEN_BYTES + i] = (
                                state[byte // 4, lane] >> np.uint32(24 - byte % 4 * 8)
                            )
                used = 0
