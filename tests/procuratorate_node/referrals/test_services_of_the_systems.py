"""What the six systems send people for: every help they name is a service of the shipped catalogue, at a unit of it."""

from __future__ import annotations

import pytest

from procuratorate_node.referrals.catalogue import shipped_catalogue

CATALOGUE = shipped_catalogue()
# Row of the published systems → unit and services that give the help the row names.
HELP = {
    "GY-N-1": {"juvenile_workroom": {"psychology"}},
    "GY-N-2": {"civil_affairs": {"dibao", "tekun", "temporary", "child"}},
    "GY-N-3": {"medical_insurance": {"medical-aid"}, "health": {"green-channel"}},
    "GY-N-4": {"education": {"education-aid", "enrolment"}},
    "GY-N-5": {"human_resources": {"training"}},
    "GY-N-6": {"human_resources": {"job"}},
    "GY-N-7": {"justice_bureau": {"legal-aid"}},
    "YQ-N-1": {"social_assistance_centre": {"social-aid"}, "charity": {"charity"}, "red_cross": {"red-cross"}},
    "YQ-N-2": {"medical_insurance": {"medical-aid"}},
    "YQ-N-3": {"civil_affairs": {"tekun", "child"}, "housing": {"housing"}},
    "YQ-N-4": {"education": {"enrolment"}, "human_resources": {"job"}, "rural_revitalisation": {"public-post"}},
    "YQ-N-5": {"education": {"education-aid"}},
    "YQ-N-6": {"juvenile_workroom": {"psychology"}},
    "YQ-O-4": {"utilities": {"fee-relief"}},
    "PA-N-1": {"human_resources": {"job"}, "education": {"education-aid"}, "juvenile_workroom": {"psychology"}},
    "SX-P-1": {"civil_affairs": {"dibao"}, "rural_revitalisation": {"monitor"}, "human_resources": {"job"}},
    "SX-P-2": {"disabled_federation": {"certificate", "rehabilitation"}},
    "WD-P-1": {"civil_affairs": {"dibao"}, "education": {"enrolment"}, "human_resources": {"training", "job"}},
    "WD-K-4": {"medical_insurance": {"medical-aid"}, "education": {"education-aid"}, "human_resources": {"job"}},
    "SC-P-2": {"justice_bureau": {"legal-aid", "legal-education"}, "rural_revitalisation": {"monitor"}},
}
PARTNERS = {  # YQ-O-3: nine channels, health standing for medical care, townships for streets.
    *("charity", "red_cross", "health", "housing", "human_resources", "education", "womens_federation"),
    *("disabled_federation", "township_grid"),
}


@pytest.mark.parametrize("row", list(HELP))
def test_the_help_a_system_names_is_a_service_of_its_unit(row: str) -> None:
    offered = {unit: {s.code for s in CATALOGUE.services if s.unit == unit} for unit in HELP[row]}

    assert {unit: wanted - offered[unit] for unit, wanted in HELP[row].items()} == {unit: set() for unit in HELP[row]}


@pytest.mark.parametrize("row", list(HELP))
def test_every_service_says_what_is_sent_and_what_is_answered(row: str) -> None:
    named = [CATALOGUE.service(code) for codes in HELP[row].values() for code in codes]

    assert all(s.least and s.items and s.days > 0 and CATALOGUE.need(s.need).title for s in named)


def test_every_partner_of_the_systems_is_a_unit_with_a_service() -> None:
    assert PARTNERS - {s.unit for s in CATALOGUE.services} == set()
    assert PARTNERS - {u.code for u in CATALOGUE.units} == set()
