"""What a round asks of whom, as frozen data: for the officer before a request, for the approver before a signature."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from linkage.keys.manifest import Manifest
from linkage.owner.disclosure import models_using
from linkage.plan import SetPlan, describe_plan
from linkage.warrant import PopulationSpec, RoundWarrant
from procuratorate_node.model import PopulationUse, ScreeningModel


def lacking_registers(model: ScreeningModel, manifest: Manifest) -> tuple[PopulationUse, ...]:
    """Return what a model asks for that no party of the consortium has; with any it cannot be asked."""
    owned = {dataset for party in manifest.parties() for dataset in party.datasets}
    return tuple(use for use in model.populations.values() if use.dataset not in owned)


@dataclass(frozen=True, slots=True)
class SetStep:
    """One step of a set plan: of those left, keep who is in any of the registers named, or keep who is in none."""

    keeps: bool
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelAsked:
    """One model of the round in words, and as steps for a drawing."""

    id: str
    version: int
    title: str
    plan_zh: str
    plan_en: str
    steps: tuple[SetStep, ...]


@dataclass(frozen=True, slots=True)
class RegisterAsked:
    """What one office is asked. `people` and `new` are of our own, None before the case files were read.

    `rows` is how many rows the register had when it was last asked, None where it never was.
    """

    owner: str
    spec: PopulationSpec
    models: tuple[str, ...]
    people: int | None
    new: int | None
    rows: int | None

    @property
    def comparisons(self) -> int | None:
        """Return how many pairs are compared at most; None while a side is not known."""
        return None if self.people is None or self.rows is None else self.people * self.rows


@dataclass(frozen=True, slots=True)
class Asking:
    """A whole round: its models, and every register with what is asked of it."""

    models: tuple[ModelAsked, ...]
    registers: tuple[RegisterAsked, ...]

    @property
    def comparisons(self) -> int | None:
        """Return the sum over the registers; None while one of them is not known."""
        found = [register.comparisons for register in self.registers]
        return None if None in found else sum(n for n in found if n is not None)

    @property
    def unknown(self) -> tuple[RegisterAsked, ...]:
        """Return the registers whose size nobody here knows yet."""
        return tuple(r for r in self.registers if r.rows is None)


def describe_round(warrant: RoundWarrant, manifest: Manifest, rows: Mapping[PopulationSpec, int]) -> Asking:
    """Return what a warrant asks. `rows` are earlier sizes, by population without its id."""
    titles = {spec.id: spec.title or spec.dataset for spec in warrant.populations}
    owners = {spec.id: manifest.party(spec.owner).name for spec in warrant.populations}
    held = {name: f"“{title}”（{owners[name]}）" for name, title in titles.items()}
    of_whom = {name: f"“{title}” of {owners[name]}" for name, title in titles.items()}
    models = tuple(
        ModelAsked(
            m.id,
            m.version,
            m.title,
            describe_plan(m.plan, title_of=lambda leaf: title_of(leaf, held)),
            describe_plan(m.plan, title_of=lambda leaf: title_of(leaf, of_whom), language="en"),
            steps_of(m.plan, lambda leaf: title_of(leaf, titles)),
        )
        for m in warrant.models
    )
    stated = bool(warrant.overlap.asked)
    registers = []
    for spec in warrant.populations:
        if spec.anchor:
            continue
        said = warrant.overlap.of(spec.id)
        people, new = (said.people, said.new) if stated else (None, None)
        known = rows.get(replace(spec, id=""))
        registers.append(RegisterAsked(owners[spec.id], spec, models_using(warrant, spec), people, new, known))
    return Asking(models, tuple(registers))


def steps_of_model(model: ScreeningModel) -> tuple[SetStep, ...]:
    """Return the steps of a model that is in no round."""
    titles = {name: use.title or use.dataset for name, use in model.populations.items()}
    return steps_of(model.plan, lambda leaf: title_of(leaf, titles))


def title_of(leaf: str, titles: Mapping[str, str]) -> str:
    return f"本院集合 {leaf[1:]}" if leaf.startswith("@") else titles.get(leaf, leaf)


def steps_of(plan: SetPlan, title: Callable[[str], str]) -> tuple[SetStep, ...]:
    """Return a plan as steps one after the other; what nests deeper stands in words."""
    if plan.operator == "all":
        return tuple(step for part in plan.parts for step in _steps_of_part(part, title))
    return (SetStep(plan.operator == "any", _titles(plan.parts, title)),)


def _steps_of_part(part: str | SetPlan, title: Callable[[str], str]) -> Iterator[SetStep]:
    if isinstance(part, str):
        yield SetStep(True, (title(part),))
    else:
        yield from steps_of(part, title)


def _titles(parts: Sequence[str | SetPlan], title: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(title(p) if isinstance(p, str) else describe_plan(p, title_of=title) for p in parts)
