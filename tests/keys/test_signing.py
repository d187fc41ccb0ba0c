from __future__ import annotations

import pickle

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from linkage.errors import KeyMaterialError, SignatureError
from linkage.keys.signing import Signed, SigningKey, VerifyKey, signed_message

# RFC 8032 7.1, test 2.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_notes_are_signed_as_rfc_8032_signs() -> None:
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(SEED))
    assert (key.public, key.sign_note(b"\x72")) == (PUBLIC, SIGNATURE)


def test_the_label_is_part_of_what_is_signed() -> None:
    assert signed_message("warrant", b"x") == b"linkage/v1/warrant\0x"
    key = SigningKey.generate()
    signature = key.sign("warrant", b"x")
    key.verify_key.verify("warrant", b"x", signature)
    with pytest.raises(SignatureError):
        key.verify_key.verify("decision", b"x", signature)


@pytest.mark.parametrize("label", ["", "a\0b", "A", "ä", "a" * 65, "a b"])
def test_malformed_labels_are_refused(label: str) -> None:
    with pytest.raises(SignatureError):
        SigningKey.generate().sign(label, b"x")


def test_a_note_cannot_be_read_as_a_labelled_message() -> None:
    with pytest.raises(SignatureError):
        SigningKey.generate().sign_note(signed_message("warrant", b"x"))


@pytest.mark.parametrize("position", [0, 31, 32, 63])
def test_a_changed_signature_is_refused(position: int) -> None:
    key = SigningKey.generate()
    signature = bytearray(key.sign("warrant", b"x"))
    signature[position] ^= 1
    with pytest.raises(SignatureError):
        key.verify_key.verify("warrant", b"x", bytes(signature))


def test_envelope_comes_back_and_verifies() -> None:
    key = SigningKey.generate()
    signed = Signed.create("warrant", '{"a":"甲"}'.encode(), signer="mz", key=key)
    assert Signed.parse(signed.to_json()) == signed
    assert signed.verify("warrant", key.verify_key) == signed.body
    with pytest.raises(SignatureError):
        signed.verify("warrant", SigningKey.generate().verify_key)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"signer":"mz"', b'"signer":""'),
        (b'"signer":"mz"', b'"signer":1'),
        (b"linkage/v1/signed", b"linkage/v2/signed"),
        (b'"format"', b'"extra":1,"format"'),
        (b'"body":"', b'"body":" '),
        (b"{", b"{ "),
        (b'"signature":"', b'"signature":"AAAA'),
    ],
)
def test_malformed_envelopes_are_refused(old: bytes, new: bytes) -> None:
    good = Signed.create("warrant", b"{}", signer="mz", key=SigningKey.generate()).to_json()
    assert old in good
    with pytest.raises(SignatureError):
        Signed.parse(good.replace(old, new, 1))


def test_private_key_comes_back_from_pem_and_is_never_shown() -> None:
    key = SigningKey.generate()
    assert SigningKey.from_pem(key.to_pem()).public == key.public
    assert repr(key) == f"SigningKey({key.key_id})"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(KeyMaterialError):
        SigningKey.from_pem(b"no PEM")


@pytest.mark.parametrize("text", ["", "AAAA", "A" * 44 + "\n"])
def test_malformed_public_keys_are_refused(text: str) -> None:
    with pytest.raises(KeyMaterialError):
        VerifyKey.from_text(text)
