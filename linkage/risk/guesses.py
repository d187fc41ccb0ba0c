"""Two attacks that need no known pair: trying values without the key, and counting how often tokens occur."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from linkage.encode.parts import parts_of
from linkage.encode.roundkey import RoundKey
from linkage.encode.tokens import TokenEncoder
from linkage.encoded import TOKEN_BYTES
from linkage.normalise.person import Person
from linkage.risk.crowd import Rows, key_of
from linkage.schema import EncodingSchema, TokenKind

TRIES = 1_000_000
FREQUENCY_DRAWS = 20  # Ties are broken by chance; the mean of some draws is reported.
ABSENT = bytes(TOKEN_BYTES)
Progress = Callable[[int, int], None]


def dictionary(
    seen: Rows,
    people: Sequence[Person],
    schema: EncodingSchema,
    *,
    tries: int = TRIES,
    progress: Progress = lambda done, total: None,
) -> int:
    """Return how many of `tries` guessed tokens are found in the upload: true values, keys the attacker makes up."""
    there = {token.tobytes() for token in seen["tokens"].reshape(-1, TOKEN_BYTES)} - {ABSENT}
    found = tried = turn = 0
    while tried < tries:
        before = tried
        encoder = TokenEncoder(schema, key_of(f"dictionary/{turn}"))
        for token in _tokens_of(encoder, people):
            found += token in there
            tried += 1
            if tried == tries:
                break
        turn += 1
        progress(tried, tries)
        if tried == before:
            break  # Nobody has any token.
    return found


def with_key(seen: Rows, people: Sequence[Person], schema: EncodingSchema, key: RoundKey) -> float:
    """Return the share of the people's tokens that are found in the upload by whoever holds the round key."""
    there = {token.tobytes() for token in seen["tokens"].reshape(-1, TOKEN_BYTES)}
    tried = list(_tokens_of(TokenEncoder(schema, key), people))
    return sum(token in there for token in tried) / max(1, len(tried))


def _tokens_of(encoder: TokenEncoder, people: Sequence[Person]) -> Iterator[bytes]:
    for person in people:
        row = encoder.encode(parts_of(person))
        yield from (t for at in range(0, len(row), TOKEN_BYTES) if (t := row[at : at + TOKEN_BYTES]) != ABSENT)


def frequency(seen: Rows, order: npt.NDArray[np.int64], people: Sequence[Person], schema: EncodingSchema) -> float:
    """Return the share of people found by counting: the commonest token of a kind is taken for the commonest value.

    The kind that gives away the most counts, less the one person that blind guessing finds. order: which person each
    row is.
    """
    columns = [(i, values_of(people, kind)) for i, kind in enumerate(schema.tokens)]
    shares = [
        aligned([token.tobytes() for token in seen["tokens"][:, i]], [values[person] for person in order])
        for i, values in columns
        if any(values)
    ]
    return max(0.0, max(shares, default=0.0) - 1 / max(1, len(people)))


def values_of(people: Sequence[Person], kind: TokenKind) -> list[str]:
    """Return per person what a token of this kind stands for, "" where there is none."""
    parts = [parts_of(person) for person in people]
    whole = (all(p[name] for name in (*kind.parts, *kind.given)) for p in parts)
    return ["\0".join(p[name] for name in kind.parts) if w else "" for p, w in zip(parts, whole, strict=True)]


def aligned(tokens: Sequence[Hashable], values: Sequence[str]) -> float:
    """Return the share of rows whose value is guessed by ranking tokens and values by how often they occur.

    tokens, values: row by row, what the upload shows and the truth. The attacker knows the values, not their rows.
    """
    random, right = np.random.default_rng(0), 0
    for _ in range(FREQUENCY_DRAWS):
        guess = dict(zip(_ranked(tokens, random), _ranked([v for v in values if v], random), strict=False))
        right += sum(guess.get(token) == value for token, value in zip(tokens, values, strict=True) if value)
    return right / FREQUENCY_DRAWS / max(1, len(values))


def _ranked(items: Sequence[Hashable], random: np.random.Generator) -> list[Hashable]:
    """Return the distinct items, the commonest first, equals in any order."""
    counted = list(Counter(items).items())
    shuffled = [counted[i] for i in random.permutation(len(counted))]
    return [item for item, _ in sorted(shuffled, key=lambda pair: -pair[1])]
