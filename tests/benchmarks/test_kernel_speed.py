"""The speed benchmark at small size, against a stand-in for the peer that answers from the plain comparison."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import kernel_speed
from linkage.demo.county import generate_county

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = f"""
import hashlib, json, sys
sys.path.insert(0, {str(ROOT)!r})
import numpy as np
from tests.match.kernel.plain import dice_pairs
for line in sys.stdin:
    asked = json.loads(line)
    i, j = dice_pairs(np.load(asked["left"]), np.load(asked["right"]), asked["threshold"])
    packed = (i.astype("<i8") << 32 | j)[MISSING:]
    digest = hashlib.sha256(packed.tobytes()).hexdigest()
    print(json.dumps(dict(seconds=1.0, cpu=2.0, pairs=len(packed), digest=digest)), flush=True)
"""


@pytest.mark.parametrize(("missing", "code"), [(0, 0), (1, 1)])
def test_every_setting_is_measured_and_other_pairs_than_the_peers_are_noticed(
    missing: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program, out, county = tmp_path / "peer.py", tmp_path / "rows.json", tmp_path / "county"
    program.write_text(STAND_IN.replace("MISSING", str(missing)), encoding="utf-8")
    monkeypatch.setattr(kernel_speed, "PEER_PROGRAM", program)
    generate_county(county, seed=3, population=3000)
    words = ["--peer", sys.executable, "--rows", "300", "--repeats", "1", "--county", str(county), "--out", str(out)]

    assert kernel_speed.main(words) == code

    rows = json.loads(out.read_text(encoding="utf-8"))
    assert [(r["data"], r["cores"]) for r in rows] == [
        (data, cores) for data in ("random 0.3", "random 0.5", "hardened", "hardened, chance cut") for cores in (1, 2)
    ]
    assert {r["same_pairs"] for r in rows} == {missing == 0}
    assert all(r["ours"] > 0 and r["of_ceiling_cpu"] > 0 for r in rows)
    assert capsys.readouterr().out.count("\n") == 2 + len(rows)
