"""Draw compensation states and the notes that say them, in many wordings."""

from __future__ import annotations

import random
from functools import lru_cache

from linkage.demo.county.words import lines

_PAYERS = {"交通肇事": ("肇事方", "肇事司机", "被告人"), "": ("嫌疑人", "被告人", "行为人", "加害人")}
_VICTIMS = ("被害人", "被害方", "受害人", "其")
# FULL, PARTIAL, NOT, UNKNOWN in per cent, by how far the case has come and for frauds with many victims.
_SHARES = {"early": (30, 13, 34, 23), "late": (54, 14, 25, 7), "mass": (10, 25, 60, 5)}
_STATES = ("FULL", "PARTIAL", "NOT", "UNKNOWN")


@lru_cache(maxsize=1)
def _wordings() -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for line in lines("compensation.txt"):
        state, kind, text = line.split(" ", 2)
        for one in ("P", "G") if kind == "B" else (kind,):
            found.setdefault((state, one), []).append(text)
    return found


def draw_state(rng: random.Random, stage: str, victims: int) -> str:
    """Return FULL, PARTIAL, NOT or UNKNOWN."""
    share = "mass" if victims > 4 else "early" if stage in ("审查逮捕", "审查起诉") else "late"
    return rng.choices(_STATES, _SHARES[share])[0]


def note(rng: random.Random, state: str, *, kind: str, charge: str, due: int) -> str:
    """Return a note that says the state; `kind` is P for harm to a person, G for goods; `due` the sum owed."""
    if state == "UNKNOWN" and rng.random() < 0.3:
        return ""
    text = rng.choice(_wordings()[state, kind])
    paid = max(100, round(due * rng.uniform(0.05, 0.7), -2)) if state == "PARTIAL" else due
    payer = rng.choice(_PAYERS.get(charge, _PAYERS[""]))
    values = {"{n}": str(int(paid)), "{m}": str(int(max(due - paid, 100))), "{p}": payer, "{v}": rng.choice(_VICTIMS)}
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text
