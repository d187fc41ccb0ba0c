"""What a member may do to the coordinator's port: nonsense, resets, slowness, greed; others are still served."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import repeat
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

from benchmarks.hostile_mutations import mutated_bytes
from benchmarks.hostile_wire import BareWire, grpc_frame
from linkage.errors import TransportError
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import connect
from linkage.rpc.identity import ALLOWED, Shares
from linkage.rpc.limits import CALLS_PER_PARTY, CONTENT_BYTES, MAX_STREAMS, MESSAGE_BYTES
from linkage.rpc.v1 import linkage_pb2 as pb
from tests.hostile.conftest import PATH, call_raw

METHODS = sorted(ALLOWED)
REFUSALS = {
    grpc.StatusCode.OK,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.DEADLINE_EXCEEDED,  # An empty WatchRequest is a proper one.
}
VALID: dict[str, Message] = {
    "ProposeRound": pb.ProposeRoundRequest(warrant=pb.SignedDocument(envelope=b'{"body":"e30=","signer":"civil"}')),
    "DecideRound": pb.DecideRoundRequest(round_id="ab" * 16, decision=pb.SignedDocument(envelope=b"{}")),
    "BeginUpload": pb.BeginUploadRequest(round_id="ab" * 16, population="dibao", rows=1, row_bytes=400),
    "AppendChunk": pb.AppendChunkRequest(round_id="ab" * 16, population="dibao", data=b"x" * 100, digest=bytes(32)),
    "FetchResult": pb.FetchResultRequest(round_id="ab" * 16, offset=2**63),
    "SendReferral": pb.Relay(relay_id="ab" * 16, sender="procuratorate", receiver="civil"),
    "ExchangeCheckpoint": pb.CheckpointRequest(checkpoint="x\n1\n", consistency_proof=[bytes(32)] * 3, known_size=9),
}


@pytest.mark.parametrize("method", METHODS)
def test_nonsense_is_refused_by_every_method_and_the_coordinator_goes_on(
    shared_rig: Any, raw_channel: Callable[..., Any], method: str
) -> None:
    rng = random.Random(method)
    channel = raw_channel(shared_rig, "procuratorate")
    body = VALID.get(method, pb.GetRoundRequest(round_id="ab" * 16)).SerializeToString()

    for _ in range(12):
        found = call_raw(channel, method, mutated_bytes(rng, body), seconds=1.0 if method == "Watch" else 10.0)
        assert found in REFUSALS
    assert shared_rig.client("civil").check().status == "serving"


def test_no_unforeseen_error_was_caused_by_nonsense(
    shared_rig: Any, raw_channel: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    channel = raw_channel(shared_rig, "procuratorate")
    rng = random.Random(5)
    for _ in range(60):
        method = rng.choice([m for m in VALID if m != "Watch"])
        call_raw(channel, method, mutated_bytes(rng, VALID[method].SerializeToString()))

    assert not [r for r in caplog.records if r.getMessage().startswith("unhandled")]


def test_bytes_that_are_no_message_are_refused_by_us_and_end_their_call(
    shared_rig: Any, raw_channel: Callable[..., Any]
) -> None:
    channel = raw_channel(shared_rig, "civil")
    found = {call_raw(channel, "GetRound", b"\x0a\xff") for _ in range(3 * MAX_STREAMS)}  # More than may be open.

    assert found == {grpc.StatusCode.INVALID_ARGUMENT}
    assert '"reason":"the request is no valid message"' in shared_rig.audit()


def test_a_stranger_is_not_even_parsed(shared_rig: Any, raw_channel: Callable[..., Any]) -> None:
    channel = raw_channel(shared_rig, "reviewer")

    assert call_raw(channel, "GetRound", b"\x0a\xff") is grpc.StatusCode.PERMISSION_DENIED


def test_streams_broken_off_anywhere_leave_the_others_served(shared_rig: Any) -> None:
    rng, message = random.Random(6), grpc_frame(VALID["BeginUpload"].SerializeToString())
    for end in ("ended", "reset", "dropped") * 12:
        with BareWire(shared_rig.consortium / "civil" / "keys", shared_rig.coordinator.port) as wire:
            stream = wire.open("BeginUpload")
            wire.say(stream, message[: rng.randrange(len(message))], last=end == "ended")
            if end == "reset":
                wire.reset(stream)
            assert end != "ended" or wire.await_end(stream)

    assert shared_rig.client("civil", attempts=5).check().status == "serving"


def test_a_call_without_end_is_cut(shared_rig: Any) -> None:
    with BareWire(shared_rig.consortium / "civil" / "keys", shared_rig.coordinator.port) as wire:
        endless = repeat(grpc_frame(bytes(1000)))
        let_in = wire.pour(wire.open("AppendChunk"), endless, 1 << 30)

    assert let_in <= MESSAGE_BYTES + CONTENT_BYTES


def test_a_message_beyond_the_limit_never_reaches_a_method(shared_rig: Any, raw_channel: Callable[..., Any]) -> None:
    channel = raw_channel(shared_rig, "civil", max_send_message_length=-1)

    assert call_raw(channel, "AppendChunk", bytes(MESSAGE_BYTES + 1)) is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_calls_reset_as_soon_as_they_are_made_leave_the_others_served(
    shared_rig: Any, raw_channel: Callable[..., Any]
) -> None:
    check = raw_channel(shared_rig, "civil").unary_unary(PATH + "Check")
    for _ in range(1500):
        check.future(b"", timeout=10).cancel()

    assert shared_rig.client("disabled", attempts=5).check().status == "serving"


def test_a_party_that_holds_many_streams_leaves_room_for_the_others(
    shared_rig: Any, raw_channel: Callable[..., Any]
) -> None:
    watch = raw_channel(shared_rig, "civil").unary_stream(PATH + "Watch")
    streams = [watch(b"", timeout=30) for _ in range(3 * CALLS_PER_PARTY)]
    try:
        assert shared_rig.client("disabled", attempts=5).check().status == "serving"
    finally:
        for stream in streams:
            stream.cancel()


def test_a_party_beyond_its_share_is_told_so_and_asks_again_soon_and_ever_later(
    rig: Any, raw_channel: Callable[..., Any]
) -> None:
    request = pb.CancelRoundRequest(round_id=rig.consented().round_id, reason="不再需要").SerializeToString()
    cancel, once = raw_channel(rig, "procuratorate").unary_unary(PATH + "CancelRound"), rig.client("procuratorate")
    waits: list[float] = []

    def pause(seconds: float) -> bool:
        waits.append(seconds)
        if len(waits) == 3:
            held_up.close()
        return False

    again = Backoff(attempts=1000, pause=pause, chance=lambda: 1.0)
    address, keys = f"localhost:{rig.coordinator.port}", rig.keys("procuratorate")
    with ExitStack() as held_up, connect(address, keys, last_leaf=lambda: b"", backoff=again) as client:
        held_up.enter_context(rig.coordinator.unit.step())  # Calls that change something wait for it.
        calls = [cancel.future(request, timeout=60) for _ in range(CALLS_PER_PARTY)]
        with pytest.raises(TransportError, match="at most 8 calls"):
            while once.check():
                pass

        assert client.check().status == "serving"
    assert waits[:3] == [0.25, 0.5, 1.0]
    assert all(call.exception() is None for call in calls)


def test_a_partys_share_of_calls_is_bounded_and_comes_back() -> None:
    shares = Shares(2)
    with shares.hold("civil"), shares.hold("civil"):
        with pytest.raises(TransportError), shares.hold("civil"):
            pass
        with shares.hold("disabled"):
            pass
    with shares.hold("civil"):
        pass


def test_a_client_that_sends_no_body_does_not_stop_the_others(shared_rig: Any, raw_channel: Callable[..., Any]) -> None:
    slow = raw_channel(shared_rig, "civil").stream_unary(PATH + "AppendChunk")

    def never() -> Any:
        time.sleep(5)
        yield b""

    waiting = slow.future(never(), timeout=8)
    try:
        assert shared_rig.client("disabled", attempts=5).check().status == "serving"
    finally:
        waiting.cancel()
