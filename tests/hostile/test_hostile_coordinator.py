"""Owners trust signatures, never the coordinator: what it alters, reorders, swaps or keeps is noticed."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage.encode.roundkey import derive_round_key, round_check_value
from linkage.encode.secret import load_party_secret
from linkage.errors import EncodingError, KeyMaterialError, LinkageError, WarrantError
from linkage.keys.canonical import encode_base64
from linkage.keys.sealing import RecipientKey
from linkage.owner.events import take_event
from linkage.owner.participation import Step
from linkage.owner.verifying import MAX_SKEW, verify_consents, verify_warrant
from linkage.rpc.result import ResultLink, ResultRow, RoundResult, open_result, seal_result
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import LABEL_DELETION, DeletionStatement, Limits, RoundWarrant, utc_text
from procuratorate_node.rounds.result import check_result
from tests.owner.conftest import (
    consents_event,
    consortium,
    kit,
    run_to_upload,
    step_of,
    town,
    unit,
    warrant_event,
    worker,
)

__all__ = ["consortium", "kit", "town", "unit"]

ALTERED: dict[str, dict[str, Any]] = {
    "purpose": {"purpose": "另一目的"},
    "recipient": {"recipient_key": RecipientKey.generate().public.to_text()},
    "round": {"round_id": "ef" * 16},
    "expiry": {"expires_at": "2099-01-01T00:00:00Z"},
    "approvers": {"approved_by": ("甲", "丙")},
}


@pytest.mark.parametrize("what", ALTERED)
def test_a_warrant_altered_by_the_coordinator_is_not_followed(town: Any, kit: Any, what: str) -> None:
    office, warrant = town.office("civil", kit.Policy()), town.warrant()
    envelope = town.signed(warrant)
    altered = replace(warrant, **ALTERED[what])
    forged = envelope.replace(_body(warrant), _body(altered))
    assert forged != envelope

    take_event(office, pb.Event(sequence=1, round_id=altered.round_id, warrant=pb.SignedDocument(envelope=forged)))

    found = office.book.round(altered.round_id)
    assert found is None or found.step is Step.REFUSED


def _body(warrant: RoundWarrant) -> bytes:
    return encode_base64(warrant.to_bytes()).encode()


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(3)))
def test_the_order_of_consents_changes_nothing(town: Any, order: list[int]) -> None:
    warrant = town.warrant()
    envelopes = [town.approval(warrant, owner) for owner in warrant.owners]
    own = town.decision(warrant, "civil")
    secret = load_party_secret(town.keys("civil"))

    def check_value(sent: list[bytes]) -> bytes:
        nonces = verify_consents(town.verified(warrant), sent, town.known(), own=own, now=town.moment)
        digest = bytes.fromhex(warrant.schema_digest)
        return round_check_value(derive_round_key(secret, nonces, schema_digest=digest, warrant_digest=warrant.digest))

    assert check_value([envelopes[i] for i in order]) == check_value(envelopes)


def test_consents_of_an_earlier_round_start_no_encoding(town: Any, kit: Any, unit: Any) -> None:
    office, warrant = town.office("civil", kit.Policy()), town.warrant()
    earlier = town.warrant()
    take_event(office, warrant_event(town, earlier))
    take_event(office, warrant_event(town, warrant))
    worker(office, unit).work()
    replayed = consents_event(town, office, earlier)
    replayed.round_id = warrant.round_id

    take_event(office, replayed)

    assert step_of(office, warrant) is not Step.CONSENTED


@pytest.mark.parametrize(("ahead", "taken"), [(MAX_SKEW, True), (MAX_SKEW + timedelta(seconds=1), False)])
def test_clocks_may_differ_by_ten_minutes_and_no_more(town: Any, ahead: timedelta, taken: bool) -> None:
    issued = town.moment + ahead
    warrant = town.warrant(issued_at=utc_text(issued), expires_at=utc_text(issued + timedelta(days=1)))

    try:
        verify_warrant(town.signed(warrant), town.known(), now=town.moment)
        accepted = True
    except WarrantError:
        accepted = False
    assert accepted is taken


@pytest.mark.parametrize("honest", [True, False])
def test_a_deletion_statement_without_our_uploads_digest_is_noted(town: Any, kit: Any, unit: Any, honest: bool) -> None:
    log = kit.Log()
    office, warrant = town.office("civil", kit.Policy(), log=log), town.warrant()
    run_to_upload(town, office, unit, warrant)
    upload = office.book.uploads(warrant.round_id)["dibao"]
    digest = upload.content_digest.hex() if honest else "0" * 64
    items = (f"population:dibao:{digest}", f"population:dis:{'1' * 64}")
    said = DeletionStatement(1, warrant.round_id, warrant.digest.hex(), "coordinator", items, utc_text(town.moment))
    envelope = town.sign("coordinator", LABEL_DELETION, said.to_bytes())

    take_event(office, pb.Event(sequence=9, round_id=warrant.round_id, deletion=pb.SignedDocument(envelope=envelope)))

    kind, facts = log.entries[-1]
    assert kind == "deletion.seen" and facts.get("missing", []) == ([] if honest else ["dibao"])


LINK = ResultLink("dis", "A", 3, bytes(24))
ROW = ResultRow("M1", 0, "yes", (LINK,))


def result(warrant: RoundWarrant, *rows: ResultRow, **keys: bytes) -> RoundResult:
    return RoundResult(warrant.digest, keys or {"dis": b"k"}, rows or (ROW,))


def test_a_result_that_fits_its_warrant_is_taken(town: Any) -> None:
    warrant = town.warrant()

    check_result(result(warrant), warrant, anchors=1)


UNFIT: dict[str, tuple[ResultRow, ...]] = {
    "an anchor that was not sent": (replace(ROW, anchor=1),),
    "a model that was not asked": (replace(ROW, model="M9"),),
    "a population that was not asked": (replace(ROW, links=(replace(LINK, population="tekun"),)),),
    "a link of a difference": (replace(ROW, links=(replace(LINK, population="dibao", payload=b""),)),),
    "a payload that was left away": (replace(ROW, links=(replace(LINK, payload=b""),)),),
}


@pytest.mark.parametrize("what", UNFIT)
def test_a_result_that_does_not_fit_its_warrant_is_not_used(town: Any, what: str) -> None:
    warrant = town.warrant()

    with pytest.raises(EncodingError):
        check_result(result(warrant, *UNFIT[what]), warrant, anchors=1)


def test_a_result_beyond_the_warrants_bound_is_not_used(town: Any) -> None:
    warrant = town.warrant(limits=Limits(1, 1, 100, 1))

    with pytest.raises(EncodingError):
        check_result(result(warrant, ROW, replace(ROW, anchor=1)), warrant, anchors=2)


def test_the_result_of_another_round_does_not_open_as_this_ones(town: Any) -> None:
    mine = RecipientKey.generate()
    first, second = town.warrant(), town.warrant()
    sealed = seal_result(result(first), mine.public)

    with pytest.raises((KeyMaterialError, LinkageError)):
        open_result(sealed, mine, warrant_digest=second.digest)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_in_place_of_a_result_end_in_an_error_of_ours(body: bytes) -> None:
    with pytest.raises(LinkageError):
        open_result(body or os.urandom(1), RecipientKey.generate(), warrant_digest=bytes(32))
