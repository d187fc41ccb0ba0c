"""Compile several screening models into one round: unions of populations and of anchor sets, renamed plans."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from linkage.errors import ConfigError
from linkage.plan import SetPlan
from linkage.warrant import MAX_ANCHOR_SETS, ModelWarrant, PopulationSpec
from procuratorate_node.model import AnchorRule, PopulationUse, ScreeningModel

ANCHORS_ID = "parties"
ANCHORS_TITLE = "检察机关案件当事人与已救助人员"


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """One model inside a round: `plan` and `asked` use the round's names; `tags` maps population → tag."""

    model: ScreeningModel
    asked: str
    plan: SetPlan
    tags: Mapping[str, str]

    def warrant(self) -> ModelWarrant:
        m = self.model
        return ModelWarrant(m.id, m.version, m.title, m.digest, self.asked, self.plan)


@dataclass(frozen=True, slots=True)
class CompiledRound:
    """What a warrant is made of. `sets` is ordered: position = bit of the scope column."""

    models: tuple[CompiledModel, ...]
    populations: tuple[PopulationSpec, ...]
    sets: Mapping[str, tuple[AnchorRule, ...]]

    @property
    def expiry_days(self) -> int:
        return min(m.model.expiry_days for m in self.models)

    @property
    def purpose(self) -> str:
        return self.models[0].model.purpose

    @property
    def legal_basis(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(b for m in self.models for b in m.model.legal_basis))

    def datasets_asked(self, sets: Collection[str]) -> frozenset[str]:
        """Return the datasets that anchors of these sets are held against in this round."""
        used = (m.model.populations.values() for m in self.models if m.asked in sets)
        return frozenset(use.dataset for uses in used for use in uses)

    def model(self, model_id: str) -> CompiledModel:
        return next(m for m in self.models if m.model.id == model_id)


def compile_round(models: Sequence[ScreeningModel], *, requester: str, owner_of: Callable[[str], str]) -> CompiledRound:
    """Return the round of these models. `owner_of` names a dataset's owner, from the manifest.

    Equal populations become one upload under one id, equal anchor sets one bit. Raises ConfigError when the models
    serve different purposes or need more than 32 sets.
    """
    purposes = {m.purpose for m in models}
    if len(purposes) != 1:
        raise ConfigError("一份委托书只能有一个目的", "one warrant serves one purpose")
    specs = _population_ids([(name, _spec(use, owner_of)) for m in models for name, use in m.populations.items()])
    sets = _set_names([(f"{m.id.lower()}.{name}", rules) for m in models for name, rules in m.anchors.items()])
    if len(sets) > MAX_ANCHOR_SETS:
        raise ConfigError(f"锚点集合超过 {MAX_ANCHOR_SETS} 个", f"more than {MAX_ANCHOR_SETS} anchor sets")
    anchors = PopulationSpec(ANCHORS_ID, requester, ANCHORS_ID, ANCHORS_TITLE, anchor=True, active_only=False)
    if any(r.context for rules in sets for r in rules):
        anchors = replace(anchors, context=True)
    return CompiledRound(
        tuple(_compile(m, specs, sets, owner_of) for m in models),
        (anchors, *(replace(spec, id=name) for spec, name in specs.items())),
        {name: rules for rules, name in sets.items()},
    )


def _spec(use: PopulationUse, owner_of: Callable[[str], str]) -> PopulationSpec:
    return PopulationSpec(
        "",
        owner_of(use.dataset),
        use.dataset,
        use.title,
        snapshot=use.snapshot,
        classes=use.classes,
        active_only=use.active_only,
        change=use.change,
        change_since=use.change_since,
        context=use.context,
        payload=use.payload,
    )


def _population_ids(named: Sequence[tuple[str, PopulationSpec]]) -> dict[PopulationSpec, str]:
    """Give each different population its own id: the model's own name, with a number behind it when that is taken."""
    ids: dict[PopulationSpec, str] = {}
    for name, spec in named:
        if spec not in ids:
            ids[spec] = _free(name, set(ids.values()) | {ANCHORS_ID})
    return ids


def _set_names(named: Sequence[tuple[str, tuple[AnchorRule, ...]]]) -> dict[tuple[AnchorRule, ...], str]:
    names: dict[tuple[AnchorRule, ...], str] = {}
    for name, rules in named:
        names.setdefault(rules, name)
    return names


def _free(name: str, taken: set[str]) -> str:
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}-{number}"
    return candidate


def _compile(
    model: ScreeningModel,
    specs: Mapping[PopulationSpec, str],
    sets: Mapping[tuple[AnchorRule, ...], str],
    owner_of: Callable[[str], str],
) -> CompiledModel:
    ids = {name: specs[_spec(use, owner_of)] for name, use in model.populations.items()}
    names = {name: sets[rules] for name, rules in model.anchors.items()}

    def renamed(plan: SetPlan) -> SetPlan:
        return SetPlan(plan.operator, tuple(part(p) for p in plan.parts))

    def part(item: str | SetPlan) -> str | SetPlan:
        if isinstance(item, SetPlan):
            return renamed(item)
        return f"@{names[item[1:]]}" if item.startswith("@") else ids[item]

    tags = {ids[name]: use.tag for name, use in model.populations.items() if use.tag}
    return CompiledModel(model, names[model.asked], renamed(model.plan), tags)
