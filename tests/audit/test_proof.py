from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from linkage.audit.proof import parse_proof, prove_entry, verify_proof
from linkage.errors import AuditError
from linkage.main import main


def test_a_proof_stands_without_the_log(place: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, public = tmp_path / "one.tlog-proof", str(place.public)
    log = str(place.folder("jcy"))
    assert main(["audit", "prove", log, "8", "--out", str(out), "--manifest", public]) == 0
    place.folder("jcy").rename(tmp_path / "gone")
    assert main(["audit", "check-proof", str(out), "--manifest", public]) == 0
    said = capsys.readouterr().out
    assert "✓ 成立 | proven: linkage/county/jcy" in said and "witness: " in said
    assert (tmp_path / "one.policy").read_text("utf-8").startswith("log linkage/county/jcy+")


def test_one_partys_key_is_enough_to_check_its_proof(place: Any, tmp_path: Path) -> None:
    key = place.manifest.party("mz").signing_key
    proven = verify_proof(prove_entry(place.folder("mz"), 3), key)
    assert (proven.entry.index, proven.cosigned) == (3, ())
    with pytest.raises(AuditError):
        verify_proof(prove_entry(place.folder("mz"), 3), place.manifest.party("cl").signing_key)


def test_a_proof_of_something_else_is_refused(place: Any) -> None:
    proof = prove_entry(place.folder("mz"), 3)
    entry = json.loads(proof.entry)
    entry["facts"]["rows"] = 1
    forged = base64.b64encode(json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()).decode()
    text = proof.to_text().replace(base64.b64encode(proof.entry).decode(), forged)
    with pytest.raises(AuditError):
        verify_proof(parse_proof(text), place.manifest)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("extra ", "Extra "),
        ("index 3", "index 03"),
        ("index 3", "index x"),
        ("\n\n", "\n"),
        ("\n\n", "\n!\n\n"),
    ],
)
def test_a_malformed_proof_is_refused(place: Any, old: str, new: str) -> None:
    text = prove_entry(place.folder("mz"), 3).to_text().replace(old, new, 1)
    with pytest.raises(AuditError):
        verify_proof(parse_proof(text), place.manifest)


def test_an_entry_no_checkpoint_covers_cannot_be_proved(place: Any) -> None:
    for index in (10_000, -1):
        with pytest.raises(AuditError, match="covers"):
            prove_entry(place.folder("mz"), index)
