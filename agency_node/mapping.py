"""Presets: which columns of a register's file say what about whom, as data.

A preset file names a register's titles in order of preference, the persons a row is about (roles), the rules that give
class tags, the status words that mean "ended", and the fields that may be released. "@list" stands for a shared list
of presets/_shared.toml. Head-of-household and guardian columns are simply never named, so they never make a person.
A local mapping.toml names other titles for single fields. Unknown keys are errors; all faults come at once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from agency_node.rules import Rule, fold_value, parse_rule
from linkage.errors import ConfigError

PERSON_FIELDS = ("name", "id_number", "sex", "birth", "age", "address", "town", "village", "phone")
TEXT_KEYS = frozenset({"id", "title", "owner", "since", "context", "age_on"})
LIST_KEYS = frozenset({"names", "markers", "current", "release", "fill"})
PRESET_KEYS = TEXT_KEYS | LIST_KEYS | {"required", "columns", "ended", "role", "band"}
NEEDED_KEYS = frozenset({"id", "title", "owner", "names", "role"})
ROLE_KEYS = frozenset(
    {"dataset", "role", "title", "person", "only", "tag", "class", "choose", "own_columns_only", "id_fallback", "sex"}
)
SHARED_FILE = "_shared.toml"
NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")

Aliases = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ClassRule:
    """Give a tag to rows for which the rule holds; no rule = every row."""

    tag: str
    when: Rule | None


@dataclass(frozen=True, slots=True)
class Role:
    """Name one person a row is about and the dataset that person belongs to."""

    dataset: str
    role: str
    title: str
    person: Aliases
    only: Rule | None
    classes: tuple[ClassRule, ...]
    choose_first: bool
    id_fallback: str  # Column whose first 18 characters stand in for an unusable number, "" = none.
    sex: str = ""  # What the register itself says of everybody in it (a list of women), where a row has no sex.


@dataclass(frozen=True, slots=True)
class Band:
    """Name the columns of an amount due and an amount paid, for the payload's coarse unpaid share."""

    due: str
    paid: str


@dataclass(frozen=True, slots=True)
class Preset:
    """Describe one kind of register file. Titles stand in order of preference."""

    id: str
    title: str
    owner: str
    names: tuple[str, ...]  # Words of file and sheet names.
    required: tuple[tuple[str, ...], ...]  # Of each group one column must be there.
    markers: tuple[str, ...]  # Columns that tell this register from others.
    columns: Aliases
    roles: tuple[Role, ...]
    ended: Rule | None
    current: frozenset[str]  # Folded status words known to mean "not ended"; others are counted as unknown.
    since: str
    context: str
    age_on: str
    release: tuple[str, ...]
    fill: tuple[str, ...]
    band: Band | None

    @property
    def datasets(self) -> tuple[str, ...]:
        return tuple(r.dataset for r in self.roles)

    @property
    def tags(self) -> frozenset[str]:
        return frozenset(c.tag for r in self.roles for c in r.classes)


def load_presets(folder: Path | None = None) -> dict[str, Preset]:
    """Return the presets that ship with the program, by id; those of `folder`/*.toml are added or take their place."""
    shipped = resources.files("agency_node").joinpath("presets")
    shared = parse_shared(shipped.joinpath(SHARED_FILE).read_text(encoding="utf-8"))
    texts = {f.name: f.read_text(encoding="utf-8") for f in shipped.iterdir() if f.name.endswith(".toml")}
    if folder is not None and folder.is_dir():
        texts |= {f.name: f.read_text(encoding="utf-8") for f in sorted(folder.glob("*.toml"))}
    found = [parse_preset(t, shared, name=n) for n, t in sorted(texts.items()) if n != SHARED_FILE]
    return {p.id: p for p in found}


def parse_shared(text: str) -> Aliases:
    """Read the shared lists: every key is a list of texts, "@name" inside a list includes another one."""
    data = _toml(text, SHARED_FILE)
    faults: list[str] = []
    lists = {k: _texts(v, faults, k) for k, v in data.items()}
    shared = {k: _expand(v, lists, faults, k) for k, v in lists.items()}
    _refuse(faults, SHARED_FILE)
    return shared


def parse_preset(text: str, shared: Aliases, *, name: str = "preset") -> Preset:
    """Read one preset. Raises ConfigError listing every fault."""
    data = _toml(text, name)
    faults = [f"unknown key {k}" for k in sorted(set(data) - PRESET_KEYS)]
    faults += [f"missing key {k}" for k in sorted(NEEDED_KEYS - set(data))]
    columns = _aliases(data.get("columns", {}), shared, faults, "columns")
    roles = _roles(data.get("role", []), shared, faults)
    band = data.get("band")
    texts = {k: _text(data.get(k, ""), faults, k) for k in TEXT_KEYS}
    lists = {k: _expand(_texts(data.get(k, []), faults, k), shared, faults, k) for k in LIST_KEYS}
    preset = Preset(
        id=texts["id"],
        title=texts["title"],
        owner=texts["owner"],
        names=lists["names"],
        required=_groups(data.get("required", []), faults),
        markers=lists["markers"],
        columns=columns,
        roles=roles,
        ended=_rule(data.get("ended"), shared, faults, "ended"),
        current=frozenset(map(fold_value, lists["current"])),
        since=texts["since"],
        context=texts["context"],
        age_on=texts["age_on"],
        release=lists["release"],
        fill=lists["fill"],
        band=Band(str(band.get("due")), str(band.get("paid"))) if isinstance(band, Mapping) else None,
    )
    faults += _reference_faults(preset)
    _refuse(faults, name)
    return preset


def apply_mapping(presets: Mapping[str, Preset], text: str) -> dict[str, Preset]:
    """Return the presets with the titles of a local mapping.toml: [preset] field = "title" or ["title", …].

    `field` is a column, a person field of every role, or "role.field". Raises ConfigError listing every fault.
    """
    data, faults, changed = _toml(text, "mapping.toml"), [], dict(presets)
    for preset_id, fields in data.items():
        if preset_id not in presets or not isinstance(fields, Mapping):
            faults.append(f"unknown preset {preset_id}")
            continue
        for field, titles in fields.items():
            wanted = _texts([titles] if isinstance(titles, str) else titles, faults, f"{preset_id}.{field}")
            found = _override(changed[preset_id], field, wanted)
            if found is None:
                faults.append(f"{preset_id}: unknown field {field}")
            else:
                changed[preset_id] = found
    _refuse(faults, "mapping.toml")
    return changed


def _override(preset: Preset, field: str, titles: tuple[str, ...]) -> Preset | None:
    if field in preset.columns:
        return replace(preset, columns={**preset.columns, field: titles})
    role, _, person = field.rpartition(".")
    if person not in PERSON_FIELDS or (role and role not in {r.role for r in preset.roles}):
        return None
    roles = [replace(r, person={**r.person, person: titles}) if role in ("", r.role) else r for r in preset.roles]
    return replace(preset, roles=tuple(roles))


def _roles(data: object, shared: Aliases, faults: list[str]) -> tuple[Role, ...]:
    if not isinstance(data, list) or not data:
        faults.append("role: at least one [[role]] is needed")
        return ()
    return tuple(_role(d, shared, faults, f"role[{i}]") for i, d in enumerate(data) if isinstance(d, Mapping))


def _role(data: Mapping[str, object], shared: Aliases, faults: list[str], where: str) -> Role:
    faults += [f"{where}: unknown key {k}" for k in sorted(set(data) - ROLE_KEYS)]
    person = dict(_aliases(data.get("person", {}), shared, faults, f"{where}.person"))
    faults += [f"{where}.person: unknown field {f}" for f in sorted(set(person) - set(PERSON_FIELDS))]
    if data.get("own_columns_only") is not True:
        person = {f: person.get(f, shared.get(f, ())) for f in PERSON_FIELDS}
    if not person.get("name"):
        faults.append(f"{where}: no titles for the name")
    tags = [ClassRule(_text(data["tag"], faults, f"{where}.tag"), None)] if "tag" in data else []
    rules = data.get("class", [])
    for index, rule in enumerate(rules if isinstance(rules, list) else []):
        place = f"{where}.class[{index}]"
        if not isinstance(rule, Mapping) or set(rule) != {"tag", "when"}:
            faults.append(f"{place}: needs tag and when")
            continue
        tags.append(ClassRule(_text(rule["tag"], faults, place), _rule(rule["when"], shared, faults, place)))
    if data.get("choose", "all") not in ("all", "first"):
        faults.append(f"{where}.choose: all or first")
    words = ("dataset", "role", "title", "id_fallback", "sex")
    texts = {k: _text(data.get(k, ""), faults, f"{where}.{k}") for k in words}
    return Role(
        dataset=texts["dataset"],
        role=texts["role"],
        title=texts["title"],
        id_fallback=texts["id_fallback"],
        sex=texts["sex"],
        person=person,
        only=_rule(data.get("only"), shared, faults, f"{where}.only"),
        classes=tuple(tags),
        choose_first=data.get("choose") == "first",
    )


def _reference_faults(preset: Preset) -> Iterable[str]:
    """Yield a fault for every column that is used but not named, and for ids out of form."""
    rules = [preset.ended, *(r.only for r in preset.roles), *(c.when for r in preset.roles for c in r.classes)]
    used = {c for rule in rules if rule is not None for c in rule.columns()}
    used |= {c for group in preset.required for c in group} | set(preset.markers)
    used |= {preset.since, preset.context, preset.age_on, *(r.id_fallback for r in preset.roles)}
    used |= {preset.band.due, preset.band.paid} if preset.band is not None else set()
    used |= (set(preset.release) | set(preset.fill)) - set(PERSON_FIELDS)
    yield from (f"column {c} is used but not named" for c in sorted(used - set(preset.columns) - {""}))
    yield from (f"column {c} has the name of a person field" for c in sorted(set(preset.columns) & set(PERSON_FIELDS)))
    yield from (f"id {i!r}" for i in (preset.id, *preset.datasets) if not NAME.fullmatch(i))
    if len(set(preset.datasets)) != len(preset.datasets):
        yield "two roles of one dataset"


def _rule(data: object, shared: Aliases, faults: list[str], where: str) -> Rule | None:
    return None if data is None else parse_rule(_with_lists(data, shared, faults, where), faults, where=where)


def _with_lists(data: object, shared: Aliases, faults: list[str], where: str) -> object:
    """Put the shared lists into a rule's value lists."""
    if isinstance(data, Mapping):
        return {k: _with_lists(v, shared, faults, where) for k, v in data.items()}
    if isinstance(data, list) and all(isinstance(v, str) for v in data):
        return list(_expand(tuple(data), shared, faults, where))
    return [_with_lists(v, shared, faults, where) for v in data] if isinstance(data, list) else data


def _aliases(data: object, shared: Aliases, faults: list[str], where: str) -> Aliases:
    if not isinstance(data, Mapping):
        faults.append(f"{where}: a table is needed")
        return {}
    return {k: _expand(_texts(v, faults, f"{where}.{k}"), shared, faults, f"{where}.{k}") for k, v in data.items()}


def _expand(titles: tuple[str, ...], shared: Aliases, faults: list[str], where: str) -> tuple[str, ...]:
    found: list[str] = []
    for title in titles:
        if title.startswith("@") and title[1:] not in shared:
            faults.append(f"{where}: no shared list {title}")
        found += shared.get(title[1:], ()) if title.startswith("@") else (title,)
    return tuple(dict.fromkeys(found))


def _groups(data: object, faults: list[str]) -> tuple[tuple[str, ...], ...]:
    if not isinstance(data, list):
        faults.append("required: a list of lists is needed")
        return ()
    return tuple(_texts([g] if isinstance(g, str) else g, faults, "required") for g in data)


def _text(value: object, faults: list[str], where: str) -> str:
    if isinstance(value, str):
        return value
    faults.append(f"{where}: a text is needed")
    return ""


def _texts(value: object, faults: list[str], where: str) -> tuple[str, ...]:
    if isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(v, str) for v in value):
        return tuple(value)
    faults.append(f"{where}: a list of texts is needed")
    return ()


def _toml(text: str, name: str) -> dict[str, object]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{name} 不是有效的 TOML：{exc}", f"{name} is not valid TOML: {exc}") from None


def _refuse(faults: list[str], name: str) -> None:
    if faults:
        raise ConfigError(f"{name} 有错：{'；'.join(faults)}", f"faults in {name}: {'; '.join(faults)}")
