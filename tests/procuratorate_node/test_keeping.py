"""backup, verify-backup, restore, accept-restart of a procuratorate, by its own commands, on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.audit.restart import LABEL, Restart
from linkage.database.opening import open_database
from linkage.keys.signing import Signed
from linkage.keys.store import load_party_keys
from linkage.owner.participation import Participation
from linkage.owner.settling import REASON
from procuratorate_node.command import main
from procuratorate_node.config import load_config
from procuratorate_node.store import REQUESTS, Store
from tests.procuratorate_node.conftest import NOW

EMPTY = {c.name: b"" if isinstance(c.type, sa.LargeBinary) else "" for c in REQUESTS.columns}


@dataclass(frozen=True)
class Office:
    """A node's configuration, and its state folder."""

    file: Path
    consortium: Path

    @property
    def state(self) -> Path:
        return self.file.parent / "state"

    @property
    def store(self) -> Store:
        return Store(open_database(load_config(self.file).place))

    def run(self, *words: str) -> int:
        return main(["--config", str(self.file), *words])

    def request(self, round_id: str, **values: object) -> None:
        flags = {"wanted": True, "proposed": True}
        self.store.insert(REQUESTS, {**EMPTY, **flags, "round_id": round_id, "envelope": b"signed", **values})

    def lose(self) -> None:
        """Lose everything but keys and configuration."""
        engine, lost = self.store.engine, sa.MetaData()
        if engine.dialect.name == "postgresql":
            lost.reflect(engine)
            lost.drop_all(engine)
        engine.dispose()
        for left in self.state.iterdir():
            if left.name != "keys":
                shutil.rmtree(left) if left.is_dir() else left.unlink()


@pytest.fixture
def office(consortium: Path, tmp_path: Path, database: str) -> Iterator[Office]:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "keys").symlink_to(consortium / "procuratorate" / "keys")
    head = f'[node]\nstate = "state"\ncoordinator = "localhost:1"\ndatabase = "{database}"\n'
    (tmp_path / "procuratorate.toml").write_text(f'{head}[cases]\nfolder = "cases"\n', "utf-8")
    made = Office(tmp_path / "procuratorate.toml", consortium)
    keys = load_party_keys(made.state)
    origin = origin_of(keys.manifest.consortium, keys.party.id)
    with AuditLog.open(made.state / "audit", origin=origin, signer=keys.signing, clock=lambda: NOW) as log:
        log.append("test.entry", {})
    Participation(made.store.engine)
    (made.state / "overlap.key").write_bytes(b"{}")
    yield made
    made.store.engine.dispose()


def test_a_restored_node_cancels_what_it_had_not_received_and_keeps_the_rest(office: Office, tmp_path: Path) -> None:
    office.request("open", state="COLLECTING")
    office.request("unsigned", envelope=b"", state="", wanted=False, proposed=False)
    office.request("delivered", state="DELIVERED", delivered_at="2026-10-01T00:00:00Z")
    office.request("ended", state="CLOSED")
    backup = str(tmp_path / "backup")

    assert office.run("backup", backup) == 0 == office.run("verify-backup", backup)
    office.lose()
    assert office.run("restore", backup, "--by", "系统管理员", "--reason", "磁盘损坏") == 0

    reasons = {r["round_id"]: r["cancel_reason"] for r in office.store.select(sa.select(REQUESTS))}
    assert reasons == {"open": REASON, "unsigned": "", "delivered": "", "ended": ""}
    assert (office.state / "overlap.key").read_bytes() == b"{}"
    assert "log.restarted" in (office.state / "audit" / "entries.jsonl").read_text("utf-8")
    assert len(list(office.state.glob("audit-before-*"))) == 1
    assert office.run("restore", backup, "--by", "系统管理员", "--reason", "再来") == 1


def test_relays_leave_once_more_when_the_linkage_unit_began_again(office: Office, tmp_path: Path) -> None:
    book = Participation(office.store.engine)
    book.post("referral", b"letter")
    book.posted(book.outbox()[0].number)
    key = load_party_keys(office.consortium / "coordinator").signing
    body = Restart(
        "coordinator", "20261126T183400Z", "00", "2026-11-25T00:00:00Z", 1, "00", "值班员", "磁盘损坏"
    ).to_bytes()
    (tmp_path / "statement").write_bytes(Signed.create(LABEL, body, signer="coordinator", key=key).to_json())

    assert office.run("accept-restart", str(tmp_path / "statement"), "--by", "安全管理员") == 0

    assert [found.message for found in book.outbox()] == [b"letter"]
    assert (office.state / "audit" / "peers" / "coordinator.restart.json").exists()
