"""Exact channel: keyed tokens HMAC(round key, label ‖ tag ‖ value), truncated to 16 bytes (design §4)."""

from __future__ import annotations

from collections.abc import Mapping

from linkage.encode.macs import mac_of
from linkage.encode.roundkey import RoundKey
from linkage.encoded import TOKEN_BYTES
from linkage.schema import EncodingSchema

LABEL = b"linkage/v1/token/"
ABSENT = bytes(TOKEN_BYTES)
SEPARATOR = "\x1f"


class TokenEncoder:
    """Make all tokens of a row under one round key; equal values give equal tokens within the round only."""

    def __init__(self, schema: EncodingSchema, round_key: RoundKey) -> None:
        self._kinds = schema.tokens
        self._mac = mac_of(schema.hash)
        self._keys = {k.tag: round_key.derive(f"token/{k.tag}") for k in schema.tokens}

    def __repr__(self) -> str:
        return f"TokenEncoder(kinds={len(self._kinds)})"

    def encode(self, parts: Mapping[str, str]) -> bytes:
        """Return 16 bytes per kind in schema order; 16 zero bytes where a part is missing or not given."""
        out = []
        for kind in self._kinds:
            values = [parts[p] for p in kind.parts]
            if not (all(values) and all(parts[p] for p in kind.given)):
                out.append(ABSENT)
                continue
            message = LABEL + kind.tag.encode() + b"\0" + SEPARATOR.join(values).encode()
            out.append(self._mac(self._keys[kind.tag], message)[:TOKEN_BYTES])
        return b"".join(out)
