"""Two rounds over the same registers have nothing in common for the linkage unit, and a closed one leaves nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from linkage.rpc.limits import CHUNK_BYTES
from tests.e2e.parade import Parade, small_county, start_parade
from tests.e2e.recount import population_in, warrant_in
from tests.e2e.searching import Marks
from tests.e2e.strangers import add_disabled, strangers

pytestmark = pytest.mark.slow
AGENCY, POPULATION, MODEL = "disabled_federation", "disabled", "SX-3"


@dataclass(frozen=True, slots=True)
class Collected:
    """What one round showed the linkage unit: tokens and filters by population; and the marks left after its end."""

    rows: dict[str, int]
    tokens: dict[str, set[bytes]]
    filters: dict[str, set[bytes]]
    left: int
    files_left: list[Path]


def distinct(values: npt.NDArray[np.generic]) -> set[bytes]:
    """Return the different rows of a column as bytes, without the all-zero one that means nothing is there."""
    flat = np.ascontiguousarray(values)
    found = {row.tobytes() for row in flat.reshape(-1, flat.shape[-1])}
    return {value for value in found if any(value)}


def collect(parade: Parade, copy: Path) -> Collected:
    """Play one round to its end; keep a copy of its columns from the time before the result was fetched."""
    wire = parade.wires[AGENCY]
    wire.hold_after(CHUNK_BYTES + CHUNK_BYTES // 2)
    round_id, waiting = parade.begin(MODEL)
    parade.hold_while_uploading(POPULATION, round_id)
    wire.release()
    parade.wait_for_state(round_id, "READY")
    shutil.copytree(parade.unit_folder / "rounds" / round_id, copy)
    parade.finish(round_id, waiting)
    parade.close(round_id)
    found = {spec.id: population_in(copy, spec.id) for spec in warrant_in(copy).populations}
    tokens = {name: distinct(columns.tokens) for name, columns in found.items()}
    filters = {name: distinct(columns.filters) for name, columns in found.items()}
    marks = Marks(("encoding", value) for values in (*tokens.values(), *filters.values()) for value in values)
    assert marks.in_folder(copy)["encoding"] == len(marks), "the search must find what is there"
    return Collected(
        rows={name: len(columns) for name, columns in found.items()},
        tokens=tokens,
        filters=filters,
        left=marks.in_folder(parade.unit_folder)["encoding"],
        files_left=list((parade.unit_folder / "rounds").iterdir()),
    )


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Collected, Collected]]:
    county = small_county(tmp_path_factory.mktemp("county"), (AGENCY,))
    add_disabled(county, strangers(5000, seed=4))
    out = tmp_path_factory.mktemp("fresh")
    with start_parade(county, out) as parade:
        yield collect(parade, out / "first"), collect(parade, out / "second")


def test_both_rounds_collected_the_same_people(rounds: tuple[Collected, Collected]) -> None:
    first, second = rounds

    assert first.rows == second.rows
    assert min(first.rows.values()) > 300
    # Dummy rows are copied from other rows each time, and these share more or fewer tokens among each other.
    assert {name: len(values) for name, values in first.tokens.items()} == pytest.approx(
        {name: len(values) for name, values in second.tokens.items()}, rel=0.01
    )


def test_within_a_round_the_same_person_has_the_same_tokens(rounds: tuple[Collected, Collected]) -> None:
    for collected in rounds:
        register = collected.tokens[POPULATION]
        anchors = set().union(*(values for name, values in collected.tokens.items() if name != POPULATION))

        assert len(register & anchors) > 20


def test_two_rounds_share_no_token_and_no_filter(rounds: tuple[Collected, Collected]) -> None:
    first, second = ((set().union(*c.tokens.values()), set().union(*c.filters.values())) for c in rounds)

    assert len(first[0]) > 10_000 and len(first[1]) > 2000
    assert first[0] & second[0] == set()
    assert first[1] & second[1] == set()


def test_a_closed_round_leaves_no_encoding_on_the_linkage_units_disk(rounds: tuple[Collected, Collected]) -> None:
    assert [(collected.left, collected.files_left) for collected in rounds] == [(0, []), (0, [])]
