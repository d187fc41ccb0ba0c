"""The configuration file: the example loads, everything unknown is an error."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from linkage.coordinator.config import Config, load_config, parse_config
from linkage.errors import ConfigError


def test_the_example_is_the_default_configuration() -> None:
    text = resources.files("linkage.coordinator").joinpath("config.example.toml").read_text("utf-8")

    assert parse_config(text, Path("/base")) == Config(state=Path("/base/state"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[coordinator]\nlisten = 'x'",
        "[coordinator]\nstate = 's'\nport = 1",
        "[coordinator]\nstate = 's'\n[quotas]\nmax_row = 1",
        "[coordinator]\nstate = 's'\n[quotas]\nmax_rows = '1'",
        "[coordinator]\nstate = 's'\n[quotas]\nmax_rows = -1",
        "[coordinator]\nstate = 's'\n[times]\ntick_seconds = true",
        "[coordinator]\nstate = 's'\n[other]\nx = 1",
        "coordinator = 1",
        "[coordinator",
    ],
)
def test_a_faulty_configuration_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_config(text, Path())


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(ConfigError, match=r"other.*|quotas") as caught:
        parse_config("[other]\n[quotas]\nmax_row = 1", Path())

    assert all(word in caught.value.en for word in ("other", "quotas.max_row", "coordinator.state"))


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "none.toml")

    assert "init" in caught.value.hint_en
