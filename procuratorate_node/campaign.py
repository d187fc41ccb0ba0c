"""Model files that narrow another model (CAP-24, PR-6, PA-C-1..3): a campaign is a base, a filter and a period.

`[model] extends = "PA"` names the base; `[narrow]` holds local filters that every anchor rule of the base gets
besides, and perhaps the populations that are kept of it. A campaign's digest is made of its own file and the base's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace

from linkage.errors import ConfigError
from linkage.plan import SetPlan
from procuratorate_node.model import (
    CAMPAIGN,
    HEAD,
    AnchorRule,
    ModelParser,
    ScreeningModel,
    model_faults,
    model_tables,
    parse_model,
    wrong_model,
)

LABEL = b"linkage/v1/campaign\0"
LISTS = ("roles", "categories", "causes", "business", "stages", "sexes")


def parse_models(files: Mapping[str, bytes]) -> tuple[ScreeningModel, ...]:
    """Parse model files by file name, campaigns after what they extend, sorted by id. Raises ConfigError."""
    whole: dict[str, ScreeningModel] = {}
    narrowing: list[tuple[str, bytes]] = []
    for name, content in files.items():
        if extended(content, name=name):
            narrowing.append((name, content))
        else:
            _add(whole, parse_model(content, name=name))
    for name, content in narrowing:
        _add(whole, parse_campaign(content, {m.id: m for m in whole.values() if not m.extends}, name=name))
    return tuple(sorted(whole.values(), key=lambda m: m.id))


def _add(models: dict[str, ScreeningModel], model: ScreeningModel) -> None:
    if model.id in models:
        raise ConfigError(f"模型编号 {model.id} 重复", f"two model files have the id {model.id}")
    models[model.id] = model


def extended(content: bytes, *, name: str) -> str:
    """Return the id of the model that a file narrows, "" for a whole model. Raises ConfigError."""
    head = model_tables(content, name=name).get("model")
    return str(head.get("extends", "")) if isinstance(head, Mapping) else ""


def parse_campaign(content: bytes, bases: Mapping[str, ScreeningModel], *, name: str) -> ScreeningModel:
    """Parse a file that narrows one of `bases`. Raises ConfigError with all faults."""
    data, faults = model_tables(content, name=name), list[str]()
    parser = ModelParser(faults)
    head, narrow = parser.table(data, "model"), parser.table(data, "narrow")
    faults += [f"unknown section [{k}]" for k in sorted(set(data) - {"model", "narrow"})]
    parser.unknown("[model]", head, (*HEAD, "extends"))
    base = bases.get(str(head.get("extends")))
    if base is None:
        raise wrong_model(name, [*faults, f"[model] extends: no whole model {head.get('extends')}"])
    kept = _kept(narrow.get("populations", []), base, faults)
    filters = {"source": "parties", **{k: v for k, v in narrow.items() if k != "populations"}}
    model = replace(
        base,
        id=parser.text("[model]", head, "id"),
        version=parser.number("[model]", head, "version", low=1, high=10_000),
        title=parser.text("[model]", head, "title"),
        title_en=parser.text("[model]", head, "title_en"),
        legal_basis=parser.texts("[model]", head, "legal_basis"),
        anchors=_narrowed(base, parser.rule("[narrow]", filters), set(filters), faults),
        use=str(head.get("use", CAMPAIGN)),
        digest=hashlib.sha256(LABEL + bytes.fromhex(base.digest) + content).hexdigest(),
        extends=base.id,
    )
    if kept and not faults:
        model = _with_populations(model, kept, faults)
    faults += model_faults(model) if not faults else []
    if faults:
        raise wrong_model(name, faults)
    return model


def _kept(value: object, base: ScreeningModel, faults: list[str]) -> set[str]:
    names = set(map(str, value)) if isinstance(value, list) else {""}
    if not names <= set(base.populations):
        faults.append(f"[narrow] populations are some of {', '.join(base.populations)}")
    return names


def _narrowed(
    base: ScreeningModel, narrow: AnchorRule, given: set[str], faults: list[str]
) -> Mapping[str, tuple[AnchorRule, ...]]:
    """Return the base's anchor sets with every rule narrowed; rules of which nothing is left are dropped."""
    found: dict[str, tuple[AnchorRule, ...]] = {}
    for name, rules in base.anchors.items():
        if any(rule.source != "parties" for rule in rules):
            faults.append(f"[narrow] the set {name} of {base.id} is not of parties and cannot be narrowed")
        made = (_joined(rule, narrow, given) for rule in rules)
        found[name] = tuple(rule for rule in made if rule is not None)
        if not found[name]:
            faults.append(f"[narrow] nothing is left of the set {name} of {base.id}")
    return found


def _joined(rule: AnchorRule, narrow: AnchorRule, given: set[str]) -> AnchorRule | None:
    """Return a rule that holds where both hold; None where a list of values has nothing in common."""
    values: dict[str, object] = {}
    for f in fields(AnchorRule):
        if f.name not in given or f.name == "source":
            continue
        old, new = getattr(rule, f.name), getattr(narrow, f.name)
        if f.name in LISTS and old and new:
            common = tuple(v for v in new if v in old)
            if not common:
                return None
            values[f.name] = common
        elif f.name == "compensation_not":
            values[f.name] = tuple(dict.fromkeys((*old, *new)))
        elif f.name == "harm_in" and old:
            values[f.name] = tuple(v for v in new if v in old)
        else:
            values[f.name] = max(old, new) if isinstance(old, int) and f.name != "age_below" else new
    return replace(rule, **values)  # type: ignore[arg-type]


def _with_populations(model: ScreeningModel, kept: set[str], faults: list[str]) -> ScreeningModel:
    """Return the model that asks the kept populations only, besides those that stand under none."""
    kept |= set(model.plan.negative_leaves())
    plan = _pruned(model.plan, kept)
    if plan is None:
        faults.append("[narrow] populations: nothing is left of the plan")
        return model
    leaves = set(plan.leaves())
    return replace(model, plan=plan, populations={k: v for k, v in model.populations.items() if k in leaves})


def _pruned(plan: SetPlan, kept: set[str]) -> SetPlan | None:
    """Leave populations out of every `any`; a part of an `all` that is left out takes the whole `all` with it."""
    parts: list[str | SetPlan] = []
    for part in plan.parts:
        left = _pruned(part, kept) if isinstance(part, SetPlan) else part if _stays(part, kept) else None
        if left is not None:
            parts.append(left)
        elif plan.operator == "all":
            return None
    return SetPlan(plan.operator, tuple(parts)) if parts else None


def _stays(leaf: str, kept: Iterable[str]) -> bool:
    return leaf.startswith("@") or leaf in kept
