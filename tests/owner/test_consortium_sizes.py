"""The same round works for two parties and for forty, over one real coordinator and mutual TLS."""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from linkage.keys.quickstart import PartySpec, quickstart
from linkage.owner.choice import OwnerRows
from linkage.owner.spool import open_position_map
from linkage.plan import parse_plan
from linkage.rpc.fetch import fetch_result_file
from linkage.rpc.result import open_result
from linkage.schema import load_schema
from linkage.warrant import ModelWarrant, PopulationSpec
from tests.owner.conftest import Policy, Town, people, wait_for
from tests.owner.loopback import running_coordinator, session_of

ANCHORS = 12
ROWS = 5


def consortium_of(out: Path, agencies: int) -> list[str]:
    """Make a consortium of a coordinator, a procuratorate and so many agencies; return the agencies' ids."""
    ids = [f"office-{i}" for i in range(agencies)]
    parties = [
        PartySpec("coordinator", "链接单元", "coordinator"),
        PartySpec("procuratorate", "检察院", "procuratorate", ("parties",)),
        *(PartySpec(name, f"第{i}局", "agency", (f"list_{i}",)) for i, name in enumerate(ids)),
    ]
    now, schema = datetime.now(UTC), load_schema("person-v1").digest
    quickstart(
        out, consortium="county-test", parties=parties, now=now, random_bytes=os.urandom, schema_digests=[schema]
    )
    return ids


@pytest.mark.slow
@pytest.mark.parametrize("owners", [2, 40])
def test_a_round_of_so_many_owners_ends_with_the_right_people(tmp_path: Path, owners: int) -> None:
    agencies = consortium_of(tmp_path / "keys", owners - 1)
    town = Town(tmp_path / "keys", tmp_path / "state", datetime.now(UTC))
    lists = tuple(PopulationSpec(f"p{i}", name, f"list_{i}", f"名单{i}") for i, name in enumerate(agencies))
    model = ModelWarrant("M1", 1, "模型一", "0" * 64, "victims", parse_plan({"any": [spec.id for spec in lists]}))
    anchors = PopulationSpec("anchors", "procuratorate", "parties", "当事人", anchor=True)
    warrant = town.warrant(now=town.moment, models=(model,), populations=(anchors, *lists))
    # Office i knows persons i … i+4 of the anchors' 0 … 11, so that with forty offices everybody is on some list.
    policies = {"procuratorate": Policy(source=lambda spec: OwnerRows(people(ANCHORS)))} | {
        name: Policy(source=lambda spec, i=i: OwnerRows(people(ROWS, start=i)))  # type: ignore[misc]
        for i, name in enumerate(agencies)
    }
    with ExitStack() as stack:
        keys = tmp_path / "keys" / "coordinator" / "keys"
        running = stack.enter_context(running_coordinator(keys, tmp_path / "coordinator"))
        sides = {
            name: stack.enter_context(session_of(town.office(name, policy), running.port, poll_seconds=0.5))
            for name, policy in policies.items()
        }
        office, client = sides["procuratorate"]
        client.propose_round(town.signed(warrant))
        ends = {"READY", "FAILED", "REFUSED"}
        wait_for(lambda: bool(ends.intersection(policies["procuratorate"].states)), seconds=90)
        status = client.get_round(warrant.round_id)
        assert policies["procuratorate"].states[-1] == "READY", status.reason
        file, size = tmp_path / "result", status.result_bytes
        fetch_result_file(client, warrant.round_id, file, result_digest=status.result_digest, result_bytes=size)
        result = open_result(file.read_bytes(), office.keys.recipient, warrant_digest=warrant.digest)
        refs = list(open_position_map(office.state, warrant.round_id, "anchors"))

        found = {refs[row.anchor] for row in result.rows if row.verdict == "yes"}
        assert found == {f"row-{i}".encode() for i in range(min(ANCHORS, ROWS + owners - 2))}

        client.accept_result(warrant.round_id, status.result_digest)
        office.book.update(warrant.round_id, erase=True)
        wait_for(lambda: all("CLOSED" in policy.states for policy in policies.values()), seconds=60)
