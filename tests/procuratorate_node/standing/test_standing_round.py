"""Standing screening over real gRPC and simulated days: the daemon starts each round, and only changes are reported."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import date, timedelta

from linkage.normalise.person import RawPerson
from procuratorate_node.config import Config
from procuratorate_node.node import Node, open_node, serve
from procuratorate_node.standing.order import StandingOrder
from tests.procuratorate_node.conftest import LI, ZHOU, Register, Street
from tests.procuratorate_node.test_whole_round import wait_for

MODEL = """
[model]
id = "T-1"
version = 1
title = "试验"
title_en = "trial"
purpose = "司法救助线索筛查"
legal_basis = ["细则"]
expiry_days = 30
[[anchors.everybody]]
source = "parties"
roles = ["被害人", "近亲属"]
[populations.dibao]
dataset = "dibao"
tag = "DIBAO"
[plan]
any = ["dibao"]
[result]
asked = "everybody"
level = "person"
"""
LISTED = {"李": RawPerson(name="李晓梅", id_number=LI), "周": RawPerson(name="周志强", id_number=ZHOU)}


def register(*who: str) -> Register:
    return {"dibao": [(LISTED[name], "", frozenset({"DIBAO"})) for name in who]}


def rounds(node: Node, digest: str) -> list[tuple[str, dict[str, int]]]:
    return [(str(r["state"]), json.loads(r["counts"])) for r in node.standing.runs(digest)]


def test_days_pass_and_each_round_reports_only_what_changed(config: Config, street: Street) -> None:
    """GY-C-1, GY-C-3, SX-I-1, SC-M-3."""
    order = StandingOrder("daily", ("T-1",), "常态筛查", "day", date.today() + timedelta(days=30), 9, hour=0)
    models = config.state.parent / "models"
    models.mkdir()
    (models / "t.toml").write_text(MODEL, "utf-8")
    (config.state / "keys").symlink_to(street.consortium / "procuratorate" / "keys")
    agency = street.open_agency("civil", register("李"))
    settings = replace(config, coordinator=street.endpoint, models=models, standing=(order,))
    node = open_node(settings, clock=street.days.now)
    node.standing.ask("daily", by="甲", now=node.clock())
    digest = node.standing.approve("daily", by="乙", now=node.clock())
    stop = threading.Event()
    street.run(lambda: serve(node, stop))

    def delivered(number: int) -> None:
        wait_for(lambda: [s for s, _ in rounds(node, digest)].count("DELIVERED") == number, seconds=400.0)

    try:
        assert node.standing.runs(digest) == []
        street.days.ahead = timedelta(days=1)
        delivered(1)
        agency.register = register("周")
        street.days.ahead = timedelta(days=5)  # Four days missed: one round catches up.
        delivered(2)
        street.days.ahead = timedelta(days=6)
        delivered(3)
    finally:
        stop.set()

    found = [{k: n for k, n in counts.items() if n} for _, counts in rounds(node, digest)]
    assert found == [{"new": 2}, {"new": 1, "gone": 2}, {"kept": 1}]
    started = (config.state / "audit" / "entries.jsonl").read_text("utf-8").count("standing.started")
    assert started == 3
