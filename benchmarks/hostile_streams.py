"""Stream at a running coordinator what it must cut: ten gibibytes, calls without end, halves of messages, mutated ones.

    python -m benchmarks.hostile_streams [--quota-mib 8] [--calls 20000] [--streams 20000] [--seed 1] [--out FILE.json]

The coordinator is the real program, the member has a real certificate. Its round may hold so many MiB. Counted is what
the coordinator let in and what it kept, how many calls fell over inside it, and the memory of its process. Passes when
nothing taken is beyond its quota (of the round, of one message) by more than 1 MiB, nothing fell over, and it still
serves within 512 MiB.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from typing import Any

import grpc

from benchmarks.hostile_corpus import Seed, message_seeds
from benchmarks.hostile_suite import mutated_message
from benchmarks.hostile_wire import FRAME, PATH, BareWire, grpc_frame
from benchmarks.large_round import COORDINATOR, Setting, agree, make_consortium, start_coordinator, write_warrant
from benchmarks.memory import Watch
from linkage.errors import LimitError, LinkageError
from linkage.keys.store import load_party_keys
from linkage.rpc.identity import ALLOWED
from linkage.rpc.limits import CONTENT_BYTES, MESSAGE_BYTES, require_tls13
from linkage.rpc.upload import UploadFacts
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.schema import load_schema

TEN_GIB = 10 << 30
MEMORY_MIB = 512
MEMBER, POPULATION = "register", "right"
REQUESTS: Mapping[str, str] = {
    method.name: method.input_type.name for method in pb.DESCRIPTOR.services_by_name["LinkageUnit"].methods
}


@dataclass(frozen=True, slots=True)
class Target:
    """A running coordinator and the member that turns against it."""

    setting: Setting
    quota: int

    @property
    def keys(self) -> Path:
        return self.setting.folder / MEMBER / "keys"

    def wire(self) -> BareWire:
        return BareWire(self.keys, self.setting.port)

    def held(self) -> int:
        """Return the bytes of all rounds on the coordinator's disk."""
        rounds = self.setting.folder / "coordinator" / "rounds"
        return sum(file.stat().st_size for file in rounds.rglob("*") if file.is_file())


def announce_ten_gib(target: Target, facts: UploadFacts) -> bool:
    """Announce an upload of ten gibibytes; tell whether it was refused with nothing kept."""
    with target.setting.client(MEMBER) as client:
        try:
            client.begin_upload(facts.request())
        except LimitError:
            return target.held() == 0
    return False


def upload_without_end(target: Target, facts: UploadFacts) -> dict[str, int]:
    """Announce what the quota allows and stream up to ten gibibytes; return what was taken, and what is held."""
    chunk, taken, refused = os.urandom(CONTENT_BYTES), 0, 0
    with target.setting.client(MEMBER) as client:
        client.begin_upload(facts.request())
        while taken < TEN_GIB and refused < 20:
            request = pb.AppendChunkRequest(
                round_id=facts.round_id, population=facts.population, offset=taken, data=chunk,
                digest=hashlib.sha256(chunk).digest(),
            )  # fmt: skip
            try:
                taken = int(client.append_chunk(request).offset)
            except LinkageError:
                refused += 1
    return {"taken": taken, "refused": refused, "held": target.held()}


def endless(kind: str) -> Iterator[bytes]:
    """Yield a call's bytes without end: one message that says it has 4 GiB, or one small message after the other."""
    nothing = bytes(FRAME)
    if kind == "one message":
        yield grpc_frame(b"", length=(1 << 32) - 1)
        yield from repeat(nothing)
    yield from repeat(grpc_frame(nothing[: FRAME - 5]))


def call_without_end(target: Target, kind: str) -> int:
    """Return how many bytes of a call of ten gibibytes the coordinator let in before it cut the call."""
    with target.wire() as wire:
        return wire.pour(wire.open("AppendChunk"), endless(kind), TEN_GIB)


def truncated_streams(target: Target, count: int, rng: random.Random) -> Counter[str]:
    """Begin calls and break them off anywhere: the half ended properly, the call reset, the connection dropped."""
    found: Counter[str] = Counter()
    bodies = {seed.kind: seed.body for seed in message_seeds() if seed.name == "valid.bin"}
    methods = sorted(ALLOWED)
    while (done := found.total()) < count:
        with target.wire() as wire:
            for _ in range(min(200, count - done)):
                method = rng.choice(methods)
                message = grpc_frame(bodies[REQUESTS[method]])
                stream, cut = wire.open(method), rng.randrange(len(message))
                end = rng.choice(("ended", "reset", "ended", "dropped"))
                wire.say(stream, message[:cut], last=end == "ended")
                found[end if end != "ended" or wire.await_end(stream) else "no answer"] += 1
                if end == "reset":
                    wire.reset(stream)
                elif end == "dropped":
                    break
    return found


def mutated_calls(target: Target, count: int, rng: random.Random) -> Counter[str]:
    """Call every method with mutated messages; count the answers by status, and what fell over in our own code."""
    seeds: dict[str, list[Seed]] = {}
    for seed in message_seeds():
        seeds.setdefault(seed.kind, []).append(seed)
    found: Counter[str] = Counter()
    methods = sorted(set(ALLOWED) - {"Watch"})  # An unchanged WatchRequest is a proper one, and waits.
    with raw_channel(target) as channel:
        for at in range(count):
            method = methods[at % len(methods)]
            body = mutated_message(rng, rng.choice(seeds[REQUESTS[method]]).body)
            found[answer(channel, method, body)] += 1
    return found


def raw_channel(target: Target) -> Any:  # Any: called without serializers, which the stubs do not know.
    """Return a plain channel with the certificate of who may call everything, and none of our client's manners."""
    require_tls13()
    keys = load_party_keys(target.setting.folder / "procuratorate")
    credentials = grpc.ssl_channel_credentials(keys.ca_certificate, keys.tls_key, keys.tls_certificate)
    return grpc.secure_channel(f"localhost:{target.setting.port}", credentials)


def answer(channel: Any, method: str, body: bytes) -> str:
    """Send bytes as a request, whatever they are; return the status, "fell over" for an error nobody foresaw."""
    try:
        if method == "FetchResult":
            list(channel.unary_stream(PATH + method)(body, timeout=10))
        else:
            channel.unary_unary(PATH + method)(body, timeout=10)
    except grpc.RpcError as error:
        foreseen = error.details() != "internal error"  # What the guard says of anything that is not ours.
        return error.code().name if foreseen else f"fell over: {method}"
    return "OK"


def attack(target: Target, *, calls: int, streams: int, seed: int) -> dict[str, Any]:
    """Do all of it; return the figures."""
    warrant, schema = write_warrant(target.setting, datetime.now(UTC)), load_schema("person-v1")
    agree(target.setting, warrant)
    width = schema.layout(False).row_bytes
    many = UploadFacts(
        warrant.round_id, POPULATION, warrant.digest, bytes.fromhex(schema.digest), b"check-it", bytes(32),
        target.setting.right, width, bytes(32),
    )  # fmt: skip
    allowed = UploadFacts(
        many.round_id, POPULATION, many.warrant_digest, many.schema_digest, many.round_check_value,
        many.golden_digest, target.quota // width, width, bytes(32),
    )  # fmt: skip
    steps: dict[str, Callable[[], Any]] = {
        "ten GiB announced: refused": lambda: announce_ten_gib(target, many),
        "ten GiB streamed": lambda: upload_without_end(target, allowed),
        "call of one endless message: bytes let in": lambda: call_without_end(target, "one message"),
        "call of endless messages: bytes let in": lambda: call_without_end(target, "messages"),
        "truncated streams": lambda: dict(truncated_streams(target, streams, random.Random(seed))),
        "mutated calls": lambda: dict(mutated_calls(target, calls, random.Random(seed))),
    }
    found: dict[str, Any] = {"quota": target.quota, "seconds": {}}
    for name, step in steps.items():
        began = time.monotonic()
        found[name] = step()
        found["seconds"][name] = round(time.monotonic() - began, 1)
        print(f"{name}: {found[name]} in {found['seconds'][name]} s", flush=True)
    with target.setting.client("procuratorate") as client:
        found["still serves"] = client.check().status == "serving"
    return found


def is_met(found: Mapping[str, Any]) -> bool:
    """Tell whether everything was cut in time and nothing fell over."""
    streamed = found["ten GiB streamed"]
    let_in = (found["call of one endless message: bytes let in"], found["call of endless messages: bytes let in"])
    return (
        found["ten GiB announced: refused"]
        and max(streamed["taken"], streamed["held"]) <= found["quota"] + CONTENT_BYTES
        and max(let_in) <= MESSAGE_BYTES + CONTENT_BYTES
        and not any(what.startswith("fell over") for what in found["mutated calls"])
        and found["still serves"]
        and found["coordinator_peak_mib"] <= MEMORY_MIB
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; ends with 1 when something was let in or fell over."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quota-mib", type=int, default=8)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--streams", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, metavar="FILE")
    a = parser.parse_args(arguments)
    rows, quota = TEN_GIB // load_schema("person-v1").layout(False).row_bytes + 1, a.quota_mib << 20
    with tempfile.TemporaryDirectory(prefix="linkage-streams-") as name, Watch() as watch:
        setting = Setting(Path(name), Path(name), 1, rows, a.seed, False)
        make_consortium(setting)
        process, port = start_coordinator(setting, {"max_round_bytes": quota, "max_rows": rows, "free_bytes": 0}, watch)
        try:
            target = Target(Setting(setting.folder, setting.registers, 1, rows, a.seed, False, port), quota)
            found = attack(target, calls=a.calls, streams=a.streams, seed=a.seed)
        finally:
            process.terminate()
            process.wait(60)
    found["coordinator_peak_mib"] = round(watch.peaks[COORDINATOR].total)
    found["met"] = is_met(found)
    print(f"peak memory of the coordinator: {found['coordinator_peak_mib']} MiB; met: {found['met']}")
    if a.out:
        a.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0 if found["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
