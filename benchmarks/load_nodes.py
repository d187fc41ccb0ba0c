"""Be many light nodes in one process: real identities, real mutual TLS, real calls; rows made up instead of encoded.

Started by `load`, one process for every few dozen parties. It prints "ready" once every party has connected, starts
its rounds when a line comes on standard input, and writes every call's method, start and seconds to a file at the end.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from google.protobuf.message import Message

from linkage.errors import LinkageError
from linkage.keys.signing import Signed
from linkage.keys.store import PartyKeys, load_party_keys
from linkage.plan import SetPlan
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import LinkageClient
from linkage.rpc.fetch import fetch_result_file
from linkage.rpc.network import NetworkTransport
from linkage.rpc.pinned import PinnedChannel
from linkage.rpc.result import open_result
from linkage.rpc.upload import UploadFacts, upload_file
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.schema import EncodingSchema, load_schema
from linkage.warrant import (
    LABEL_DECISION,
    LABEL_DELETION,
    LABEL_WARRANT,
    Decision,
    DeletionStatement,
    Limits,
    ModelWarrant,
    PopulationSpec,
    RoundWarrant,
    utc_text,
)

COMMON = 10  # People who stand in every register: what each round's result must hold.
ENDS = frozenset({"CLOSED", "FAILED", "REFUSED", "EXPIRED", "CANCELLED"})
POLL_SECONDS = 2.0
Call = tuple[str, float, float]  # Method, start (seconds since the epoch), seconds.


class TimedTransport(NetworkTransport):
    """Note how long every single call takes, as the party sees it."""

    calls: list[Call]

    def call(self, method: str, request: Message, seconds: float) -> object:
        began, wall = time.monotonic(), time.time()
        try:
            return super().call(method, request, seconds)
        finally:
            self.calls.append((method, wall, time.monotonic() - began))


def make_rows(schema: EncodingSchema, count: int, seed: int) -> npt.NDArray[np.void]:
    """Return made-up rows: COMMON ones are the same for every seed, filters have as many ones as honest rows."""
    found = np.zeros(count, schema.layout(False).dtype)
    for start, rows, number in ((0, COMMON, 0), (COMMON, count - COMMON, seed)):
        random, part = np.random.default_rng(number), found[start : start + rows]
        part["tokens"] = random.integers(1, 255, part["tokens"].shape, np.uint8)
        low, high = schema.filter_popcount
        ones = np.argsort(random.random((rows, schema.filter_bits), np.float32), axis=1)[:, : (low + high) // 2]
        bits = np.zeros((rows, schema.filter_bits), np.uint8)
        np.put_along_axis(bits, ones, 1, axis=1)
        part["filter"] = np.packbits(bits, axis=1, bitorder="little")
        part["flags"] = 1
    return found


@dataclass(slots=True)
class LightNode:
    """One party: watches, approves, uploads, states its deletion; a procuratorate also asks and fetches."""

    keys: PartyKeys
    client: LinkageClient
    calls: list[Call]
    folder: Path
    rows: int
    seed: int
    stop: threading.Event
    broken: Counter[str] = field(default_factory=Counter)
    states: dict[str, str] = field(default_factory=dict)
    warrants: dict[str, RoundWarrant] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)
    facts: tuple[Path, int, bytes] | None = None

    @property
    def id(self) -> str:
        return self.keys.party.id

    def sign(self, label: str, body: bytes) -> bytes:
        return Signed.create(label, body, signer=self.id, key=self.keys.signing).to_json()

    def prepare(self) -> None:
        """Make the register's rows."""
        rows = make_rows(load_schema("person-v1"), self.rows, self.seed)
        rows["scope"] = 1 if self.keys.party.role == "procuratorate" else 0
        file, content = self.folder / f"{self.id}.rows", rows.tobytes()
        file.write_bytes(content)
        self.facts = (file, rows.dtype.itemsize, hashlib.sha256(content).digest())

    def watch(self) -> None:
        """Take events until told to stop; what they ask for is done in a thread of its own, as in a real node."""
        todo: list[Callable[[], None]] = []
        arrived = threading.Semaphore(0)

        def work() -> None:
            while not self.stop.is_set():
                if arrived.acquire(timeout=1.0):
                    self._attempt(todo.pop(0))

        threading.Thread(target=work, daemon=True).start()
        for event in self.client.watch(0, self.stop):
            task = self._task(event)
            if task is not None:
                todo.append(task)
                arrived.release()

    def _attempt(self, task: Callable[[], None]) -> None:
        try:
            task()
        except LinkageError as error:
            self.broken[f"{error.code}: {error.en}"] += 1

    def _task(self, event: pb.Event) -> Callable[[], None] | None:
        kind = event.WhichOneof("body")
        if kind == "warrant":
            warrant = RoundWarrant.from_bytes(Signed.parse(event.warrant.envelope).body)
            self.warrants[warrant.round_id] = warrant
            return lambda: self._approve(warrant)
        if kind == "consents":
            return lambda: self._upload(self.warrants[event.round_id])
        if kind != "status":
            return None
        state = pb.RoundState.Name(event.status.state)
        with self.changed:
            self.states[event.round_id] = state
            self.changed.notify_all()
        if state in ("DELIVERED", "FAILED"):
            return lambda: self._delete(self.warrants[event.round_id])
        return None

    def _approve(self, warrant: RoundWarrant) -> None:
        said = Decision(
            1, warrant.round_id, warrant.digest.hex(), self.id, "approve", os.urandom(32).hex(), "", "policy",
            warrant.issued_at,
        )  # fmt: skip
        self.client.decide_round(warrant.round_id, self.sign(LABEL_DECISION, said.to_bytes()))

    def _upload(self, warrant: RoundWarrant) -> None:
        assert self.facts is not None
        file, width, digest = self.facts
        for spec in warrant.populations:
            if spec.owner == self.id:
                facts = UploadFacts(
                    warrant.round_id, spec.id, warrant.digest, bytes.fromhex(warrant.schema_digest), b"check-it",
                    bytes(32), self.rows, width, digest,
                )  # fmt: skip
                upload_file(self.client, file, facts)

    def _delete(self, warrant: RoundWarrant) -> None:
        at = utc_text(datetime.now(UTC))
        said = DeletionStatement(1, warrant.round_id, warrant.digest.hex(), self.id, ("map:all",), at)
        self.client.state_deletion(warrant.round_id, self.sign(LABEL_DELETION, said.to_bytes()))

    def play(self, asked: tuple[str, ...]) -> dict[str, Any]:
        """Ask for one round over these agencies' registers and see it through; return how it ended."""
        warrant, began = self._warrant(asked), time.monotonic()
        self.client.propose_round(self.sign(LABEL_WARRANT, warrant.to_bytes()))
        state = self._wait(warrant.round_id, ENDS | {"READY"})
        found: dict[str, Any] = {"round": warrant.round_id, "requester": self.id, "rows": -1}
        found["ready"] = round(time.monotonic() - began, 2)
        if state == "READY":
            found["rows"] = self._take(warrant)
            state = self._wait(warrant.round_id, ENDS)
        reason = self.client.get_round(warrant.round_id).reason
        return found | {"state": state, "seconds": round(time.monotonic() - began, 2), "reason": reason}

    def _wait(self, round_id: str, states: frozenset[str]) -> str:
        """Wait for a state as the watch stream tells it, asking for progress now and then as an office's page does."""
        while not self.stop.is_set():
            with self.changed:
                if self.states.get(round_id) in states:
                    return self.states[round_id]
                self.changed.wait(POLL_SECONDS)
            self._attempt(lambda: self._ask(round_id))
        return "STOPPED"

    def _ask(self, round_id: str) -> None:
        self.client.get_round(round_id)

    def _take(self, warrant: RoundWarrant) -> int:
        status, file = self.client.get_round(warrant.round_id), self.folder / f"{warrant.round_id}.result"
        digest, size = bytes(status.result_digest), int(status.result_bytes)
        fetch_result_file(self.client, warrant.round_id, file, result_digest=digest, result_bytes=size)
        result = open_result(file.read_bytes(), self.keys.recipient, warrant_digest=warrant.digest)
        self.client.accept_result(warrant.round_id, digest)
        return len(result.rows)

    def _warrant(self, asked: tuple[str, ...]) -> RoundWarrant:
        schema, epoch, now = load_schema("person-v1"), self.keys.manifest.active_epoch, datetime.now(UTC)
        anchors = PopulationSpec("anchors", self.id, f"parties_{self.id}", "当事人", anchor=True)
        lists = tuple(PopulationSpec(name, name, f"list_{name}", "名册") for name in asked)
        return RoundWarrant(
            1, os.urandom(16).hex(), self.keys.manifest.consortium, self.id, "负载测量", ("rule-1",), "1", ("甲", "乙"),
            (ModelWarrant("m1", 1, "模型一", "0" * 64, "all", SetPlan("all", asked)),),
            (anchors, *lists), ("all",), schema.id, schema.digest, epoch.number, epoch.kcv,
            Limits(1, 1, self.rows, self.rows), self.keys.recipient.public.to_text(), utc_text(now),
            utc_text(now + timedelta(days=1)),
        )  # fmt: skip


def open_node(root: Path, party: str, port: int, *, rows: int, stop: threading.Event) -> LightNode:
    keys = load_party_keys(root / party)
    channel = PinnedChannel(f"localhost:{port}", keys, clock=lambda: datetime.now(UTC))
    leaf = hashlib.sha256(party.encode()).digest()
    network = TimedTransport(channel, last_leaf=lambda: leaf, seen=lambda method, leaf: None)
    network.calls = []
    client = LinkageClient(network, backoff=Backoff())
    folder = root / "light" / party
    folder.mkdir(parents=True, exist_ok=True)
    seed = 1 + int.from_bytes(hashlib.sha256(party.encode()).digest()[:4], "big")
    return LightNode(keys, client, network.calls, folder, rows, seed, stop)


def main() -> int:
    """Run the parties of a task, read as one JSON line from standard input."""
    task = json.loads(sys.stdin.readline())
    stop = threading.Event()
    root = Path(task["root"])
    nodes = {name: open_node(root, name, task["port"], rows=task["rows"], stop=stop) for name in task["parties"]}
    for node in nodes.values():
        node.prepare()
        node.client.check()
        threading.Thread(target=node.watch, daemon=True).start()
        time.sleep(0.02)
    print("ready", flush=True)
    sys.stdin.readline()
    rounds: list[dict[str, Any]] = []

    def play(requester: str, delay: float, asked: list[str]) -> None:
        time.sleep(delay)
        try:
            rounds.append(nodes[requester].play(tuple(asked)))
        except LinkageError as error:
            rounds.append({"requester": requester, "state": "BROKEN", "reason": error.en})

    players = [threading.Thread(target=play, args=tuple(one)) for one in task["rounds"]]
    for player in players:
        player.start()
    for player in players:
        player.join()
    print("played", flush=True)
    sys.stdin.readline()  # Others may still play: keep answering.
    calls = [call for node in nodes.values() for call in node.calls]
    broken = dict(sum((node.broken for node in nodes.values()), Counter()))
    Path(task["out"]).write_text(json.dumps({"calls": calls, "rounds": rounds, "broken": broken}), encoding="utf-8")
    os._exit(0)  # Dozens of streams are open; the coordinator sees them break, as when offices switch off.


if __name__ == "__main__":
    sys.exit(main())
