"""Give each character of a name its shape code (domain B7 look-alikes, C1, D6)."""

from __future__ import annotations

from functools import cache

from linkage.normalise.characters import fold_char, table_lines


@cache
def _codes() -> dict[str, str]:
    """Read the four-corner codes, then let the groups of look-alikes overrule them: one code per character."""
    found: dict[str, str] = {}
    for line in table_lines("four_corner.txt"):
        code, chars = line.split()
        found.update(dict.fromkeys(chars, code))
    for line in table_lines("look_alikes.txt"):
        for group in line.split():
            members = dict.fromkeys(map(fold_char, group))
            code = "g" + next(iter(members))
            found.update(dict.fromkeys(members, code))
    return found


def shape_code(char: str) -> str:
    """Return a folded character's shape code, equal for characters easily taken for one another; "" if unknown.

    "g" and the group's first character for listed look-alikes, else the first four digits of the four-corner code.
    """
    return _codes().get(char, "")


def name_shapes(name: str) -> tuple[str, ...]:
    """Return the shape codes of a folded name's characters."""
    return tuple(map(shape_code, name))
