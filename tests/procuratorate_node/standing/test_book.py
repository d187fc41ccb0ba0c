"""Standing orders without a network: two officers, a stated end, and a start that nobody can slip in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from linkage.errors import NotFoundError, PermissionRefused, RoundStateError
from procuratorate_node.config import Config, Officer
from procuratorate_node.node import Node, open_node
from procuratorate_node.rounds.requests import warrant_of
from procuratorate_node.standing.order import BEIJING, StandingOrder
from procuratorate_node.store import REQUESTS

ORDER = StandingOrder("monthly", ("SX-1", "SX-2"), "每月常态筛查", "month", date(2027, 1, 31), 2, day=5, hour=2)
APPROVED = datetime(2026, 10, 20, 9, 0, tzinfo=BEIJING)


@pytest.fixture
def opened(config: Config, consortium: Path) -> Callable[..., Node]:
    (config.state / "keys").symlink_to(consortium / "procuratorate" / "keys")

    def open_(**changes: object) -> Node:
        return open_node(replace(config, **({"standing": (ORDER,)} | changes)))  # type: ignore[arg-type]

    return open_


def approved(node: Node) -> str:
    node.standing.ask("monthly", by="甲", now=APPROVED)
    return node.standing.approve("monthly", by="乙", now=APPROVED)


def day(month: int, day_: int, year: int = 2026) -> datetime:
    return datetime(year, month, day_, 9, 0, tzinfo=BEIJING)


def deliver(node: Node, round_id: str) -> None:
    node.store.update(REQUESTS, round_id, state="DELIVERED")


def log(node: Node) -> list[dict[str, object]]:
    lines = (node.config.state / "audit" / "entries.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if "standing." in line]


def test_nothing_starts_before_two_officers_approved(opened: Callable[..., Node]) -> None:
    node = opened()
    with pytest.raises(RoundStateError):
        node.standing.approve("monthly", by="乙", now=APPROVED)
    node.standing.ask("monthly", by="甲", now=APPROVED)

    assert node.standing.work(day(11, 6)) == []
    with pytest.raises(PermissionRefused):
        node.standing.approve("monthly", by="甲", now=APPROVED)


def test_who_asks_may_not_approve_though_he_may_both(opened: Callable[..., Node]) -> None:
    node = opened(officers=(Officer("甲", ("request", "approve")),))
    node.standing.ask("monthly", by="甲", now=APPROVED)

    with pytest.raises(PermissionRefused, match="two people"):
        node.standing.approve("monthly", by="甲", now=APPROVED)


def test_each_round_is_a_fresh_warrant_signed_anew(opened: Callable[..., Node]) -> None:
    """GY-C-1, SX-I-1."""
    node = opened()
    digest = approved(node)

    assert node.standing.work(day(11, 4)) == []
    (first,) = node.standing.work(day(11, 5))
    assert node.standing.work(day(11, 6)) == []
    deliver(node, first)
    (second,) = node.standing.work(day(12, 7))

    warrants = [warrant_of(node.store.get(REQUESTS, r)) for r in (first, second)]
    assert len({w.digest for w in warrants}) == 2
    assert [w.approved_by for w in warrants] == [("甲", "乙")] * 2
    assert warrants[1].issued_at == "2026-12-07T01:00:00Z"
    assert [m.id for m in warrants[0].models] == ["SX-1", "SX-2"]
    starts = [e for e in log(node) if "standing.started" in json.dumps(e)]
    assert len(starts) == 2 and all(digest in json.dumps(e) for e in starts)


def test_a_node_that_was_down_catches_up_once(opened: Callable[..., Node]) -> None:
    node = opened(standing=(replace(ORDER, every="day", max_rounds=9),))
    approved(node)

    (first,) = node.standing.work(day(11, 20))
    deliver(node, first)

    assert node.standing.work(day(11, 20) + timedelta(hours=3)) == []
    assert len(node.standing.work(day(11, 21))) == 1


def test_no_second_round_while_the_first_is_under_way(opened: Callable[..., Node]) -> None:
    node = opened()
    approved(node)
    (first,) = node.standing.work(day(11, 5))

    assert node.standing.work(day(12, 6)) == []
    node.store.update(REQUESTS, first, state="FAILED")
    assert len(node.standing.work(day(12, 6))) == 1


def test_the_number_of_rounds_and_the_last_day_bound_the_order(opened: Callable[..., Node]) -> None:
    node = opened()
    digest = approved(node)
    for month, year in ((11, 2026), (12, 2026)):
        deliver(node, node.standing.work(day(month, 6, year))[0])

    assert node.standing.work(day(1, 6, 2027)) == node.standing.work(day(1, 7, 2027)) == []
    row = node.standing.row(digest)
    assert row is not None and "used up" in row["refusal"]
    assert sum("standing.refused" in json.dumps(e) for e in log(node)) == 1, "told once, not at every look"
    assert opened(standing=(replace(ORDER, max_rounds=9),)).standing.work(day(2, 6, 2027)) == []


def test_a_changed_order_or_model_needs_a_new_approval(opened: Callable[..., Node], tmp_path: Path) -> None:
    approved(opened())

    assert opened(standing=(replace(ORDER, expires=date(2027, 12, 31)),)).standing.work(day(11, 6)) == []
    folder = tmp_path / "models"
    folder.mkdir()
    for name, content in opened().base.items():
        (folder / name).write_bytes(content + (b"# changed\n" if name == "sx-1.toml" else b""))
    assert opened(models=folder).standing.work(day(11, 6)) == []
    assert len(opened().standing.work(day(11, 6))) == 1


def test_an_officer_who_left_takes_his_approval_with_him(opened: Callable[..., Node]) -> None:
    digest = approved(opened())
    node = opened(officers=(Officer("甲", ("request",)), Officer("丙", ("approve",))))

    assert node.standing.work(day(11, 6)) == []
    row = node.standing.row(digest)
    assert row is not None and "not listed" in row["refusal"]


def test_a_stopped_order_starts_nothing_more(opened: Callable[..., Node]) -> None:
    node = opened()
    approved(node)
    node.standing.end("monthly", by="甲", now=APPROVED)

    assert node.standing.work(day(11, 6)) == []
    with pytest.raises(NotFoundError):
        node.standing.end("monthly", by="甲", now=APPROVED)


def test_a_node_started_again_does_not_start_the_same_moment_twice(opened: Callable[..., Node]) -> None:
    node = opened()
    approved(node)
    (first,) = node.standing.work(day(11, 5))

    again = open_node(node.config)
    assert again.standing.work(day(11, 5)) == []
    assert [r.round_id for r in again.rounds.part(size=9)] == [first]


def test_an_order_by_stage_starts_when_a_case_has_moved_on_and_not_otherwise(
    opened: Callable[..., Node], cases: Path
) -> None:
    """PA-I-2, YQ-C-1: the charge models name the stages that call for a screening."""
    node = opened(standing=(replace(ORDER, every="stage", max_rounds=9),))
    approved(node)

    (first,) = node.standing.work(day(11, 2))
    deliver(node, first)
    assert node.standing.work(day(11, 3)) == node.standing.work(day(11, 4)) == []

    text = (cases / "cases.csv").read_text("utf-8")
    (cases / "cases.csv").write_text(
        text.replace(
            "c3,刑事,交通肇事,,2026-03-05,2026-03-01,审查起诉", "c3,刑事,交通肇事,,2026-03-05,2026-03-01,已判决"
        )
    )
    assert node.standing.work(day(11, 4) + timedelta(hours=2)) == [], "one look a day"
    (second,) = node.standing.work(day(11, 5))
    deliver(node, second)
    assert node.standing.work(day(11, 6)) == []
    started = [e for e in log(node) if "standing.started" in json.dumps(e)]
    assert [json.dumps(e).count('"cases": 1') for e in started] == [0, 1]
