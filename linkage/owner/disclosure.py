"""Say a warrant's set plans in words, for the people who must consent to it (design §3.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, cast

from linkage.warrant import PopulationSpec, RoundWarrant

GLUE = {"zh": {"all": " 并且 ", "any": " 或者 ", "none": "、"}, "en": {"all": " and ", "any": " or ", "none": ", "}}
NONE = {"zh": "不在其中任何一个：", "en": "in none of: "}


class Plan(Protocol):
    """The part of a set plan that is read here."""

    @property
    def operator(self) -> str: ...

    @property
    def parts(self) -> tuple[object, ...]: ...


@dataclass(frozen=True, slots=True)
class ModelWords:
    """One model in words. `populations` are the ids it uses; `negative` those where not being linked counts."""

    id: str
    version: int
    title: str
    digest: str
    plan_zh: str
    plan_en: str
    populations: frozenset[str]
    negative: frozenset[str]


def models_in_words(warrant: RoundWarrant, *, name_of: Callable[[str], str] = str) -> tuple[ModelWords, ...]:
    """Return every model of the warrant with its plan said in Chinese and in English; `name_of` names an owner."""
    titles = {spec.id: f"“{spec.title}”（{name_of(spec.owner)}）" for spec in warrant.populations}
    names = {spec.id: f"“{spec.title}” of {name_of(spec.owner)}" for spec in warrant.populations}
    found = []
    for model in warrant.models:
        leaves = frozenset(leaf for leaf in model.plan.leaves() if not leaf.startswith("@"))
        words = ModelWords(
            id=model.id,
            version=model.version,
            title=model.title,
            digest=model.digest,
            plan_zh=_say(model.plan, lambda leaf: titles.get(leaf, f"锚点集合 {leaf[1:]}"), "zh"),
            plan_en=_say(model.plan, lambda leaf: names.get(leaf, f"anchor set {leaf[1:]}"), "en"),
            populations=leaves,
            negative=frozenset(model.plan.negative_leaves()) & leaves,
        )
        found.append(words)
    return tuple(found)


def models_using(warrant: RoundWarrant, spec: PopulationSpec) -> tuple[str, ...]:
    """Return the ids of the models that use a population; all of them for the anchors."""
    return tuple(m.id for m in warrant.models if spec.anchor or spec.id in set(m.plan.leaves()))


def _say(plan: Plan, title_of: Callable[[str], str], language: str) -> str:
    prefix = NONE[language] if plan.operator == "none" else ""
    return prefix + GLUE[language][plan.operator].join(_parts(plan, title_of, language))


def _parts(plan: Plan, title_of: Callable[[str], str], language: str) -> Iterator[str]:
    for part in plan.parts:
        if isinstance(part, str):
            yield title_of(part)
        else:
            yield _inner(cast("Plan", part), title_of, language)


def _inner(plan: Plan, title_of: Callable[[str], str], language: str) -> str:
    """Say a nested plan in brackets; a single part needs none, unless it is negated."""
    words = _say(plan, title_of, language)
    if plan.operator != "none" and len(plan.parts) == 1:
        return words
    return f"（{words}）" if language == "zh" else f"({words})"
