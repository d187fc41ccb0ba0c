"""The compiled hash is SHA-256: every length, every lane, whatever the other lanes hold."""

from __future__ import annotations

import hashlib
import hmac
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from linkage.encode.lanes import STEP, add_fresh, fill_tokens
from linkage.encode.sha256 import LANES, ROUND_CONSTANTS, START, compress, hmac_states
from linkage.jit import features

ROOT = Path(__file__).resolve().parents[2]
NOTHING = np.zeros(0, np.int64)
FORCED = """
import hmac
import numpy as np
from linkage.encode.lanes import STEP, fill_macs
from linkage.encode.sha256 import LANES, hmac_states
texts = [bytes([i]) * i for i in range(1, 101)]
arena = np.frombuffer(b"".join(texts) + bytes(STEP), np.uint8)
sizes = np.array([len(t) for t in texts], np.int32)
out = np.zeros((len(texts), 32), np.uint8)
fill_macs(arena, np.cumsum(sizes, dtype=np.int32) - sizes, sizes, hmac_states(b"k"), out)
print(LANES, [bytes(row) for row in out] == [hmac.digest(b"k", t, "sha256") for t in texts])
"""


def test_the_constants_are_the_published_ones() -> None:
    assert (START[0], START[7], ROUND_CONSTANTS[0], ROUND_CONSTANTS[63]) == (
        0x6A09E667, 0x5BE0CD19, 0x428A2F98, 0xC67178F2,
    )  # fmt: skip


def test_one_block_is_hashed_alike_in_every_lane() -> None:
    messages = [bytes([lane]) * (lane * 3) for lane in range(LANES)]
    blocks = [(m + b"\x80").ljust(56, b"\0") + (8 * len(m)).to_bytes(8, "big") for m in messages]
    words = np.ascontiguousarray(np.array([np.frombuffer(b, ">u4") for b in blocks]).T.astype(np.uint32))
    state = np.repeat(START[:, None], LANES, axis=1)
    compress(state, words)

    assert [state[:, lane].astype(">u4").tobytes() for lane in range(LANES)] == [
        hashlib.sha256(m).digest() for m in messages
    ]


@pytest.mark.parametrize("key", [b"", b"k", bytes(range(32)), bytes(64)])
def test_tokens_are_the_standard_librarys_hmac_at_every_length(key: bytes) -> None:
    texts = [bytes([1 + i % 250]) * i for i in range(200)]
    arena = np.frombuffer(b"".join(texts) + bytes(STEP), np.uint8)
    sizes = np.array([[len(t)] for t in texts], np.int32)
    starts = np.cumsum(sizes, axis=0, dtype=np.int32) - sizes
    out = np.zeros((len(texts), 20), np.uint8)
    prefix = np.frombuffer(b"label\0" + bytes(STEP), np.uint8)
    fill_tokens(arena, starts, sizes, np.array([0]), NOTHING, prefix, 6, hmac_states(key), out, 4)

    assert [bytes(row[4:]) for row in out] == [
        hmac.digest(key, b"label\0" + t, "sha256")[:16] if t else bytes(16) for t in texts
    ]
    assert not out[:, :4].any()


def test_parts_are_joined_and_one_missing_part_makes_no_token() -> None:
    arena = np.frombuffer(b"abcdef" + bytes(STEP), np.uint8)
    starts, sizes = np.array([[0, 3], [0, 3], [2, 5]], np.int32), np.array([[3, 3], [3, 0], [1, 1]], np.int32)
    out = np.zeros((3, 16), np.uint8)
    prefix, key = np.zeros(STEP, np.uint8), hmac_states(b"k")
    fill_tokens(arena, starts, sizes, np.array([1, 0]), NOTHING, prefix, 0, key, out, 0)

    expected = [hmac.digest(b"k", m, "sha256")[:16] for m in (b"def\x1fabc", b"f\x1fc")]
    assert [bytes(row) for row in out] == [expected[0], bytes(16), expected[1]]


def test_a_part_that_must_be_given_is_not_in_the_token() -> None:
    arena = np.frombuffer(b"abcdef" + bytes(STEP), np.uint8)
    starts, sizes = np.array([[0, 3], [0, 3]], np.int32), np.array([[3, 3], [3, 0]], np.int32)
    out = np.zeros((2, 16), np.uint8)
    prefix, key = np.zeros(STEP, np.uint8), hmac_states(b"k")
    fill_tokens(arena, starts, sizes, np.array([0]), np.array([1]), prefix, 0, key, out, 0)

    assert [bytes(row) for row in out] == [hmac.digest(b"k", b"abc", "sha256")[:16], bytes(16)]


def test_a_gram_with_many_hashes_takes_several_macs() -> None:
    arena, plain = np.frombuffer("何集".encode() + bytes(STEP), np.uint8), np.zeros((2, 16), np.uint64)
    prefix = np.frombuffer(b"g\0" + bytes(STEP), np.uint8)
    add_fresh(arena, np.array([1]), np.array([0]), np.array([6]), prefix, 2, 40, hmac_states(b"k"), plain)
    macs = b"".join(hmac.digest(b"k", b"g\0" + "何集".encode() + bytes([0, i]), "sha256") for i in range(3))
    bits = np.zeros(1024, np.uint8)
    bits[np.frombuffer(macs, "<u2")[:40] % 1024] = 1

    assert plain[1].tobytes() == np.packbits(bits, bitorder="little").tobytes()
    assert not plain[0].any()


@pytest.mark.slow
@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="forces x86 features")
@pytest.mark.parametrize(("target", "lanes"), [("+sse2", 8), ("+avx,+avx2", 8), ("+avx,+avx2,+avx512f", 16)])
def test_a_forced_target_hashes_alike(target: str, lanes: int, tmp_path: Path) -> None:
    if not {feature.lstrip("+") for feature in target.split(",")} <= features():
        pytest.skip("this processor lacks it")
    forced = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": target, "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", FORCED],
        cwd=ROOT,
        env=os.environ | forced | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.strip() == f"{lanes} True", done.stderr


def test_a_key_longer_than_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="block"):
        hmac_states(bytes(65))
