"""The charge models (PA-M-1; domain C4): what is matched and looked at for each kind of crime; eight come with us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from procuratorate_node.cases.records import KIN, VICTIM
from procuratorate_node.cases.values import fold_cause
from procuratorate_node.relief.grammar import read_record, read_records
from procuratorate_node.relief.table_file import open_table, wrong_setting
from procuratorate_node.warning.file import Head, digest_of, shipped, wrong_file

FILE: Final = "charge_models.toml"
SECTIONS: Final = ("charge_models", "models", "harm")
KINDS: Final = ("", "property", "sexual", "domestic")
LEVELS: Final = (0, 1, 2, 3)
STAGES: Final = ("审查逮捕", "审查起诉", "已起诉", "不起诉", "已判决")
CHECK, RESTRICT, EXCLUDE = "check", "restrict", "exclude"


@dataclass(frozen=True, slots=True)
class HarmRule:
    """Give a harm level when every condition named holds; `age_below` is about the victim at the event."""

    level: int
    injuries: tuple[str, ...] = ()
    any_injury: bool = False
    kinds: tuple[str, ...] = ()
    age_below: int = 0
    loss_from: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.level not in LEVELS or self.age_below < 0:
            raise wrong_setting("levels are 0 to 3, an age is not negative")
        if not set(self.kinds) <= set(KINDS):
            raise wrong_setting("a kind is property, sexual, domestic or empty")


@dataclass(frozen=True, slots=True)
class Stop:
    """What to mind before anything is done. Without `words` it always applies, else where one stands in the file."""

    effect: str
    note: str
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.effect not in (CHECK, RESTRICT, EXCLUDE) or not self.note.strip():
            raise wrong_setting("effect is check, restrict or exclude, note is a text")
        if self.effect == EXCLUDE and not self.words:
            raise wrong_setting("exclude needs words")

    def found_in(self, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(w for w in self.words if any(w in text for text in texts))


@dataclass(frozen=True, slots=True)
class ChargeModel:
    """One charge model. `registers` are tags, the most telling first; `stages` call for a screening when reached.

    `minor_victims` are those of the charges whose victim is a minor by law, for where no age is noted.
    """

    number: int
    title: str
    kind: str
    charges: tuple[str, ...]
    roles: tuple[str, ...] = (VICTIM, KIN)
    minor_victims: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    stops: tuple[Stop, ...] = ()
    harm: tuple[HarmRule, ...] = ()

    def __post_init__(self) -> None:
        checks = (
            (self.number >= 1, "number starts at 1"),
            (self.kind in KINDS, "a kind is property, sexual, domestic or empty"),
            (bool(self.charges), "charges must not be empty"),
            (bool(self.roles) and set(self.roles) <= {VICTIM, KIN}, "roles are 被害人 and 近亲属"),
            (set(self.minor_victims) <= set(self.charges), "minor_victims are charges of the model"),
            (set(self.stages) <= set(STAGES), f"stages are {'、'.join(STAGES)}"),
        )
        if wrong := [fault for holds, fault in checks if not holds]:
            raise wrong_setting("; ".join(wrong))

    def in_order(self, tags: Sequence[str]) -> tuple[str, ...]:
        """Return tags with the registers to look at first in front."""
        first = [t for t in self.registers if t in tags]
        return (*first, *(t for t in tags if t not in first))


@dataclass(frozen=True, slots=True)
class ChargeModels:
    """The parsed file. `harm` are the rules that hold for every model, after its own."""

    head: Head
    models: tuple[ChargeModel, ...]
    harm: tuple[HarmRule, ...]
    digest: str
    _by_charge: Mapping[str, ChargeModel] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_charge", {fold_cause(c): m for m in self.models for c in m.charges})

    def of(self, charge: str) -> ChargeModel | None:
        """Return the model of a folded charge, None for one that no model has."""
        return self._by_charge.get(charge)


def shipped_charge_models() -> ChargeModels:
    """Read the charge models that come with the program."""
    return parse_charge_models(shipped(FILE), name=FILE)


def parse_charge_models(content: bytes, *, name: str) -> ChargeModels:
    """Parse the charge models; `name` stands in errors. Raises ConfigError with all faults."""
    data, faults = open_table(content, SECTIONS, name=name)
    head = read_record(Head, data.get("charge_models"), "charge_models", faults)
    harm = read_records(HarmRule, data.get("harm"), "harm", faults)
    listed = data.get("models")
    items = listed if isinstance(listed, list) else []
    made = [_model(item, f"models {number}", faults) for number, item in enumerate(items, 1)]
    models = tuple(m for m in made if m is not None)
    faults += _faults(models, harm) if items else ["[[models]] is missing"]
    if faults or head is None:
        raise wrong_file(name, faults)
    return ChargeModels(head, models, harm, digest_of(content))


def _model(item: object, where: str, faults: list[str]) -> ChargeModel | None:
    """Read one model with the tables inside it."""
    table = dict(item) if isinstance(item, Mapping) else {}
    stops = read_records(Stop, table.pop("stops", None), f"{where} stops", faults)
    harm = read_records(HarmRule, table.pop("harm", None), f"{where} harm", faults)
    made = read_record(ChargeModel, table, where, faults)
    if made is None:
        return None
    plain = (made.roles, made.minor_victims, made.words, made.registers, made.stages)
    return ChargeModel(made.number, made.title, made.kind, made.charges, *plain, stops=stops, harm=harm)


def _faults(models: Sequence[ChargeModel], harm: Sequence[HarmRule]) -> list[str]:
    charges = [fold_cause(c) for m in models for c in m.charges]
    numbers = [m.number for m in models]
    checks = (
        (bool(harm), "[[harm]] is missing"),
        (len(set(charges)) == len(charges), "a charge stands in two charge models"),
        (len(set(numbers)) == len(numbers), "a number stands in two charge models"),
    )
    return [fault for holds, fault in checks if not holds]
