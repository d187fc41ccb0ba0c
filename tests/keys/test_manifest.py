from __future__ import annotations

import re
from dataclasses import replace

import pytest

from linkage.errors import KeyMaterialError, NotFoundError, SignatureError
from linkage.keys.manifest import LABEL, Epoch, Manifest, Party, parse_draft, parse_manifest
from linkage.keys.officers import Officer, Officers, signature_line
from linkage.keys.sealing import RecipientKey
from linkage.keys.signing import SigningKey

OFFICER_KEYS = [SigningKey.generate() for _ in range(3)]
OFFICERS = Officers(tuple(Officer(f"officer {i}", k.verify_key) for i, k in enumerate(OFFICER_KEYS)), 2)


def party(party_id: str, role: str, *datasets: str) -> Party:
    keys = SigningKey.generate().verify_key, RecipientKey.generate().public
    return Party(party_id, f"单位 {party_id}", role, *keys, datasets=datasets)  # type: ignore[arg-type]


HUB, MZ, JCY = party("hub", "coordinator"), party("mz", "agency", "subsistence"), party("jcy", "procuratorate", "cases")
MANIFEST = Manifest(
    consortium="county",
    version=3,
    issued="2026-10-31T08:00:00Z",
    ca_fingerprint="ab" * 32,
    officers=OFFICERS,
    parties_all=(HUB, MZ, JCY),
    schema_digests=("cd" * 32,),
    epochs=(Epoch(1, "01" * 8, "02" * 32, "retired"), Epoch(2, "03" * 8, "04" * 32, "active")),
)
TEXT = MANIFEST.to_text()


def lines(*signers: int, text: str = TEXT) -> str:
    return "\n".join(signature_line(OFFICER_KEYS[i], label=LABEL, message=text.encode()) for i in signers) + "\n"


def test_signed_text_comes_back_as_the_same_manifest() -> None:
    assert parse_manifest(TEXT, lines(0, 2), officers=OFFICERS) == MANIFEST


def test_questions_are_answered() -> None:
    assert MANIFEST.party("mz") is MZ and MANIFEST.owner_of("cases") is JCY
    assert MANIFEST.parties("agency") == (MZ,) and MANIFEST.owners == (MZ, JCY) and MANIFEST.coordinator is HUB
    assert MANIFEST.active_epoch.number == 2 and MANIFEST.epoch(1).status == "retired"


def test_unknown_names_are_not_found() -> None:
    for ask in (lambda: MANIFEST.party("x"), lambda: MANIFEST.owner_of("x"), lambda: MANIFEST.epoch(9)):
        with pytest.raises(NotFoundError):
            ask()


@pytest.mark.parametrize(
    "signatures",
    ["", lines(0), lines(0, 0), lines(0) + lines(1, text=TEXT + "#"), lines(0) + f"{OFFICER_KEYS[1].key_id} AAAA\n"],
)
def test_too_few_good_signatures_are_refused(signatures: str) -> None:
    with pytest.raises(SignatureError, match=r"[01] valid"):
        parse_manifest(TEXT, signatures, officers=OFFICERS)


def test_the_pinned_officers_decide_and_not_the_manifest() -> None:
    mine = SigningKey.generate()
    forged = replace(MANIFEST, officers=Officers((Officer("officer 0", mine.verify_key),), 1)).to_text()
    signatures = signature_line(mine, label=LABEL, message=forged.encode())
    with pytest.raises(SignatureError):
        parse_manifest(forged, signatures, officers=OFFICERS)


def test_every_fault_is_reported_at_once() -> None:
    text = TEXT.replace('consortium = "county"', 'consortium = "No Such"\nsurprise = 1')
    text = (
        text.replace('role = "agency"', 'role = "admin"').replace('kcv = "0101', 'kcv = "01').replace("version = 3", "")
    )
    with pytest.raises(KeyMaterialError) as caught:
        parse_draft(text)
    for place in ("consortium", "surprise: unknown key", "party[2].role", "epoch[1].kcv", "version: missing"):
        assert place in caught.value.en
    assert "No Such" not in caught.value.en


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"parties_all": (HUB, MZ, MZ)}, "party ids"),
        ({"parties_all": (MZ, JCY)}, "exactly one coordinator"),
        ({"parties_all": (replace(HUB, datasets=("x",)),)}, "owns datasets"),
        ({"parties_all": (HUB, MZ, replace(JCY, datasets=("subsistence",)))}, "datasets occur twice"),
        ({"parties_all": (HUB, MZ, replace(JCY, signing_key=MZ.signing_key))}, "signing keys"),
        ({"parties_all": (HUB, replace(MZ, signing_key=OFFICER_KEYS[0].verify_key))}, "officer's key"),
        ({"epochs": tuple(replace(e, status="active") for e in MANIFEST.epochs)}, "more than one epoch"),
    ],
)
def test_contradictions_are_refused(change: dict[str, object], what: str) -> None:
    with pytest.raises(KeyMaterialError, match=re.escape(what)):
        replace(MANIFEST, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("threshold", [0, 4])
def test_threshold_lies_between_one_and_the_number_of_officers(threshold: int) -> None:
    with pytest.raises(KeyMaterialError):
        Officers(OFFICERS.members, threshold)


def test_officers_file_comes_back_and_fingerprint_covers_the_threshold() -> None:
    assert Officers.from_text(OFFICERS.to_text()) == OFFICERS
    assert Officers(OFFICERS.members, 1).fingerprint != OFFICERS.fingerprint
    assert Officers(OFFICERS.members[::-1], 2).fingerprint == OFFICERS.fingerprint


@pytest.mark.parametrize("text", ["", "not toml =", "format = 1", "[[party]]\n", "party = 3"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(KeyMaterialError):
        parse_draft(text)


def test_names_with_quotes_and_delete_survive_the_file() -> None:
    named = replace(MZ, name='甲"乙\\丙')
    assert parse_draft(replace(MANIFEST, parties_all=(HUB, named)).to_text()).party("mz") == named
