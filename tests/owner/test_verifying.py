from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from linkage.errors import LinkageError, SignatureError, WarrantError
from linkage.keys.signing import Signed, SigningKey
from linkage.owner.verifying import verify_consents, verify_warrant
from linkage.warrant import LABEL_DECISION, LABEL_WARRANT, Decision, PopulationSpec, utc_text


def test_a_warrant_that_holds_names_our_populations(town: Any) -> None:
    warrant = town.warrant()

    verified = verify_warrant(town.signed(warrant), town.known("civil"), now=town.moment)

    assert (verified.digest, [s.id for s in verified.own]) == (warrant.digest, ["dibao"])
    assert verified.requester.id == "procuratorate"


def other_signer(town: Any) -> bytes:
    return bytes(town.signed(town.warrant(), signer="civil"))


def unknown_signer(town: Any) -> bytes:
    body = town.warrant().to_bytes()
    return Signed.create(LABEL_WARRANT, body, signer="stranger", key=SigningKey.generate()).to_json()


def foreign_key(town: Any) -> bytes:
    body = town.warrant().to_bytes()
    return Signed.create(LABEL_WARRANT, body, signer="procuratorate", key=SigningKey.generate()).to_json()


def other_label(town: Any) -> bytes:
    return bytes(town.sign("procuratorate", LABEL_DECISION, town.warrant().to_bytes()))


def changed_after_signing(town: Any) -> bytes:
    signed = Signed.parse(town.signed(town.warrant()))
    return replace(signed, body=town.warrant(purpose="另一目的").to_bytes()).to_json()


def not_an_envelope(town: Any) -> bytes:
    return b"{}"


@pytest.mark.parametrize(
    "make", [other_signer, unknown_signer, foreign_key, other_label, changed_after_signing, not_an_envelope]
)
def test_a_warrant_without_its_requesters_signature_is_refused(town: Any, make: Callable[[Any], bytes]) -> None:
    with pytest.raises(SignatureError):
        verify_warrant(make(town), town.known(), now=town.moment)


def changes() -> dict[str, Callable[[Any], dict[str, Any]]]:
    return {
        "another consortium": lambda t: {"consortium": "elsewhere"},
        "expired": lambda t: {"issued_at": utc_text(t.moment - timedelta(days=3)), "expires_at": utc_text(t.moment)},
        "in the future": lambda t: {"issued_at": utc_text(t.moment + timedelta(hours=1))},
        "encoding schema": lambda t: {"schema_digest": "1" * 64},
        "epoch or check value": lambda t: {"kcv": "0" * 16},
        "epoch": lambda t: {"epoch": 7},
        "recipient key": lambda t: {"recipient_key": "AAAA"},
        "is not civil's": lambda t: {
            "populations": tuple(
                replace(p, dataset="disabled") if p.id == "dibao" else p for p in t.warrant().populations
            )
        },
        "no model uses": lambda t: {
            "populations": (*t.warrant().populations, PopulationSpec("extra", "civil", "tekun", "特困"))
        },
    }


@pytest.mark.parametrize("fault", list(changes()))
def test_a_signed_warrant_that_is_not_ours_to_trust_is_refused(town: Any, fault: str) -> None:
    warrant = town.warrant(**changes()[fault](town))

    with pytest.raises(WarrantError, match=fault):
        verify_warrant(town.signed(warrant), town.known(), now=town.moment)


def test_a_warrant_without_a_population_of_ours_is_refused(town: Any) -> None:
    with pytest.raises(WarrantError, match="no population of ours"):
        verify_warrant(town.signed(town.warrant()), town.known("coordinator"), now=town.moment)


def test_every_fault_is_reported_at_once(town: Any) -> None:
    warrant = town.warrant(kcv="0" * 16, schema_digest="1" * 64)

    with pytest.raises(WarrantError) as caught:
        verify_warrant(town.signed(warrant), town.known(), now=town.moment)

    assert "check value" in caught.value.en and "schema" in caught.value.en


def consents(town: Any, warrant: Any) -> list[bytes]:
    return [town.approval(warrant, owner) for owner in warrant.owners]


def test_consents_of_all_owners_give_their_nonces(town: Any) -> None:
    warrant = town.warrant()

    nonces = verify_consents(
        town.verified(warrant),
        consents(town, warrant),
        town.known(),
        own=town.decision(warrant, "civil"),
        now=town.moment,
    )

    assert sorted(nonces) == ["civil", "disabled", "procuratorate"]
    assert len(set(nonces.values())) == 3


def missing(town: Any, warrant: Any) -> list[bytes]:
    return consents(town, warrant)[1:]


def twice(town: Any, warrant: Any) -> list[bytes]:
    return [*consents(town, warrant), town.approval(warrant, "disabled")]


def foreign_nonce(town: Any, warrant: Any) -> list[bytes]:
    return [*consents(town, warrant)[1:], town.approval(warrant, "civil", nonce="ab" * 32)]


def shared_nonce(town: Any, warrant: Any) -> list[bytes]:
    own = town.decision(warrant, "civil").nonce
    return [
        town.approval(warrant, "civil"),
        *(town.approval(warrant, o, nonce=own) for o in ("disabled", "procuratorate")),
    ]


def another_warrant(town: Any, warrant: Any) -> list[bytes]:
    digest = town.warrant().digest.hex()
    return [*consents(town, warrant)[:2], town.approval(warrant, "procuratorate", warrant_digest=digest)]


def a_refusal(town: Any, warrant: Any) -> list[bytes]:
    refused = town.approval(warrant, "disabled", decision="refuse", nonce="", reason="否")
    return [consents(town, warrant)[0], refused, consents(town, warrant)[2]]


def signed_by_another(town: Any, warrant: Any) -> list[bytes]:
    body = town.decision(warrant, "disabled").to_bytes()
    return [consents(town, warrant)[0], town.sign("civil", LABEL_DECISION, body), consents(town, warrant)[2]]


def an_outsider(town: Any, warrant: Any) -> list[bytes]:
    return [*consents(town, warrant), town.approval(warrant, "coordinator")]


def forged(town: Any, warrant: Any) -> list[bytes]:
    body = town.decision(warrant, "disabled", nonce=os.urandom(32).hex()).to_bytes()
    fake = Signed.create(LABEL_DECISION, body, signer="disabled", key=SigningKey.generate()).to_json()
    return [consents(town, warrant)[0], fake, consents(town, warrant)[2]]


@pytest.mark.parametrize(
    "make",
    [
        missing,
        twice,
        foreign_nonce,
        shared_nonce,
        another_warrant,
        a_refusal,
        signed_by_another,
        an_outsider,
        forged,
    ],
)
def test_consents_that_are_not_exactly_the_owners_own_are_refused(
    town: Any, make: Callable[[Any, Any], list[bytes]]
) -> None:
    warrant = town.warrant()
    own: Decision = town.decision(warrant, "civil")

    with pytest.raises(LinkageError):
        verify_consents(town.verified(warrant), make(town, warrant), town.known(), own=own, now=town.moment)
