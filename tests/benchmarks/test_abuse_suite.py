"""A bounded run of the abuse suite: no answer reveals one person, and the judge would notice if one did."""

from __future__ import annotations

from benchmarks.abuse_suite import run


def test_no_scripted_question_is_answered_with_one_person() -> None:
    tally = run(150, seed=7)

    assert tally.revealing.total() == 0
    assert tally.answered["legitimate"] and tally.answered.total() > 30


def test_with_the_rules_off_the_judge_finds_answers_that_reveal_one_person() -> None:
    tally = run(150, seed=7, control=True)

    assert {"singleton", "differencing", "definitions", "tracker"} <= {k for k, n in tally.revealing.items() if n}
