"""The catalogue as data: what ships is whole, what is changed is checked, all faults are told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.errors import ConfigError, NotFoundError
from linkage.owner.referrals import REFERRED
from linkage.schema import load_schema
from procuratorate_node.letters.templates import shipped_templates
from procuratorate_node.model import shipped_models
from procuratorate_node.referrals.catalogue import (
    LETTERS,
    load_catalogue,
    parse_catalogue,
    shipped_catalogue,
    shipped_text,
)

CATALOGUE = shipped_catalogue()
OWN = "juvenile_workroom"  # The procuratorate's own: part of the "1".
# Domain C6, "least data sent", by service: name, ID, address, phone, need code and so on.
LEAST = {
    "dibao": {"name", "id_number", "address", "phone", "need"},
    "monitor": {"name", "id_number", "address", "phone", "need", "household_head"},
    "education-aid": {"name", "id_number", "school"},
    "training": {"name", "phone", "skill"},
    "women-care": {"name", "phone"},
    "needy-worker": {"name", "employer"},
    "veteran-aid": {"name", "id_number"},
    "housing": {"name", "address"},
    "charity": {"name", "need"},
    "fee-relief": {"account_holder", "address"},
    "field-visit": {"name", "address", "questions"},
    "psychology": {"phone"},
}


def test_twenty_units_and_the_seven_services_of_the_source_ship() -> None:
    assert len([u for u in CATALOGUE.units if u.code != OWN]) == 20
    assert {f"GY-N-{n}" for n in range(1, 8)} <= {s.need for s in CATALOGUE.services}


@pytest.mark.parametrize("service", list(LEAST))
def test_a_service_sends_no_more_than_the_domain_allows(service: str) -> None:
    assert LEAST[service] == set(CATALOGUE.service(service).least)


def test_the_poverty_line_is_answered_within_five_working_days() -> None:
    assert CATALOGUE.service("monitor").days == 5


def test_only_the_grid_goes_to_the_home() -> None:
    assert [u.code for u in CATALOGUE.units if u.field_visit] == ["township_grid"]


def test_every_tag_dataset_letter_and_field_exists_elsewhere() -> None:
    tags = set(load_schema("person-v1").tags)
    asked = {u.dataset for m in shipped_models() for u in m.populations.values()}
    named = {t for r in CATALOGUE.registers for t in r.tags} | {t for s in CATALOGUE.services for t in s.outcome_tags}

    assert named <= tags
    assert {r.dataset for r in CATALOGUE.registers} <= asked | {"eduaid", "youfu", "veteran", "card"}
    assert set(LETTERS) <= {t.code for t in shipped_templates().letters}
    assert {name for s in CATALOGUE.services for name in s.least} <= set(REFERRED)


def test_an_office_may_bring_its_own_and_its_digest_tells(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(shipped_text().replace(b"days = 30", b"days = 20"))

    assert load_catalogue(file).service("dibao").days == 20
    assert load_catalogue(file).digest != load_catalogue(None).digest == CATALOGUE.digest
    with pytest.raises(ConfigError, match="cannot read"):
        load_catalogue(tmp_path / "none.toml")


def test_all_faults_are_told_at_once() -> None:
    text = shipped_text().decode()
    for old, new in (
        ('unit = "health"', 'unit = "health"\ncolour = "red"'),
        ('least = ["phone"]', 'least = ["diagnosis"]'),
        ("days = 60", "days = 0"),
        ("age_from = 60", "age_from = 200"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(ConfigError) as raised:
        parse_catalogue(text.encode(), name="catalogue.toml")

    for fault in ("unknown key colour", "least names fields", "1 to 250 working days", "age_from is below age_below"):
        assert fault in raised.value.en


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('code = "tekun"', 'code = "dibao"', "a code stands twice"),
        ('unit = "health"', 'unit = "wealth"', "unknown unit"),
        ('need = "fees"', 'need = "fee"', "unknown need"),
        ('service = "tekun"', 'service = "x"', "unknown service"),
        ('receiver = "court"', 'receiver = "x"', "supervision names an unknown unit"),
        ("reply_months = 3", "reply_months = 30", "reply_months"),
        ('asked = ["dibao", "dibian", "tekun"]', 'asked = ["dibo"]', "worklist asked"),
        ('asked = ["dibao", "dibian", "tekun"]', "asked = []", "worklist asked"),
        ('no_field_visit = ["sexual"]', 'no_field_visit = ["all"]', "guards name kinds"),
        ('tags = ["WORKER"]', 'tags = ["OTHER"]', "in no [[registers]]"),
        ("[guards]", "[guard]", "unknown section guard"),
        ('letter = "suggestion"', 'letter = "email"', "letter is suggestion or referral"),
        ("[catalogue]", "[catalogue", "cannot be parsed"),
    ],
)
def test_a_wrong_catalogue_is_refused(old: str, new: str, fault: str) -> None:
    assert old in shipped_text().decode()
    with pytest.raises(ConfigError) as raised:
        parse_catalogue(shipped_text().decode().replace(old, new, 1).encode(), name="catalogue.toml")

    assert fault in raised.value.en


def test_what_the_catalogue_has_not_is_not_found() -> None:
    for ask in (CATALOGUE.unit, CATALOGUE.need, CATALOGUE.service):
        with pytest.raises(NotFoundError):
            ask("none")
