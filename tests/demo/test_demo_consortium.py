from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from agency_node.config import load_config as load_agency
from agency_node.policy_file import load_policy
from linkage.coordinator.config import load_config as load_coordinator
from linkage.demo.consortium import (
    APPROVING,
    OPERATOR,
    PURPOSE,
    REQUESTING,
    TAGS,
    County,
    read_county,
    write_agency,
    write_coordinator,
    write_procuratorate,
)
from linkage.demo.parties import OFFICES, Office, find_offices, quickstart_arguments, schema_digests
from linkage.errors import ConfigError
from linkage.schema import load_schema
from procuratorate_node.config import load_config as load_procuratorate

ROOT = Path(__file__).resolve().parents[2]


def office(tmp_path: Path, name: str = "court") -> Office:
    return Office(name, *OFFICES[name], tmp_path / "register")


@pytest.mark.parametrize("name", sorted(OFFICES))
@pytest.mark.parametrize("by_hand", [True, False])
def test_an_agency_reads_the_configuration_and_policy_it_is_given(name: str, by_hand: bool, tmp_path: Path) -> None:
    file = write_agency(tmp_path, office(tmp_path, name), County(tmp_path), endpoint="127.0.0.1:1", by_hand=by_hand)
    config = load_agency(file)
    policy = load_policy(config.policy)

    assert config.operators == (OPERATOR,)
    assert [rule.mode for rule in policy.allow] == ["operator" if by_hand else "auto"]
    assert policy.allow[0].purposes == {PURPOSE}
    assert policy.allow[0].datasets == set(OFFICES[name][1])


def test_the_procuratorate_reads_its_configuration_and_knows_two_officers(tmp_path: Path) -> None:
    county = County(tmp_path, "2026-10-31", ("某县",), ("367121:1981-1993",))
    config = load_procuratorate(write_procuratorate(tmp_path, county, endpoint="127.0.0.1:1"))

    config.require(REQUESTING, "request")
    config.require(APPROVING, "approve")
    assert str(config.as_of) == "2026-10-31"


def test_the_coordinator_reads_its_configuration_and_takes_any_free_port(tmp_path: Path) -> None:
    assert load_coordinator(write_coordinator(tmp_path)).listen == "127.0.0.1:0"


def test_the_demo_knows_every_dataset_and_tag_of_the_presets() -> None:
    tags: dict[str, set[str]] = {}
    for file in (ROOT / "agency_node" / "presets").glob("[a-z]*.toml"):
        for role in tomllib.loads(file.read_text(encoding="utf-8"))["role"]:
            found = {role["tag"]} if "tag" in role else {rule["tag"] for rule in role["class"]}
            tags.setdefault(role["dataset"], set()).update(found)

    assert {dataset: set(known) for dataset, known in TAGS.items()} == tags


def test_every_dataset_has_one_owner() -> None:
    owned = [dataset for _, datasets in OFFICES.values() for dataset in datasets]

    assert sorted(owned) == sorted(TAGS)


def test_each_folder_of_the_county_is_an_office(tmp_path: Path) -> None:
    for name in ("court", "civil_affairs"):
        (tmp_path / "agencies" / name).mkdir(parents=True)

    assert [found.id for found in find_offices(tmp_path)] == ["civil_affairs", "court"]


def test_an_unknown_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "agencies" / "weather_office").mkdir(parents=True)
    with pytest.raises(ConfigError):
        find_offices(tmp_path)


def test_the_ceremony_gets_every_party(tmp_path: Path) -> None:
    words = quickstart_arguments(tmp_path, [office(tmp_path)])

    assert words.count("--party") == 3
    assert "court:人民法院:agency:enforcement_creditor,enforcement_debtor,aided_court" in words


def test_the_consortium_agrees_to_the_schema_that_the_programs_load() -> None:
    assert load_schema("person-v1").digest in schema_digests()


def test_the_day_and_locality_come_from_the_manifest(tmp_path: Path) -> None:
    manifest = {"today": "2026-10-31", "county": "湖东省棠州市澄溪县 (fictitious)", "number_prefixes": {"367121": "-"}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    assert read_county(tmp_path) == County(tmp_path, "2026-10-31", ("澄溪",), ("367121:-",))


def test_a_county_without_manifest_counts_as_of_today(tmp_path: Path) -> None:
    assert read_county(tmp_path) == County(tmp_path)


def test_a_broken_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("[1", encoding="utf-8")
    with pytest.raises(ConfigError):
        read_county(tmp_path)
