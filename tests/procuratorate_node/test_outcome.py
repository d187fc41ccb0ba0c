"""From findings to clues: conditions hold per row, grades are the deciding ones, doubts stay doubts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from linkage.encoded import Grade
from linkage.plan import Verdict, parse_plan
from procuratorate_node.anchors import Placed
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.compile import CompiledModel, CompiledRound
from procuratorate_node.model import shipped_models
from procuratorate_node.outcome import ClueRow, Finding, Hit, Link, clue_rows

MODELS = {m.id: m for m in shipped_models()}
ONE, TWO = (RowRef(Source.PARTIES, f"c{i}", f"D{i}") for i in (1, 2))


def found(
    plan: object, hits: dict[str, str], *, verdict: Verdict = Verdict.YES, level: str = "person"
) -> list[ClueRow]:
    """Return the clue rows of a person with row ONE in @a and rows ONE, TWO in the asked set."""
    model = CompiledModel(replace(MODELS["SX-1"], level=level), "asked", parse_plan(plan), {"x": "X", "y": "Y"})  # type: ignore[arg-type]
    compiled = CompiledRound((model,), (), {})
    placed = Placed("p", "", "", 3, {"asked": (ONE, TWO), "a": (ONE,)})
    made = {name: Hit(name, Grade[grade], links=(Link(name, 7, grade),)) for name, grade in hits.items()}
    return list(clue_rows(compiled, [placed], [Finding("SX-1", 0, verdict, made)]))


@pytest.mark.parametrize(
    ("plan", "hits", "verdict", "grade"),
    [
        ({"any": ["x", "y"]}, {"x": "D", "y": "A"}, Verdict.YES, "A"),
        ({"all": ["x", "y"]}, {"x": "D", "y": "A"}, Verdict.YES, "D"),
        ({"all": ["x", {"any": ["y", "z"]}]}, {"x": "A", "y": "D", "z": "C"}, Verdict.YES, "C"),
        ({"any": ["x", "y"]}, {"x": "E"}, Verdict.CANNOT_TELL, "E"),
        ({"all": ["x", "y"]}, {"x": "A", "y": "E"}, Verdict.CANNOT_TELL, "E"),
        ({"none": ["x"]}, {}, Verdict.YES, ""),
        ({"all": ["x"], "none": ["y"]}, {"x": "B"}, Verdict.YES, "B"),
    ],
)
def test_the_deciding_grade_is_the_best_of_a_branch_and_the_worst_of_those_needed(
    plan: object, hits: dict[str, str], verdict: Verdict, grade: str
) -> None:
    rows = found(plan, hits)

    assert [(r.verdict, r.grade) for r in rows] == [(verdict, grade)] * 2


def test_what_the_coordinator_could_not_tell_stays_in_doubt() -> None:
    rows = found({"all": ["x"], "none": ["y"]}, {"x": "A"}, verdict=Verdict.CANNOT_TELL)

    assert [(r.verdict, r.grade) for r in rows] == [(Verdict.CANNOT_TELL, "E")] * 2


def test_a_condition_on_a_set_holds_for_the_row_in_the_set_only() -> None:
    rows = found({"all": ["x", {"any": ["@a", "y"]}]}, {"x": "A"})

    assert [r.rows for r in rows] == [((ONE),)]


def test_tags_are_those_of_positive_links_only() -> None:
    assert found({"all": ["x"], "none": ["y"]}, {"x": "A", "y": "W"}, verdict=Verdict.CANNOT_TELL)[0].tags == ("X",)


def test_a_case_level_model_gives_one_clue_a_case() -> None:
    assert [(r.case, r.person) for r in found({"any": ["x"]}, {"x": "A"}, level="case")] == [("c1", ""), ("c2", "")]


def test_two_rows_of_one_person_in_one_case_are_one_clue() -> None:
    again = RowRef(Source.PARTIES, "c1", "D9")
    model = CompiledModel(MODELS["SX-1"], "asked", parse_plan({"any": ["x"]}), {"x": "X"})
    placed = Placed("p", "", "", 1, {"asked": (ONE, again)})

    rows = clue_rows(
        CompiledRound((model,), (), {}), [placed], [Finding("SX-1", 0, Verdict.YES, {"x": Hit("x", Grade.C)})]
    )

    assert [r.rows for r in rows] == [(ONE, again)]


def test_a_sure_clue_shows_no_doubtful_tag_and_a_doubtful_one_shows_what_it_rests_on() -> None:
    assert found({"any": ["x", "y"]}, {"x": "A", "y": "E"})[0].tags == ("X",)
    assert found({"any": ["x", "y"]}, {"y": "E"})[0].tags == ("Y",)
