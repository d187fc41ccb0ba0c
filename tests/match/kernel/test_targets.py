"""Forced targets: the same pairs where it can run, the intended instructions where it can only be compiled."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from linkage.jit import features
from linkage.match.kernel.targets import best_lanes

ROOT = Path(__file__).resolve().parents[3]
X86 = platform.machine().lower() in ("x86_64", "amd64")
AVX512 = "+avx512f,+avx512bw,+avx512dq,+avx512vl,+avx512vpopcntdq,+avx2"
COMPARED = """
import numpy as np
from linkage.match.kernel import chance_rule, compare
from linkage.match.kernel.targets import best_lanes
from tests.match.kernel.plain import near_pairs
rng = np.random.default_rng(1)
a, b = (np.frombuffer(rng.bytes(n * 128), np.uint64).reshape(n, 16).copy() for n in (90, 400))
b[7] = a[3]
got, wanted = compare(a, b, chance_rule(1024, 2.0)), near_pairs(a, b, 2.0)
print(best_lanes(), len(wanted[0]) > 100, all(np.array_equal(g, w) for g, w in zip(got, wanted)))
"""
COMPILED = """
import re, sys
import numpy as np
from numba import njit, typeof
from linkage.match.kernel.adder import count_pair
from linkage.match.kernel.targets import best_lanes
lanes = best_lanes()
@njit
def one(lists, at, blocks, base, states, shape):
    return count_pair(lists, at, blocks, base, states, shape)
shape = (0,) * lanes, (0,) * 12
words = np.zeros(1, np.uint64)
one.compile(tuple(map(typeof, (np.zeros(1, np.uint16), (0, 0, 0, 0), words.reshape(1, 1, 1), 0, words, shape))))
text = "".join(one.inspect_asm().values())
print(lanes, len(re.findall("vpternlogq.*zmm", text)), len(re.findall(r"\\bv?p(?:xor|and|or).*ymm", text)))
"""


def with_target(program: str, *, name: str, features: str, cache: Path) -> str:
    environment = os.environ | {
        "NUMBA_CPU_NAME": name,
        "NUMBA_CPU_FEATURES": features,
        "NUMBA_CACHE_DIR": str(cache),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_target_has_a_width() -> None:
    assert best_lanes() in (2, 4, 8)
    assert (best_lanes() == 8) == ("avx512f" in features())


@pytest.mark.slow
@pytest.mark.skipif(not X86, reason="forces x86 features")
@pytest.mark.parametrize(("features", "lanes"), [("+sse2", 2), ("+avx,+avx2,+popcnt", 4)])
def test_a_forced_target_finds_the_same_pairs(features: str, lanes: int, tmp_path: Path) -> None:
    if "avx2" in features and best_lanes() < 4:
        pytest.skip("this processor lacks AVX2")

    assert with_target(COMPARED, name="generic", features=features, cache=tmp_path) == f"{lanes} True True"


@pytest.mark.slow
@pytest.mark.skipif(not X86, reason="forces x86 features")
def test_avx512_compiles_to_three_input_logic_on_whole_registers(tmp_path: Path) -> None:
    """Two for each of 63 and of 31 adders, in each of three lists: nothing of the tree falls back to two inputs."""
    lanes, ternary, _ = with_target(COMPILED, name="icelake-server", features=AVX512, cache=tmp_path).split()

    assert lanes == "8"
    assert int(ternary) >= 3 * 2 * (63 + 31)


@pytest.mark.slow
@pytest.mark.skipif(not X86, reason="forces x86 features")
def test_avx2_compiles_to_whole_registers(tmp_path: Path) -> None:
    lanes, ternary, logic = with_target(COMPILED, name="haswell", features="+avx,+avx2", cache=tmp_path).split()

    assert (lanes, ternary) == ("4", "0")
    assert int(logic) >= 3 * 4 * (63 + 31)
