"""Give each character of a name its toned syllables; surnames by an own table (domain B7, D6)."""

from __future__ import annotations

from functools import cache, lru_cache

from linkage.normalise.characters import is_han, table_lines


@cache
def _surname_readings() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Read surname_readings.txt: a surname, then per character its readings joined by "/", the surname's own first."""
    rows = (line.split() for line in table_lines("surname_readings.txt"))
    return {name: tuple(tuple(cell.split("/")) for cell in cells) for name, *cells in rows}


@cache
def _given_readings() -> dict[str, tuple[str, ...]]:
    rows = (line.split() for line in table_lines("given_readings.txt"))
    return {char: tuple(cell.split("/")) for char, cell in rows}


@lru_cache(maxsize=1 << 16)
def char_readings(char: str) -> tuple[str, ...]:
    """Return a character's toned syllables as a given name has it ("zi3"), () when it has none or is unknown."""
    if not is_han(char):
        return ()
    if own := _given_readings().get(char):
        return own
    from pypinyin import Style, pinyin  # Late import: the dictionary takes a moment to load.

    found = pinyin(char, style=Style.TONE3, heteronym=True, neutral_tone_with_five=True, errors="ignore")
    single = pinyin(char, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")
    if not single:
        return ()
    chosen: str = single[0][0]
    if chosen.endswith("5"):  # A particle's light tone never stands in a name: 子 is zi3.
        chosen = next((tone for tone in found[0] if not tone.endswith("5")), chosen)
    return (chosen,)


def surname_readings(surname: str) -> tuple[tuple[str, ...], ...]:
    """Return per character of a surname its readings; listed ones have their own first, then the common one."""
    listed = _surname_readings().get(surname)
    return listed if listed is not None else tuple(map(char_readings, surname))


def name_readings(name: str, surname: str) -> tuple[tuple[str, ...], ...]:
    """Return per character of a folded name its readings, () for "?", dots and letters."""
    return surname_readings(surname) + tuple(map(char_readings, name[len(surname) :]))


@cache
def syllables() -> frozenset[str]:
    """Return the toneless syllables that GB 2312's characters have: what may stand for a rare character in a name."""
    from pypinyin import Style, lazy_pinyin

    level = (bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return frozenset(s for s in lazy_pinyin("".join(level), style=Style.NORMAL, v_to_u=False) if s.isascii())
