"""What several uploads of one round tell the linkage unit together: which rows are alike, and nothing beyond that."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.encoded import TOKEN_BYTES
from linkage.normalise import Person
from linkage.owner.choice import OwnerRow, OwnerRows
from linkage.owner.encoding import EncodingJob, encode_population
from linkage.owner.spool import spool_place
from linkage.schema import load_schema
from linkage.warrant import PopulationSpec

SCHEMA = load_schema("person-v1")
KEY = RoundKey(bytes(range(32)))
ROUND = "ab" * 16
PEOPLE = 70
Rows = np.ndarray[Any, np.dtype[np.void]]


def upload(
    folder: Path, population: str, rows: list[OwnerRow], *, owner: str = "civil", anchor: bool = False, bucket: int = 0
) -> Rows:
    """Encode a population of one round as its owner does; return what leaves."""
    spec = PopulationSpec(population, owner, "everybody", "", payload=not anchor, anchor=anchor)
    place, upload_key = spool_place(folder, ROUND, population), b"" if anchor else os.urandom(32)
    job = EncodingJob(SCHEMA, RowEncoder(SCHEMA, KEY), spec, bytes(32), 1000, place, upload_key)
    encode_population(OwnerRows(iter(rows), bucket=bucket), job, random_bytes=os.urandom, clock=time.monotonic)
    return np.frombuffer(place.rows.read_bytes(), job.layout.dtype)


def shown(rows: Rows) -> Counter[bytes]:
    """Return what rows show apart from their place and the sealed payload."""
    return Counter(row["tokens"].tobytes() + row["filter"].tobytes() for row in rows)


def tokens(rows: Rows) -> set[bytes]:
    flat = np.ascontiguousarray(rows["tokens"]).reshape(-1, TOKEN_BYTES)
    return {token.tobytes() for token in flat}


def had(people: list[OwnerRow]) -> set[bytes]:
    """Return the tokens that these people really have in this round."""
    persons = [row.person for row in people if isinstance(row.person, Person)]
    return tokens(RowEncoder(SCHEMA, KEY).encode(persons)) - {bytes(TOKEN_BYTES)}


@pytest.fixture
def people(kit: Any) -> list[OwnerRow]:
    return list(kit.people(PEOPLE))


def test_somebody_in_two_populations_of_an_owner_shows_equal_rows_whatever_fields_are_missing(
    people: list[OwnerRow], tmp_path: Path
) -> None:
    one, other = upload(tmp_path, "all", people), upload(tmp_path, "some", people[:40])

    assert tokens(one) - had(people), "nothing was missing"
    assert shown(other) <= shown(one)  # A token that recurs says nothing: those that were filled in recur too.


def test_nothing_else_of_two_populations_of_an_owner_is_alike(people: list[OwnerRow], tmp_path: Path) -> None:
    one, other = upload(tmp_path, "all", people), upload(tmp_path, "some", people)
    place = {row["filter"].tobytes(): at for at, row in enumerate(one)}
    kept = sum(place[row["filter"].tobytes()] == at for at, row in enumerate(other))

    assert not {row["payload"].tobytes() for row in one} & {row["payload"].tobytes() for row in other}
    assert kept < PEOPLE // 3  # About one row is at the same place in both.


@pytest.mark.parametrize("elsewhere", [{"owner": "disabled"}, {"anchor": True}])
def test_what_was_filled_in_never_links_anchors_or_another_owners_rows(
    people: list[OwnerRow], tmp_path: Path, elsewhere: dict[str, Any]
) -> None:
    one, other = upload(tmp_path, "all", people), upload(tmp_path, "others", people, **elsewhere)

    assert tokens(one) & tokens(other) == had(people)


def test_a_second_attempt_shows_the_same_rows_dummies_included_in_another_order(
    people: list[OwnerRow], tmp_path: Path
) -> None:
    first, second = (upload(tmp_path / name, "all", people, bucket=25) for name in ("first", "second"))

    assert len(first) > PEOPLE
    assert shown(first) == shown(second)
    assert first["filter"].tobytes() != second["filter"].tobytes()
    assert not {row["payload"].tobytes() for row in first} & {row["payload"].tobytes() for row in second}


def test_dummies_of_two_populations_have_nothing_in_common(people: list[OwnerRow], tmp_path: Path) -> None:
    one, other = (upload(tmp_path, name, people, bucket=25) for name in ("all", "again"))

    assert len(one) == len(other) > PEOPLE
    assert sum((shown(one) & shown(other)).values()) == PEOPLE
