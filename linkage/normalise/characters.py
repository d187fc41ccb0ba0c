"""Clean and fold characters: invisible ones, width, traditional forms, variants (domain C1 N1, N2, N8)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HAN_RANGES = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x3FFFF), (0xF900, 0xFAFF), (0x3007, 0x3007))
_PRIVATE_RANGES = ((0xE000, 0xF8FF), (0xF0000, 0xFFFFD), (0x100000, 0x10FFFD))
# Texts of these characters only are clean already: most cells, and much faster than looking at each character.
_CLEAN = re.compile(r"[\u4e00-\u9fff0-9A-Za-z./\-]*")
# Simplified names use these as they are; the single-character conversion would change their sound (乾 qian to 干 gan).
_KEPT = frozenset("乾著藉瞭")


def table_lines(file_name: str) -> Iterator[str]:
    """Yield the lines of a shipped table without comments and blanks."""
    text = resources.files("linkage.normalise").joinpath("tables", file_name).read_text(encoding="utf-8")
    for line in text.splitlines():
        kept = line.split("#", 1)[0].strip()
        if kept:
            yield kept


def is_han(char: str) -> bool:
    """Tell whether a character is a Chinese ideograph (URO, extensions, compatibility forms, 〇)."""
    point = ord(char)
    return 0x4E00 <= point <= 0x9FFF or any(low <= point <= high for low, high in _HAN_RANGES)


def is_private(char: str) -> bool:
    """Tell whether a character lies in a private-use area (a rare character of some local font)."""
    return any(low <= ord(char) <= high for low, high in _PRIVATE_RANGES)


def clean_cell(cell: str) -> str:
    """Drop invisible characters, apply NFKC, turn every run of white space into one space, trim (N1, N2)."""
    if _CLEAN.fullmatch(cell):
        return cell
    return " ".join(unicodedata.normalize("NFKC", cell).translate(_CLEANED).split())


class _Cleaned(dict[int, str | None]):
    """Clean code points for str.translate, each looked up once; holds single characters only."""

    def __missing__(self, point: int) -> str | None:
        char = chr(point)
        category = unicodedata.category(char)
        cleaned: str | None = char
        if category == "Cs":
            cleaned = "\ufffd"  # Half a surrogate pair: a character that was lost on the way.
        elif category == "Cc" or category.startswith("Z"):
            cleaned = " "
        elif category == "Cf" or 0xFE00 <= point <= 0xFE0F or 0xE0100 <= point <= 0xE01EF:
            cleaned = None
        self[point] = cleaned
        return cleaned


_CLEANED = _Cleaned()


@cache
def _variants() -> dict[str, str]:
    """Read variants.txt: the first character of a line is the form the others fold to."""
    found: dict[str, str] = {}
    for line in table_lines("variants.txt"):
        target, others = line.split()
        found.update(dict.fromkeys(others, target))
    return found


@cache
def _simplified() -> _Converter:
    return _Converter()


class _Converter:
    """Hold OpenCC's t2s conversion, loaded once: loading takes longer than ten thousand names."""

    def __init__(self) -> None:
        from opencc import OpenCC  # Late import, so that importing the package stays cheap.

        self._convert = OpenCC("t2s").convert

    def one(self, char: str) -> str:
        return char if char in _KEPT else str(self._convert(char))


def fold_char(char: str) -> str:
    """Return the one form a character and its variants share; single characters, so that context cannot matter (N8)."""
    return _FOLDED[ord(char)]


def _fold_once(char: str) -> str:
    if ord(char) < 0x2E80 or 0xD800 <= ord(char) <= 0xDFFF:
        return char
    variants = _variants()
    for _ in range(3):
        folded = variants.get(char, char)
        folded = _simplified().one(folded)
        folded = variants.get(folded, folded)
        if folded == char:
            break
        char = folded
    return char


class _Folded(dict[int, str]):
    """Fold code points for str.translate, each computed once; holds single characters only, never a value of a row."""

    def __missing__(self, point: int) -> str:
        folded = self[point] = _fold_once(chr(point))
        return folded


_FOLDED = _Folded()


def fold(text: str) -> str:
    """Fold every character of a text; idempotent. Folding serves matching only, never display."""
    return text if text.isascii() else text.translate(_FOLDED)
