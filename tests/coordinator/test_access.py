"""Who may call what: every role against every method, strangers, revoked parties, and what the log says of it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest

from linkage.errors import LinkageError, PermissionRefused, TransportError
from linkage.keys import revocation
from linkage.keys.consortium_steps import load_officer
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.keys.revocation import RevocationList, Revoked, sign_revocations
from linkage.keys.store import load_party_keys
from linkage.keys.times import utc_text
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import connect
from linkage.rpc.identity import ALLOWED
from linkage.rpc.v1 import linkage_pb2 as pb

PARTY_OF = {"agency": "civil", "procuratorate": "procuratorate", "reviewer": "reviewer"}
REQUESTS: dict[str, Any] = {
    "Check": pb.CheckRequest(),
    "Watch": pb.WatchRequest(),
    "ProposeRound": pb.ProposeRoundRequest(),
    "DecideRound": pb.DecideRoundRequest(),
    "CancelRound": pb.CancelRoundRequest(),
    "GetRound": pb.GetRoundRequest(),
    "BeginUpload": pb.BeginUploadRequest(),
    "GetUpload": pb.GetUploadRequest(),
    "AppendChunk": pb.AppendChunkRequest(),
    "SealUpload": pb.SealUploadRequest(),
    "FetchResult": pb.FetchResultRequest(),
    "AcceptResult": pb.AcceptResultRequest(),
    "StateDeletion": pb.StateDeletionRequest(),
    "RequestRelease": pb.Relay(),
    "AnswerRelease": pb.Relay(),
    "SendReferral": pb.Relay(),
    "UpdateReferral": pb.Relay(),
    "ExchangeCheckpoint": pb.CheckpointRequest(),
    "WitnessCheckpoints": pb.WitnessRequest(),
}
FORBIDDEN = [(m, role) for m in REQUESTS for role in PARTY_OF if role not in ALLOWED[m]]


def attempt(client: Any, method: str) -> None:
    transport = client._transport  # Below the retries and the methods that know what they send.
    if method in ("Watch", "FetchResult"):
        next(transport.stream(method, REQUESTS[method], 5))
    else:
        transport.call(method, REQUESTS[method], 5)


def test_the_table_of_roles_names_every_method_of_the_service() -> None:
    service = pb.DESCRIPTOR.services_by_name["LinkageUnit"]

    assert set(ALLOWED) == set(REQUESTS) == {m.name for m in service.methods}


@pytest.mark.parametrize(("method", "role"), FORBIDDEN)
def test_a_forbidden_role_is_refused_and_logged(shared_rig: Any, method: str, role: str) -> None:
    with pytest.raises(PermissionRefused):
        attempt(shared_rig.client(PARTY_OF[role]), method)

    assert f'"method":"{method}","party":"{PARTY_OF[role]}"' in shared_rig.audit()


def test_a_certificate_of_another_consortium_does_not_even_connect(
    shared_rig: Any, tmp_path: Path, consortium: Path
) -> None:
    parties = [PartySpec("coordinator", "链接单元", "coordinator"), PartySpec("civil", "民政局", "agency", ("dibao",))]
    quickstart(tmp_path, consortium="county-test", parties=parties, now=datetime.now(UTC), random_bytes=os.urandom)
    theirs = load_party_keys(tmp_path / "civil")
    client = connect(
        f"localhost:{shared_rig.coordinator.port}", theirs, last_leaf=lambda: b"", backoff=Backoff(attempts=1)
    )

    with client, pytest.raises(TransportError):
        client.check()


def test_a_caller_without_certificate_does_not_connect(shared_rig: Any) -> None:
    credentials = grpc.ssl_channel_credentials(shared_rig.keys("civil").ca_certificate)
    with grpc.secure_channel(f"localhost:{shared_rig.coordinator.port}", credentials) as channel:
        check = channel.unary_unary(
            "/linkage.rpc.v1.LinkageUnit/Check", pb.CheckRequest.SerializeToString, pb.CheckReply.FromString
        )
        with pytest.raises(grpc.RpcError) as caught:
            check(pb.CheckRequest(), timeout=3)

    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


def revoke(rig: Any, consortium: Path, party: str) -> Path:
    now = utc_text(rig.clock())
    found = RevocationList("county-test", 1, now, (Revoked(party, "", now, "test"),))
    file: Path = rig.config.state / "keys" / revocation.FILE
    file.write_text(sign_revocations(found.to_text(), load_officer(consortium / "ceremony" / "officer").signing))
    return file


def test_a_revoked_party_is_refused_and_its_open_stream_cut(rig: Any, consortium: Path) -> None:
    client, ended = rig.client("civil"), []
    connected = threading.Event()

    def watch() -> None:
        try:
            connected.set()
            for _ in client.watch_once(0, seconds=90):
                pass
        except LinkageError as exc:
            ended.append(type(exc))

    watching = threading.Thread(target=watch)
    watching.start()
    connected.wait()
    client.check()
    file = revoke(rig, consortium, "civil")
    try:
        watching.join(timeout=60)

        assert ended == [PermissionRefused]
        with pytest.raises(PermissionRefused):
            client.check()
        rig.client("disabled").check()
    finally:
        file.unlink()


def keep_watching(client: Any) -> None:
    with contextlib.suppress(TransportError):
        for _ in client.watch_once(0, seconds=90):
            pass


def test_a_party_that_opens_too_many_streams_loses_its_oldest(rig: Any) -> None:
    ended = threading.Event()

    def watch() -> None:
        for _ in rig.client("civil").watch_once(0, seconds=90):
            pass
        ended.set()

    oldest = threading.Thread(target=watch, daemon=True)
    oldest.start()
    while not rig.coordinator.unit.bell._streams.get("civil"):
        pass
    newer = [threading.Thread(target=keep_watching, args=(rig.client("civil"),), daemon=True) for _ in range(2)]
    for thread in newer:
        thread.start()

    assert ended.wait(60)


def test_each_reply_carries_the_coordinators_newest_leaf(rig: Any) -> None:
    seen: list[tuple[str, bytes]] = []
    warrant = rig.warrant()
    rig.propose(warrant)

    rig.client("civil", seen=lambda method, leaf: seen.append((method, leaf))).get_round(warrant.round_id)

    last_line = rig.audit().splitlines()[-1]
    assert seen == [("GetRound", hashlib.sha256(b"\0" + last_line.encode()).digest())]


def test_a_refusal_carries_a_leaf_too(rig: Any) -> None:
    seen: list[tuple[str, bytes]] = []

    with pytest.raises(LinkageError):
        rig.client("civil", seen=lambda method, leaf: seen.append((method, leaf))).get_round("0" * 32)

    assert [method for method, _ in seen] == ["GetRound"]
