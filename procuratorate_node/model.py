"""Screening models: data, not code. A TOML file with a closed grammar and a digest (design §6).

Sections: [model] who and why · [[anchors.<set>]] closed local filters, several tables of one set are joined by "or" ·
[populations.<id>] what is asked of which dataset · [plan] all / any / none over population ids and "@set" ·
[result] which set is asked about, person or case level · [[rules]] how a clue is explained (GY-L-2). A file with
`extends` narrows another model instead (campaign.py). Unknown keys are errors; all faults are reported at once.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from importlib import resources
from typing import Final, Literal

from linkage.errors import ConfigError, NotFoundError
from linkage.plan import SetPlan, parse_plan
from linkage.warrant import NAME
from procuratorate_node.cases.records import CATEGORIES, ROLES, Compensation

MODEL_ID = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*")
TAG = re.compile(r"[+-]?[A-Z][A-Z0-9_]*")
SINCE = re.compile(r"previous|\d{6}")
SYSTEM, CAMPAIGN, SEARCH = "system", "campaign", "search"
USES: Final = (SYSTEM, CAMPAIGN, SEARCH)
RESTS_ON: Final = ("compensation", "registers", "absence")
SEXES: Final = ("男", "女")
OLDEST: Final = 150
HEAD: Final = ("id", "version", "title", "title_en", "purpose", "legal_basis", "expiry_days", "use")
MAX_EXPIRY_DAYS: Final = 90
SCALARS: Final[Mapping[str, type]] = {"bool": bool, "int": int, "str": str, "Literal": str}


@dataclass(frozen=True, slots=True)
class AnchorRule:
    """Select rows of our own; every condition given must hold. A dead person's row is never selected.

    `probe`: a living victim, or a near relative of a dead one, of a criminal case. `harm_in`, `loss_at_least` and
    `compensation_not` speak of the victim the row is about: himself, or the related victim of a near relative.
    `not_own_aided` leaves out persons whom we aided before, whatever the case; `unaided_probe` keeps a case only
    while at least one of its probe persons is not yet aided. `context = "judgment"` makes one anchor per person and
    judgment number of the case, so that a link needs an equal number. `sexes` and ages are of the row's own person, as
    all his rows tell; an unknown one fits no condition. Ages are full years at the event, or on the newest day of the
    case files with `ages = "today"`. Days are "2026-01-31". `petitioner`: the person also petitioned.
    """

    source: Literal["parties", "aided"]
    roles: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    business: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    stages_not: tuple[str, ...] = ()
    probe: bool = False
    harm_in: tuple[str, ...] = ()
    loss_at_least: int = 0
    compensation_not: tuple[str, ...] = ()
    not_own_aided: bool = False
    unaided_probe: bool = False
    context: Literal["", "judgment"] = ""
    sexes: tuple[str, ...] = ()
    age_from: int = 0
    age_below: int = 0
    ages: Literal["event", "today"] = "event"
    accepted_from: str = ""
    accepted_until: str = ""
    victim_dead: bool = False
    petitioner: bool = False


@dataclass(frozen=True, slots=True)
class RuleText:
    """One published rule of a model and what a clue shows for it: compensation state, registers, absence from lists."""

    title: str
    rests_on: str


@dataclass(frozen=True, slots=True)
class PopulationUse:
    """Ask for rows of a dataset. `tag` is what a link proves when there is no payload; "" proves nothing to show."""

    dataset: str
    title: str = ""
    snapshot: str = "latest"
    classes: tuple[str, ...] = ()
    active_only: bool = True
    change: Literal["", "gained", "lost"] = ""
    change_since: str = ""
    context: bool = False
    payload: bool = False
    tag: str = ""


@dataclass(frozen=True, slots=True)
class ScreeningModel:
    """One parsed model. `digest` is the hex SHA-256 of the file; `asked` names the set the model asks about.

    `use`: one of a system's own, a campaign, or the search of one person; "all" means the systems' own.
    """

    id: str
    version: int
    title: str
    title_en: str
    purpose: str
    legal_basis: tuple[str, ...]
    expiry_days: int
    anchors: Mapping[str, tuple[AnchorRule, ...]]
    populations: Mapping[str, PopulationUse]
    plan: SetPlan
    asked: str
    level: Literal["person", "case"]
    locality: bool
    coloured: bool
    digest: str
    use: str = SYSTEM
    rules: tuple[RuleText, ...] = ()
    extends: str = ""

    def covers(self, leaf: str) -> bool:
        return leaf[1:] in self.anchors if leaf.startswith("@") else leaf in self.populations


def shipped_files(*folders: str) -> dict[str, bytes]:
    """Return the model files that come with the program, those of the folders named beside the systems' own."""
    root = resources.files("procuratorate_node").joinpath("models")
    places = (root, *(root.joinpath(name) for name in folders))
    return {f.name: f.read_bytes() for place in places for f in place.iterdir() if f.name.endswith(".toml")}


def shipped_models() -> tuple[ScreeningModel, ...]:
    """Read the six systems' own models, in the order of their ids. Raises ConfigError."""
    found = (parse_model(content, name=name) for name, content in shipped_files().items())
    return tuple(sorted(found, key=lambda m: m.id))


def choose_models(models: tuple[ScreeningModel, ...], ids: list[str]) -> tuple[ScreeningModel, ...]:
    """Return the named models in the order named; "all" names those of the systems. Raises NotFoundError."""
    if ids == ["all"]:
        return tuple(m for m in models if m.use == SYSTEM)
    by_id = {m.id: m for m in models}
    missing = [i for i in ids if i not in by_id]
    if missing:
        listed = ", ".join(missing)
        raise NotFoundError(f"没有这些筛查模型：{listed}", f"no such screening models: {listed}")
    return tuple(by_id[i] for i in dict.fromkeys(ids))


def parse_model(content: bytes, *, name: str) -> ScreeningModel:
    """Parse one whole model; `name` stands in errors. Raises ConfigError with all faults."""
    data = model_tables(content, name=name)
    faults: list[str] = []
    model = ModelParser(faults).model(data, hashlib.sha256(content).hexdigest())
    if faults or model is None:
        raise wrong_model(name, faults)
    return model


def model_tables(content: bytes, *, name: str) -> Mapping[str, object]:
    """Return a model file's tables. Raises ConfigError for what is not TOML."""
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"模型文件 {name} 不是有效的 TOML：{error}", f"{name} is not valid TOML: {error}") from None


def wrong_model(name: str, faults: Iterable[str]) -> ConfigError:
    """Return the refusal of a whole model file, with all that is wrong in it."""
    listed = "；".join(faults)
    return ConfigError(f"模型文件 {name} 有误：{listed}", f"the model file {name} is wrong: {listed}")


class ModelParser:
    """Walk one model's tables and note every fault; returns stand-ins so that later faults are found too."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults

    def model(self, data: Mapping[str, object], digest: str) -> ScreeningModel | None:
        sections = ("model", "anchors", "populations", "plan", "result")
        self.faults += [f"unknown section [{k}]" for k in sorted(set(data) - {*sections, "rules"})]
        tables = {name: self.table(data, name) for name in sections}
        head, result = tables["model"], tables["result"]
        self.unknown("[model]", head, HEAD)
        self.unknown("[result]", result, ("asked", "level", "locality", "coloured"))
        anchors = {str(k): self.rules(str(k), v) for k, v in tables["anchors"].items()}
        populations = {str(k): self.population(str(k), v) for k, v in tables["populations"].items()}
        plan = self.plan(tables["plan"])
        if plan is None:
            return None
        model = ScreeningModel(
            id=self.text("[model]", head, "id"),
            version=self.number("[model]", head, "version", low=1, high=10_000),
            title=self.text("[model]", head, "title"),
            title_en=self.text("[model]", head, "title_en"),
            purpose=self.text("[model]", head, "purpose"),
            legal_basis=self.texts("[model]", head, "legal_basis"),
            expiry_days=self.number("[model]", head, "expiry_days", low=1, high=MAX_EXPIRY_DAYS),
            anchors=anchors,
            populations=populations,
            plan=plan,
            asked=self.text("[result]", result, "asked"),
            level="case" if result.get("level") == "case" else "person",
            locality=result.get("locality", False) is True,
            coloured=result.get("coloured", False) is True,
            digest=digest,
            use=self.use(head),
            rules=self.rule_texts(data.get("rules", [])),
        )
        self.faults += model_faults(model)
        flags = all(isinstance(result.get(key, False), bool) for key in ("locality", "coloured"))
        if result.get("level") not in ("person", "case") or not flags:
            self.faults.append("[result] level is person or case, locality and coloured are true or false")
        return model

    def use(self, head: Mapping[str, object]) -> str:
        value = head.get("use", SYSTEM)
        if value not in USES:
            self.faults.append(f"[model] use is one of {', '.join(USES)}")
        return str(value)

    def rule_texts(self, items: object) -> tuple[RuleText, ...]:
        """Read [[rules]]: a title and what it rests on."""
        found: list[RuleText] = []
        for item in items if isinstance(items, list) else [None]:
            fits = isinstance(item, Mapping) and set(item) == {"title", "rests_on"} and item["rests_on"] in RESTS_ON
            if not isinstance(item, Mapping) or not fits:
                self.faults.append(f"[[rules]] needs title and rests_on, one of {', '.join(RESTS_ON)}")
            else:
                found.append(RuleText(self.text("[[rules]]", item, "title"), str(item["rests_on"])))
        return tuple(found)

    def table(self, data: Mapping[str, object], name: str) -> Mapping[str, object]:
        value = data.get(name)
        if isinstance(value, Mapping) and value:
            return value
        self.faults.append(f"[{name}] is missing")
        return {}

    def unknown(self, where: str, table: Mapping[str, object], known: tuple[str, ...]) -> None:
        self.faults += [f"{where} unknown key {k}" for k in sorted(set(map(str, table)) - set(known))]

    def text(self, where: str, table: Mapping[str, object], key: str) -> str:
        value = table.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self.faults.append(f"{where} {key} must be a text")
        return ""

    def texts(self, where: str, table: Mapping[str, object], key: str) -> tuple[str, ...]:
        value = table.get(key)
        if isinstance(value, list) and value and all(isinstance(v, str) and v.strip() for v in value):
            return tuple(value)
        self.faults.append(f"{where} {key} must be a list of texts")
        return ()

    def number(self, where: str, table: Mapping[str, object], key: str, *, low: int, high: int) -> int:
        value = table.get(key)
        if type(value) is int and low <= value <= high:
            return value
        self.faults.append(f"{where} {key} must be a number from {low} to {high}")
        return low

    def plan(self, table: Mapping[str, object]) -> SetPlan | None:
        try:
            return parse_plan(table)
        except ConfigError as error:
            self.faults.append(f"[plan] {error.en}")
            return None

    def rules(self, name: str, value: object) -> tuple[AnchorRule, ...]:
        where = f"[[anchors.{name}]]"
        if not isinstance(value, list) or not value:
            self.faults.append(f"{where} must be a list of tables")
            return ()
        return tuple(self.rule(where, item) for item in value)

    def rule(self, where: str, item: object) -> AnchorRule:
        values = self.typed(where, item, AnchorRule)
        rule = AnchorRule(**{"source": "parties", **values})  # type: ignore[arg-type]
        closed = {
            "roles": ROLES,
            "categories": CATEGORIES,
            "compensation_not": tuple(Compensation),
            "sexes": SEXES,
        }
        for key, known in closed.items():
            strange = [v for v in getattr(rule, key) if v not in known]
            self.faults += [f"{where} {key}: {v} is no word of ours" for v in strange]
        if values.get("source") not in ("parties", "aided"):
            self.faults.append(f"{where} source is parties or aided")
        if rule.source == "aided" and set(values) - {"source", "causes"}:
            self.faults.append(f"{where} aided rows know causes only")
        checks = (
            (rule.context in ("", "judgment"), "context is judgment or left out"),
            (rule.ages in ("event", "today"), "ages is event or today"),
            (0 <= rule.age_from <= OLDEST and 0 <= rule.age_below <= OLDEST, f"ages are 0 to {OLDEST}"),
            (all(map(is_day, (rule.accepted_from, rule.accepted_until))), "a day looks like 2026-01-31"),
        )
        self.faults += [f"{where} {fault}" for holds, fault in checks if not holds]
        return rule

    def population(self, name: str, item: object) -> PopulationUse:
        where = f"[populations.{name}]"
        use = PopulationUse(**{"dataset": "", **self.typed(where, item, PopulationUse)})  # type: ignore[arg-type]
        checks = (
            (bool(NAME.fullmatch(name) and NAME.fullmatch(use.dataset)), "id and dataset are lower-case names"),
            (use.change in ("", "gained", "lost"), "change is gained or lost"),
            (bool(use.change) == bool(use.change_since), "change and change_since belong together"),
            (not use.change_since or bool(SINCE.fullmatch(use.change_since)), "change_since is previous or YYYYMM"),
            (use.snapshot == "latest" or bool(re.fullmatch(r"\d{6}", use.snapshot)), "snapshot is latest or YYYYMM"),
            (not use.tag or bool(TAG.fullmatch(use.tag)), "tag is upper case, perhaps with + or -"),
            (not (use.tag and use.payload), "tag and payload exclude each other"),
        )
        self.faults += [f"{where} {fault}" for ok, fault in checks if not ok]
        return use

    def typed(self, where: str, item: object, cls: type[AnchorRule] | type[PopulationUse]) -> dict[str, object]:
        """Return the known keys of a table with lists as tuples; note unknown keys and wrong types."""
        if not isinstance(item, Mapping):
            self.faults.append(f"{where} must be a table")
            return {}
        kinds = {f.name: str(f.type).split("[")[0] for f in fields(cls)}
        self.unknown(where, item, tuple(kinds))
        values: dict[str, object] = {}
        for key, value in item.items():
            kind = kinds.get(key)
            if kind == "tuple" and isinstance(value, list) and all(isinstance(v, str) for v in value):
                values[key] = tuple(value)
            elif kind is not None and type(value) is SCALARS.get(kind):
                values[key] = value
            elif kind is not None:
                self.faults.append(f"{where} {key} has a wrong type")
        return values


def is_day(text: str) -> bool:
    """Tell whether a text is "" or a day such as 2026-01-31."""
    try:
        return not text or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def model_faults(model: ScreeningModel) -> list[str]:
    faults = [] if MODEL_ID.fullmatch(model.id) else ["[model] id looks like SX-1"]
    leaves = set(model.plan.leaves())
    faults += [f"[plan] {leaf} is not declared" for leaf in sorted(leaves) if not model.covers(leaf)]
    faults += [f"[populations.{p}] is not used by the plan" for p in sorted(set(model.populations) - leaves)]
    unused = set(model.anchors) - {leaf[1:] for leaf in leaves if leaf.startswith("@")} - {model.asked}
    faults += [f"[[anchors.{s}]] is not used" for s in sorted(unused)]
    if model.coloured and model.level != "person":
        faults.append("[result] only clues about persons are coloured")
    if model.asked not in model.anchors:
        faults.append(f"[result] asked: no anchor set {model.asked}")
    # A person's scope is the union of his rows. Under `none` that would drop rows that are not in the set themselves.
    negative = [leaf for leaf in model.plan.negative_leaves() if leaf.startswith("@")]
    faults += [f"[plan] the anchor set {leaf} must not stand under none" for leaf in negative]
    if any(r.context for rules in model.anchors.values() for r in rules) != any(
        p.context for p in model.populations.values()
    ):
        faults.append("context is needed on both sides: an anchor rule and a population")
    return faults
