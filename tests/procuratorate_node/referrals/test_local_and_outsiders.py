"""YQ-M4-6: whoever is registered here is referred here, whoever is registered elsewhere to his own place."""

from __future__ import annotations

import pytest

from linkage.errors import ConfigError
from procuratorate_node.referrals.catalogue import parse_catalogue, shipped_catalogue, shipped_text
from procuratorate_node.referrals.subject import Subject
from procuratorate_node.referrals.suggestions import suggest


def suggested(locality: str, *tags: str) -> set[str]:
    """Return the services suggested for a person aided before, in no need that a file speaks of."""
    person = Subject("", "女", (40, 40), None, False, "", 0, "", "", frozenset(tags), frozenset(), locality)
    return {found.service.code for found in suggest(shipped_catalogue(), person)}


@pytest.mark.parametrize(
    ("locality", "tags", "services"),
    [
        ("本地", (), {"social-aid"}),
        ("外来", (), {"home-place"}),
        ("", (), set()),
        ("本地", ("SOCIAL_AIDED",), set()),
        ("外来", ("SOCIAL_AIDED",), set()),
    ],
)
def test_local_people_and_outsiders_get_different_advice(
    locality: str, tags: tuple[str, ...], services: set[str]
) -> None:
    assert suggested(locality, *tags) & {"social-aid", "home-place"} == services


def test_another_word_for_a_locality_is_a_fault() -> None:
    with pytest.raises(ConfigError, match="locality is"):
        parse_catalogue(shipped_text().replace('locality = "外来"'.encode(), 'locality = "省外"'.encode()), name="t")
