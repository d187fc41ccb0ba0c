"""The coordinator holds question and result to the warrant; a refusal never tells a number."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from linkage.coordinator.bounds import ALWAYS, refuse_large_result, refuse_small_question
from linkage.encoded import EncodedPopulation, population_from_rows
from linkage.errors import LimitError
from linkage.rpc.result import ResultLink, ResultRow
from linkage.schema import load_schema
from linkage.warrant import Asked, Limits, Overlap

LAYOUT = load_schema("person-v1").layout(False)


def anchors(different: int, *, copies: int = 1, scope: int = 1, blank: bool = False) -> EncodedPopulation:
    rows = np.zeros(different, LAYOUT.dtype)
    rows["tokens"] = np.frombuffer(os.urandom(rows["tokens"].size), np.uint8).reshape(rows["tokens"].shape)
    if not blank:
        rows["filter"] = np.frombuffer(os.urandom(rows["filter"].size), np.uint8).reshape(rows["filter"].shape)
    rows["scope"] = scope
    return population_from_rows(np.repeat(rows, copies))


def stating(rig: Any, people: int, *, least: int = 20) -> Any:
    warrant = rig.warrant()
    asked = tuple(Asked(p.id, people, 0) for p in warrant.populations if not p.anchor)
    return replace(warrant, overlap=Overlap(90, least, (), asked, "0" * 64))


def test_as_many_different_anchors_as_promised_pass(rig: Any) -> None:
    refuse_small_question(stating(rig, 20), anchors(20))
    refuse_small_question(stating(rig, 20), anchors(20, blank=True))


@pytest.mark.parametrize(
    "sent",
    [
        {"different": 19},
        {"different": 1, "copies": 500},
        {"different": 500, "scope": 0},
    ],
)
def test_fewer_different_anchors_than_promised_are_withheld(rig: Any, sent: dict[str, Any]) -> None:
    with pytest.raises(LimitError) as caught:
        refuse_small_question(stating(rig, 20), anchors(**sent))

    assert not any(digit in caught.value.en for digit in "0123456789")


def test_nobody_may_be_asked_about_where_nobody_was_stated(rig: Any) -> None:
    with pytest.raises(LimitError):
        refuse_small_question(stating(rig, 0), anchors(500))


def test_a_warrant_without_a_statement_is_left_to_its_owners(rig: Any) -> None:
    refuse_small_question(rig.warrant(), anchors(1))


def linked(count: int) -> list[ResultRow]:
    return [ResultRow("M1", at, "yes", (ResultLink("dis", "A", at, b""),)) for at in range(count)]


@pytest.mark.parametrize(("rows", "found"), [(1000, 200), (10, ALWAYS)])
def test_a_result_within_its_share_passes(rig: Any, rows: int, found: int) -> None:
    refuse_large_result(rig.warrant(), {"dis": rows}, linked(found))


@pytest.mark.parametrize(("rows", "found"), [(1000, 201), (10, ALWAYS + 1)])
def test_a_result_beyond_its_share_is_withheld_as_a_whole(rig: Any, rows: int, found: int) -> None:
    with pytest.raises(LimitError) as caught:
        refuse_large_result(rig.warrant(), {"dis": rows}, linked(found))

    assert "larger share" in caught.value.en and not any(digit in caught.value.en for digit in "0123456789")


def test_too_many_rows_are_withheld(rig: Any) -> None:
    with pytest.raises(LimitError):
        refuse_large_result(rig.warrant(limits=Limits(1, 1, 10, 3)), {"dis": 1000}, linked(4))
