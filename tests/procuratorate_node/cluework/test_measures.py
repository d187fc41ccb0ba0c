"""Needs are matched with services; every need can be answered."""

from __future__ import annotations

import pytest

from linkage.errors import NotFoundError
from procuratorate_node.cluework.measures import measures
from procuratorate_node.referrals.catalogue import shipped_catalogue

CATALOGUE = shipped_catalogue()


def test_every_service_of_a_need_is_a_measure_and_what_is_there_is_told() -> None:
    found = measures(["GY-N-2"], CATALOGUE, tags=("DIBAO",))

    assert [m.service.code for m in found] == [s.code for s in CATALOGUE.services if s.need == "GY-N-2"]
    assert {m.service.code for m in found if m.there} == {"dibao"}
    assert {m.unit.title for m in found} >= {"民政局"}


def test_every_need_of_the_catalogue_has_a_service() -> None:
    assert [n.code for n in CATALOGUE.needs if not measures([n.code], CATALOGUE, tags=())] == []


def test_an_unknown_need_is_refused() -> None:
    with pytest.raises(NotFoundError):
        measures(["gold"], CATALOGUE, tags=())
