"""Yuan as exact decimals: reading, rounding, writing. Binary floats are refused everywhere in this package."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, DecimalException, localcontext
from typing import Final

from linkage.errors import InputError

MOST: Final = Decimal(10) ** 12
CENTS: Final = 2
FIGURES: Final = 4
# Sixty digits hold every product of the formula exactly, whatever context the caller runs under.
EXACT: Final = Context(prec=60)
ROUNDINGS: Final = {"half_up": ROUND_HALF_UP, "down": ROUND_DOWN}


def parse_yuan(value: object, *, what: str) -> Decimal:
    """Read a sum of 0 to 10^12 yuan with at most two decimals from text, int or Decimal. Raises InputError."""
    return _parse(value, what, CENTS)


def parse_figure(value: object, *, what: str) -> Decimal:
    """Read a coefficient: like a sum, with at most four decimals. Raises InputError."""
    return _parse(value, what, FIGURES)


def check_yuan(value: Decimal, *, what: str) -> None:
    """Refuse what `parse_yuan` would. Raises InputError."""
    _parse(value, what, CENTS)


def round_to(amount: Decimal, step: Decimal, *, rounding: str) -> Decimal:
    """Round to a multiple of `step` yuan; `rounding` is a key of ROUNDINGS."""
    with localcontext(EXACT):
        return (amount / step).quantize(Decimal(1), rounding=ROUNDINGS[rounding]) * step


def plain(figure: Decimal) -> str:
    """Return the digits without exponent and without trailing zeros: 18000, 0.8."""
    text = format(figure, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def grouped(figure: Decimal) -> str:
    """Return the digits with thousands separators: 18,000."""
    return f"{Decimal(plain(figure)):,f}"


def _parse(value: object, what: str, decimals: int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise _refused(what, decimals)
    try:
        figure = Decimal(value)
    except DecimalException:
        raise _refused(what, decimals) from None
    if not figure.is_finite() or not 0 <= figure <= MOST:
        raise _refused(what, decimals)
    exponent = figure.normalize(EXACT).as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > decimals:
        raise _refused(what, decimals)
    return Decimal(plain(figure))


def _refused(what: str, decimals: int) -> InputError:
    return InputError(
        f"{what} 应为 0 至 10^12 之间、至多 {decimals} 位小数的数",
        f"{what} must be a number from 0 to 10^12 with at most {decimals} decimals",
    )
