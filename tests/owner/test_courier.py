"""A round in which one owner, or everybody, has no connection and exchanges files with the real coordinator instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.audit.reading import read_logs
from linkage.audit.reconcile import reconcile
from linkage.audit.rules import load_rules
from linkage.coordinator.courier import UnitCourier
from linkage.coordinator.running import open_unit
from linkage.coordinator.service import Service
from linkage.courier.packing import MIB
from linkage.courier.post import Post, copy_to
from linkage.courier.taking import next_file
from linkage.errors import InputError, LinkageError, PermissionRefused, SignatureError
from linkage.owner.choice import OwnerRows, Refuse
from linkage.owner.courier.session import CourierSession
from linkage.owner.participation import Step
from linkage.owner.spool import open_position_map
from linkage.rpc.result import open_result
from linkage.rpc.transport import Deferred
from tests.owner.crossroads import MOST, Crossroads, Side
from tests.owner.loopback import running_coordinator, session_of

HELD = {"courier-in", "courier-out", "log", "evidence", "leaf", "witness", "cosignature", "upload", "seal", "erasure"}
PARTIES = ("procuratorate", "disabled", "civil")


@pytest.fixture
def place(request: pytest.FixtureRequest) -> str:
    """Return the address of the coordinator's database: SQLite in its folder, unless a test wants PostgreSQL."""
    is_server = getattr(request, "param", "sqlite") == "postgresql"
    return str(request.getfixturevalue("server").address()) if is_server else ""


@pytest.fixture
def crossroads(town: Any, tmp_path: Path, place: str) -> Iterator[Crossroads]:
    town.moment = datetime.now(UTC)
    keys, state = town.folder / "coordinator" / "keys", tmp_path / "coordinator"
    with running_coordinator(keys, state, database=place) as running:
        config = running.unit.config
        unit, log = open_unit(config)
        service = Service(unit, log, authenticate=lambda _: town.keys("civil").party, start=lambda unit, name: None)
        post = Post(unit.store.transaction, config.state / "courier", unit.id)
        yield Crossroads(running, UnitCourier(unit, log, service, post), tmp_path)
        log.close()
        unit.store.close()


@pytest.fixture
def side(town: Any, kit: Any, tmp_path: Path) -> Iterator[Callable[..., Side]]:
    """Return a maker of owners off the network, with real logs."""
    opened: list[AuditLog] = []

    def make(party: str, policy: Any = None) -> Side:
        keys, policy = town.keys(party), policy or kit.Policy()
        folder, origin = tmp_path / f"{party}-log", origin_of(keys.manifest.consortium, party)
        audit = AuditLog.open(folder, origin=origin, signer=keys.signing, clock=lambda: datetime.now(UTC))
        opened.append(audit)
        office = town.office(party, policy, state=tmp_path / f"{party}-state", log=audit)
        return Side(office, audit, CourierSession(office, audit), policy)

    yield make
    for audit in opened:
        audit.close()


def policies(kit: Any) -> dict[str, Any]:
    make = kit.Policy
    return {
        "procuratorate": make(source=lambda spec: OwnerRows(kit.people(10))),
        "disabled": make(source=lambda spec: OwnerRows(kit.people(30, start=2), 30)),
        "civil": make(source=lambda spec: OwnerRows(kit.people(30, start=6))),
    }


def came_by(crossroads: Crossroads, side: Side) -> list[str]:
    """Let an office's messenger come by, and return the states it knows of then."""
    crossroads.errand(side)
    return list(side.policy.states)


def linked(client: Any, office: Any, warrant: Any) -> set[bytes]:
    """Fetch a result as a requester does and return whom it names."""
    status = client.get_round(warrant.round_id)
    body = b"".join(chunk.data for chunk in client.fetch_result(warrant.round_id, 0))
    result = open_result(body, office.keys.recipient, warrant_digest=warrant.digest)
    assert len(body) == status.result_bytes
    anchors = list(open_position_map(office.state, warrant.round_id, "anchors"))
    return {anchors[row.anchor] for row in result.rows if row.verdict == "yes"}


@contextmanager
def connected(town: Any, found: dict[str, Any], port: int, *names: str) -> Iterator[dict[str, Any]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(session_of(town.office(name, found[name]), port)) for name in names}


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_an_agency_that_only_files_reach_takes_part_in_a_round_of_connected_parties(
    town: Any, kit: Any, crossroads: Crossroads, side: Callable[..., Side]
) -> None:
    found, port = policies(kit), crossroads.coordinator.port
    warrant = town.warrant(now=town.moment)
    civil = side("civil", found["civil"])
    with connected(town, found, port, "procuratorate", "disabled") as sides:
        office, client = sides["procuratorate"]
        client.propose_round(town.signed(warrant))
        crossroads.pack("civil")
        crossroads.visit(civil)  # Its decision.
        kit.wait_for(lambda: "COLLECTING" in found["disabled"].states)
        crossroads.errand(civil)  # Its encodings.
        kit.wait_for(lambda: "READY" in found["procuratorate"].states)

        # As in the round over the network alone: persons 6..9 get dibao and fall out of the difference.
        assert linked(client, office, warrant) == {f"row-{i}".encode() for i in range(2, 6)}
        client.accept_result(warrant.round_id, client.get_round(warrant.round_id).result_digest)
        office.book.update(warrant.round_id, erase=True)
        kit.wait_for(lambda: office.book.round(warrant.round_id).statement_sent)
        crossroads.errand(civil)  # Its deletion statement.
        kit.wait_for(lambda: all("CLOSED" in found[p].states for p in ("procuratorate", "disabled")))
        crossroads.errand(civil)

    assert civil.office.book.round(warrant.round_id).step is Step.ENDED
    assert "CLOSED" in found["civil"].states
    assert crossroads.refused == []
    assert civil.kinds().count("upload.begun") == civil.kinds().count("upload.sealed") == 1
    assert civil.audit.peer_checkpoint("coordinator") is not None


def test_a_requester_that_only_files_reach_gets_the_same_result(
    town: Any, kit: Any, crossroads: Crossroads, side: Callable[..., Side]
) -> None:
    found, port = policies(kit), crossroads.coordinator.port
    warrant = town.warrant(now=town.moment)
    asking = side("procuratorate", found["procuratorate"])
    client = asking.session._client
    with pytest.raises(Deferred):
        client.propose_round(town.signed(warrant))
    with connected(town, found, port, "civil", "disabled"):
        crossroads.carry(asking)  # The warrant.
        crossroads.errand(asking)  # Its own decision.
        kit.wait_for(lambda: "COLLECTING" in found["disabled"].states)
        crossroads.errand(asking)  # Its people.
        kit.wait_for(lambda: "READY" in found["disabled"].states)
        crossroads.errand(asking)

    assert linked(client, asking.office, warrant) == {f"row-{i}".encode() for i in range(2, 6)}


def test_the_logs_of_a_round_by_files_alone_hold_each_other_and_agree(
    town: Any, kit: Any, crossroads: Crossroads, side: Callable[..., Side]
) -> None:
    found, warrant = policies(kit), town.warrant(now=town.moment)
    sides = {name: side(name, found[name]) for name in PARTIES}
    asking = sides["procuratorate"]
    client = asking.session._client
    with pytest.raises(Deferred):
        client.propose_round(town.signed(warrant))
    crossroads.carry(asking)
    for one in (*sides.values(), *sides.values()):
        crossroads.errand(one)
    kit.wait_for(lambda: "READY" in came_by(crossroads, asking))
    with pytest.raises(Deferred):
        client.accept_result(warrant.round_id, client.get_round(warrant.round_id).result_digest)
    crossroads.carry(asking)
    asking.office.book.update(warrant.round_id, erase=True)
    for one in (*sides.values(), *sides.values(), *sides.values()):
        crossroads.errand(one)
    folders = {name: one.audit.folder for name, one in sides.items()} | {"coordinator": crossroads.courier._log.folder}
    manifest = town.keys("coordinator").manifest
    checked = reconcile(read_logs([*folders.values()], manifest, traffic=load_rules().traffic), manifest, load_rules())
    pairs = {count.rule: count.pairs for count in checked.checked}

    assert all("CLOSED" in found[name].states for name in PARTIES)
    assert crossroads.refused == []
    assert pairs["courier-in"] >= 9 and pairs["courier-out"] >= 9 and pairs["upload"] == pairs["seal"] == 3
    assert {f.rule for f in checked.findings if f.level == "fault"} & HELD == set()
    assert all(held.covered > 0 and held.leaves > 0 for held in checked.held.values())


def test_a_refusal_travels_in_a_file_with_its_reason(
    town: Any, kit: Any, crossroads: Crossroads, side: Callable[..., Side]
) -> None:
    found, warrant = policies(kit), town.warrant(now=town.moment)
    civil = side("civil", kit.Policy(choice=Refuse("本月已查过一次", "operator")))
    with connected(town, found, crossroads.coordinator.port, "procuratorate") as sides:
        client = sides["procuratorate"][1]
        client.propose_round(town.signed(warrant))
        crossroads.pack("civil")
        crossroads.visit(civil)

        assert "本月已查过一次" in client.get_round(warrant.round_id).reason


@pytest.fixture
def waiting(town: Any, kit: Any, crossroads: Crossroads, side: Callable[..., Side]) -> tuple[Side, Path]:
    """Return an owner and its first file, not imported yet: the decision on a warrant."""
    found, warrant = policies(kit), town.warrant(now=town.moment)
    civil = side("civil", found["civil"])
    with connected(town, found, crossroads.coordinator.port, "procuratorate") as sides:
        sides["procuratorate"][1].propose_round(town.signed(warrant))
    (first,) = crossroads.pack("civil")
    civil.session.take(first)
    civil.session.work()
    civil.session.pack(most=MOST)
    (file,) = copy_to(civil.session.post.kept("coordinator"), crossroads.stick)
    return civil, file


def swapped(file: Path, at: int) -> None:
    body = bytearray(file.read_bytes())
    body[at] ^= 1
    file.write_bytes(body)


BAD: dict[str, tuple[Callable[[Path], object], type[LinkageError]]] = {
    "altered content": (lambda file: swapped(file, -1), InputError),
    "altered header": (lambda file: swapped(file, 200), SignatureError),
    "cut short": (lambda file: file.write_bytes(file.read_bytes()[:-1000]), InputError),
    "cut within the header": (lambda file: file.write_bytes(file.read_bytes()[:100]), InputError),
    "longer": (lambda file: file.write_bytes(file.read_bytes() + b"\0"), InputError),
    "something else": (lambda file: file.write_bytes(b"hello"), InputError),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_an_audit_entry_and_changes_nothing(
    name: str, crossroads: Crossroads, waiting: tuple[Side, Path]
) -> None:
    spoil, error = BAD[name]
    civil, file = waiting
    before = crossroads.decided()  # The requester may have decided on its own people, or not yet.
    spoil(file)
    with pytest.raises((error, InputError)):
        crossroads.take(file)
    last, after = crossroads.audit()[-1], crossroads.decided()
    copy_to(civil.session.post.kept("coordinator"), crossroads.stick)
    crossroads.take()

    assert last == "courier.refused"
    assert after == before
    assert crossroads.decided() == before + 1  # Exported again, it is taken.


def test_a_file_for_another_party_is_refused(crossroads: Crossroads, waiting: tuple[Side, Path], town: Any) -> None:
    civil, file = waiting
    with pytest.raises(PermissionRefused):
        civil.session.take(file)

    assert civil.kinds()[-1] == "courier.refused"


def test_a_file_is_taken_once_and_in_order_only(crossroads: Crossroads, waiting: tuple[Side, Path]) -> None:
    civil, first = waiting
    before = crossroads.decided()
    civil.session._ask_witness()
    civil.session.pack(most=MOST)
    files = copy_to(civil.session.post.kept("coordinator"), crossroads.stick)
    with pytest.raises(InputError, match="file 1 of civil is missing"):
        crossroads.take(files[-1])
    crossroads.take(first)
    with pytest.raises(InputError, match=r"taken on .* already"):
        crossroads.take(first)
    crossroads.take(files[-1])

    assert crossroads.audit().count("courier.refused") == 2
    assert crossroads.decided() == before + 1


def test_a_lost_file_is_written_again_until_it_is_confirmed(crossroads: Crossroads, waiting: tuple[Side, Path]) -> None:
    civil, file = waiting
    file.unlink()
    kept = civil.session.post.kept("coordinator")
    copy_to(kept, crossroads.stick)
    crossroads.take()
    crossroads.pack("civil")
    crossroads.visit(civil)

    assert [path.name for path in kept] == [file.name]
    assert not kept[0].exists()


def test_taking_a_file_again_after_a_break_changes_nothing(crossroads: Crossroads, waiting: tuple[Side, Path]) -> None:
    _, file = waiting
    before = crossroads.decided()
    unit, post = crossroads.courier._unit, crossroads.courier.post
    arrived = next_file(file, unit.keys, post, now=unit.clock(), note=unit.note)
    crossroads.courier.take(arrived)
    post.set("civil", taken=0, taken_content="")  # As if the program had ended just before it counted the file.
    crossroads.take(file)

    assert crossroads.decided() == before + 1
    assert "round.decided-again" not in crossroads.audit()
    assert crossroads.refused == []


def test_an_audit_log_is_interlocked_with_the_coordinators_by_files(
    crossroads: Crossroads, waiting: tuple[Side, Path]
) -> None:
    civil, _ = waiting
    crossroads.take()
    crossroads.pack("civil")
    for _ in range(2):
        crossroads.visit(civil)
    taken = [json.loads(line) for line in (civil.audit.folder / "entries.jsonl").read_text("utf-8").splitlines()]
    leaves = [entry["facts"].get("peer_leaf") for entry in taken if entry["kind"] == "courier.taken"]
    notes = sorted((civil.audit.folder / "checkpoints").iterdir())

    assert all(leaves)
    assert any("coordinator" in note.read_text("utf-8").split("\n\n")[1] for note in notes)


def test_a_large_upload_goes_into_files_of_the_wanted_size(
    town: Any, kit: Any, crossroads: Crossroads, side: Callable[..., Side]
) -> None:
    found, warrant = policies(kit), town.warrant(now=town.moment)
    civil, most = side("civil", kit.Policy(source=lambda spec: OwnerRows(kit.people(4000)))), MIB + MIB // 2
    with connected(town, found, crossroads.coordinator.port, "procuratorate", "disabled") as sides:
        sides["procuratorate"][1].propose_round(town.signed(warrant))
        crossroads.pack("civil")
        crossroads.visit(civil)
        kit.wait_for(lambda: "COLLECTING" in found["disabled"].states)
        before = civil.session.post.traffic("coordinator").written
        crossroads.errand(civil, most=most)
        kit.wait_for(lambda: "READY" in found["disabled"].states)

    sizes = [file.stat().st_size for file in crossroads.stick.glob("civil-to-coordinator-*")]
    assert civil.session.post.traffic("coordinator").written == before + 2
    assert max(sizes) <= most
