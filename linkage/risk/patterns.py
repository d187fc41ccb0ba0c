"""Pattern mining: bits that are set together stand for a frequent gram, and grams stand for people.

After Christen, Vidanage, Ranbaduge and Schnell (PAKDD 2018): no key and no known pair, only how often grams occur.
Bits of one gram are set in the same rows, so they are correlated; a group of correlated bits is taken for the gram
that occurs as often, and as often with the others. Rows and people are then compared by the grams so read. Diffusion
sets every bit from several places and leaves no such groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

MOST_GRAMS = 64
LEAST_SHARE, MOST_SHARE = 0.02, 0.9  # Rarer grams make no pattern, commoner ones tell nobody apart.
CORRELATED = (0.3, 0.4)  # The attacker takes what serves it best.
FEWEST_BITS = 4
FAR = 1e6
Bools = npt.NDArray[np.bool_]


def mined(
    filters: npt.NDArray[np.uint8], order: npt.NDArray[np.int64], grams: Sequence[Collection[tuple[str, str]]]
) -> float:
    """Return the share of people found. filters: (n, l/8) · order: which person each row is · grams: by person."""
    bits = np.unpackbits(filters, axis=1, bitorder="little").astype(np.float32)
    with np.errstate(invalid="ignore", divide="ignore"):
        related = np.asarray(np.nan_to_num(np.corrcoef(bits, rowvar=False)))
    has, best = _frequent(grams), 0.0
    for cut in CORRELATED:
        read = _read(bits, related > cut)
        if matched := _matched(read, has):
            groups, columns = (np.array(side) for side in zip(*matched, strict=True))
            best = max(best, _found(read[:, groups], has[:, columns], order))
    return best


def _read(bits: npt.NDArray[np.float32], related: Bools) -> Bools:
    """Return per row which groups of related bits it has whole (n, groups). related: (l, l)."""
    left, groups = np.ones(len(related), np.bool_), []
    for bit in np.argsort(-related.sum(axis=1), kind="stable"):
        members = np.flatnonzero(related[bit] & left)
        if left[bit] and len(members) >= FEWEST_BITS:
            left[members] = False
            groups.append(bits[:, members].mean(axis=1) >= 1)
    return np.stack(groups, axis=1) if groups else np.zeros((len(bits), 0), np.bool_)


def _frequent(grams: Sequence[Collection[tuple[str, str]]]) -> Bools:
    """Return which people have which of the frequent grams (n, grams)."""
    counted = Counter(gram for own in grams for gram in set(own))
    shares = {gram: count / max(1, len(grams)) for gram, count in counted.items()}
    names = sorted((g for g, s in shares.items() if LEAST_SHARE <= s <= MOST_SHARE), key=lambda g: (-shares[g], g))
    names = names[:MOST_GRAMS]
    place = {gram: i for i, gram in enumerate(names)}
    has = np.zeros((len(grams), len(names)), np.bool_)
    for row, own in enumerate(grams):
        has[row, [place[g] for g in own if g in place]] = True
    return has


def _matched(read: Bools, has: Bools) -> list[tuple[int, int]]:
    """Return (group, gram), every one once: by how often each occurs, and occurs with those matched before.

    The pair that is told most clearly from the next best comes first, so the frequent ones lend a hand to the others.
    """
    of_groups, of_grams = (_together(side) for side in (read, has))
    if not len(of_groups) or not len(of_grams):
        return []
    apart = np.abs(np.diag(of_groups)[:, None] - np.diag(of_grams)[None])
    out: list[tuple[int, int]] = []
    while len(out) < min(apart.shape):
        group = int(_leads(apart).argmax())
        gram = int(apart[group].argmin())
        out.append((group, gram))
        apart += np.abs(of_groups[:, group][:, None] - of_grams[:, gram][None])
        apart[group, :] = apart[:, gram] = np.inf
    return out


def _leads(apart: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return per group how much nearer its nearest gram is than the next; -1 for a group that has its gram."""
    ordered = np.sort(np.minimum(apart, FAR), axis=1)
    lead = np.append(ordered, np.full((len(apart), 1), FAR), axis=1)[:, 1] - ordered[:, 0]
    return np.where(ordered[:, 0] < FAR, lead, -1.0)


def _together(side: Bools) -> npt.NDArray[np.float64]:
    """Return how often any two columns are set in one row."""
    plain = side.astype(np.float64)
    together: npt.NDArray[np.float64] = plain.T @ plain / max(1, len(side))
    return together


def _found(read: Bools, has: Bools, order: npt.NDArray[np.int64]) -> float:
    """Return the share of rows named rightly: the person with the fewest grams read wrongly; equals share the guess."""
    rows, people = read.astype(np.float32), has.astype(np.float32)
    wrong = rows.sum(1)[:, None] + people.sum(1)[None] - 2 * rows @ people.T
    best = wrong <= wrong.min(axis=1, keepdims=True) + 0.5
    hit = best[np.arange(len(order)), order]
    return float((hit / best.sum(axis=1)).sum() / max(1, len(order)))
