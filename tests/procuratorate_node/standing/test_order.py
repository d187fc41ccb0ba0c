"""When a standing order is due: newest moment only, never before approval, never after its last day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import ConfigError
from procuratorate_node.config import parse_config
from procuratorate_node.model import shipped_models
from procuratorate_node.standing.order import BEIJING, StandingOrder, digest_of, parse_standing

MONTHLY = StandingOrder("monthly", ("SX-1",), "每月筛查", "month", date(2027, 6, 30), 12, day=5, hour=2)
DAILY = StandingOrder("daily", ("SX-1",), "每日筛查", "day", date(2027, 6, 30), 400, hour=2)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("order", "now", "newest"),
    [
        (MONTHLY, "2026-11-05T02:00", "2026-11-05T02:00"),
        (MONTHLY, "2026-11-05T01:59", "2026-10-05T02:00"),
        (MONTHLY, "2026-11-04T23:00", "2026-10-05T02:00"),
        (MONTHLY, "2026-01-01T00:00", "2025-12-05T02:00"),
        (MONTHLY, "2026-03-31T12:00", "2026-03-05T02:00"),
        (DAILY, "2026-11-05T01:59", "2026-11-04T02:00"),
        (DAILY, "2026-03-01T00:00", "2026-02-28T02:00"),
    ],
)
def test_the_newest_moment_of_the_schedule_is_found(order: StandingOrder, now: str, newest: str) -> None:
    """SX-I-1: monthly; GY-C-1: daily."""
    assert order.newest_due(at(now)) == at(newest)


def test_hours_are_beijing_time_whatever_the_machine_says() -> None:
    assert MONTHLY.newest_due(datetime(2026, 11, 4, 18, 0, tzinfo=UTC)) == at("2026-11-05T02:00")


def test_of_several_missed_moments_one_is_due() -> None:
    due = DAILY.due(at("2026-11-20T09:00"), after=at("2026-11-01T02:00"))

    assert due == at("2026-11-20T02:00")
    assert DAILY.due(at("2026-11-20T10:00"), after=at("2026-11-20T02:00")) is None


def test_nothing_is_due_before_the_first_moment_after_the_approval_and_after_the_last_day() -> None:
    assert MONTHLY.due(at("2026-11-20T00:00"), after=at("2026-11-06T00:00")) is None
    assert MONTHLY.due(at("2027-07-20T00:00"), after=at("2027-06-06T00:00")) is None
    assert MONTHLY.ended(at("2027-07-01T00:00")) and not MONTHLY.ended(at("2027-06-30T23:00"))


@given(MOMENTS, MOMENTS)
def test_what_is_due_lies_between_the_last_moment_and_now(now: datetime, after: datetime) -> None:
    for order in (MONTHLY, DAILY):
        due = order.due(now, after=after)
        assert due is None or after < due <= now
        assert order.newest_due(now) > now - timedelta(days=32)


def test_the_digest_covers_the_order_and_the_digests_of_its_models() -> None:
    models = shipped_models()
    (sx,), (other,) = ([m for m in models if m.id == i] for i in ("SX-1", "SX-2"))
    longer = StandingOrder("monthly", ("SX-1",), "每月筛查", "month", date(2027, 7, 31), 12, day=5, hour=2)

    assert len({digest_of(o.body([m])) for o in (MONTHLY, longer) for m in (sx, other)}) == 4
    assert digest_of(MONTHLY.body([sx])) == digest_of(MONTHLY.body([sx]))


GOOD = {"id": "m", "models": ["SX-1"], "reference": "x", "every": "month", "expires": date(2027, 1, 1), "max_rounds": 3}


def test_a_good_order_has_no_fault() -> None:
    faults: list[str] = []

    (order,) = parse_standing([GOOD], faults)

    assert faults == [] and (order.day, order.hour) == (1, 2)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"day": 31}, "day is 1 to 28"),
        ({"hour": 24}, "hour is"),
        ({"every": "week"}, "every is month, day or stage"),
        ({"models": []}, "must not be empty"),
        ({"max_rounds": 0}, "max_rounds"),
        ({"id": "Monthly"}, "id is lower-case"),
        ({"expires": "soon"}, "expires has a wrong"),
        ({"cron": "* *"}, "unknown key cron"),
    ],
)
def test_a_fault_in_an_order_is_named(changes: dict[str, object], fault: str) -> None:
    faults: list[str] = []
    parse_standing([GOOD | changes], faults)

    assert any(fault in f for f in faults)


def test_the_configuration_reads_orders_and_refuses_two_of_one_id() -> None:
    text = """
[node]
state = "s"
coordinator = "c:1"
[cases]
folder = "f"
[[standing]]
id = "monthly"
models = ["SX-1"]
reference = "r"
every = "month"
expires = 2027-06-30
max_rounds = 12
"""
    assert parse_config(text, Path()).standing[0].expires == date(2027, 6, 30)
    with pytest.raises(ConfigError, match="ids repeat"):
        parse_config(text + text[text.index("[[standing]]") :], Path())
