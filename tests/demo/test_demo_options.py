from __future__ import annotations

from pathlib import Path

import pytest

from linkage.demo.options import parse_options
from linkage.errors import ConfigError


def test_without_options_a_county_is_generated_and_every_model_runs() -> None:
    options = parse_options([])

    assert (options.county, options.models, options.keep) == (None, (), False)


def test_models_are_named_in_order_without_repeats() -> None:
    assert parse_options(["--models", "sx-1, PA,SX-1"]).models == ("SX-1", "PA")


@pytest.mark.parametrize(
    "argv",
    [
        ["--models", " , "],
        ["--population", "10"],
        ["--county", "no-such-folder"],
        ["--county", ".", "--generate"],
    ],
)
def test_wrong_wishes_are_refused_before_anything_starts(argv: list[str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        parse_options(argv)
