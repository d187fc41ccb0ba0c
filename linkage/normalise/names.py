"""Take a name cell apart: the name, its state, other names (domain C1 N1-N9)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from linkage.normalise.characters import clean_cell, fold, is_han, is_private
from linkage.normalise.marks import (
    MASK,
    UNKNOWN,
    join_dots,
    mark_masks,
    mark_unknown,
    plain_radicals,
    split_syllables,
)
from linkage.normalise.person import NameState
from linkage.normalise.remarks import cut_remarks, is_corporate, is_ordinary, looks_han, split_surname
from linkage.normalise.shapes import name_shapes
from linkage.normalise.sounds import name_readings

_LATIN = re.compile(r"[^\W\d_]", re.ASCII)
_ODD = re.compile(r"[^\w?·*\s]|[\d_]")


@dataclass(frozen=True, slots=True, repr=False)
class Name:
    """Hold what one name cell gives; readings and shapes as Person has them."""

    name: str = ""
    state: NameState = NameState.EMPTY
    aliases: tuple[str, ...] = ()
    surname: str = ""
    given: str = ""
    readings: tuple[tuple[str, ...], ...] = ()
    shapes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Name(state={self.state.value}, length={len(self.name)})"


@lru_cache(maxsize=1 << 17)
def read_name(cell: str) -> Name:
    """Read one name cell; of two persons in a cell the first counts.

    A masked name (某, ×, *) keeps nothing but its state: it must never link. A pinyin syllable among Han characters
    stands for one unknown character "?". "张三之父" names a relative only, and is cut to 张三 as N6 says.
    """
    if is_ordinary(cell):
        return _whole_name(fold(cell), ())
    text = plain_radicals(clean_cell(cell))
    if is_corporate(text):
        return _silent(fold(text.replace(" ", "")), NameState.CORPORATE)
    cut = cut_remarks(text)
    found = _single_name(cut.name)
    if cut.only_surname and found.state is NameState.SINGLE:
        return Name("", NameState.MASKED)
    if found.state in (NameState.MASKED, NameState.EMPTY) or not cut.aliases:
        return found
    others = (alias for alias in map(_alias, cut.aliases) if alias and alias != found.name)
    return replace(found, aliases=tuple(dict.fromkeys(others)))


def _silent(name: str, state: NameState) -> Name:
    """Return a name without readings and shapes: letters and organisations have none."""
    return Name(name, state, readings=((),) * len(name), shapes=("",) * len(name))


def _alias(text: str) -> str:
    found = _single_name(text)
    return found.name if found.state in (NameState.FULL, NameState.SINGLE) else ""


def _single_name(text: str) -> Name:
    """Read a text that holds one name and nothing else."""
    text = join_dots(_join_spaces(text))
    if not any(map(is_han, text)) and not any(map(is_private, text)):
        return _latin_name(text)
    text = mark_unknown(mark_masks(text))
    if MASK in text:
        return Name("", NameState.MASKED)
    text, sounds = split_syllables(_ODD.sub("", text))
    text = fold("".join(char for char in text if is_han(char) or char in "·?")).strip("·")
    if not any(map(is_han, text)):
        return Name()
    return _whole_name(text, sounds)


def _whole_name(text: str, sounds: tuple[str, ...]) -> Name:
    """Return the name of a folded text; `sounds` are the syllables heard at its "?" in order."""
    state = NameState.SINGLE if len(text) == 1 else NameState.FULL
    state = NameState.PARTIAL if UNKNOWN in text else state
    surname, given = split_surname(text)
    # A lone character may be a surname or what is left of a given name; the surname's readings have both.
    read = name_readings(text, surname or (text if state is NameState.SINGLE else ""))
    read = _with_sounds(text, read, sounds) if any(sounds) else read
    return Name(text, state, (), surname, given, read, name_shapes(text))


def _with_sounds(text: str, read: tuple[tuple[str, ...], ...], sounds: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Put the toneless syllables that stood in the cell at the places of the unknown characters, in order."""
    waiting = iter(sounds)
    heard = (next(waiting, "") if char == UNKNOWN else "" for char in text)
    return tuple((sound,) if sound else one for one, sound in zip(read, heard, strict=True))


def _latin_name(text: str) -> Name:
    if any(char in "*×" for char in text):
        return Name("", NameState.MASKED)
    words = re.sub(r"[^A-Z ·]", "", fold(text).upper().replace("-", " ")).replace("·", " ").split()
    joined = " ".join(words)
    if not _LATIN.search(joined) or len(joined) < 2:
        return Name()
    return _silent(joined, NameState.PINYIN)


def _join_spaces(text: str) -> str:
    """Remove spaces inside Han names (N5).

    Two or more parts of two characters or more, long together and not two ordinary Han names, are a name whose middle
    dot became a space.
    """
    if " " not in text or not any(map(is_han, text)):
        return text
    parts = text.split(" ")
    whole = "".join(parts)
    if all(map(is_han, whole)) and len(whole) >= 5 and all(len(part) >= 2 for part in parts):
        return parts[0] if looks_han(parts[0]) and looks_han(parts[1]) else "·".join(parts)
    return whole
