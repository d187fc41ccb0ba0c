"""What an owner may send instead of its rows: nothing outside the window, beyond its size, or twice is taken."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.coordinator import spool
from linkage.encode.golden import golden_persons
from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.encoded import population_from_rows
from linkage.errors import EncodingError, LimitError, UploadError
from linkage.match import link
from linkage.rpc.limits import CHUNK_BYTES
from linkage.rpc.upload import UploadFacts, upload_file
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.schema import load_schema

SCHEMA = load_schema("person-v1")
LAYOUT = SCHEMA.layout(False)
WINDOW = SCHEMA.filter_popcount


def filters(ones: list[int], rng: np.random.Generator) -> Any:
    found = np.zeros(len(ones), LAYOUT.dtype)
    for at, count in enumerate(ones):
        bits = np.zeros(SCHEMA.filter_bits, np.uint8)
        bits[rng.permutation(SCHEMA.filter_bits)[:count]] = 1
        found[at]["filter"] = np.packbits(bits)
    found["flags"] = 1
    return found


@settings(max_examples=40, deadline=None)
@given(ones=st.lists(st.integers(0, SCHEMA.filter_bits), min_size=1, max_size=30), seed=st.integers(0, 2**32))
def test_every_filter_outside_the_window_is_counted_and_no_other(
    ones: list[int], seed: int, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    spool.prepare(folder, "p")
    spool.write_chunk(folder, "p", 0, filters(ones, np.random.default_rng(seed)).tobytes())

    faults = spool.count_faults(folder, "p", LAYOUT, WINDOW)

    assert faults.outside_window == sum(not WINDOW[0] <= count <= WINDOW[1] for count in ones)


def encoded() -> tuple[RowEncoder, Any]:
    encoder = RowEncoder(SCHEMA, RoundKey(os.urandom(32)))
    return encoder, encoder.encode(list(golden_persons()), scopes=[1] * len(golden_persons()))


def crafted(kind: str, anchors: Any) -> Any:
    """Return filters made to be near everybody: all ones, none, the majority of all, or copies of the densest half."""
    bits = np.unpackbits(anchors["filter"], axis=1)
    made = np.zeros((64, bits.shape[1]), np.uint8)
    if kind == "ones":
        made[:] = 1
    elif kind == "average":
        made[:] = bits.mean(axis=0) >= 0.5
    elif kind == "dense":
        made[:, np.argsort(-bits.mean(axis=0))[: WINDOW[1]]] = 1
    rows = np.zeros(64, LAYOUT.dtype)
    rows["filter"] = np.packbits(made, axis=1)
    return rows


@pytest.mark.parametrize("kind", ["average", "dense", "ones", "zero"])
def test_a_filter_crafted_to_be_near_everybody_is_linked_to_nobody(kind: str) -> None:
    _, anchors = encoded()
    made = population_from_rows(crafted(kind, anchors))

    found = link(
        population_from_rows(anchors), made, SCHEMA, need_context=False, wide=False, most=10**9, most_pairs=10**6
    )

    assert not (np.asarray(found.grade) <= 4).any()


def test_copies_of_one_persons_filter_link_to_that_person_only() -> None:
    _, anchors = encoded()
    rows = np.repeat(anchors[:1], 50)
    rows["tokens"] = 0  # Only the filter, as somebody without the key could copy it.

    found = link(
        population_from_rows(anchors),
        population_from_rows(rows),
        SCHEMA,
        need_context=False,
        wide=False,
        most=10**9,
        most_pairs=10**6,
    )

    assert set(np.asarray(found.anchor)[np.asarray(found.grade) <= 4].tolist()) <= {0}


def append(client: Any, facts: UploadFacts, offset: int, data: bytes) -> Any:
    request = pb.AppendChunkRequest(
        round_id=facts.round_id,
        population=facts.population,
        offset=offset,
        data=data,
        digest=hashlib.sha256(data).digest(),
    )
    return client.append_chunk(request)


def facts_of(rig: Any, rows: Any, **changes: Any) -> tuple[Any, Any, Any]:
    warrant = rig.consented()
    made = rows(list(range(40)))
    return warrant, made, rig.facts(warrant, "dibao", made, **changes)


def test_an_endless_upload_is_cut_at_its_announced_size(rig: Any, rows: Any) -> None:
    warrant, made, facts = facts_of(rig, rows)
    client, content = rig.client("civil"), made.tobytes()
    client.begin_upload(facts.request())
    append(client, facts, 0, content)

    for _ in range(20):
        with pytest.raises(UploadError):
            append(client, facts, len(content), os.urandom(CHUNK_BYTES))

    held = rig.coordinator.unit.folder(warrant.round_id)
    assert sum(f.stat().st_size for f in Path(held).rglob("*") if f.is_file()) <= len(content) + CHUNK_BYTES


def test_ten_gibibytes_are_refused_before_the_first_byte(rig: Any, rows: Any) -> None:
    _, _, facts = facts_of(rig, rows)
    many = (10 << 30) // facts.row_bytes

    with pytest.raises(LimitError):
        rig.client("civil").begin_upload(replace(facts, rows=many).request())


@pytest.mark.parametrize(
    "changes", [{"row_bytes": 1}, {"row_bytes": 2**31}, {"rows": 2**63, "row_bytes": 0}, {"content_digest": b"x"}]
)
def test_sizes_that_do_not_fit_are_refused_and_the_coordinator_goes_on(rig: Any, rows: Any, changes: Any) -> None:
    _, _, facts = facts_of(rig, rows)

    with pytest.raises((LimitError, UploadError)):
        rig.client("civil").begin_upload(replace(facts, **changes).request())
    assert rig.client("disabled").check().status == "serving"


def test_a_sealed_upload_takes_the_same_bytes_again_and_no_second_content(rig: Any, rows: Any, tmp_path: Path) -> None:
    warrant, made, facts = facts_of(rig, rows)
    client, file = rig.client("civil"), tmp_path / "rows"
    file.write_bytes(made.tobytes())
    upload_file(client, file, facts)
    upload_file(client, file, facts)
    other = rows(list(range(100, 140)))

    with pytest.raises(UploadError):
        client.begin_upload(rig.facts(warrant, "dibao", other).request())
    with pytest.raises(UploadError):
        client.seal_upload(
            pb.SealUploadRequest(
                round_id=warrant.round_id,
                population="dibao",
                content_digest=hashlib.sha256(other.tobytes()).digest(),
            )
        )


def test_an_upload_replayed_in_another_round_is_another_rounds_and_fails_it(rig: Any, rows: Any) -> None:
    first, _, facts = facts_of(rig, rows)
    second = rig.consented()
    replayed: UploadFacts = replace(facts, round_id=second.round_id)

    with pytest.raises(EncodingError) as caught:
        rig.client("civil").begin_upload(replayed.request())

    assert "another warrant" in caught.value.en and first.round_id != second.round_id
