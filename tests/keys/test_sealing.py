from __future__ import annotations

import pickle

import pytest

from linkage.errors import KeyMaterialError
from linkage.keys import sealing
from linkage.keys.sealing import MARKER, OVERHEAD_BYTES, RecipientKey, RecipientPublic

KEY = RecipientKey.generate()
SEALED = sealing.seal(KEY.public, b"plain", info=b"purpose")


def test_recipient_opens_what_was_sealed_to_it() -> None:
    assert SEALED.startswith(MARKER) and len(SEALED) == OVERHEAD_BYTES + 5
    assert sealing.open(KEY, SEALED, info=b"purpose") == b"plain"


def test_sealing_twice_gives_different_bytes() -> None:
    assert KEY.public.seal(b"plain", info=b"purpose") != SEALED


@pytest.mark.parametrize(
    ("sealed", "info"),
    [
        (SEALED, b"other"),
        (SEALED[:-1], b"purpose"),
        (SEALED + b"x", b"purpose"),
        (SEALED[: len(MARKER)], b"purpose"),
        (b"", b"purpose"),
        (SEALED.replace(b"v1", b"v2", 1), b"purpose"),
        (SEALED[:40] + bytes([SEALED[40] ^ 1]) + SEALED[41:], b"purpose"),
        (SEALED[:-1] + bytes([SEALED[-1] ^ 1]), b"purpose"),
    ],
)
def test_anything_else_is_refused(sealed: bytes, info: bytes) -> None:
    with pytest.raises(KeyMaterialError):
        KEY.open(sealed, info=info)


def test_another_recipient_cannot_open() -> None:
    with pytest.raises(KeyMaterialError):
        RecipientKey.generate().open(SEALED, info=b"purpose")


def test_keys_come_back_from_their_texts() -> None:
    again = RecipientKey.from_file_bytes(KEY.to_file_bytes())
    assert again.open(SEALED, info=b"purpose") == b"plain"
    assert RecipientPublic.from_text(KEY.public.to_text()) == KEY.public


@pytest.mark.parametrize(
    "content", [b"", b"linkage/v1/hpke-key AAAA\n", b"other " + KEY.to_file_bytes().split()[1], b"\xff"]
)
def test_malformed_private_files_are_refused(content: bytes) -> None:
    with pytest.raises(KeyMaterialError):
        RecipientKey.from_file_bytes(content)


@pytest.mark.parametrize("raw", [b"", bytes(32), b"\xff" * 1216])
def test_malformed_public_keys_are_refused(raw: bytes) -> None:
    with pytest.raises(KeyMaterialError):
        RecipientPublic(raw)


def test_small_order_public_key_seals_nothing() -> None:
    zero = RecipientPublic(KEY.public.raw[:1184] + bytes(32))
    with pytest.raises(KeyMaterialError):
        zero.seal(b"plain", info=b"")


def test_private_key_is_never_shown() -> None:
    assert repr(KEY) == f"RecipientKey({KEY.key_id})"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
