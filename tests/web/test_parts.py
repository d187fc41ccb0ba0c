"""Listings, charts, rates, settings: the pure parts."""

from __future__ import annotations

import re
import threading
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

from linkage.errors import ConfigError, InputError, RoundStateError
from linkage.schema import shipped_schemas
from linkage.web.charts import Bar, Point, Range, bars, fitted, funnel, line, ranges
from linkage.web.jobs import Job, Jobs
from linkage.web.listing import Listing
from linkage.web.moments import local
from linkage.web.rates import Rate
from linkage.web.settings import WebSettings, parse_web
from linkage.web.tags import TAGS, tag_words
from linkage.web.texts import Text, pair


@pytest.mark.parametrize(
    ("asked", "number"), [("", 1), ("2", 2), ("3", 3), ("99", 3), ("0", 1), ("-1", 1), ("x", 1), ("9" * 30, 1)]
)
def test_a_listing_stays_within_its_pages(asked: str, number: int) -> None:
    listing = Listing.of({"page": asked}, total=101, size=50)

    assert (listing.number, listing.last) == (number, 3)
    assert listing.part(list(range(101))) == list(range(101))[(number - 1) * 50 : number * 50]


def test_a_listing_sorts_only_by_what_is_offered_and_turns_around() -> None:
    listing = Listing.of({"sort": "due", "officer": "-"}, total=1, sorts=("colour", "due"))

    assert Listing.of({"sort": "-password"}, total=1, sorts=("colour", "due")).sort == "colour"
    assert listing.link_sorted("due") == "?sort=-due&officer=-"
    assert listing.link_sorted("colour") == "?sort=colour&officer=-"


@pytest.mark.parametrize(
    "drawn",
    [
        bars([Bar("a<b>", 3), Bar("乙", 0)], title="t<", description="d&"),
        bars([], title="t"),
        funnel([Bar("一", 100), Bar("二", 25)], title="t"),
        ranges([Range("1", 1.0, 2.0, 3.0)], title="t"),
        line([Point("1", 2.0), Point("2", 5.0)], title="t"),
        line([], title="t"),
    ],
)
def test_a_chart_is_sound_svg_with_a_title_and_no_style(drawn: str) -> None:
    root = ElementTree.fromstring(drawn)

    assert root.get("role") == "img" and root[0].tag.endswith("title") and root[0].text
    assert all("style" not in found.attrib for found in root.iter())


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("就业帮扶和公益性岗位", "就业帮扶和公益性岗位"),
        ("追索赡养费、抚养费、抚育费／重伤、死亡", "追索赡养费、抚养费、抚育…"),
        ("social security bureau", "social security bureau"),
        ("human resources and social security bureau", "human resources and socia…"),
    ],
)
def test_a_label_takes_no_more_room_than_there_is(label: str, shown: str) -> None:
    assert fitted(label) == shown


def test_a_funnel_says_what_share_of_the_step_before_is_left() -> None:
    assert "25 (25 %)" in funnel([Bar("一", 100), Bar("二", 25)], title="t")


def test_a_rate_is_counted_by_address_over_a_sliding_window() -> None:
    now = [0.0]
    rate = Rate(2, 60, monotonic=lambda: now[0])

    assert [rate.allows("a"), rate.allows("a"), rate.allows("a"), rate.allows("b")] == [True, True, False, True]
    now[0] = 60.0
    assert rate.allows("a")


def test_a_text_of_both_languages_is_taken_apart() -> None:
    assert pair("同意 | approve") == Text("同意", "approve") and pair("同意").within("en") == "同意"


def test_settings_are_read_with_every_fault() -> None:
    faults: list[str] = []
    parse_web({"host": 1, "port": 70000, "names": "x", "colour": 1}, Path("."), faults, port=7451)

    assert len(faults) == 4
    assert parse_web({}, Path("."), faults, port=7451) == WebSettings(port=7451)


@pytest.mark.parametrize(
    "settings",
    [
        WebSettings(host="0.0.0.0"),
        WebSettings(host="10.0.0.5", certificate=Path("c")),
        WebSettings(certificate=Path("c")),
    ],
)
def test_pages_do_not_cross_a_network_in_the_clear(settings: WebSettings) -> None:
    with pytest.raises(ConfigError):
        settings.check()


def test_pages_may_cross_a_network_over_tls() -> None:
    WebSettings(host="10.0.0.5", certificate=Path("c"), key=Path("k")).check()
    WebSettings().check()


def test_a_job_tells_how_far_it_is_and_leaves_its_result() -> None:
    jobs, go = Jobs(), threading.Event()

    def work(job: Job) -> str:
        job.at("reading", 1, 2)
        go.wait(30)
        return "result"

    job = jobs.start("one", work)
    with pytest.raises(RoundStateError):
        jobs.start("one", work)
    assert jobs.join("one", work) is job, "who only wants the result joins it"
    go.set()
    job.wait(30)

    assert (job.state, job.result, job.stage, job.done, job.total) == ("done", "result", "reading", 1, 2)
    assert jobs.find("one") is job and jobs.find("two") is None
    assert jobs.join("one", work) is not job, "an ended one is begun again"


@pytest.mark.parametrize(
    ("error", "told"), [(InputError("错", "wrong"), "错"), (ValueError("张三"), "程序出错，没有完成")]
)
def test_a_job_that_fails_says_only_what_it_may(error: Exception, told: str) -> None:
    def work(_: Job) -> None:
        raise error

    job = Jobs().start("one", work)
    job.wait(30)

    assert job.state == "failed" and job.error is not None and job.error.zh == told


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("2026-11-26T19:25:41Z", "2026-11-27 03:25"), ("", ""), (datetime(2026, 1, 1), "2026-01-01 08:00")],
)
def test_moments_are_shown_in_beijing_time(stored: str | datetime, shown: str) -> None:
    assert local(stored) == shown


def test_a_page_with_several_forms_labels_each_field_by_itself(desk: Any) -> None:
    page = (
        '{% import "parts.html" as parts with context %}'
        '{% call parts.confirm("/a", "A", "?") %}{{ parts.area("reason", "R", help="h") }}{% endcall %}'
        '{% call parts.form("/b") %}{{ parts.field("reason", "R") }}{% endcall %}'
    )
    site = desk.site()
    filled = site.environment.from_string(page).render(site=site, page=SimpleNamespace(csrf="x"), t=lambda zh, _: zh)
    ids, labels = re.findall(r' id="([^"]*)"', filled), re.findall(r' for="([^"]*)"', filled)

    assert len(ids) == len(set(ids)) and set(labels) <= set(ids) and len(labels) == 2
    assert filled.count('name="csrf"') == 2


def test_every_tag_a_schema_may_carry_has_words() -> None:
    assert {tag for schema in shipped_schemas() for tag in schema.tags} - set(TAGS) == set()
    assert tag_words(["DIBAO", "NEW_TAG"], "zh") == "低保、NEW_TAG"
