"""A screening over real gRPC: request, approve, run, clues, confirm, re-identify, release, close."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from linkage.normalise.person import RawPerson
from procuratorate_node.clues import CONFIRMED
from procuratorate_node.config import Config
from procuratorate_node.node import Node, open_node, serve
from procuratorate_node.store import REQUESTS
from tests.procuratorate_node.conftest import LI, WU, ZHOU, Street

CIVIL = {
    "dibao": [(RawPerson(name="李晓梅", id_number=LI), "", frozenset({"DIBAO"}))],
    "child": [(RawPerson(name="冯一一", birth="2015-01-01", sex="女"), "", frozenset({"CHILD_D"}))],
    "monitor": [(RawPerson(name="李晓梅", id_number=LI), "", frozenset({"MONITOR_2"}))],
    "social_aided": [(RawPerson(name="周志强", id_number=ZHOU), "", frozenset({"SOCIAL_AIDED"}))],
} | {
    name: [(RawPerson(name="赵无关", birth="1955-05-05", sex="男"), "", frozenset({name.upper()}))]
    for name in ("dibian", "tekun", "card")
}
UNPAID = frozenset({"ENF_UNPAID"})
COURT = {
    "enforcement_debtor": [
        (RawPerson(name="吴大海", id_number=WU), "(2026)江7425刑初9号", UNPAID),
        (RawPerson(name="吴大海", id_number=WU), "(2020)江7425民初1号", UNPAID),
    ],
    "enforcement_creditor": [(RawPerson(name="赵无关", birth="1955-05-05"), "", UNPAID)],
}


def wait_for(seen: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def opened(config: Config, street: Street) -> Node:
    keys = config.state / "keys"
    if not keys.exists():
        keys.symlink_to(street.consortium / "procuratorate" / "keys")
    return open_node(replace(config, coordinator=street.endpoint))


def screened(node: Node, models: list[str], round_id: str) -> str:
    now = datetime.now(UTC)
    node.requests.ask(models, reference="专项一", by="甲", round_id=round_id, now=now)
    node.requests.approve(round_id, by="乙", now=now)
    node.requests.want(round_id)
    wait_for(lambda: node.store.get(REQUESTS, round_id)["state"] in ("DELIVERED", "FAILED", "REFUSED", "EXPIRED"))
    return str(node.store.get(REQUESTS, round_id)["state"])


def test_a_screening_runs_from_request_to_named_person_and_closed_round(
    config: Config, street: Street, tmp_path: Path
) -> None:
    street.open_agency("civil", CIVIL)
    street.open_agency("court", COURT)
    node = opened(config, street)
    stop = threading.Event()
    street.run(lambda: serve(node, stop))
    try:
        first, second = "a" * 32, "b" * 32
        assert screened(node, ["SX-1", "SX-2", "WD-3", "YQ-M4"], first) == "DELIVERED", node.rounds.part(size=1)[
            0
        ].reason

        found = {(c.model, c.case_number, c.rows[0].row): (c.verdict, c.grade, c.tags) for c in node.book.list()}
        assert found == {
            ("SX-1", "c1", "D1"): ("yes", "A", ("DIBAO", "MONITOR_2")),
            ("SX-1", "c2", "D3"): ("yes", "A", ("DIBAO", "MONITOR_2")),
            ("WD-3", "c2", "D4"): ("yes", "A", ("ENF_UNPAID",)),
            ("YQ-M4", "救助〔2025〕2号", "J2"): ("yes", "", ()),
        }

        clue = node.book.list(model="SX-1")[0]
        node.book.decide(clue.clue_id, status=CONFIRMED, by="甲", reason="", at="2026-11-01T00:00:00Z")
        opening = node.desk.request(clue.clue_id, by="甲", reason="核实家庭情况", now=datetime.now(UTC))
        work = node.casework()
        people = node.desk.approve(
            opening, by="乙", now=datetime.now(UTC), file=work.read.file, person_of=work.facts.person_of
        )
        assert [p.fields["name"] for p in people] == ["李晓梅"]

        relays = node.post_room.ask_fields(
            clue.clue_id, "dibao", ("残疾等级",), by="乙", purpose="核实", now=datetime.now(UTC)
        )
        wait_for(lambda: node.post_room.sent("release")[0]["state"] == "GIVEN")
        assert node.post_room.answer(relays[0], by="乙") == {"残疾等级": "二级"}

        assert screened(node, ["SX-1"], second) == "DELIVERED", node.rounds.get(second).reason
        assert {c.change for c in node.book.list(model="SX-1")} == {"kept"}
        assert node.book.get(clue.clue_id).confirmed
        node.follower(stop).close(first)
        wait_for(lambda: node.participation.round(first).statement_sent)  # type: ignore[union-attr]
        assert node.audit.peer_checkpoint("coordinator"), "checkpoints are exchanged here as at an agency"
    finally:
        stop.set()
    log = (config.state / "audit" / "entries.jsonl").read_text("utf-8")
    assert log.count("person.opened") == 1
    assert not any(secret in log for secret in ("李晓梅", LI, ZHOU, "吴大海"))
