"""An upload whose calls keep failing arrives whole, and no break costs more than one chunk."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from benchmarks.broken_upload import Breaks, breaking_client
from linkage.coordinator import service
from linkage.rpc.backoff import Backoff
from linkage.rpc.upload import upload_file
from tests.faults.extent import fresh_seed

CHUNK = 64 << 10


@pytest.mark.parametrize("share", [0.05, 0.3])
def test_a_break_costs_one_chunk_at_most(
    rig: Any, rows: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    monkeypatch.setattr(service, "CHUNK_BYTES", CHUNK)
    content = rows(list(range(3000)))
    file = tmp_path / "rows"
    file.write_bytes(content.tobytes())
    facts, seed = rig.facts(rig.consented(), "dibao", content), fresh_seed()
    breaks = Breaks(share, random.Random(seed))
    endpoint = f"localhost:{rig.coordinator.port}"
    with breaking_client(endpoint, rig.consortium / "civil", breaks) as client:
        reply = upload_file(client, file, facts, backoff=Backoff(attempts=100, first=0.0, longest=0.0))

    needed = -(-facts.total // CHUNK)
    assert reply.sealed, f"seed {seed}"
    assert breaks.calls["AppendChunk"] - needed <= breaks.broken["AppendChunk before"], f"seed {seed}"
