"""A party that is revoked is cut off at once, streams included; a wrong certificate never gets an answer."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest

from linkage.coordinator.config import Config, Quotas, Times
from linkage.coordinator.running import Coordinator
from linkage.keys import revocation
from linkage.keys.consortium_steps import load_officer
from linkage.keys.revocation import RevocationList, Revoked, sign_revocations
from linkage.keys.tls import fingerprint_of
from linkage.rpc.limits import require_tls13
from linkage.warrant import utc_text
from tests.coordinator.conftest import WORKER, Clock, Rig
from tests.hostile.certificates import Claim, certify, right_claim, wrong_claims
from tests.hostile.conftest import PATH, call_raw

WITHIN = 60.0  # Seconds: the promise. The stream looks every two.


@pytest.fixture
def own(consortium: Path, schema: Any, tmp_path: Path) -> Iterator[Rig]:
    """Yield a coordinator whose keys folder is a copy, so that a deny-list can be put there."""
    state = tmp_path / "state"
    shutil.copytree(consortium / "coordinator" / "keys", state / "keys")
    config = Config(state=state, listen="127.0.0.1:0", quotas=Quotas(free_bytes=0), times=Times(tick_seconds=1))
    clock = Clock()
    coordinator = Coordinator(config, clock=clock, worker=WORKER)
    coordinator.start()
    made = Rig(consortium, config, schema, clock, coordinator)
    try:
        yield made
    finally:
        for client in made.clients:
            client.close()
        coordinator.stop()


def revoke(made: Rig, entry: Revoked) -> None:
    officer = load_officer(made.consortium / "ceremony" / "officer").signing
    text = sign_revocations(RevocationList("county-test", 1, entry.since, (entry,)).to_text(), officer)
    (made.config.state / "keys" / revocation.FILE).write_text(text, "utf-8")


@pytest.mark.parametrize("by", ["certificate", "party"])
def test_an_open_watch_of_a_revoked_party_is_cut_within_a_minute(own: Rig, raw_channel: Any, by: str) -> None:
    stream = raw_channel(own, "civil").unary_stream(PATH + "Watch")(b"", timeout=WITHIN + 30)
    stream.initial_metadata()
    ended = threading.Event()
    code: list[grpc.StatusCode] = []

    def read() -> None:
        try:
            list(stream)
        except grpc.RpcError as error:
            code.append(error.code())
        ended.set()

    reader = threading.Thread(target=read)
    reader.start()
    now = utc_text(datetime.now(UTC) - timedelta(seconds=1))
    fingerprint = fingerprint_of(own.keys("civil").tls_certificate)
    revoke(own, Revoked("", fingerprint, now, "test") if by == "certificate" else Revoked("civil", "", now, "test"))

    assert ended.wait(WITHIN), "the stream of a revoked party stayed open"
    reader.join(5)
    assert code == [grpc.StatusCode.PERMISSION_DENIED]
    assert '"call.refused"' in own.audit() or '"call.failed"' in own.audit()


def test_a_result_stream_ends_with_the_chunk_after_the_revocation(own: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    from linkage.coordinator import delivery
    from linkage.rpc.v1 import linkage_pb2 as pb

    sent = threading.Event()

    def slowly(*_: Any) -> Iterator[pb.ResultChunk]:
        yield pb.ResultChunk(offset=0, data=b"first")
        sent.wait(10)
        yield pb.ResultChunk(offset=5, data=b"second")

    monkeypatch.setattr(delivery, "fetch", slowly)
    found = own.client("procuratorate").fetch_result("ab" * 16, 0)
    first = next(iter(found)).data
    revoke(own, Revoked("procuratorate", "", utc_text(datetime.now(UTC) - timedelta(seconds=1)), "test"))
    sent.set()

    assert first == b"first"
    with pytest.raises(Exception, match="revoked"):
        list(found)


CLAIMS = wrong_claims("county-test", "civil")


def call_with(made: Rig, claim: Claim, method: str) -> grpc.StatusCode:
    require_tls13()
    key, certificate = certify(made.consortium / "ceremony" / "ca", claim)
    credentials = grpc.ssl_channel_credentials(made.keys("civil").ca_certificate, key, certificate)
    with grpc.secure_channel(f"localhost:{made.coordinator.port}", credentials) as channel:
        return call_raw(channel, method, b"", seconds=5.0)


@pytest.mark.parametrize("what", CLAIMS)
@pytest.mark.parametrize("method", ["Check", "Watch", "GetRound", "BeginUpload", "ProposeRound", "ExchangeCheckpoint"])
def test_a_wrong_certificate_never_gets_an_answer(shared_rig: Any, what: str, method: str) -> None:
    refused = {grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAVAILABLE}  # By us, or by TLS before us.

    assert call_with(shared_rig, CLAIMS[what], method) in refused


def test_the_right_certificate_of_the_same_making_is_answered(shared_rig: Any) -> None:
    assert call_with(shared_rig, right_claim("county-test", "civil"), "Check") is grpc.StatusCode.OK


def test_cutting_off_needs_no_restart_and_no_new_connection(own: Rig) -> None:
    client = own.client("civil")
    client.check()
    begun = time.monotonic()
    revoke(own, Revoked("civil", "", utc_text(datetime.now(UTC) - timedelta(seconds=1)), "test"))

    with pytest.raises(Exception, match="revoked"):
        client.check()
    assert time.monotonic() - begun < WITHIN
