"""What notes say about payment: a labelled table of our own sentences, and the synthetic county's notes."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procuratorate_node.cases.records import Compensation
from procuratorate_node.compensation import compensation_of
from procuratorate_node.examples.report import lines_of
from procuratorate_node.examples.texts import COMPENSATION

SENTENCES = [line.split(" ", 1) for _, line in lines_of(COMPENSATION)]


@pytest.mark.parametrize(("state", "sentence"), SENTENCES)
def test_a_sentence_is_read_as_it_is_labelled(state: str, sentence: str) -> None:
    assert compensation_of(sentence) is Compensation(state)


def test_the_table_is_not_one_sided() -> None:
    counts = Counter(state for state, _ in SENTENCES)

    assert len(SENTENCES) >= 120 and min(counts.values()) >= 20


@pytest.mark.parametrize("spoilt", ["尚 未 赔 偿", "尚未赔偿。", "\n尚未赔偿\n", "尚未赔偿！"])
def test_blanks_and_stops_change_nothing(spoilt: str) -> None:
    assert compensation_of(spoilt) is Compensation.NOT


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("已赔付30,000元，尚欠1.5万元", Compensation.PARTIAL),
        ("已全部赔偿到位，共计1.5万元", Compensation.FULL),
        ("起初全部赔偿的承诺未兑现", Compensation.NOT),
        ("", Compensation.UNKNOWN),
    ],
)
def test_sums_and_order_are_minded(text: str, state: Compensation) -> None:
    assert compensation_of(text) is state


@given(st.text(alphabet="已未全部赔偿付清退还，。谅解分期余款0123元保险公司的了", max_size=40))
def test_any_text_gets_a_state_and_no_denial_alone_becomes_full(text: str) -> None:
    assert compensation_of(text) in Compensation
    assert compensation_of(f"未赔偿。{'未付清。' if '清' in text else ''}") is not Compensation.FULL


def test_forgiveness_alone_is_never_payment() -> None:
    for giver in ("被害人", "被害人家属", "受害方"):
        assert compensation_of(f"{giver}对被告人的行为予以谅解") is Compensation.UNKNOWN


def test_the_countys_notes_are_read_without_a_wrong_full(county: Path) -> None:
    with (county / "truth" / "compensation.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["note"]]

    found = Counter((row["compensation"], compensation_of(row["note"]).value) for row in rows)

    print("\n".join(f"{true:<8} read as {read:<8} {n}" for (true, read), n in sorted(found.items())))
    assert sum(n for (true, read), n in found.items() if true == read) >= 0.98 * len(rows)
    assert sum(n for (true, read), n in found.items() if read == "FULL" != true) <= 0.002 * len(rows)
