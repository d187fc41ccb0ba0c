"""A daemon has its log witnessed at once, every hour and when a round has ended; the coordinator signs its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.audit.note import parse_note
from linkage.audit.notes import note_path, note_sizes, read_note
from linkage.errors import TransportError
from linkage.owner.choice import Refuse
from linkage.owner.trail import AuditTrail
from linkage.owner.witnessing import AGAIN_SECONDS, EVERY_SECONDS, Witness
from tests.owner.loopback import client_of, running_coordinator, session_of


@pytest.fixture
def audit(town: Any, tmp_path: Path) -> Iterator[AuditLog]:
    town.moment = datetime.now(UTC)
    with AuditLog.open(
        tmp_path / "audit",
        origin=origin_of("county-test", "civil"),
        signer=town.keys("civil").signing,
        clock=lambda: town.moment,
    ) as log:
        log.append("test.entry", {"number": 1})
        yield log


def cosigned(audit: AuditLog) -> list[int]:
    """Return the sizes of our checkpoints that the coordinator cosigned."""
    name = origin_of("county-test", "coordinator")
    notes = {size: parse_note(read_note(note_path(audit.folder, size))) for size in note_sizes(audit.folder)}
    return [size for size, note in notes.items() if name in {s.name for s in note.signatures}]


def test_a_log_is_witnessed_at_once_every_hour_and_when_a_round_has_ended(
    town: Any, kit: Any, audit: AuditLog, tmp_path: Path
) -> None:
    now = [1000.0]
    with running_coordinator(town.folder / "coordinator" / "keys", tmp_path / "coordinator") as running:
        client = client_of(town.office("civil", kit.Policy()), running.port)
        trail = AuditTrail(audit, peer="coordinator")
        witness = Witness(client, audit, town.keys("civil"), trail=trail, monotonic=lambda: now[0])
        seen = []
        later = partial(now.__setitem__, 0, 1000 + EVERY_SECONDS)
        passings: tuple[Callable[[], None], ...] = (lambda: None, lambda: None, witness.soon, later)
        for pass_time in passings:
            pass_time()
            witness.work()
            seen.append(cosigned(audit))
            audit.append("test.entry", {"number": 2})
        client.close()

    assert seen == [[1], [1], [1, 4], [1, 4, 6]]  # Each pass also notes what it cosigned.


def test_a_coordinator_out_of_reach_is_asked_again_soon(
    town: Any, audit: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, asked = [0.0], []

    def fail(*_: object) -> int:
        asked.append(now[0])
        raise TransportError("断", "away")

    monkeypatch.setattr("linkage.owner.witnessing.exchange_checkpoints", fail)
    client = SimpleNamespace(witness_checkpoints=None)
    trail = AuditTrail(audit, peer="coordinator")
    witness = Witness(client, audit, town.keys("civil"), trail=trail, monotonic=lambda: now[0])  # type: ignore[arg-type]
    for now[0] in (0.0, AGAIN_SECONDS / 2, AGAIN_SECONDS):
        witness.work()

    assert asked == [0.0, AGAIN_SECONDS]


def test_a_session_has_the_end_of_a_round_witnessed(town: Any, kit: Any, audit: AuditLog, tmp_path: Path) -> None:
    office = town.office("civil", kit.Policy(choice=Refuse("不 | no", "policy")))
    trail = AuditTrail(audit, peer="coordinator")
    office = kit.replace(office, trail=trail)
    warrant = town.warrant(now=town.moment)
    with ExitStack() as stack:
        running = stack.enter_context(
            running_coordinator(town.folder / "coordinator" / "keys", tmp_path / "coordinator")
        )
        make = partial(Witness, audit=audit, keys=office.keys, trail=trail, monotonic=lambda: 0.0)
        stack.enter_context(session_of(office, running.port, witness=make))
        kit.wait_for(lambda: len(cosigned(audit)) == 1)
        requester = client_of(town.office("procuratorate", kit.Policy()), running.port)
        stack.callback(requester.close)
        requester.propose_round(town.signed(warrant))
        kit.wait_for(lambda: len(cosigned(audit)) > 1)

    ends = [line for line in (audit.folder / "entries.jsonl").read_text("utf-8").splitlines() if "REFUSED" in line]
    assert ends and cosigned(audit)[-1] > 1


def test_the_coordinator_signs_its_own_log_even_if_nobody_asks(town: Any, kit: Any, tmp_path: Path) -> None:
    keys, state = town.folder / "coordinator" / "keys", tmp_path / "coordinator"
    with running_coordinator(keys, state, checkpoint_minutes=0):
        kit.wait_for(lambda: bool(note_sizes(state / "audit")))
