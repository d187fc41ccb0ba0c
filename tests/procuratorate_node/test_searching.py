"""The search of one person: hidden in a batch, bounded, audited, and nothing of anybody else is kept (GY-M1-3)."""

from __future__ import annotations

import re
import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linkage.errors import ConfigError, LimitError, NotFoundError, PermissionRefused, RoundStateError
from linkage.normalise.person import RawPerson
from procuratorate_node.config import Config, Officer, Screening
from procuratorate_node.node import Node, open_node, serve
from procuratorate_node.rounds.requests import warrant_of
from procuratorate_node.searching import NOTHING, REFERENCE
from procuratorate_node.store import REQUESTS
from tests.procuratorate_node.conftest import LI, ZHOU, Street
from tests.procuratorate_node.test_whole_round import wait_for

MODEL = """
[model]
id = "S-1"
version = 1
title = "单人检索"
title_en = "search"
purpose = "司法救助线索筛查"
legal_basis = ["细则"]
expiry_days = 7
use = "search"
[[anchors.batch]]
source = "parties"
roles = ["被害人", "近亲属"]
[populations.dibao]
dataset = "dibao"
tag = "DIBAO"
[plan]
any = ["dibao"]
[result]
asked = "batch"
level = "person"
"""
OFFICERS = (Officer("甲", ("request", "search")), Officer("乙", ("approve",)))
MOTHER, VICTIM = ("c3", "D6"), ("c1", "D1")


@pytest.fixture
def settings(config: Config, consortium: Path) -> Config:
    models = config.state.parent / "models"
    models.mkdir()
    (models / "s.toml").write_text(MODEL, "utf-8")
    (config.state / "keys").symlink_to(consortium / "procuratorate" / "keys")
    bounds = Screening(min_anchor_rows=1, min_register_rows=1, search_min_people=2, searches_per_day=3, min_asked=1)
    return replace(config, models=models, officers=OFFICERS, screening=bounds)


def ask(
    node: Node, who: tuple[str, str], *, number: int = 1, by: str = "甲", reason: str = "移送线索核实", hours: int = 0
) -> str:
    round_id = f"{number:032x}"
    now = datetime.now(UTC) + timedelta(hours=hours)
    node.searches.ask(*who, node.casework().facts, reason=reason, by=by, round_id=round_id, now=now)
    return round_id


def test_the_warrant_asks_for_a_batch_and_names_neither_case_nor_party(settings: Config) -> None:
    node = open_node(replace(settings, screening=replace(settings.screening, min_anchor_rows=1)))
    round_id = ask(node, MOTHER)
    node.requests.approve(round_id, by="乙", now=datetime.now(UTC))

    warrant = warrant_of(node.store.get(REQUESTS, round_id))
    assert warrant.limits.min_anchor_rows == 2
    assert warrant.reference == REFERENCE
    assert not {'"c3"', '"D6"'} & set(re.findall(r'"[^"]*"', warrant.to_bytes().decode()))
    log = (settings.state / "audit" / "entries.jsonl").read_text("utf-8")
    assert "search.requested" in log and "移送线索核实" in log
    assert '"D6"' not in log and '"c3"' not in log and "周志强" not in log


def test_a_batch_too_small_to_hide_one_person_is_refused(settings: Config) -> None:
    node = open_node(replace(settings, screening=replace(settings.screening, search_min_people=3)))
    with pytest.raises(LimitError, match="the batch has 2 people, fewer than 3"):
        ask(node, MOTHER)
    assert node.rounds.count() == 0


def test_searches_are_few_in_twenty_four_hours(settings: Config) -> None:
    node = open_node(settings)
    for number in (1, 2, 3):
        ask(node, MOTHER, number=number)
    with pytest.raises(LimitError, match="at most 3 searches"):
        ask(node, MOTHER, number=4)
    ask(node, MOTHER, number=5, hours=25)


def test_only_an_officer_with_the_duty_and_a_reason_may_search(settings: Config) -> None:
    node = open_node(settings)
    with pytest.raises(PermissionRefused):
        ask(node, MOTHER, by="乙")
    with pytest.raises(RoundStateError, match="reason"):
        ask(node, MOTHER, reason="  ")


@pytest.mark.parametrize("who", [("c3", "D5"), ("c2", "D4"), ("c3", "D7")])
def test_the_dead_suspects_and_masked_names_cannot_be_searched(settings: Config, who: tuple[str, str]) -> None:
    with pytest.raises(RoundStateError, match="cannot be searched"):
        ask(open_node(settings), who)


def test_a_party_that_is_not_there_is_refused(settings: Config) -> None:
    with pytest.raises(NotFoundError):
        ask(open_node(settings), ("c1", "D99"))


def test_the_search_model_cannot_be_screened_with(settings: Config) -> None:
    with pytest.raises(ConfigError, match="`search`"):
        open_node(settings).requests.ask(["S-1"], reference="x", by="甲", round_id="a" * 32, now=datetime.now(UTC))


def test_only_the_one_persons_result_is_kept(settings: Config, street: Street) -> None:
    """Both people of the batch are listed; of the other one nothing stays in the node."""
    listed = [RawPerson(name="李晓梅", id_number=LI), RawPerson(name="周志强", id_number=ZHOU)]
    agency = street.open_agency("civil", {"dibao": [(p, "", frozenset({"DIBAO"})) for p in listed]})
    node = open_node(replace(settings, coordinator=street.endpoint), clock=street.days.now)
    stop = threading.Event()
    street.run(lambda: serve(node, stop))
    try:
        searched(node, ask(node, MOTHER))
        assert [(c.model, c.rows[0].row, c.tags) for c in node.book.list()] == [("S-1", "D6", ("DIBAO",))]
        agency.register = {"dibao": [(listed[0], "", frozenset({"DIBAO"}))]}
        second = ask(node, MOTHER, number=2)
        searched(node, second)
    finally:
        stop.set()

    results = {str(r["round_id"])[-1]: r["result"] for r in node.searches.all()}
    assert results == {"1": node.book.list()[0].clue_id, "2": NOTHING}
    assert [(c.rows[0].row, c.change) for c in node.book.list()] == [("D6", "new")], "other searches change nothing"
    assert list((settings.state / "results").iterdir()) == []
    with sqlite3.connect(settings.state / "node.db") as database:
        kept = database.execute("select count(*) from clues where rows like '%D1%' or rows like '%D3%'").fetchone()
    assert kept == (0,)


def searched(node: Node, round_id: str) -> None:
    node.requests.approve(round_id, by="乙", now=node.clock())
    node.requests.want(round_id)
    ended = ("DELIVERED", "FAILED", "REFUSED", "EXPIRED")
    wait_for(lambda: node.store.get(REQUESTS, round_id)["state"] in ended, seconds=400.0)
    assert node.store.get(REQUESTS, round_id)["state"] == "DELIVERED", node.store.get(REQUESTS, round_id)["reason"]
