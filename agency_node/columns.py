"""Lay a preset over a file's titles: which column is which field, and which preset fits a file best."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agency_node.mapping import Preset
from linkage.errors import InputError
from linkage.sources.excel_source import FillColumn
from linkage.sources.table import HeaderFit, fold_title, fold_word

BRACKETED_END = re.compile(r"[(\[【<][^()\[\]【】<>]*[)\]】>]$")
GROUP_FILLER = re.compile(r"(基本)?(信息|情况|资料)$")
OTHER_PERSON = re.compile(r"户主|监护|家长|父|母|配偶|代理|联系人|经办|代办|负责人|家属|承办")
EVIDENCE = ("id_number", "birth", "age", "address", "village", "phone")  # A bare name links nobody.
NAME_HIT, MARKER_HIT = 1000, 20


@dataclass(frozen=True, slots=True)
class Layout:
    """Hold, for one file, the title of every field that was found. `persons` is per role, in the preset's order."""

    columns: Mapping[str, str]
    persons: tuple[Mapping[str, str], ...]
    missing: tuple[str, ...]  # Faults: what is needed and not there, or there twice.

    @property
    def mapped(self) -> int:
        return len({*self.columns.values(), *(t for p in self.persons for t in p.values())})


class Titles:
    """Look up a file's titles by their folded forms, with and without a remark in brackets at the end."""

    def __init__(self, header: Sequence[str]) -> None:
        self._exact: dict[str, str] = {}
        self._bare: dict[str, str] = {}
        self.repeated = {re.sub(r"#\d+$", "", t) for t in header if re.search(r"#\d+$", t)}
        for title in header:
            for form in _forms(title):
                self._exact.setdefault(form, title)
                self._bare.setdefault(_bare(form), title)

    def find(self, aliases: Iterable[str]) -> str | None:
        """Return the title of the first alias that is there."""
        folded = [fold_word(a) for a in aliases]
        exact = (self._exact[a] for a in folded if a in self._exact)
        return next(exact, None) or next((self._bare[a] for a in folded if a in self._bare), None)


def _forms(title: str) -> tuple[str, ...]:
    """Return the forms a title is known by: "upper/lower" as "upperlower" and, unless another person's, "lower"."""
    upper, slash, lower = title.rpartition("/")
    if not slash or not upper:
        return (fold_title(title),)
    joined = fold_title(GROUP_FILLER.sub("", upper) + lower)
    return (joined,) if OTHER_PERSON.search(upper) else (joined, fold_title(lower), fold_title(title))


def _bare(form: str) -> str:
    """Drop a remark in brackets at the end, "身份证号(如有)", but not one that names another person."""
    remark = BRACKETED_END.search(form)
    return form[: remark.start()] if remark and not OTHER_PERSON.search(remark[0]) else form


def lay_out(preset: Preset, header: Sequence[str]) -> Layout:
    """Find every field of the preset among the titles; what is needed and missing is listed, not raised."""
    titles = Titles(header)
    columns = _found(titles, preset.columns)
    persons = tuple(_found(titles, role.person) for role in preset.roles)
    missing = [_first_title(preset.columns[g[0]]) for g in preset.required if not any(c in columns for c in g)]
    for role, person in zip(preset.roles, persons, strict=True):
        if "name" not in person:
            missing.append(_first_title(role.person["name"]))
        if not any(f in person for f in EVIDENCE) and role.id_fallback not in columns:
            missing.append(_first_title(role.person.get("id_number", ("证件号码",))))
    used = {*columns.values(), *(t for p in persons for t in p.values())}
    missing += [f"{t}（重复）" for t in sorted(used & titles.repeated)]
    return Layout(columns, persons, tuple(dict.fromkeys(missing)))


def require_layout(preset: Preset, header: Sequence[str], *, file: str) -> Layout:
    """Return the layout. Raises InputError naming every column that is missing or there twice."""
    layout = lay_out(preset, header)
    if layout.missing:
        names = "、".join(layout.missing)
        raise InputError(
            f"{file} 缺少“{preset.title}”需要的列：{names}",
            f"{file} lacks columns of preset {preset.id}: {names}",
            hint_zh=f"核对表头；若列名不同，请在 mapping.toml 的 [{preset.id}] 中写明",
            hint_en=f"check the header; if the titles differ, name them in [{preset.id}] of mapping.toml",
        )
    return layout


def header_fit(presets: Iterable[Preset]) -> HeaderFit:
    """Return a function that counts how many titles of a row any of the presets knows."""
    known = {
        fold_word(alias)
        for p in presets
        for aliases in (p.columns, *(r.person for r in p.roles))
        for titles in aliases.values()
        for alias in titles
    }

    def fit(cells: Sequence[str]) -> int:
        return sum(1 for c in cells if c and any(f in known or _bare(f) in known for f in _forms(c)))

    return fit


def fill_test(preset: Preset) -> FillColumn:
    """Return which titles' merged cells may be repeated downward."""
    named = {
        f: titles for aliases in (preset.columns, *(r.person for r in preset.roles)) for f, titles in aliases.items()
    }
    wanted = {fold_word(t) for f in preset.fill for t in named.get(f, ())}
    return lambda title: any(form in wanted or _bare(form) in wanted for form in _forms(title))


def rank_presets(presets: Iterable[Preset], header: Sequence[str], *, name: str) -> list[Preset]:
    """Return the presets that fit best: all with the highest rank. Empty when none fits.

    The file's or sheet's name counts most (the longest word wins), then columns only one register has, then how many
    columns were found. Without a word of the name and without such a column nothing fits: names and numbers alone may
    be any list, and an office must not encode a list it did not mean.
    """
    ranked: dict[int, list[Preset]] = {}
    for preset in presets:
        layout = lay_out(preset, header)
        word, markers = longest_word(preset, name), sum(m in layout.columns for m in preset.markers)
        if not layout.missing and (word or markers):
            rank = (NAME_HIT + MARKER_HIT * word if word else 0) + MARKER_HIT * markers + layout.mapped
            ranked.setdefault(rank, []).append(preset)
    return ranked[max(ranked)] if ranked else []


def longest_word(preset: Preset, name: str) -> int:
    """Return the length of the longest of the preset's words that the name holds, 0 for none."""
    folded = fold_title(name)
    return max((len(n) for n in preset.names if fold_word(n) in folded), default=0)


def _found(titles: Titles, aliases: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    found = ((field, titles.find(names)) for field, names in aliases.items())
    return {field: title for field, title in found if title is not None}


def _first_title(aliases: tuple[str, ...]) -> str:
    return aliases[0] if aliases else "?"
