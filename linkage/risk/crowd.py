"""One upload as the linkage unit sees it, and what an attacker works out from everybody's plain records.

The attacker has every plaintext in its own normalised form, the schema and this program, and sees one upload of the
same people in secret order: full overlap, the worst case. It lacks the round key. Under keys of its own and without
diffusion it encodes the plaintexts itself; that tells it how far apart two people's plain filters are under any key,
and so how far apart the diffused ones are: (1 - (1 - 2d)^t) / 2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from linkage.encode.absences import Absences
from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.normalise.person import Person
from linkage.schema import EncodingSchema

ATTACKER_KEYS = 4  # The mean over several keys of its own is nearer to what the owner's key will give.
SMALLEST_VARIANCE = 1e-5
Matrix = npt.NDArray[np.float32]
Rows = npt.NDArray[np.void]
Ints = npt.NDArray[np.int64]
Encode = Callable[[EncodingSchema, RoundKey], Rows]


def person_rows(people: Sequence[Person]) -> Encode:
    """Return how such people look in an upload: RowLayout rows in their order."""

    def encode(schema: EncodingSchema, key: RoundKey) -> Rows:
        rows = RowEncoder(schema, key).encode(people)
        Absences(schema, key, "upload").fill(rows)
        return rows

    return encode


def key_of(name: str) -> RoundKey:
    """Return a key made from a name: repeatable, and no secret of anybody."""
    return RoundKey(hashlib.sha256(b"linkage/v1/benchmark/" + name.encode()).digest())


def distances(bits: npt.NDArray[np.uint8]) -> Matrix:
    """Return the (n, n + 1) relative Hamming distances of packed filters (n, l/8): to each other, and to no bit at all.

    The last column is how full a filter is; anybody sees that without knowing a single pair.
    """
    plain = np.unpackbits(bits, axis=1).astype(np.float32)
    ones = plain.sum(1)
    apart = (ones[:, None] + ones[None] - 2 * plain @ plain.T) / plain.shape[1]
    return np.concatenate([apart, ones[:, None] / plain.shape[1]], axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True, repr=False)
class Knowledge:
    """What the attacker computes from n plaintexts: mean distances (n, n + 1) before diffusion, and rows of its own."""

    apart: Matrix
    rows: Rows

    def __repr__(self) -> str:
        return f"Knowledge(people={len(self.apart)})"


def know(encode: Encode, schema: EncodingSchema, *, seed: int) -> Knowledge:
    """Encode the plaintexts under the attacker's own keys, without diffusion."""
    bare = replace(schema, diffusion=0)
    total: Matrix | None = None
    for i in range(ATTACKER_KEYS):
        rows = encode(bare, key_of(f"attacker/{seed}/{i}"))
        found = distances(rows["filter"])
        total = found if total is None else total + found
    assert total is not None
    return Knowledge(np.asarray(total / np.float32(ATTACKER_KEYS), np.float32), rows)


class Crowd:
    """Hold one upload and the attacker's view of it.

    Row x of the upload is person `order[x]`; `order` is only read to hand out known pairs and to count.
    key: the owner's, for controls only · rows: of the upload, in its order · own: the attacker's, by person ·
    seen, predicted, variance: (n, n + 1) as distances().
    """

    def __init__(self, encode: Encode, schema: EncodingSchema, *, seed: int, known: Knowledge | None = None) -> None:
        """`known` spares the attacker's work where it was done for the same people, grams, hashes and seed."""
        mine = known or know(encode, schema, seed=seed)
        self.key = key_of(f"owner/{seed}")
        rows = encode(schema, self.key)
        self.order = np.random.default_rng(seed).permutation(len(rows))
        self.rows, self.own = rows[self.order], mine.rows
        self.seen = distances(self.rows["filter"])
        apart = mine.apart
        own = apart * (1 - apart) / np.float32(schema.filter_bits)  # The owner's key moves the plain distance too.
        if schema.diffusion:
            left = np.clip(1 - 2 * apart, 0, 1)
            self.predicted = np.asarray((1 - left**schema.diffusion) / 2, np.float32)
            slope = schema.diffusion * left ** (schema.diffusion - 1)
            own = own * slope**2 + self.predicted * (1 - self.predicted) / np.float32(schema.filter_bits)
        else:
            self.predicted = apart
        self.variance = np.maximum(own, np.float32(SMALLEST_VARIANCE)).astype(np.float32)

    def __len__(self) -> int:
        return len(self.order)

    def __repr__(self) -> str:
        return f"Crowd(rows={len(self)})"
