"""Play one large round between real programs, stage by stage: encode, upload, match, plan; seconds, memory, quality.

    python -m benchmarks.large_round [--rows-left 1000000] [--rows-right 10000000] [--out FILE.json] [--comparisons N]
    python -m benchmarks.large_round --rows-left 100000 --rows-right 1000000 --export FOLDER

Two offices of an invented crowd (`crowd`): the left rows are the anchors, the right rows a register. Each office is a
process of its own that encodes with two threads and uploads over mTLS to a coordinator, which is the real program with
its real worker. Writing the registers is not timed, reading them is. F1 counts links of grade A to D against the truth,
every pair said, none chosen afterwards. With --export the registers and the truth are written for other programs.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.candidate_recall import candidate_recall
from benchmarks.crowd import AS_OF, Crowd, export
from benchmarks.memory import Watch
from linkage.coordinator.config import Quotas
from linkage.coordinator.work import budget_of
from linkage.encode.roundkey import derive_round_key, round_check_value
from linkage.encode.rows import RowEncoder
from linkage.encode.secret import load_party_secret
from linkage.encoded import open_columns
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.keys.signing import Signed
from linkage.keys.store import load_party_keys
from linkage.normalise.person import RawPerson
from linkage.owner.choice import OwnerRow, OwnerRows
from linkage.owner.encoding import EncodingJob, encode_population
from linkage.owner.spool import SpoolPlace
from linkage.plan import SetPlan
from linkage.rpc.client import LinkageClient, connect
from linkage.rpc.fetch import fetch_result_file
from linkage.rpc.result import RoundResult, open_result
from linkage.rpc.upload import UploadFacts, upload_file
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.schema import load_schema
from linkage.warrant import (
    LABEL_DECISION,
    LABEL_WARRANT,
    Decision,
    Limits,
    ModelWarrant,
    PopulationSpec,
    RoundWarrant,
    utc_text,
)

SIDES = {"left": "procuratorate", "right": "register"}
PARTIES = (
    PartySpec("coordinator", "链接单元", "coordinator"),
    PartySpec("procuratorate", "检察院", "procuratorate", ("parties",)),
    PartySpec("register", "登记单位", "agency", ("everybody",)),
)
SURE = frozenset("ABCD")
COORDINATOR = "coordinator and worker"


@dataclass(frozen=True, slots=True)
class Setting:
    """One round's folder and sizes; `registers` has the exported crowd; `port` is the coordinator's."""

    folder: Path
    registers: Path
    left: int
    right: int
    seed: int
    payload: bool
    port: int = 0

    def client(self, party: str) -> LinkageClient:
        leaf = hashlib.sha256(party.encode()).digest()
        keys = load_party_keys(self.folder / party)
        return connect(f"localhost:{self.port}", keys, last_leaf=lambda: leaf)

    def sign(self, party: str, label: str, body: bytes) -> bytes:
        return Signed.create(label, body, signer=party, key=load_party_keys(self.folder / party).signing).to_json()

    def warrant(self) -> RoundWarrant:
        return RoundWarrant.from_bytes((self.folder / "warrant").read_bytes())


def write_warrant(setting: Setting, now: datetime) -> RoundWarrant:
    """Write the warrant of a round that asks which anchors stand in the register."""
    keys, schema = load_party_keys(setting.folder / "procuratorate"), load_schema("person-v1")
    rows = max(setting.left, setting.right)
    warrant = RoundWarrant(
        1, os.urandom(16).hex(), keys.manifest.consortium, "procuratorate", "大轮次测量", ("rule-1",), "1",
        ("甲", "乙"),
        (ModelWarrant("m1", 1, "模型一", "0" * 64, "all", SetPlan("all", ("right",))),),
        (
            PopulationSpec("left", "procuratorate", "parties", "当事人", anchor=True),
            PopulationSpec("right", "register", "everybody", "名册", payload=setting.payload),
        ),
        ("all",), schema.id, schema.digest, keys.manifest.active_epoch.number, keys.manifest.active_epoch.kcv,
        Limits(1, 1, rows, setting.left), keys.recipient.public.to_text(), utc_text(now),
        utc_text(now + timedelta(days=1)),
    )  # fmt: skip
    (setting.folder / "warrant").write_bytes(warrant.to_bytes())
    return warrant


def nonce_of(owner: str) -> str:
    return hashlib.sha256(owner.encode()).hexdigest()


def agree(setting: Setting, warrant: RoundWarrant) -> None:
    """Propose the round and let both owners approve it."""
    with setting.client("procuratorate") as client:
        client.propose_round(setting.sign("procuratorate", LABEL_WARRANT, warrant.to_bytes()))
    for owner in warrant.owners:
        said = Decision(
            1, warrant.round_id, warrant.digest.hex(), owner, "approve", nonce_of(owner), "", "policy",
            warrant.issued_at,
        )  # fmt: skip
        with setting.client(owner) as client:
            client.decide_round(warrant.round_id, setting.sign(owner, LABEL_DECISION, said.to_bytes()))


def read_rows(file: Path) -> Iterator[OwnerRow]:
    """Yield the rows of an exported register, named by their number."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = csv.reader(opened)
        next(rows)
        for row, name, number, sex, birth, address, phone in rows:
            yield OwnerRow(int(row).to_bytes(4, "big"), RawPerson(name, number, sex, birth, "", address, "", "", phone))


def read_anchors(file: Path) -> Iterator[OwnerRow]:
    return (replace(row, scope=1) for row in read_rows(file))


def send(setting: Setting, side: str) -> dict[str, float]:
    """Be one office: encode its register and upload it; return the seconds of both."""
    warrant, schema = setting.warrant(), load_schema("person-v1")
    nonces = {owner: bytes.fromhex(nonce_of(owner)) for owner in warrant.owners}
    began = time.monotonic()
    secret = load_party_secret(load_party_keys(setting.folder / SIDES[side]))
    key = derive_round_key(secret, nonces, schema_digest=bytes.fromhex(schema.digest), warrant_digest=warrant.digest)
    spec = warrant.population(side)
    place = SpoolPlace(setting.folder / "spool" / side, warrant.round_id, side)
    upload_key = os.urandom(32) if spec.payload else b""
    encoder = RowEncoder(schema, key)
    job = EncodingJob(schema, encoder, spec, warrant.digest, warrant.limits.max_rows, place, upload_key)
    rows = (read_anchors if spec.anchor else read_rows)(setting.registers / f"{side}.csv")
    facts = encode_population(OwnerRows(rows, as_of=AS_OF), job, random_bytes=os.urandom, clock=time.monotonic)
    encoded = time.monotonic()
    upload = UploadFacts(
        warrant.round_id, side, warrant.digest, bytes.fromhex(schema.digest), round_check_value(key),
        encoder.golden_digest(), facts.rows, facts.row_bytes, facts.content_digest, upload_key and b"sealed key",
    )  # fmt: skip
    marks: list[float] = []
    with setting.client(SIDES[side]) as client:
        upload_file(client, place.rows, upload, progress=lambda done, total: marks.append(time.monotonic()))
    place.drop_rows()
    return {
        "encode": encoded - began, "upload": marks[-1] - encoded, "seal": time.monotonic() - marks[-1],
    }  # fmt: skip


def open_office(setting: Setting, side: str, watch: Watch) -> dict[str, float]:
    """Run `send` as a process of its own and return what it took."""
    command = [sys.executable, "-m", "benchmarks.large_round", "--send", side, json.dumps(_plain(setting))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watch.add(f"office {side}", process.pid)
        assert process.stdout is not None
        said = process.stdout.read()
    if process.returncode:
        raise RuntimeError(f"the office of {side} failed")
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


def _plain(setting: Setting) -> dict[str, object]:
    return {**asdict(setting), "folder": str(setting.folder), "registers": str(setting.registers)}


def start_coordinator(setting: Setting, quotas: Mapping[str, int], watch: Watch) -> tuple[subprocess.Popen[str], int]:
    """Start the coordinator's program with quotas of its own and return it and its port."""
    folder = setting.folder / "coordinator"
    limits = "".join(f"{name} = {value}\n" for name, value in quotas.items())
    (folder / "coordinator.toml").write_text(
        f'[coordinator]\nstate = "."\nlisten = "127.0.0.1:0"\n[quotas]\n{limits}[times]\ntick_seconds = 1\n'
    )
    command = [sys.executable, "-m", "linkage.main", "coordinator", "serve", "--config"]
    process = subprocess.Popen([*command, str(folder / "coordinator.toml")], stdout=subprocess.PIPE, text=True)
    watch.add(COORDINATOR, process.pid)
    assert process.stdout is not None
    return process, int(process.stdout.readline().split()[1])


def await_result(setting: Setting, warrant: RoundWarrant) -> tuple[RoundResult, float]:
    """Wait for the outcome; return the result and when it was ready."""
    with setting.client("procuratorate") as client:
        while (status := client.get_round(warrant.round_id)).state == pb.MATCHING:
            time.sleep(0.2)
        if status.state != pb.READY:
            raise RuntimeError(status.reason)
        ready, file = time.monotonic(), setting.folder / "result"
        digest, size = bytes(status.result_digest), int(status.result_bytes)
        fetch_result_file(client, warrant.round_id, file, result_digest=digest, result_bytes=size)
    keys = load_party_keys(setting.folder / "procuratorate")
    return open_result(file.read_bytes(), keys.recipient, warrant_digest=warrant.digest), ready


def judge(setting: Setting, warrant: RoundWarrant, result: RoundResult) -> dict[str, float]:
    """Hold the sure links of a result against the truth; the offices' position maps say which rows they are of."""
    rows = {}
    for side in SIDES:
        place = SpoolPlace(setting.folder / "spool" / side, warrant.round_id, side)
        rows[side] = np.frombuffer(b"".join(place.open_map()), ">u4").astype(np.int64)
    pairs = [(r.anchor, x.position) for r in result.rows for x in r.links if x.grade in SURE]
    at = np.array(pairs, np.int64).reshape(-1, 2)
    said = np.unique(rows["left"][at[:, 0]] << 32 | rows["right"][at[:, 1]])
    crowd = Crowd(setting.left, setting.right, setting.seed)
    true = np.sort(np.concatenate([left << 32 | right for left, right in crowd.truth()]))
    right = int(np.isin(said, true, assume_unique=True).sum())
    precision, recall = right / max(1, len(said)), right / max(1, len(true))
    return {"links": len(said), "precision": precision, "recall": recall,
            "f1": 2 * right / max(1, len(said) + len(true))}  # fmt: skip


def log_of(setting: Setting) -> Iterator[Mapping[str, object]]:
    """Yield what the coordinator's audit log says about matching."""
    for line in (setting.folder / "coordinator" / "audit" / "entries.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        if entry["kind"] in ("match.started", "match.finished"):
            yield {"kind": entry["kind"], **entry["facts"]}


def recall_of(setting: Setting, warrant: RoundWarrant, sample: int, comparisons: int) -> dict[str, float]:
    """Judge the candidates on the columns the coordinator still holds; see `candidate_recall`."""
    schema = load_schema("person-v1")
    columns = setting.folder / "coordinator" / "rounds" / warrant.round_id / "columns"
    left, right = (open_columns(columns / side, schema.layout(warrant.population(side).payload)) for side in SIDES)
    most = budget_of(setting.left * setting.right, comparisons)
    return candidate_recall(left, right, schema, sample=sample, most=most)


def make_consortium(setting: Setting) -> None:
    """Make the keys of both offices and of the coordinator."""
    quickstart(
        setting.folder, consortium="large", parties=PARTIES, now=datetime.now(UTC), random_bytes=os.urandom,
        schema_digests=[load_schema("person-v1").digest],
    )  # fmt: skip


def play(setting: Setting, comparisons: int, sample: int) -> dict[str, Any]:
    """Play the round and return seconds by stage, peaks by process, quality, and what the audit log says."""
    began = time.monotonic()
    if not (setting.registers / "truth.csv").exists():
        export(Crowd(setting.left, setting.right, setting.seed), setting.registers)
    written = time.monotonic()
    make_consortium(setting)
    seconds: dict[str, float] = {}
    with Watch() as watch:
        process, port = start_coordinator(setting, {"full_comparisons": comparisons}, watch)
        try:
            setting = replace(setting, port=port)
            warrant = write_warrant(setting, datetime.now(UTC))
            agree(setting, warrant)
            start = time.monotonic()
            for side in ("right", "left"):
                for stage, taken in open_office(setting, side, watch).items():
                    seconds[f"{stage} {side}"] = taken
            sent = time.monotonic()
            result, ready = await_result(setting, warrant)
            opened = time.monotonic()
            recalled = recall_of(setting, warrant, sample, comparisons) if sample else {}
        finally:
            process.terminate()
            process.wait(60)
    seconds |= {"match and plan": ready - sent, "fetch and open": opened - ready}
    return {
        "left": setting.left, "right": setting.right, "seed": setting.seed, "payload": setting.payload,
        "cores": os.cpu_count(), "writing the registers (not counted)": round(written - began, 2),
        "seconds": round(ready - start, 2),
        "stages": {name: round(value, 2) for name, value in seconds.items()},
        "coordinator_peak_mib": round(watch.peaks[COORDINATOR].total),
        "peaks_mib": {name: asdict(peak) for name, peak in watch.peaks.items()},
        "quality": judge(setting, warrant, result),
        **({"candidate_recall": recalled["recall"], "candidates": recalled} if recalled else {}),
        "audit": list(log_of(setting)),
    }  # fmt: skip


def write_up(found: dict[str, Any]) -> str:
    """Return the figures as text."""
    lines = [f"{found['left']:,} x {found['right']:,} rows, {found['cores']} cores"]
    lines += [f"{name:<28}{value:10.1f} s" for name, value in found["stages"].items()]
    lines.append(f"{'encode + upload + match':<28}{found['seconds']:10.1f} s")
    for name, peak in found["peaks_mib"].items():
        lines.append(f"{name:<28}{peak['total']:10.0f} MiB peak, {peak['file']:.0f} MiB of it mapped files")
    for part in ("quality", "candidates"):
        lines += [f"{part + ': ' + name:<36}{value:12.6g}" for name, value in found.get(part, {}).items()]
    return "\n".join([*lines, *map(str, found["audit"])])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows-left", type=int, default=1_000_000)
    parser.add_argument("--rows-right", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--comparisons", type=int, default=Quotas().full_comparisons, help="compare all up to so many")
    parser.add_argument("--recall", type=int, default=5000, help="anchors to judge the candidates on, 0 = none")
    parser.add_argument("--payload", action="store_true", help="the register has sealed payloads")
    parser.add_argument("--registers", type=Path, help="exported registers to use, or where to keep them")
    parser.add_argument("--folder", type=Path, help="where everything else lies meanwhile; default: the system's")
    parser.add_argument("--out", type=Path, metavar="FILE")
    parser.add_argument("--export", type=Path, metavar="FOLDER")
    parser.add_argument("--send", nargs=2, help=argparse.SUPPRESS)
    a = parser.parse_args(arguments)
    if a.send:
        plain = json.loads(a.send[1])
        paths = {name: Path(plain[name]) for name in ("folder", "registers")}
        print(json.dumps(send(Setting(**{**plain, **paths}), a.send[0])))
        return 0
    if a.export:
        export(Crowd(a.rows_left, a.rows_right, a.seed), a.export)
        return 0
    folder = Path(tempfile.mkdtemp(prefix="linkage-large-", dir=a.folder))
    registers = a.registers or folder / "crowd"
    try:
        setting = Setting(folder, registers, a.rows_left, a.rows_right, a.seed, a.payload)
        found = play(setting, a.comparisons, a.recall)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(write_up(found))
    if a.out:
        a.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
