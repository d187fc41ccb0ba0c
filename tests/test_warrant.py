"""Signed documents of a round: one canonical form, all faults refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from linkage.errors import WarrantError
from linkage.plan import parse_plan
from linkage.warrant import Decision, DeletionStatement, Limits, ModelWarrant, PopulationSpec, RoundWarrant


def sample_warrant() -> RoundWarrant:
    return RoundWarrant(
        version=1,
        round_id="0" * 31 + "1",
        consortium="county",
        requester="procuratorate",
        purpose="司法救助线索筛查",
        legal_basis=("人民检察院开展国家司法救助工作细则第七条",),
        reference="2026-10",
        approved_by=("甲", "乙"),
        models=(
            ModelWarrant(
                "SX-1", 1, "低收入", "a" * 64, "all", parse_plan({"any": ["dibao", "card"], "none": ["@aided"]})
            ),
        ),
        populations=(
            PopulationSpec("anchors", "procuratorate", "parties", "当事人", anchor=True),
            PopulationSpec("dibao", "civil_affairs", "dibao", "低保", payload=True),
            PopulationSpec("card", "rural_revitalisation", "card", "建档立卡", classes=("CARD",)),
        ),
        anchor_sets=("all", "aided"),
        schema_id="person-v1",
        schema_digest="b" * 64,
        epoch=1,
        kcv="0011223344556677",
        limits=Limits(1, 1, 1000, 1000),
        recipient_key="AA==",
        issued_at="2026-10-31T08:00:00Z",
        expires_at="2026-11-01T08:00:00Z",
    )


def test_a_warrant_survives_its_bytes() -> None:
    warrant = sample_warrant()
    assert RoundWarrant.from_bytes(warrant.to_bytes()) == warrant


def test_owners_are_everybody_who_encodes() -> None:
    assert sample_warrant().owners == ("civil_affairs", "procuratorate", "rural_revitalisation")


def test_any_changed_field_changes_the_digest() -> None:
    warrant = sample_warrant()
    assert replace(warrant, purpose="别的目的").digest != warrant.digest


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"round_id": "x"},
        {"purpose": " "},
        {"legal_basis": ()},
        {"approved_by": ("甲", "甲")},
        {"schema_digest": "B" * 64},
        {"anchor_sets": ()},
        {"expires_at": "2026-10-31T08:00:00Z"},
        {"issued_at": "yesterday"},
        {"models": ()},
        {"populations": (PopulationSpec("dibao", "civil_affairs", "dibao", "低保"),)},
    ],
)
def test_a_warrant_that_breaks_a_rule_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(WarrantError):
        replace(sample_warrant(), **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: d | {"extra": 1},
        lambda d: {k: v for k, v in d.items() if k != "kcv"},
        lambda d: d | {"epoch": "1"},
        lambda d: d | {"epoch": True},
        lambda d: d | {"models": {}},
        lambda d: d | {"populations": [1]},
        lambda d: d | {"legal_basis": "x"},
        lambda d: d | {"models": [d["models"][0] | {"plan": {"any": ["unknown"]}}]},
    ],
)
def test_a_malformed_warrant_is_refused(edit) -> None:  # type: ignore[no-untyped-def]
    data = edit(json.loads(sample_warrant().to_bytes()))
    body = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    with pytest.raises(WarrantError):
        RoundWarrant.from_bytes(body)


def test_other_spelling_of_the_same_warrant_is_refused() -> None:
    body = json.dumps(json.loads(sample_warrant().to_bytes()), ensure_ascii=False).encode()
    with pytest.raises(WarrantError):
        RoundWarrant.from_bytes(body)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_garbage_is_refused(body: bytes) -> None:
    with pytest.raises(WarrantError):
        RoundWarrant.from_bytes(body)


def decision(**change: object) -> Decision:
    base = {
        "version": 1,
        "round_id": "0" * 32,
        "warrant_digest": "c" * 64,
        "owner": "civil_affairs",
        "decision": "approve",
        "nonce": "d" * 64,
        "reason": "",
        "decided_by": "policy",
        "decided_at": "2026-10-31T08:00:00Z",
    }
    return Decision(**{**base, **change})  # type: ignore[arg-type]


def test_a_decision_survives_its_bytes() -> None:
    assert Decision.from_bytes(decision().to_bytes()) == decision()


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": ""},
        {"decision": "maybe"},
        {"decision": "refuse", "reason": "缺少依据"},
        {"decision": "refuse", "nonce": "", "reason": " "},
    ],
)
def test_an_inconsistent_decision_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(WarrantError):
        decision(**change)


def test_a_deletion_statement_survives_its_bytes() -> None:
    statement = DeletionStatement(1, "0" * 32, "c" * 64, "court", ("map:dibao",), "2026-10-31T08:00:00Z")
    assert DeletionStatement.from_bytes(statement.to_bytes()) == statement
