from __future__ import annotations

import pytest

from linkage.audit.checkpoint import Checkpoint, origin_of, parse_checkpoint, sign_checkpoint, verify_checkpoint
from linkage.audit.note import (
    MAX_SIGNATURES,
    Note,
    cosign_note,
    key_hash,
    parse_note,
    parse_signature,
    sign_note,
    verifier_text,
    verify_cosignature,
    verify_note,
)
from linkage.errors import AuditError
from linkage.keys.canonical import parse_base64
from linkage.keys.signing import SigningKey, VerifyKey

# The example key and note of the Go package golang.org/x/mod/sumdb/note.
GO_KEY = VerifyKey(parse_base64("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:])
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
KEY = SigningKey.generate()
ORIGIN = origin_of("county", "mz")
CHECKPOINT = Checkpoint(ORIGIN, 5, bytes(range(32)))
SIGNED = sign_checkpoint(CHECKPOINT, KEY).to_text()


def test_a_note_of_another_implementation_verifies() -> None:
    note = parse_note(GO_NOTE)
    verify_note(note, name="PeterNeumann", key=GO_KEY)
    assert verifier_text("PeterNeumann", GO_KEY) == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    with pytest.raises(AuditError):
        verify_note(parse_note(GO_NOTE.replace("your problem,", "my problem,")), name="PeterNeumann", key=GO_KEY)


def test_signed_checkpoint_comes_back() -> None:
    assert verify_checkpoint(SIGNED, origin=ORIGIN, key=KEY.verify_key)[0] == CHECKPOINT
    lines = SIGNED.split("\n")
    assert lines[:4] == ["linkage/county/mz", "5", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", ""]
    assert lines[4].startswith("— linkage/county/mz ") and lines[5:] == [""]


def test_text_may_hold_blank_lines_and_the_last_one_counts() -> None:
    note = sign_note("a\n\nb\n", name="n", key=KEY)
    assert parse_note(note.to_text()) == note


BAD_NOTES = [
    "",
    "text\n",
    SIGNED.removesuffix("\n"),
    SIGNED + "\n",
    SIGNED.replace("— ", "- "),
    SIGNED.replace("— ", "—  "),
    SIGNED.replace("\n\n", "\n"),
    SIGNED.replace("— linkage/county/mz ", "— linkage+mz "),
    SIGNED.replace("— linkage/county/mz ", "—  "),
    SIGNED.replace("\n—", " \n—"),
    SIGNED.replace("\n", "\r\n"),
    SIGNED.replace("5\n", "5\t\n"),
    SIGNED[:-4] + "!!=\n",
    SIGNED.split("— ")[0] + "— n AAAA\n",
    SIGNED.split("— ")[0] + "— n\n",
    SIGNED.split("— ")[0] + "— n AAAAAA== x\n",
    SIGNED + "— n AAAAAAA=\n" * MAX_SIGNATURES,
    "\ufeff" + "\n\n",
    "x" * 2_000_000,
]


@pytest.mark.parametrize("text", BAD_NOTES)
def test_malformed_notes_are_refused(text: str) -> None:
    with pytest.raises(AuditError):
        parse_note(text)


@pytest.mark.parametrize(
    "text",
    [
        "o\n5\n",
        "o\n05\n" + "A" * 43 + "=\n",
        "o\n-1\n" + "A" * 43 + "=\n",
        "o\n٣\n" + "A" * 43 + "=\n",
        "o\n99999999999999999999\n" + "A" * 43 + "=\n",
        "o\n9223372036854775808\n" + "A" * 43 + "=\n",
        "o\n5\nAAAA\n",
        "o\n5\n" + "A" * 42 + "B=\n",
        "o\n5\n" + "A" * 43 + "=\nextension\n",
        "o\n5\n" + "A" * 43 + "=",
        "\n5\n" + "A" * 43 + "=\n",
        "a b\n5\n" + "A" * 43 + "=\n",
    ],
)
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(AuditError):
        parse_checkpoint(text)


@pytest.mark.parametrize("size", [-1, 2**63])
def test_checkpoint_sizes_are_bounded(size: int) -> None:
    with pytest.raises(AuditError):
        Checkpoint(ORIGIN, size, bytes(32))


@pytest.mark.parametrize(
    ("text", "origin", "key"),
    [
        (SIGNED, ORIGIN, SigningKey.generate()),
        (SIGNED, "linkage/county/jcy", KEY),
        (SIGNED.replace("\n5\n", "\n6\n"), ORIGIN, KEY),
        (sign_note(CHECKPOINT.to_text(), name="other", key=KEY).to_text(), ORIGIN, KEY),
        (SIGNED + SIGNED.split("\n\n")[1], ORIGIN, KEY),
    ],
)
def test_checkpoints_not_signed_by_that_log_are_refused(text: str, origin: str, key: SigningKey) -> None:
    with pytest.raises(AuditError):
        verify_checkpoint(text, origin=origin, key=key.verify_key)


def test_unknown_signatures_are_ignored() -> None:
    other = sign_note(CHECKPOINT.to_text(), name="other", key=SigningKey.generate()).signatures
    note = parse_note(SIGNED)
    more = Note(note.text, (*other, *note.signatures)).to_text()
    assert verify_checkpoint(more, origin=ORIGIN, key=KEY.verify_key)[0] == CHECKPOINT


def test_cosignature_states_who_and_when() -> None:
    witness, note = SigningKey.generate(), parse_note(SIGNED)
    line = cosign_note(note, name="w", key=witness, seconds=1_700_000_000)
    assert parse_signature(line.to_line()) == line
    assert verify_cosignature(note, line, name="w", key=witness.verify_key) == 1_700_000_000
    message = f"cosignature/v1\ntime 1700000000\n{CHECKPOINT.to_text()}".encode()
    witness.verify_key.verify_note(message, line.signature[8:])


def test_bad_cosignatures_are_refused() -> None:
    witness, note = SigningKey.generate(), parse_note(SIGNED)
    line = cosign_note(note, name="w", key=witness, seconds=1_700_000_000)
    other = parse_note(sign_checkpoint(Checkpoint(ORIGIN, 6, bytes(32)), KEY).to_text())
    late = type(line)("w", line.key_hash, (1_700_000_001).to_bytes(8, "big") + line.signature[8:])
    short = type(line)("w", line.key_hash, line.signature[:-1])
    for bad_note, bad_line, name, key in (
        (other, line, "w", witness),
        (note, late, "w", witness),
        (note, short, "w", witness),
        (note, line, "x", witness),
        (note, line, "w", KEY),
        (note, note.signatures[0], ORIGIN, KEY),
    ):
        with pytest.raises(AuditError):
            verify_cosignature(bad_note, bad_line, name=name, key=key.verify_key)


def test_the_kind_of_signature_is_part_of_the_key_id() -> None:
    assert key_hash("w", KEY.verify_key) != key_hash("w", KEY.verify_key, b"\x04")
