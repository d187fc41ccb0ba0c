"""List the valid numbers one typing slip away from a failed one (domain B2, C1)."""

from __future__ import annotations

from datetime import date

from linkage.normalise.births import agrees
from linkage.normalise.checkdigit import has_form, is_valid, real_date, sex_of
from linkage.normalise.person import Birth, BirthPrecision

_DIGITS = "0123456789"
_LIMIT = 9
_LOOK_ALIKE = frozenset(
    frozenset(pair) for pair in ("08", "06", "17", "14", "38", "35", "56", "68", "69", "49", "27", "89")
)


def repairs_of(digits: str, *, as_of: date, stated: Birth, sex: str = "") -> tuple[str, ...]:
    """Return at most nine plausible numbers, sorted, for 17-19 characters that fail the check.

    For 18 characters: one wrong character or two adjacent ones swapped; for 17 one lost, for 19 one too many.
    With a stated birth (day, month, year or age range) only the numbers that agree with it stay. When more than nine
    are left, the likeliest stay: those of the stated sex, swaps and look-alike digits first.
    """
    found = {n: cost for n, cost in _slips(digits).items() if is_valid(n, as_of)}
    if stated.precision is not BirthPrecision.NONE:
        found = {n: c for n, c in found.items() if agrees(stated, real_date(n[6:14], as_of))}
    ranked = sorted(found, key=lambda n: (bool(sex) and sex_of(n) != sex, found[n], n))
    return tuple(sorted(ranked[:_LIMIT]))


def _slips(digits: str) -> dict[str, int]:
    """Map each text one slip away to a cost: 0 a swap, 1 look-alike digits, 2 anything else."""
    if len(digits) == 18:
        return _one_wrong(digits)
    if len(digits) == 17:
        grown = (digits[:i] + d + digits[i:] for i in range(18) for d in _DIGITS + "X"[: i == 17])
        return dict.fromkeys(filter(has_form, grown), 2)
    if len(digits) == 19:
        return dict.fromkeys(filter(has_form, (digits[:i] + digits[i + 1 :] for i in range(19))), 2)
    return {}


def _one_wrong(digits: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for i, old in enumerate(digits):
        for new in _DIGITS + ("X" if i == 17 else ""):
            if new != old:
                found[digits[:i] + new + digits[i + 1 :]] = 1 if frozenset((old, new)) in _LOOK_ALIKE else 2
    for i in range(17):
        if digits[i] != digits[i + 1]:
            found[digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]] = 0
    return {n: cost for n, cost in found.items() if has_form(n)}
