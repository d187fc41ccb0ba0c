"""Take town, village and house out of addresses and columns (domain C1 town, village)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from linkage.normalise.characters import clean_cell, fold
from linkage.normalise.numerals import arabic

_PROVINCE = re.compile(r"^(?:中国)?[^省市县区镇乡村街社]{2,8}?(?:省|自治区|特别行政区)")
_CITY = re.compile(r"^(?:景德镇市|[^省市县区镇乡村街社\d]{1,8}?(?:自治州|地区|盟|市))(?!场)")
_COUNTY = re.compile(
    r"^(?:[^省市县区镇乡村街社小园\d]{1,9}?(?:自治县|自治旗|县|旗|(?<![小园发])区)"
    r"|[^省市县区镇乡村街社小园\d]{1,4}市(?!场))"
)
_TOWN_ENDS = "街道办事处|街道办|街道|民族乡|镇|乡|苏木|办事处|农场|林场|开发区|工业园区|园区|管委会"
_TOWN = re.compile(rf"^([^\d]{{1,9}}?)(?:{_TOWN_ENDS})")
_VILLAGE_ENDS = "村民委员会|居民委员会|社区居委会|社区|村委会|居委会|行政村|自然村|村|嘎查|大队"
_VILLAGE = re.compile(rf"^(.{{1,10}}?)(?:{_VILLAGE_ENDS})+")
_ENDS = re.compile(rf"^(.+?)(?:{_VILLAGE_ENDS})+$")
_TOWN_END = re.compile(rf"^(.{{1,}}?)(?:{_TOWN_ENDS})$")
_ORDINAL = re.compile(r"第?([零一二三四五六七八九十]+)$")
_HOUSE_WORDS = re.compile(r"(?:村民)?小?组|队|社|号楼|栋|幢|座|单元|号|室|户|层|楼|门牌|附|之|屯|[#\-—()、,，.\s]")


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """Hold a folded place; "" for parts not stated or not safely known."""

    town: str = ""
    village: str = ""
    house: str = ""

    def __repr__(self) -> str:
        return f"Place(town={bool(self.town)}, village={bool(self.village)}, house={bool(self.house)})"


@lru_cache(maxsize=1 << 16)
def read_place(address: str, town: str = "", village: str = "") -> Place:
    """Read an address and the separate columns, which win over it.

    Province, city and county are stripped where their suffix is written. Suffixes of towns (镇, 乡, 街道) and
    villages (村, 社区, 居委会) are folded away, so that 三汊乡何集村 and 三汊何集 agree. An address without suffixes is
    split only where the common form is clear: four or five characters are a town of two and a village of the rest
    (青塘袁寨); so is a village of four or five characters without a town (河东北门社区), unless its second character
    is 家. Shorter or longer ones are not split: a wrong part is worse than none.
    """
    own_town, column = read_columns(town, village)
    written = _read(_plain(address), own_town or column.town)
    return Place(
        own_town or column.town or written.town,
        column.village or written.village,
        written.house or column.house,
    )


def read_written(address: str, known_town: str) -> Place:
    """Read an address alone; `known_town` is the town its row states elsewhere, "" if none."""
    return _read(_plain(address), known_town)


def read_head(head: str, known_town: str) -> tuple[str, str, str] | None:
    """Read an address up to its first digit: (town, village, what is left before the digit), or None.

    None where the rest of the address could change what the head says; then only the whole address tells. `head` is
    Chinese characters only, and what follows it starts with a digit and holds nothing but digits and house words.
    """
    text = fold(head)
    for level in (_PROVINCE, _CITY, _COUNTY):
        if found := level.match(text):
            if found.end() == len(text):
                return None
            text = text[found.end() :]
    if known_town.startswith(text):
        return None
    town, rest = _split_town(text, known_town)
    found = _VILLAGE.match(rest)
    if found is None:
        return None
    named, left = _fold_village(found[0]), rest[found.end() :]
    if town or not _runs_together(named) or named[2] in "路街":
        return town, named, left
    return named[:2], named[2:], left


@lru_cache(maxsize=1 << 14)
def read_columns(town: str, village: str) -> tuple[str, Place]:
    """Read the columns of town and village: the town's bare name, and what the village column says."""
    own_town = _bare_town(_strip_regions(_plain(town)))
    column = _read(_plain(village), own_town) if village else Place()
    if not column.village and village:
        column = Place(column.town, _fold_village(_strip_regions(_plain(village))), "")
    return own_town, column


def clear_caches() -> None:
    """Forget the places read so far."""
    read_place.cache_clear()
    read_columns.cache_clear()


def _plain(text: str) -> str:
    return fold(clean_cell(text)).replace(" ", "") if text else ""


def _strip_regions(text: str) -> str:
    """Strip province, city and county, each at most once."""
    for level in (_PROVINCE, _CITY, _COUNTY):
        found = level.match(text)
        if found and found.end() < len(text):
            text = text[found.end() :]
    return text


def _bare_town(text: str) -> str:
    found = _TOWN_END.match(text) or _TOWN.match(text)
    return found[1] if found else text


def _read(text: str, known_town: str) -> Place:
    text = _strip_regions(text)
    if not text:
        return Place()
    town, rest = _split_town(text, known_town)
    if found := _VILLAGE.match(rest):
        named, house = _fold_village(found[0]), fold_house(rest[found.end() :])
        if town or not _runs_together(named) or named[2] in "路街":
            return Place(town, named, house)
        return Place(named[:2], named[2:], house)
    if not town and _runs_together(rest) and not re.search("[路街巷]", rest):
        return Place(rest[:2], _fold_village(rest[2:]), "")
    if town and 2 <= len(rest) <= 4 and not re.search(r"\d", rest):
        return Place(town, _fold_village(rest), "")
    return Place(town, "", fold_house(rest) if town else "")


def _split_town(text: str, known_town: str) -> tuple[str, str]:
    if known_town and text.startswith(known_town):
        rest = text[len(known_town) :]
        suffix = re.match(_TOWN_ENDS, rest)
        return known_town, rest[suffix.end() :] if suffix else rest
    found = _TOWN.match(text)
    village = _VILLAGE.match(text)
    # 新村街道 is a town; in 何集村张镇超市 the village comes first and the rest is no town.
    if found and (village is None or village.end() >= found.end(1)):
        return found[1], text[found.end() :]
    return "", text


def _runs_together(text: str) -> bool:
    """Tell whether a text without a town suffix most likely is a two-character town and a village."""
    return 4 <= len(text) <= 5 and text[1] != "家" and not re.search(r"\d", text)


def _fold_village(text: str) -> str:
    """Strip the suffixes and write a closing ordinal with digits (建设三村 and 建设3社区 agree)."""
    while (found := _ENDS.match(text)) is not None:
        text = found[1]
    return _ORDINAL.sub(lambda run: arabic(run[1]), text) if len(text) > 1 else text


def fold_house(text: str) -> str:
    """Join the numbers of group and door, or building, unit and room, by "-"; street names stay."""
    parts = _HOUSE_WORDS.sub("-", arabic(text)).split("-")
    return "-".join(part.lstrip("0") or "0" for part in parts if part)
