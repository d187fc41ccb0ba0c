"""The preset: which file holds which table, under which headings, and other words for the closed lists."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

from linkage.errors import ConfigError
from linkage.sources.table import fold_title, fold_word
from procuratorate_node.cases.records import CATEGORIES, ROLES
from procuratorate_node.cases.values import fold

TABLES: Final = ("cases", "parties", "aided", "petitions", "judgments")
STANDARD: Final = "cases-v1.toml"


@dataclass(frozen=True, slots=True)
class TablePreset:
    """Tell how one table is found: file name patterns, field → headings, and the fields it cannot do without."""

    name: str
    files: tuple[str, ...]
    required: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]

    def titles(self, header: Sequence[str]) -> dict[str, str]:
        """Return field → the file's own title, for the headings that are there."""
        known = {fold_title(title): title for title in reversed(header)}
        found = {
            name: [known[fold_word(word)] for word in words if fold_word(word) in known]
            for name, words in self.columns.items()
        }
        return {name: titles[0] for name, titles in found.items() if titles}


@dataclass(frozen=True, slots=True)
class CasesPreset:
    """Hold the five tables and the words of roles and categories (other word → own word)."""

    id: str
    tables: Mapping[str, TablePreset]
    roles: Mapping[str, str]
    categories: Mapping[str, str]


def standard_preset() -> CasesPreset:
    """Read the preset that comes with the program."""
    text = resources.files("procuratorate_node.cases").joinpath("presets", STANDARD).read_text(encoding="utf-8")
    return parse_preset(text)


def parse_preset(text: str) -> CasesPreset:
    """Read a preset. Raises ConfigError naming every fault."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"案件预设不是有效的 TOML：{error}", f"the preset is not valid TOML: {error}") from None
    faults = _faults(data)
    if faults:
        raise ConfigError(f"案件预设有误：{'；'.join(faults)}", f"the cases preset is wrong: {'; '.join(faults)}")
    words = data.get("words", {})
    return CasesPreset(
        id=str(data["preset"]["id"]),
        tables={name: _table(name, data[name]) for name in TABLES if name in data},
        roles=_words(ROLES, words.get("role", {})),
        categories=_words(CATEGORIES, words.get("category", {})),
    )


def _table(name: str, data: Mapping[str, object]) -> TablePreset:
    columns = data["columns"]
    files, required = data["files"], data["required"]
    assert isinstance(columns, Mapping) and isinstance(files, list) and isinstance(required, list)
    return TablePreset(
        name,
        tuple(map(str, files)),
        tuple(map(str, required)),
        {str(k): tuple(map(str, v)) for k, v in columns.items()},
    )


def _words(own: tuple[str, ...], others: Mapping[str, list[str]]) -> dict[str, str]:
    pairs = {word: word for word in own}
    return pairs | {fold(other): word for word, list_ in others.items() for other in list_}


def _faults(data: Mapping[str, object]) -> list[str]:
    faults = [f"unknown section {k}" for k in sorted(set(data) - {"preset", "words", *TABLES})]
    preset = data.get("preset")
    if not isinstance(preset, Mapping) or not isinstance(preset.get("id"), str):
        faults.append("[preset] id missing")
    for name in ("cases", "parties"):
        if name not in data:
            faults.append(f"[{name}] missing")
    for name in (n for n in TABLES if n in data):
        faults += _table_faults(name, data[name])
    words = data.get("words", {})
    known = {"role": ROLES, "category": CATEGORIES}
    if not isinstance(words, Mapping) or not set(words) <= set(known):
        return [*faults, "[words] knows role and category only"]
    return faults + [f"words.{k}.{w} is no word of ours" for k, ws in words.items() for w in ws if w not in known[k]]


def _table_faults(name: str, data: object) -> list[str]:
    if not isinstance(data, Mapping) or set(data) != {"files", "required", "columns"}:
        return [f"[{name}] needs exactly files, required, columns"]
    columns = data["columns"]
    if not isinstance(columns, Mapping) or not all(isinstance(v, list) for v in columns.values()):
        return [f"[{name}.columns] needs lists of headings"]
    return [f"[{name}] required {r} has no column" for r in data["required"] if r not in columns]
