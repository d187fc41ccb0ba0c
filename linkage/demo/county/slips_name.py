"""Damage a name the way ears, eyes, keyboards and clerks do. Every draw comes from `rng`."""

from __future__ import annotations

import random
from functools import lru_cache

from linkage.demo.county.words import Confusions, confusions, names, same_tone_families, toneless

_DOTS = ("•", "‧", "・", "．", "●", ".", "⋅", "∙", "-", " ", "", "")
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("h", "f"), ("l", "r"))


def _swap_initial(sound: str) -> list[str]:
    found = []
    for one, two in _INITIALS:
        for left, right in ((one, two), (two, one)):
            if sound.startswith(left) and not (len(left) == 1 and sound[1:2] == "h"):
                found.append(right + sound[len(left) :])
    return found


def _swap_final(sound: str) -> list[str]:
    if sound.endswith(("ang", "eng", "ing")):
        return [sound[:-1]]
    return [sound + "g"] if sound.endswith(("an", "en", "in")) else []


@lru_cache(maxsize=1)
def _families() -> dict[str, list[str]]:
    return same_tone_families(confusions().by_syllable)


def _sounds_like(rng: random.Random, words: Confusions, sound: str) -> str:
    """Return all characters of one kind of confusion: same tone, same syllable, or a regional neighbour."""
    draw = rng.random()
    if draw < 0.55:
        return words.by_syllable[sound]
    base = toneless(sound)
    if draw < 0.80:
        wanted = [base]
    else:
        wanted = [other for other in _swap_initial(base) + _swap_final(base) if other in _families()] or [base]
    return "".join(words.by_syllable[toned] for toned in _families()[rng.choice(wanted)])


def homophone(rng: random.Random, name: str) -> str:
    """Return the name with one character of the same or a nearly equal sound; mostly in the given name."""
    words = confusions()
    places = [place for place, char in enumerate(name) if char in words.syllable]
    if not places or "·" in name:
        return name
    for _ in range(8):
        place = places[0] if rng.random() < 0.2 else rng.choice(places[1:] or places)
        pool = _sounds_like(rng, words, words.syllable[name[place]]).replace(name[place], "")
        usual = [char for char in pool if char in words.frequent]
        if usual and rng.random() < 0.75:
            return name[:place] + rng.choice(usual) + name[place + 1 :]
        if pool:
            return name[:place] + rng.choice(pool) + name[place + 1 :]
    return name


def _from_table(rng: random.Random, name: str, forms: dict[str, str]) -> str:
    places = [place for place, char in enumerate(name) if char in forms]
    if not places:
        return name
    place = rng.choice(places)
    return name[:place] + rng.choice(forms[name[place]]) + name[place + 1 :]


def shape(rng: random.Random, name: str) -> str:
    """Return the name with one character taken for one that looks alike, if the table has one."""
    return _from_table(rng, name, confusions().shapes)


def variant(rng: random.Random, name: str) -> str:
    """Return the name with a traditional or variant form; sometimes every character that has one."""
    if rng.random() < 0.25:
        forms = confusions().variants
        return "".join(rng.choice(forms[char]) if char in forms else char for char in name)
    return _from_table(rng, name, confusions().variants)


def rare(rng: random.Random, name: str) -> str:
    """Return the name with its rare character replaced: sound, sign, everyday character, or nothing."""
    known = names().rare
    for place, char in enumerate(name):
        if char not in known:
            continue
        sound, near = known[char]
        signs = [sound, sound.upper(), "?", "？", "_", "口", "□", "", ""]
        instead = rng.choice(near) if near and rng.random() < 0.3 else rng.choice(signs)
        return name[:place] + instead + name[place + 1 :]
    return name


def dot(rng: random.Random, name: str) -> str:
    """Return a dotted name with another dot, a space or none; sometimes only the own name."""
    if rng.random() < 0.06:
        return name.split("·")[0]
    return name.replace("·", rng.choice(_DOTS))


def drop(rng: random.Random, name: str) -> str:
    """Return the name with a given-name character lost, or two swapped."""
    if "·" in name:
        return name[:-1]
    if len(name) < 3:
        return name
    if rng.random() < 0.45:
        return name[:-2] + name[-1] + name[-2]
    return name[:-2] + name[-1] if rng.random() < 0.6 else name[:-1]


def masked(rng: random.Random, name: str) -> str:
    """Return the surname and a mask."""
    head = name[:1]
    return head + rng.choice(("某某", "某某", "某", "××", "某甲"))


def other_form(rng: random.Random, name: str, *, sex: str, role: str, other: str, alias: str) -> str:
    """Return the name with what does not belong: spaces, remarks, a role, an honorific, a second person."""
    own = "（男）" if sex == "M" else "（女）"
    marks = (own, own, "(已婚)", "（未到案）") if role else (own, "（户主）", "(已婚)", "（外出）", "（五保）")
    draw = rng.random()
    if draw < 0.22:
        return name + rng.choice((" ", "\u3000", "  "))
    if draw < 0.46:
        return rng.choice((" ", "  ", "\u3000")).join(name)
    if draw < 0.68:
        return name + rng.choice(marks)
    if draw < 0.80:
        honorific = "先生" if sex == "M" else "女士"
        return role + name + (rng.choice(("", honorific)) if role else honorific)
    if draw < 0.92 and other:
        return name + rng.choice(("、", "、", "/", "，", ",", "及")) + other
    if alias and draw < 0.97:
        return f"{name}（{rng.choice(('曾用名', '又名', '小名', ''))}{alias}）"
    return name + "等"
