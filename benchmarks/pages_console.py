"""How long the agency console's lists take with many rounds: the median of several calls.

    python -m benchmarks.pages_console [--rounds 1000] [--calls 11]

A made-up office is filled by its own tables and its own audit log; pages are called in this process.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from agency_node.answers import Answers
from agency_node.console.office import Console
from agency_node.console.serving import open_console
from agency_node.decisions import DecisionState, RoundDecision
from benchmarks.pages import PARTIES, TARGET_MS, measured
from linkage.accounts.gate import EXERCISE, SINGLE_USER
from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.keys.quickstart import quickstart
from linkage.owner.participation import OwnRound, Step
from linkage.warrant import utc_text

PATHS: Final = ("/", "/rounds", "/rounds?page=20", "/rounds?state=APPROVED", "/registers", "/referrals", "/receipts")
TOML: Final = '[agency]\nstate = "civil"\ncoordinator = "localhost:1"\ndata = "register"\n'
PEOPLE: Final = "成员姓名,成员身份证号,性别,低保证号\n" + "褚建平,11010519491231002X,男,D1\n" * 60_000
BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)


def filled(folder: Path, *, rounds: int) -> Path:
    """Make an office with so many rounds, each uploaded; return its configuration."""
    quickstart(folder, consortium="c", parties=PARTIES, now=datetime.now(UTC), random_bytes=os.urandom)
    (folder / "register").mkdir()
    (folder / "register" / "低保名册202610.csv").write_text(PEOPLE, "utf-8")
    file = folder / "agency.toml"
    file.write_text(TOML, "utf-8")
    console = open_console(file).node
    assert isinstance(console, Console)
    keys, clock = console.keys, console.answers.clock
    origin = origin_of(keys.manifest.consortium, keys.party.id)
    with AuditLog.open(console.config.state / "audit", origin=origin, signer=keys.signing, clock=clock) as log:
        for number in range(rounds):
            _fill(console.answers, log, number)
    return file


def _fill(answers: Answers, log: AuditLog, number: int) -> None:
    round_id, at = f"{number:032x}", utc_text(BEGIN + timedelta(hours=number))
    decision = RoundDecision(
        round_id=round_id,
        digest="0" * 64,
        requester="procuratorate",
        purpose="司法救助线索筛查",
        datasets=("dibao",),
        advice="同意 | approve",
        state=DecisionState.APPROVED,
        decided_by="值班员",
        reason="",
        seen_at=at,
        decided_at=at,
        expires_at=at,
    )
    answers.decisions.add(decision)
    answers.book.add_round(OwnRound(round_id, b"\0" * 32, b"{}", Step.ENDED, at, state="CLOSED"))
    about = {"round": round_id, "population": "dibao", "content": f"{number:064x}"}
    log.append("encoding.done", {**about, "dataset": "dibao", "rows": 60_000, "dummies": 100})
    log.append("upload.begun", {**about, "rows": 60_000, "bytes": 60_000 * 494})
    log.append("upload.sealed", dict(about))


def main() -> int:
    """Print each page's median; 1 when one takes longer than the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--calls", type=int, default=11)
    asked = parser.parse_args()
    os.environ[SINGLE_USER] = EXERCISE
    with tempfile.TemporaryDirectory() as folder:
        site = open_console(filled(Path(folder), rounds=asked.rounds))
        found = list(measured(site, PATHS, asked.calls))
    for path, wall, processor in found:
        print(f"{path:<24} median {wall:7.1f} ms, of the processor {processor:7.1f} ms")
    return int(max(wall for _, wall, _ in found) > TARGET_MS)


if __name__ == "__main__":
    raise SystemExit(main())
