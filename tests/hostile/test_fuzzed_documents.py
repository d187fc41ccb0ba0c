"""Whatever bytes a member signs or sends, parsing them ends in a value or in an error of ours, never in a crash."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf.message import DecodeError, Message
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.abuse_suite import DIBAO, TEKUN, _warrant
from benchmarks.hostile_mutations import mutated_bytes, mutated_json, nested
from linkage.coordinator.assemble import needed_populations
from linkage.errors import ConfigError, LinkageError, WarrantError
from linkage.keys.signing import Signed, SigningKey
from linkage.owner.disclosure import models_in_words
from linkage.plan import parse_plan
from linkage.rpc.result import ResultLink, ResultRow, RoundResult
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import Asked, Decision, DeletionStatement, Overlap, RoundWarrant, parse_utc

WARRANT = replace(
    _warrant((DIBAO, TEKUN), "ab" * 16, datetime(2026, 1, 1, tzinfo=UTC)),
    overlap=Overlap(90, 20, ("cd" * 16,), (Asked("dibao", 30, 20), Asked("tekun", 30, 20)), "0" * 64),
)
DECISION = Decision(1, "ab" * 16, "0" * 64, "civil", "approve", "1" * 64, "", "policy", "2026-01-01T00:00:00Z")
STATEMENT = DeletionStatement(1, "ab" * 16, "0" * 64, "civil", ("map:a",), "2026-01-01T00:00:00Z")
LINK = ResultLink("dis", "A", 1, b"")
RESULT = RoundResult(bytes(32), {"dis": b"x"}, (ResultRow("m1", 0, "yes", (LINK,)),))
ENVELOPE = Signed.create("warrant", WARRANT.to_bytes(), signer="procuratorate", key=SigningKey.generate()).to_json()


def read_warrant(body: bytes) -> None:
    """Read a warrant and do with it what every owner and the coordinator do."""
    warrant = RoundWarrant.from_bytes(body)
    assert warrant.to_bytes() == body
    models_in_words(warrant)
    needed_populations(warrant)


READERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "warrant": (read_warrant, WARRANT.to_bytes()),
    "decision": (Decision.from_bytes, DECISION.to_bytes()),
    "deletion": (DeletionStatement.from_bytes, STATEMENT.to_bytes()),
    "result": (RoundResult.from_bytes, RESULT.to_bytes()),
    "envelope": (Signed.parse, ENVELOPE),
}


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("mutate", [mutated_bytes, mutated_json])
@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_mutated_document_is_read_or_refused(kind: str, mutate: Any, seed: int) -> None:
    read, body = READERS[kind]
    with contextlib.suppress(LinkageError):
        read(mutate(random.Random(seed), body))


MESSAGES: tuple[Message, ...] = (
    pb.BeginUploadRequest(round_id="ab" * 16, population="dibao", warrant_digest=bytes(32), rows=5, row_bytes=400),
    pb.AppendChunkRequest(round_id="ab" * 16, population="dibao", offset=0, data=bytes(64), digest=bytes(32)),
    pb.Relay(relay_id="ab" * 16, sender="civil", receiver="disabled", document=pb.SignedDocument(envelope=ENVELOPE)),
    pb.CheckpointRequest(checkpoint="x", consistency_proof=[bytes(32)], known_size=3),
    pb.Event(sequence=1, status=pb.RoundStatus(round_id="ab" * 16, state=pb.READY)),
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(range(len(MESSAGES))), st.integers(0, 2**32))
def test_a_mutated_message_is_read_or_refused(which: int, seed: int) -> None:
    message = MESSAGES[which]
    with contextlib.suppress(DecodeError):
        type(message).FromString(mutated_bytes(random.Random(seed), message.SerializeToString()))


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
