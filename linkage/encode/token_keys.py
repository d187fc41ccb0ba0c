"""The kinds of tokens of a schema in the form the compiled code takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from linkage.encode.lanes import STEP
from linkage.encode.roundkey import RoundKey
from linkage.encode.sha256 import hmac_states
from linkage.encode.tokens import LABEL
from linkage.schema import EncodingSchema


class TokenKeys:
    """Hold, for each kind of token, the columns of its parts and of what must be given, what its messages start with,
    and its key's two states."""

    def __init__(self, schema: EncodingSchema, round_key: RoundKey, parts: Sequence[str]) -> None:
        """`parts` names the columns of parts."""
        self.parts = [np.array([parts.index(part) for part in kind.parts]) for kind in schema.tokens]
        self.given = [np.array([parts.index(part) for part in kind.given], np.int64) for kind in schema.tokens]
        self.prefixes = [LABEL + kind.tag.encode() + b"\0" for kind in schema.tokens]
        self.keys = [hmac_states(round_key.derive(f"token/{kind.tag}")) for kind in schema.tokens]

    def __repr__(self) -> str:
        return f"TokenKeys(kinds={len(self.parts)})"

    def of(
        self, kind: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint8], int, npt.NDArray[np.uint32]]:
        """Return parts, given, prefix with spare bytes behind, the prefix's size, and the states of the key."""
        prefix = self.prefixes[kind]
        padded = np.frombuffer(prefix + bytes(STEP), np.uint8).copy()
        return self.parts[kind], self.given[kind], padded, len(prefix), self.keys[kind]
