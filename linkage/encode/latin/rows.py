"""Latin rows to rows of bytes one by one: the reference that the bulk encoder agrees with byte for byte."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from linkage.encode.filters import FilterEncoder
from linkage.encode.latin.grams import GRAMS, grams_of, parts_of
from linkage.encode.roundkey import RoundKey
from linkage.encode.tokens import TokenEncoder
from linkage.errors import EncodingError
from linkage.normalise.latin import LatinRow, fold_row
from linkage.schema import EncodingSchema

NORMALISATION = "latin-1"
MAX_POSITIONS = 1 << 16  # Distinct grams whose positions are remembered.


def check_latin(schema: EncodingSchema) -> None:
    """Raise EncodingError unless the schema is for Latin rows and names only fields, grams and parts they have."""
    fields, grams = {f.id for f in schema.fields}, {g for f in schema.fields for g in f.grams}
    parts = {part for kind in schema.tokens for part in kind.parts}
    known = parts_of(LatinRow())
    if (
        schema.normalisation != NORMALISATION
        or schema.flags
        or not fields
        or not (fields <= set(LatinRow._fields) and grams <= set(GRAMS) and parts <= set(known))
    ):
        raise EncodingError(f"编码方案 {schema.id} 不适用于拉丁文记录", f"schema {schema.id} is not for Latin rows")


class LatinEncoder:
    """Encode raw Latin rows under one round key; deterministic, and independent of chunking and of row order."""

    def __init__(self, schema: EncodingSchema, round_key: RoundKey) -> None:
        """Raises EncodingError for a schema that is not for Latin rows."""
        check_latin(schema)
        self.schema = schema
        self.round_key = round_key
        self._tokens = TokenEncoder(schema, round_key)
        self._filters = FilterEncoder(schema, round_key)
        self._positions: dict[tuple[str, str], npt.NDArray[np.uint16]] = {}

    def __repr__(self) -> str:
        return f"LatinEncoder(schema={self.schema.id})"

    def encode(self, raw: Sequence[LatinRow], *, payload: bool = False) -> npt.NDArray[np.void]:
        """Return structured rows (schema.layout(payload).dtype) in the order given; the payload column is zero."""
        rows = np.zeros(len(raw), self.schema.layout(payload).dtype)
        if not len(raw):
            return rows
        folded = [fold_row(row) for row in raw]
        tokens = b"".join(self._tokens.encode(parts_of(row)) for row in folded)
        rows["tokens"] = np.frombuffer(tokens, np.uint8).reshape(rows["tokens"].shape)
        rows["filter"] = self._filters.diffuse(self.plain_filters(folded))
        return rows

    def plain_filters(self, folded: Sequence[LatinRow]) -> npt.NDArray[np.uint8]:
        """Return (n, l/8) filters before diffusion: never to leave the owner."""
        bits = np.zeros((len(folded), self.schema.filter_bits), np.uint8)
        for row, out in zip(folded, bits, strict=True):
            for tag, gram, count in grams_of(row, self.schema):
                out[self.positions(tag, gram, count)] = 1
        return np.packbits(bits, axis=1, bitorder="little")

    def positions(self, tag: str, gram: str, count: int) -> npt.NDArray[np.uint16]:
        """Return the gram's first `count` bit positions; more of them begin with the same ones."""
        known = self._positions.get((tag, gram))
        if known is None or len(known) < count:
            if len(self._positions) >= MAX_POSITIONS:
                self._positions.clear()
            known = self._positions[tag, gram] = self._filters.positions(tag, gram, count)
        return known[:count]
