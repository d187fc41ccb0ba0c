"""What a changed file would do to open clues, computed here before it takes effect: recoloured, vanish, appear.

For lexicon, tree and charge models everything needed is kept with the clues and with the rows set aside. For a
screening model only its local part can be held to the clues; whom it would find besides, only a round can tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from linkage.plan import Verdict
from procuratorate_node.anchors import LocalFacts, select_rows
from procuratorate_node.cases.records import RowRef
from procuratorate_node.clues import GONE, Clue
from procuratorate_node.cluework.states import Status
from procuratorate_node.colour_table import ColourTable
from procuratorate_node.model import PopulationUse, ScreeningModel
from procuratorate_node.pages import PagesOf, no_pages
from procuratorate_node.painting import Proven, colouring_of
from procuratorate_node.warning.tree import Colour

RECOLOURED, VANISHES, APPEARS, SAME, UNSURE = "recoloured", "vanishes", "appears", "same", "only a round can tell"


@dataclass(frozen=True, slots=True)
class Effect:
    """One clue before and after; `after` is the clue as it would be, also where it vanishes."""

    what: str
    before: Clue
    after: Clue


@dataclass(frozen=True, slots=True)
class Register:
    """A dataset with the classes that were asked for, as a warrant names it."""

    dataset: str
    classes: tuple[str, ...]
    change: str = ""


LinkedTo = Callable[[Clue], frozenset[Register]]


def counts_of(effects: Iterable[Effect]) -> Counter[str]:
    return Counter(e.what for e in effects)


def is_open(clue: Clue) -> bool:
    """Tell whether a clue is still before somebody: neither rejected nor closed nor gone."""
    return clue.status not in (Status.REJECTED, Status.CLOSED) and clue.change != GONE


def colour_effects(
    clues: Iterable[Clue], aside: Iterable[Clue], facts: LocalFacts, table: ColourTable, *, pages_of: PagesOf = no_pages
) -> list[Effect]:
    """Return what other tables make of open clues with a colour and of rows set aside."""
    own = facts.own_aided()

    def recoloured(clue: Clue) -> Clue:
        inputs = clue.colouring.get("inputs")
        creditor = isinstance(inputs, Mapping) and inputs.get("creditor") == "1"
        aided = any(facts.person_of.get(row) in own for row in clue.rows)
        proven = Proven(frozenset(clue.tags), creditor=creditor, aided=aided)
        found = colouring_of(clue.rows, facts, table, proven, pages_of=pages_of)
        if found is None:
            return replace(clue, colouring={})
        weak = clue.grade in table.tree.head.lowered_grades
        return replace(clue, colouring=replace(found, weak=weak).to_json())

    open_ = [c for c in clues if c.colouring and is_open(c)]
    effects = [_colour_effect(clue, recoloured(clue)) for clue in open_]
    return effects + [_aside_effect(clue, recoloured(clue)) for clue in aside]


def _colour_effect(before: Clue, after: Clue) -> Effect:
    if after.colour in ("", Colour.NONE):
        return Effect(VANISHES, before, after)
    return Effect(SAME if after.colour == before.colour else RECOLOURED, before, after)


def _aside_effect(before: Clue, after: Clue) -> Effect:
    return Effect(SAME if after.colour in ("", Colour.NONE) else APPEARS, before, after)


def model_effects(
    clues: Iterable[Clue],
    new: ScreeningModel,
    old: ScreeningModel | None,
    *,
    facts: LocalFacts,
    linked: LinkedTo,
) -> list[Effect]:
    """Return what another version of a model makes of the open clues of its id. `linked` names a clue's registers."""
    sets = {name: select_rows(rules, facts) for name, rules in new.anchors.items()}
    known = _registers(old) if old is not None else frozenset()
    effects: list[Effect] = []
    for clue in clues:
        if clue.model != new.id or not is_open(clue):
            continue
        value = _leaf_value(clue, new, linked(clue), known)
        best = max((_verdict(new, row, sets, value) for row in clue.rows if row in sets[new.asked]), default=Verdict.NO)
        what = {Verdict.YES: SAME, Verdict.NO: VANISHES, Verdict.CANNOT_TELL: UNSURE}[best]
        effects.append(Effect(what, clue, clue))
    return effects


def _verdict(
    model: ScreeningModel, row: RowRef, sets: Mapping[str, frozenset[RowRef]], value: Callable[[str], Verdict]
) -> Verdict:
    """Hold the plan to one row: our own sets are known, populations as far as they were asked before."""

    def leaf_value(leaf: str) -> Verdict:
        if leaf.startswith("@"):
            return Verdict.YES if row in sets[leaf[1:]] else Verdict.NO
        return value(leaf)

    return model.plan.evaluate(leaf_value)


def _registers(model: ScreeningModel) -> frozenset[Register]:
    return frozenset(_register(use) for use in model.populations.values())


def _register(use: PopulationUse) -> Register:
    return Register(use.dataset, use.classes, use.change)


def _leaf_value(
    clue: Clue, model: ScreeningModel, linked: frozenset[Register], known: frozenset[Register]
) -> Callable[[str], Verdict]:
    """Return what is known of each population: linked, not linked, or never asked."""

    def value(leaf: str) -> Verdict:
        register = _register(model.populations[leaf])
        if register in linked:
            return Verdict.YES
        narrower = [r for r in linked if r.dataset == register.dataset and r.change == register.change]
        if narrower and register.classes and set(clue.tags) & set(register.classes):
            return Verdict.YES
        return Verdict.NO if register in known else Verdict.CANNOT_TELL

    return value


def newly_asked(new: ScreeningModel, old: ScreeningModel | None, facts: LocalFacts) -> tuple[int, int]:
    """Return how many rows the new version asks about besides, and how many no longer."""
    after = select_rows(new.anchors[new.asked], facts)
    before = select_rows(old.anchors[old.asked], facts) if old is not None else frozenset()
    return len(after - before), len(before - after)


def shown(effect: Effect) -> str:
    """Return one line for people: masked."""
    clue = effect.before
    change = {
        RECOLOURED: f"{clue.colour} → {effect.after.colour}",
        VANISHES: f"{clue.colour or '-'} → 无 none",
        APPEARS: f"无 none → {effect.after.colour}",
    }.get(effect.what, effect.what)
    step = effect.after.colouring.get("step", "")
    why = f"（第 {step} 步）" if step else ""
    return f"{clue.clue_id} {clue.model} {clue.case_number} {clue.status} {change}{why}"


def lines_of(effects: Iterable[Effect]) -> Iterator[str]:
    """Yield a line for every clue that would change."""
    return (shown(e) for e in effects if e.what != SAME)
