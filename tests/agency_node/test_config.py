from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from agency_node.config import load_config, parse_config
from linkage.errors import ConfigError

EXAMPLE = Path(__file__).resolve().parents[2] / "agency_node" / "config.example.toml"
GOOD = '[agency]\ncoordinator = "unit:7443"\ndata = "register"\n'


def test_the_example_configuration_can_be_read() -> None:
    found = load_config(EXAMPLE)

    assert (found.coordinator, found.operators, found.keep_map_days) == (
        "linkage.example:7443",
        ("值班员甲", "科长乙"),
        30,
    )


def test_paths_start_at_the_files_folder() -> None:
    found = parse_config(GOOD, Path("/somewhere"))

    assert (found.state, found.data, found.policy) == (
        Path("/somewhere/state"),
        Path("/somewhere/register"),
        Path("/somewhere/policy.toml"),
    )


def test_a_fixed_day_is_for_exercises_only_where_it_is_written() -> None:
    real = date(2026, 11, 2)

    assert parse_config(GOOD, Path()).day(real) == real
    assert parse_config(GOOD + 'today = "2026-10-31"\n', Path()).day(real) == date(2026, 10, 31)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "agency.coordinator missing"),
        (GOOD + "secret = 'x'\n", "agency.secret unknown"),
        (GOOD + "[other]\n", "[other] unknown"),
        (GOOD + "keep_map_days = -1\n", "keep_map_days"),
        (GOOD + "operators = [1]\n", "operators"),
        (GOOD + "operators = 'x'\n", "operators"),
        (GOOD + "today = 'yesterday'\n", "today"),
        (GOOD + "policy = 3\n", "policy must be a text"),
        ("agency = 1\n", "must be a table"),
        ("[agency", "not valid TOML"),
    ],
)
def test_a_faulty_configuration_says_what_is_wrong(text: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, Path())

    assert fault in caught.value.en


def test_a_missing_configuration_hints_at_init(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "agency.toml")

    assert "init" in caught.value.hint_en


def test_only_a_listed_operator_decides() -> None:
    found = parse_config(GOOD + "operators = ['甲']\n", Path())
    found.require_operator("甲")

    for name in ("乙", ""):
        with pytest.raises(ConfigError):
            found.require_operator(name)
