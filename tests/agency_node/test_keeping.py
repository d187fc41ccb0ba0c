"""An agency's backup holds what only its node has, and nothing that must die with a round."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from agency_node.command import main
from agency_node.releases import Releases
from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.keys.store import load_party_keys
from linkage.owner.database import open_database
from linkage.owner.participation import Participation


def test_what_was_typed_in_comes_back_and_maps_and_keys_are_in_no_backup(town: Any, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "keys").symlink_to(town.folder / "civil" / "keys")
    config = tmp_path / "agency.toml"
    config.write_text('[agency]\nstate = "state"\ncoordinator = "localhost:1"\ndata = "data"\n', "utf-8")
    keys = load_party_keys(state)
    origin = origin_of(keys.manifest.consortium, keys.party.id)
    with AuditLog.open(state / "audit", origin=origin, signer=keys.signing, clock=lambda: town.moment) as log:
        log.append("test.entry", {})
    Releases(Participation(open_database(state / "node.db")).engine)
    for name in ("entered/vulnerable.csv", "rounds/r1/dibao.map"):
        (state / name).parent.mkdir(parents=True, exist_ok=True)
        (state / name).write_bytes(b"{}")
    backup = tmp_path / "backup"

    assert main(["--config", str(config), "backup", str(backup)]) == 0
    kept = {str(f.relative_to(backup)) for f in backup.rglob("*") if f.is_file() and "audit" not in f.parts}
    for left in [p for p in state.iterdir() if p.name != "keys"]:
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    words = ["restore", str(backup), "--by", "系统管理员", "--reason", "磁盘损坏"]
    assert main(["--config", str(config), *words]) == 0

    assert kept == {"manifest.json", "database.sqlite", "files/entered/vulnerable.csv"}
    assert (state / "entered" / "vulnerable.csv").read_bytes() == b"{}"
    assert not (state / "rounds").exists()
