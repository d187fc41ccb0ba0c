"""Recognise dots, masks, placeholders and syllables inside names (domain C1 N3, N4, N7, N9; B7)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from linkage.normalise.characters import is_han, is_private, table_lines
from linkage.normalise.sounds import syllables

MASK = "*"
UNKNOWN = "?"
DOT = "·"
# NFKC unifies none of these but U+0387 and U+FF65 (to U+30FB), and makes U+0307 of U+02D9; 丶 is an ideograph that some
# input methods offer as a dot.
_DOTS = "\u0307·•‧・∙⋅●。.．᛫⸱ꞏ･·˙｡▪◦⚫⦁丶~～-‐‑‒–—―−_＿"
_WEAK_DOTS = frozenset("●。丶~-‐‑‒–—―−_⚫▪◦")  # These are a dot only between two long Han parts.
_DOT_RUN = re.compile(rf"\s*[{re.escape(_DOTS)}]+\s*")
_MASKS = frozenset("某×✕✖✗╳*＊✱✲⁎∗○◯〇●⚫△▲☆★ΧХ")
_LETTER_MASKS = re.compile(r"[XxＸｘ]+(?![A-Za-z])|[Oo0]+(?![A-Za-z0-9])")
_PLACEHOLDERS = frozenset("?□▢☐◻◼■▇█_＿�〓囗⬜⬛¿")
_SYLLABLE_RUN = re.compile(r"[A-Za-zÀ-ɏ]+[1-5]?")


@cache
def _radicals() -> dict[int, str]:
    return {ord(cell[0]): cell[1] for line in table_lines("radicals.txt") for cell in line.split()}


def plain_radicals(text: str) -> str:
    """Replace radical forms and compatibility ideographs that NFKC leaves alone (N3)."""
    return text if text.isascii() else text.translate(_radicals())


def join_dots(text: str) -> str:
    """Write every dot between two parts of a name as U+00B7; drop dots at the ends (N4)."""

    def one(run: re.Match[str]) -> str:
        before, after = text[: run.start()], text[run.end() :]
        if not before or not after:
            return "" if not set(run[0]) & set("●○_") else run[0]
        weak = all(char in _WEAK_DOTS or char == " " for char in run[0])
        if weak and not (_han_part(before[-2:]) and _han_part(after[:2])):
            return run[0]
        return DOT

    return _DOT_RUN.sub(one, text) if any(char in _DOTS for char in text) else text


def _han_part(text: str) -> bool:
    return len(text) == 2 and all(map(is_han, text))


def mark_masks(text: str) -> str:
    """Write every sign that hides a character as "*" (N9): 某, ×, *, ○, and X or O alone among Han characters."""
    masked = "".join(MASK if char in _MASKS else char for char in text)
    return _LETTER_MASKS.sub(lambda run: MASK * len(run[0]) if _beside_han(masked, run) else run[0], masked)


def _beside_han(text: str, run: re.Match[str]) -> bool:
    before = text[run.start() - 1 : run.start()]
    return bool(before) and (is_han(before) or before == MASK)


def mark_unknown(text: str) -> str:
    """Write every placeholder, private-use character or symbol standing for a character as "?" (N7)."""
    # 口 is no surname and hardly a name's character: after the first place it is a box somebody typed.
    return text[:1].translate(_UNKNOWN_SIGNS) + text[1:].translate(_UNKNOWN_SIGNS).replace("口", UNKNOWN)


class _UnknownSigns(dict[int, str]):
    """Mark code points for str.translate, each looked up once; holds single characters only."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        unknown = char in _PLACEHOLDERS or is_private(char) or unicodedata.category(char) in ("So", "Cn", "Cs")
        self[point] = marked = UNKNOWN if unknown else char
        return marked


_UNKNOWN_SIGNS = _UnknownSigns()


def split_syllables(text: str) -> tuple[str, tuple[str, ...]]:
    """Replace each pinyin syllable among Han characters by "?"; return the text and the sounds of all its "?" in order.

    A run of letters that is no one or two syllables is dropped.
    """
    sounds: list[str] = []

    def one(run: re.Match[str]) -> str:
        found = _syllables_of(run[0])
        sounds.extend(found)
        return UNKNOWN * len(found)

    shown: list[str] = []
    position = 0
    for run in _SYLLABLE_RUN.finditer(text):
        sounds.extend("" for char in text[position : run.start()] if char == UNKNOWN)
        shown += [text[position : run.start()], one(run)]
        position = run.end()
    sounds.extend("" for char in text[position:] if char == UNKNOWN)
    return "".join(shown) + text[position:], tuple(sounds)


def _syllables_of(run: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFD", run.lower().replace("ü", "v")).rstrip("12345")
    plain = "".join(char for char in plain if char.isascii())
    if plain in syllables():
        return (plain,)
    for i in range(len(plain) - 1, 0, -1):
        if plain[:i] in syllables() and plain[i:] in syllables():
            return (plain[:i], plain[i:])
    return ()
