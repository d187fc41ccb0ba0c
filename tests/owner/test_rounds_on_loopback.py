"""Two owners and a requester over the real coordinator and real gRPC."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from linkage.coordinator.running import Coordinator
from linkage.encode.payload import open_payload, unpack_payload
from linkage.encoded import Grade
from linkage.owner.choice import OwnerRows, Refuse
from linkage.owner.encoding import upload_key_info
from linkage.owner.participation import Step
from linkage.owner.spool import open_position_map
from linkage.rpc.fetch import fetch_result_file
from linkage.rpc.result import open_result
from linkage.schema import load_schema
from tests.owner.loopback import running_coordinator, session_of


@pytest.fixture
def coordinator(town: Any, tmp_path: Path, database: str) -> Iterator[Coordinator]:
    keys, state = town.folder / "coordinator" / "keys", tmp_path / "coordinator"
    with running_coordinator(keys, state, database=database) as running:
        yield running


def policies(kit: Any) -> dict[str, Any]:
    make = kit.Policy
    return {
        "procuratorate": make(source=lambda spec: OwnerRows(kit.people(10))),
        "disabled": make(source=lambda spec: OwnerRows(kit.people(30, start=2), 30)),
        "civil": make(source=lambda spec: OwnerRows(kit.people(30, start=6))),
    }


def test_a_whole_round_runs_among_owner_sessions(town: Any, kit: Any, coordinator: Any, tmp_path: Path) -> None:
    town.moment = datetime.now(UTC)
    found = policies(kit)
    warrant = town.warrant(now=town.moment)
    with ExitStack() as stack:
        sides = {p: stack.enter_context(session_of(town.office(p, found[p]), coordinator.port)) for p in found}
        office, client = sides["procuratorate"]
        client.propose_round(town.signed(warrant))
        kit.wait_for(lambda: "READY" in found["procuratorate"].states)
        status = client.get_round(warrant.round_id)
        file = tmp_path / "result"
        fetch_result_file(
            client, warrant.round_id, file, result_digest=status.result_digest, result_bytes=status.result_bytes
        )
        result = open_result(file.read_bytes(), office.keys.recipient, warrant_digest=warrant.digest)
        anchors = list(open_position_map(office.state, warrant.round_id, "anchors"))

        # Persons 2..9 of the anchors are disabled; 6..9 also get dibao and fall out of the difference.
        linked = {anchors[row.anchor]: row.links[0] for row in result.rows if row.verdict == "yes"}
        assert set(linked) == {f"row-{i}".encode() for i in range(2, 6)}
        disabled = sides["disabled"][0]
        theirs = open_position_map(disabled.state, warrant.round_id, "dis")
        assert all(theirs.ref(link.position) == ref for ref, link in linked.items())
        assert {link.grade for link in linked.values()} <= {g.name for g in Grade}

        key = office.keys.recipient.open(result.upload_keys["dis"], info=upload_key_info(warrant.digest, "dis"))
        link = linked[b"row-3"]
        plain = open_payload(key, link.position, link.payload, aad=warrant.digest + b"dis")
        assert unpack_payload(plain, load_schema("person-v1").tags).tags == {"DIS12"}

        client.accept_result(warrant.round_id, status.result_digest)
        office.book.update(warrant.round_id, erase=True)
        kit.wait_for(lambda: all("CLOSED" in policy.states for policy in found.values()))
        assert [office.book.round(warrant.round_id).step for office, _ in sides.values()] == [Step.ENDED] * 3
        assert not any((office.state / "rounds" / warrant.round_id).exists() for office, _ in sides.values())


def test_a_refusal_reaches_the_requester_with_its_reason(town: Any, kit: Any, coordinator: Any) -> None:
    town.moment = datetime.now(UTC)
    found = policies(kit)
    found["civil"].choice = Refuse("本单位不同意 | this office does not agree", "policy")
    warrant = town.warrant(now=town.moment)
    with ExitStack() as stack:
        sides = {p: stack.enter_context(session_of(town.office(p, found[p]), coordinator.port)) for p in found}
        sides["procuratorate"][1].propose_round(town.signed(warrant))
        kit.wait_for(lambda: all("REFUSED" in policy.states for policy in found.values()))
        status = sides["procuratorate"][1].get_round(warrant.round_id)
        kit.wait_for(lambda: all(o.book.round(warrant.round_id).step is Step.ENDED for o, _ in sides.values()))

    assert (status.reason_party, status.reason) == ("civil", "本单位不同意 | this office does not agree")


def test_owners_do_not_mind_a_coordinator_that_comes_late(town: Any, kit: Any, coordinator: Any) -> None:
    town.moment = datetime.now(UTC)
    found = policies(kit)
    warrant = town.warrant(now=town.moment)
    port = coordinator.port
    with ExitStack() as stack:
        sides = {p: stack.enter_context(session_of(town.office(p, found[p]), port)) for p in ("procuratorate", "civil")}
        sides["procuratorate"][1].propose_round(town.signed(warrant))
        kit.wait_for(lambda: sides["civil"][0].book.round(warrant.round_id) is not None)
        # The third owner connects only now and finds the warrant waiting for it.
        sides["disabled"] = stack.enter_context(session_of(town.office("disabled", found["disabled"]), port))
        kit.wait_for(lambda: all("READY" in policy.states for policy in found.values()))

    entries = [json.dumps(facts) for _, facts in sides["civil"][0].trail._log.entries]
    assert any("peer_leaf" in entry for entry in entries)
