"""Needs × services: each suggestion has its reason, an unasked register is no absence, guards bar what they must."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from linkage.errors import NotFoundError
from linkage.normalise.person import Birth, BirthPrecision
from procuratorate_node.model import shipped_models
from procuratorate_node.referrals.catalogue import shipped_catalogue
from procuratorate_node.referrals.subject import Subject, _age_span, subject_of
from procuratorate_node.referrals.suggestions import Suggestion, bar, suggest
from tests.procuratorate_node.conftest import TODAY

CATALOGUE = shipped_catalogue()
MODELS = [m for m in shipped_models() if m.id == "SX-1"]
ALL = frozenset(r.dataset for r in CATALOGUE.registers)
NOBODY = Subject(
    role="被害人",
    sex="男",
    ages=(40, 40),
    youngest_victim=40,
    child_charge=False,
    kind="",
    harm=0,
    compensation="FULL",
    summary="",
    tags=frozenset(),
    datasets=ALL,
)


def codes(subject: Subject) -> set[str]:
    return {s.service.code for s in suggest(CATALOGUE, subject)}


def found(subject: Subject, code: str) -> Suggestion:
    return next(s for s in suggest(CATALOGUE, subject) if s.service.code == code)


def test_who_is_unhurt_paid_and_not_in_need_gets_no_suggestion() -> None:
    assert codes(NOBODY) == set()


@pytest.mark.parametrize(
    ("change", "more"),
    [
        ({"harm": 3, "compensation": "NOT"}, {"dibao", "certificate", "field-visit", "legal-aid"}),
        ({"harm": 3, "compensation": "NOT", "tags": {"DIBAO"}}, {"certificate", "legal-aid", "charity"}),
        ({"harm": 3, "ages": (70, 70)}, {"tekun", "certificate", "field-visit"}),
        ({"harm": 2, "ages": (12, 12)}, {"child", "psychology", "field-visit"}),
        ({"harm": 2, "ages": (12, 12), "tags": {"CHILD_O"}}, {"psychology", "field-visit"}),
        ({"summary": "急需救治"}, {"temporary", "medical-aid", "green-channel"}),
        ({"summary": "急需救治", "tags": {"MEDAID"}}, {"temporary", "green-channel"}),
        ({"summary": "失业"}, {"dibao", "training", "job"}),
        ({"summary": "失业", "ages": (65, 65)}, {"dibao"}),
        ({"summary": "辍学", "ages": (12, 12)}, {"education-aid", "enrolment"}),
        ({"kind": "sexual", "sex": "女"}, {"women-care", "psychology"}),
        ({"kind": "domestic"}, {"psychology"}),
        ({"tags": {"CARD"}}, {"monitor"}),
        ({"tags": {"CARD", "MONITOR_2"}}, set()),
        ({"tags": {"ENF_UNPAID"}}, {"enforcement"}),
        ({"role": "近亲属", "harm": 3}, {"psychology", "field-visit"}),
    ],
)
def test_a_need_leads_to_its_services(change: dict[str, Any], more: set[str]) -> None:
    if "tags" in change:
        change = change | {"tags": frozenset(change["tags"])}

    assert codes(replace(NOBODY, **change)) == more


def test_a_register_that_was_not_asked_is_named_not_taken_for_an_absence() -> None:
    hurt = replace(NOBODY, harm=3, compensation="NOT")

    assert found(hurt, "dibao").unasked == ()
    assert found(replace(hurt, datasets=frozenset({"dibao"})), "dibao").unasked == ("dibian", "tekun")
    assert found(hurt, "dibao").why and found(hurt, "dibao").why_en


def test_of_an_unknown_age_no_condition_on_the_age_holds() -> None:
    assert "job" not in codes(replace(NOBODY, summary="失业", ages=None))
    assert "dibao" in codes(replace(NOBODY, summary="失业", ages=None))


@pytest.mark.parametrize(
    ("change", "barred"),
    [
        ({}, False),
        ({"kind": "sexual"}, True),
        ({"kind": "domestic"}, False),
        ({"ages": (17, 17)}, True),
        ({"ages": (18, 18)}, False),
        ({"ages": (17, 18)}, True),  # Born in a year only: perhaps a minor.
        ({"ages": None}, True),
        ({"youngest_victim": 9}, True),  # A grown relative of a child.
        ({"child_charge": True}, True),
    ],
)
def test_the_grid_is_barred_for_minors_sexual_cases_and_unknown_ages(change: dict[str, Any], barred: bool) -> None:
    subject = replace(NOBODY, harm=3, **change)

    assert bool(found(subject, "field-visit").barred) is barred
    assert bar(CATALOGUE.guards, CATALOGUE.unit("civil_affairs"), subject) is None


@pytest.mark.parametrize(
    ("birth", "span"),
    [
        (Birth(), None),
        (Birth(2008, 2008, 12, 1, BirthPrecision.DAY), (17, 17)),
        (Birth(2008, 2008, 11, 26, BirthPrecision.DAY), (18, 18)),
        (Birth(2008, 2008, 0, 0, BirthPrecision.YEAR), (17, 18)),
        (Birth(2008, 2008, 11, 0, BirthPrecision.MONTH), (17, 18)),
        (Birth(2006, 2009, 0, 0, BirthPrecision.RANGE), (16, 20)),
    ],
)
def test_an_age_is_as_exact_as_the_birth(birth: Birth, span: tuple[int, int] | None) -> None:
    assert _age_span(birth, date(2026, 11, 26)) == span


def test_a_subject_is_made_of_masked_facts(bureau: Any) -> None:
    place, clue = bureau.place, bureau.place.book.get(bureau.clue("c1", "D1", tags=("+CARD", "-DIBAO")))
    subject = subject_of(clue, 1, bureau.work, place.colours, asked=MODELS, today=TODAY)

    assert (subject.role, subject.sex, subject.ages, subject.harm) == ("被害人", "女", (46, 46), 3)
    assert (subject.compensation, subject.tags) == ("NOT", frozenset({"CARD"}))
    assert "dibao" in subject.datasets and "医疗费" in subject.summary
    assert "李晓梅" not in repr(subject)
    with pytest.raises(NotFoundError):
        subject_of(clue, 2, bureau.work, place.colours, asked=MODELS, today=TODAY)


def test_a_child_in_a_sexual_case_is_known_as_one(bureau: Any) -> None:
    place, clue = bureau.place, bureau.place.book.get(bureau.clue("c4", "D2"))
    subject = subject_of(clue, 1, bureau.work, place.colours, asked=MODELS, today=TODAY)

    assert (subject.kind, subject.ages, subject.youngest_victim) == ("sexual", (16, 16), 15)
