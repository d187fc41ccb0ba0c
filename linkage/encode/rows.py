"""Rows of persons to rows of bytes: the only door between plaintext and the wire."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from linkage.encode.filters import FilterEncoder
from linkage.encode.golden import golden_persons
from linkage.encode.parts import flags_of, grams_of, parts_of
from linkage.encode.roundkey import RoundKey
from linkage.encode.tokens import TokenEncoder
from linkage.errors import EncodingError
from linkage.normalise.person import Person
from linkage.schema import EncodingSchema


class RowEncoder:
    """Encode persons under one round key; deterministic, and independent of chunking and of row order."""

    def __init__(self, schema: EncodingSchema, round_key: RoundKey) -> None:
        """Raises EncodingError for a schema whose filter is filled by fields: that is for Latin rows."""
        if schema.fields:
            raise EncodingError(f"编码方案 {schema.id} 不适用于人员记录", f"schema {schema.id} is not for persons")
        self.schema = schema
        self.round_key = round_key
        self._tokens = TokenEncoder(schema, round_key)
        self._filters = FilterEncoder(schema, round_key)

    def encode(
        self,
        persons: Sequence[Person],
        *,
        contexts: Sequence[str] = (),
        scopes: Sequence[int] = (),
        payload: bool = False,
    ) -> npt.NDArray[np.void]:
        """Return structured rows (schema.layout(payload).dtype) in the order given; the payload column is zero."""
        if (contexts and len(contexts) != len(persons)) or (scopes and len(scopes) != len(persons)):
            raise EncodingError("情境或范围的行数不符", "contexts and scopes need one entry per person")
        layout = self.schema.layout(payload)
        rows = np.zeros(len(persons), layout.dtype)
        if not persons:
            return rows
        tokens = [self._tokens.encode(parts_of(p, contexts[i] if contexts else "")) for i, p in enumerate(persons)]
        rows["tokens"] = np.frombuffer(b"".join(tokens), np.uint8).reshape(rows["tokens"].shape)
        rows["filter"] = self._filters.encode([list(grams_of(p)) for p in persons])
        rows["flags"] = [self._flag_bits(p) for p in persons]
        rows["scope"] = scopes if scopes else 0
        return rows

    def golden_digest(self) -> bytes:
        """Return the SHA-256 of the golden persons' rows: equal for two owners with equal key, schema and program."""
        return hashlib.sha256(b"linkage/v1/golden\0" + self.encode(golden_persons()).tobytes()).digest()

    def _flag_bits(self, person: Person) -> int:
        present = flags_of(person)
        return sum(1 << i for i, flag in enumerate(self.schema.flags) if flag in present)
