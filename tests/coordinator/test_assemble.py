"""Plans over columns of verdicts: the same as the plan's own evaluation, one anchor at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.coordinator.assemble import Linked, evaluate, positive_leaves, rows_of_model
from linkage.encoded import EncodedPopulation, Grade
from linkage.plan import SetPlan, Verdict
from linkage.warrant import ModelWarrant

LEAVES = ("x", "y", "z")
plans = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.builds(
        SetPlan, st.sampled_from(("all", "any", "none")), st.lists(inner, min_size=1, max_size=3).map(tuple)
    ),
    max_leaves=6,
).filter(lambda plan: isinstance(plan, SetPlan) and plan.depth() <= 5)


@dataclass(frozen=True)
class Links:
    anchor: npt.NDArray[np.int32]
    other: npt.NDArray[np.int32]
    grade: npt.NDArray[np.uint8]


def linked(*triples: tuple[int, int, Grade], payload: int = 0) -> Linked:
    found = np.array(sorted((a, int(g), o) for a, o, g in triples), np.int64).reshape(-1, 3)
    arrays = Links(found[:, 0].astype(np.int32), found[:, 2].astype(np.int32), found[:, 1].astype(np.uint8))
    return Linked(arrays, np.zeros((10, payload), np.uint8))


@given(plan=plans, data=st.data())
def test_columns_of_verdicts_agree_with_one_anchor_at_a_time(plan: SetPlan, data: st.DataObject) -> None:
    verdict = st.sampled_from(list(Verdict))
    table = {leaf: data.draw(st.lists(verdict, min_size=4, max_size=4)) for leaf in LEAVES}

    column = evaluate(plan, lambda leaf, negative: np.array(table[leaf], np.int8))

    assert [Verdict(v) for v in column] == [plan.evaluate(lambda leaf, i=i: table[leaf][i]) for i in range(4)]  # type: ignore[misc]


@given(plan=plans)
def test_columns_are_asked_for_by_the_leafs_own_sign(plan: SetPlan) -> None:
    asked: list[str] = []

    def column_of(leaf: str, negative: bool) -> npt.NDArray[np.int8]:
        if negative:
            asked.append(leaf)
        return np.zeros(1, np.int8)

    evaluate(plan, column_of)

    assert asked == list(plan.negative_leaves())


@given(plan=plans)
def test_every_leaf_is_positive_or_negative(plan: SetPlan) -> None:
    assert positive_leaves(plan) | set(plan.negative_leaves()) == set(plan.leaves())


@pytest.mark.parametrize(
    ("grade", "negative", "expected"),
    [
        (Grade.A, False, Verdict.YES),
        (Grade.D, True, Verdict.YES),
        (Grade.E, False, Verdict.CANNOT_TELL),
        (Grade.E, True, Verdict.CANNOT_TELL),
        (Grade.W, True, Verdict.CANNOT_TELL),
        (Grade.W, False, Verdict.NO),
    ],
)
def test_a_grade_means_one_verdict_for_each_sign(grade: Grade, negative: bool, expected: Verdict) -> None:
    column = linked((1, 0, grade)).verdicts(2, negative=negative)

    assert [Verdict(v) for v in column] == [Verdict.NO, expected]


def anchors_in(*scopes: int) -> EncodedPopulation:
    count = len(scopes)
    return EncodedPopulation(
        tokens=np.zeros((count, 1, 16), np.uint8),
        filters=np.zeros((count, 1), np.uint64),
        flags=np.zeros(count, np.uint16),
        scope=np.array(scopes, np.uint32),
        payload=np.zeros((count, 0), np.uint8),
    )


class Warrant:
    anchor_sets = ("victims", "minors")


def rows(plan: SetPlan, population: EncodedPopulation, most: int = 8, **found: Linked) -> list[tuple[int, str, str]]:
    model = ModelWarrant("m", 1, "title", "0" * 64, "victims", plan)
    result = rows_of_model(Warrant(), model, population, found, links_per_anchor=most)  # type: ignore[arg-type]
    return [(r.anchor, r.verdict, "".join(f"{x.population}{x.grade}{x.position}" for x in r.links)) for r in result]


def test_only_members_of_the_models_anchor_set_are_asked_about() -> None:
    found = linked((0, 0, Grade.A), (1, 1, Grade.A))

    assert rows(SetPlan("all", ("x",)), anchors_in(1, 2), x=found) == [(0, "yes", "xA0")]


def test_a_leaf_with_an_at_sign_is_decided_by_the_scope_column() -> None:
    plan = SetPlan("all", ("x", "@minors"))
    found = linked((0, 0, Grade.A), (1, 1, Grade.A))

    assert rows(plan, anchors_in(1, 3), x=found) == [(1, "yes", "xA1")]


def test_a_difference_keeps_cannot_tell_apart_and_shows_no_negative_link() -> None:
    plan = SetPlan("all", ("x", SetPlan("none", ("y",))))
    x = linked((0, 0, Grade.A), (1, 1, Grade.C), (2, 2, Grade.A))
    y = linked((0, 5, Grade.W), (2, 6, Grade.B))

    assert rows(plan, anchors_in(1, 1, 1), x=x, y=y) == [(0, "cannot-tell", "xA0"), (1, "yes", "xC1")]


def test_an_unsure_link_shows_only_where_there_is_no_sure_one() -> None:
    found = linked((0, 0, Grade.B), (0, 1, Grade.E), (1, 2, Grade.E), (1, 3, Grade.W))

    assert rows(SetPlan("all", ("x",)), anchors_in(1, 1), x=found) == [(0, "yes", "xB0"), (1, "cannot-tell", "xE2")]


def test_links_of_one_anchor_are_bounded() -> None:
    found = linked(*((0, i, Grade.A) for i in range(9)))

    assert rows(SetPlan("all", ("x",)), anchors_in(1), most=3, x=found) == [(0, "yes", "xA0xA1xA2")]
