"""The table of the three-colour warning (domain C2–C4, PA-M-*): an editable TOML file with a version and a digest.

Charge models, harm rules, register tiers, words and the steps of the tree are data with a closed grammar: unknown keys
and wrong types are errors, and all faults are reported at once.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Final, TypeVar

from linkage.errors import ConfigError
from procuratorate_node.cases.records import Compensation
from procuratorate_node.cases.values import fold_cause

FILE: Final = "charge_models.toml"
KINDS: Final = ("", "property", "sexual", "domestic")
SECTIONS: Final = ("table", "charge_models", "harm", "tiers", "words", "steps")
LEVELS: Final = (0, 1, 2, 3)
T = TypeVar("T")


class Colour(StrEnum):
    """The warning colours, most urgent first."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Head:
    """Name the table; a red clue of a match grade in `lowered_grades` is shown as orange until it is confirmed."""

    id: str
    version: int
    title: str
    lowered_grades: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChargeModel:
    """One of the charge models: its number, its charges, and what kind of harm they do.

    `minor_victims` are those of the charges whose victim is a minor by law, for where no age is noted.
    """

    number: int
    title: str
    kind: str
    charges: tuple[str, ...]
    minor_victims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HarmRule:
    """Give a harm level when every condition named holds; `age_below` is about the victim at the event."""

    level: int
    injuries: tuple[str, ...] = ()
    any_injury: bool = False
    kinds: tuple[str, ...] = ()
    age_below: int = 0
    loss_from: float = 0.0


@dataclass(frozen=True, slots=True)
class Tiers:
    """Which tags make register tier 2 and 1, and the tag of an unpaid creditor."""

    high: tuple[str, ...]
    low: tuple[str, ...]
    creditor: str

    def of(self, tags: frozenset[str]) -> int:
        """Return G: 2, 1 or 0."""
        return 2 if tags & set(self.high) else 1 if tags & set(self.low) else 0


@dataclass(frozen=True, slots=True)
class Words:
    """The words looked for literally, and the cells that mean "no injury"."""

    no_injury: tuple[str, ...]
    urgent: tuple[str, ...]
    hardship: tuple[str, ...]
    faults: tuple[str, ...]
    waivers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the tree: conditions left out are not tested. `age_outside` is (adult from, old from)."""

    colour: str
    title: str
    aided: bool = False
    excluded: bool = False
    compensation: tuple[str, ...] = ()
    harm: tuple[int, ...] = ()
    tier: tuple[int, ...] = ()
    urgent: bool = False
    words_from: int = 0
    kinds: tuple[str, ...] = ()
    himself: bool = False
    age_outside: tuple[int, ...] = ()
    creditor: bool = False


@dataclass(frozen=True, slots=True)
class ColourTable:
    """A parsed table. `digest` is the hex SHA-256 of the file."""

    head: Head
    charge_models: tuple[ChargeModel, ...]
    harm: tuple[HarmRule, ...]
    tiers: Tiers
    words: Words
    steps: tuple[Step, ...]
    digest: str
    _by_charge: Mapping[str, ChargeModel] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_charge", {fold_cause(c): m for m in self.charge_models for c in m.charges})

    def charge_model(self, charge: str) -> ChargeModel | None:
        """Return the model of a folded charge, None for one that no model has."""
        return self._by_charge.get(charge)


def shipped_colour_table() -> ColourTable:
    """Read the table that comes with the program."""
    return parse_colour_table(resources.files("procuratorate_node").joinpath(FILE).read_bytes(), name=FILE)


def load_colour_table(file: Path | None) -> ColourTable:
    """Read a table, the shipped one without a file. Raises ConfigError."""
    if file is None:
        return shipped_colour_table()
    try:
        content = file.read_bytes()
    except OSError:
        raise ConfigError(f"读不到预警判定表 {file.name}", f"cannot read the colour table {file.name}") from None
    return parse_colour_table(content, name=file.name)


def parse_colour_table(content: bytes, *, name: str) -> ColourTable:
    """Parse a table; `name` stands in errors. Raises ConfigError with all faults."""
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"判定表 {name} 不是有效的 TOML：{error}", f"{name} is not valid TOML: {error}") from None
    faults = [f"unknown section [{k}]" for k in sorted(set(data) - set(SECTIONS))]
    head, tiers, words = (
        _record(data.get(k), c, k, faults) for k, c in (("table", Head), ("tiers", Tiers), ("words", Words))
    )
    models = _records(data, "charge_models", ChargeModel, faults)
    harm, steps = _records(data, "harm", HarmRule, faults), _records(data, "steps", Step, faults)
    faults += _faults(models, harm, steps)
    if faults or not (isinstance(head, Head) and isinstance(tiers, Tiers) and isinstance(words, Words)):
        raise ConfigError(f"判定表 {name} 有误：{'；'.join(faults)}", f"the table {name} is wrong: {'; '.join(faults)}")
    return ColourTable(head, models, harm, tiers, words, steps, hashlib.sha256(content).hexdigest())


def _records(data: Mapping[str, object], name: str, cls: type[T], faults: list[str]) -> tuple[T, ...]:
    value = data.get(name)
    if not isinstance(value, list) or not value:
        faults.append(f"[[{name}]] is missing")
        return ()
    made = (_record(item, cls, f"{name} {number}", faults) for number, item in enumerate(value, 1))
    return tuple(m for m in made if m is not None)


def _record(item: object, cls: type[T], where: str, faults: list[str]) -> T | None:
    """Make a record of a table whose keys are the record's fields; note unknown, missing and wrong ones."""
    if not isinstance(item, Mapping):
        faults.append(f"[{where}] is missing")
        return None
    known = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]
    found = [f"[{where}] unknown key {k}" for k in sorted(set(map(str, item)) - set(known))]
    found += [f"[{where}] {k} is missing" for k, f in known.items() if f.default is MISSING and k not in item]
    found += [
        f"[{where}] {k} has a wrong type" for k, v in item.items() if k in known and not _fits(v, str(known[k].type))
    ]
    faults += found
    return None if found else cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in item.items()})


def _fits(value: object, kind: str) -> bool:
    if kind.startswith("tuple"):
        inner = {"str": str, "int": int}[kind[6:9]]
        return isinstance(value, list) and bool(value) and all(type(v) is inner for v in value)
    if kind == "float":
        return type(value) in (int, float)
    return type(value) is {"str": str, "int": int, "bool": bool}[kind]


def _faults(models: Sequence[ChargeModel], harm: Sequence[HarmRule], steps: Sequence[Step]) -> list[str]:
    charges = [fold_cause(c) for m in models for c in m.charges]
    kinds = [*(m.kind for m in models), *(k for r in harm for k in r.kinds), *(k for s in steps for k in s.kinds)]
    levels = [*(r.level for r in harm), *(n for s in steps for n in (*s.harm, *s.tier))]
    last = steps[-1] if steps else None
    checks = (
        (len(set(charges)) == len(charges), "a charge stands in two charge models"),
        (set(kinds) <= set(KINDS), "a kind is property, sexual, domestic or empty"),
        (set(levels) <= set(LEVELS), "levels are 0 to 3"),
        (all(s.colour in tuple(Colour) for s in steps), "a colour is red, orange, yellow or none"),
        (all(c in tuple(Compensation) for s in steps for c in s.compensation), "compensation is a state of ours"),
        (all(len(s.age_outside) in (0, 2) for s in steps), "age_outside is two ages"),
        (last is None or last == Step(last.colour, last.title), "the last step must have no condition"),
    )
    return [fault for holds, fault in checks if not holds]
