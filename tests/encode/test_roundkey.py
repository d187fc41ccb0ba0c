"""The round key depends on every nonce, on the schema and on the warrant."""

from __future__ import annotations

import pytest

from linkage.encode.roundkey import derive_round_key, round_check_value, salt_of
from linkage.encode.secret import LinkageSecret
from linkage.errors import EncodingError

NONCES = {"civil_affairs": b"a" * 32, "procuratorate": b"b" * 32}
DIGESTS = {"schema_digest": b"s" * 32, "warrant_digest": b"w" * 32}


def secret(fill: int = 7) -> LinkageSecret:
    return LinkageSecret(bytes([fill]) * 32, 1)


def check(**change: object) -> bytes:
    nonces = change.pop("nonces", NONCES)
    held = change.pop("secret", secret())
    return round_check_value(derive_round_key(held, nonces, **{**DIGESTS, **change}))  # type: ignore[arg-type]


def test_the_order_of_owners_does_not_matter() -> None:
    assert check() == check(nonces=dict(reversed(NONCES.items())))


@pytest.mark.parametrize(
    "change",
    [
        {"nonces": {**NONCES, "procuratorate": b"c" * 32}},
        {"nonces": {"civil_affairs": b"b" * 32, "procuratorate": b"a" * 32}},
        {"nonces": {**NONCES, "court": b"d" * 32}},
        {"schema_digest": b"t" * 32},
        {"warrant_digest": b"v" * 32},
        {"secret": secret(8)},
    ],
)
def test_any_change_gives_another_round_key(change: dict[str, object]) -> None:
    assert check() != check(**change)


@pytest.mark.parametrize("nonces", [{}, {"court": b"short"}])
def test_missing_or_short_nonces_are_refused(nonces: dict[str, bytes]) -> None:
    with pytest.raises(EncodingError):
        salt_of(nonces)


def test_short_digests_are_refused() -> None:
    with pytest.raises(EncodingError):
        derive_round_key(secret(), NONCES, schema_digest=b"", warrant_digest=b"w" * 32)
