"""Whatever bytes a member signs or sends, parsing them ends in a value or in an error of ours, never in a crash."""

from __future__ import annotations

import contextlib
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.abuse_suite import DIBAO, TEKUN, _warrant
from benchmarks.hostile_corpus import READERS, Seed, document_seeds, message_seeds
from benchmarks.hostile_mutations import mutated_document, nested
from benchmarks.hostile_suite import mutated_message
from linkage.errors import ConfigError, LinkageError, WarrantError
from linkage.plan import parse_plan
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import Asked, Overlap, RoundWarrant, parse_utc

WARRANT = replace(
    _warrant((DIBAO, TEKUN), "ab" * 16, datetime(2026, 1, 1, tzinfo=UTC)),
    overlap=Overlap(90, 20, ("cd" * 16,), (Asked("dibao", 30, 20), Asked("tekun", 30, 20)), "0" * 64),
)
MESSAGES, DOCUMENTS = message_seeds(), document_seeds()
TAKEN = [seed for seed in (*MESSAGES, *DOCUMENTS) if not seed.name.startswith("edge-")]


def name_of(seed: Seed) -> str:
    return f"{seed.kind}/{seed.name}"


def test_the_corpus_has_every_message_of_the_wire_and_every_kind_of_document() -> None:
    assert {seed.kind for seed in MESSAGES} == set(pb.DESCRIPTOR.message_types_by_name)
    assert {seed.kind for seed in DOCUMENTS} == set(READERS)


@pytest.mark.parametrize("seed", TAKEN, ids=name_of)
def test_a_valid_seed_is_taken_so_that_mutations_reach_far(seed: Seed) -> None:
    seed.read(seed.body)


@pytest.mark.parametrize("seed", MESSAGES, ids=name_of)
def test_a_mutated_message_is_read_or_refused(seed: Seed) -> None:
    rng = random.Random(name_of(seed))
    for body in (seed.body, *(mutated_message(rng, seed.body) for _ in range(60))):
        with contextlib.suppress(LinkageError, DecodeError):
            seed.read(body)


@pytest.mark.parametrize("seed", DOCUMENTS, ids=name_of)
def test_a_mutated_document_is_read_or_refused(seed: Seed) -> None:
    rng = random.Random(name_of(seed))
    for body in (seed.body, *(mutated_document(rng, seed.body) for _ in range(60))):
        with contextlib.suppress(LinkageError):
            seed.read(body)


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, len(DOCUMENTS) - 1), rng=st.randoms(use_true_random=False))
def test_no_choice_of_mutations_makes_a_parser_fall_over(at: int, rng: random.Random) -> None:
    with contextlib.suppress(LinkageError):
        DOCUMENTS[at].read(mutated_document(rng, DOCUMENTS[at].body))


@pytest.mark.parametrize("depth", [7, 60, 400])
def test_a_plan_nested_beyond_its_levels_is_refused_without_being_followed(depth: int) -> None:
    for seed in range(20):
        with pytest.raises(ConfigError):
            parse_plan({"all": [nested(depth, random.Random(seed))]})


def changed(old: bytes, new: bytes) -> bytes:
    body = WARRANT.to_bytes()
    assert old in body
    return body.replace(old, new, 1)


@pytest.mark.parametrize(
    "body",
    [
        changed('"专项"'.encode(), b'"\\ud800"'),  # Half a character: it cannot be written again.
        changed(b'"change":""', b'"change":"both"'),
        changed(b'"change":""', b'"change":7'),
        changed(b'"epoch":1', b'"epoch":99999999999999999999'),
        changed(b'"epoch":1', b'"epoch":true'),
        changed(b'"max_share":20', b'"max_share":101'),
        changed(b'"max_share":20', b'"max_share":NaN'),
        changed(b'"people":30', b'"people":19'),
        changed(b'"new":20', b'"new":31'),
        changed(b'"population":"tekun"', b'"population":"dibao"'),
        changed(b'"2026-01-04T00:00:00Z"', b'"2026-1-4T00:00:00Z"'),
    ],
)
def test_a_signed_warrant_with_an_odd_value_is_refused(body: bytes) -> None:
    with pytest.raises(WarrantError):
        RoundWarrant.from_bytes(body)


@pytest.mark.parametrize(
    "text", ["2026-9-01T00:00:00Z", "2026-09-01T0:00:00Z", "2026-09-01T00:00:00z", "٢٠٢٦-09-01T00:00:00Z"]
)
def test_a_time_has_one_form_only_because_times_are_compared_as_texts(text: str) -> None:
    with pytest.raises(WarrantError):
        parse_utc(text)
