"""Bring a changed file to the office's clues: what it would do (diff), and what it does once it is approved."""

from __future__ import annotations

from dataclasses import dataclass, field

from linkage.errors import LinkageError
from procuratorate_node.anchors import LocalFacts
from procuratorate_node.clues import Clue, ClueBook
from procuratorate_node.effects import (
    APPEARS,
    RECOLOURED,
    VANISHES,
    Effect,
    Register,
    colour_effects,
    model_effects,
)
from procuratorate_node.model import ScreeningModel
from procuratorate_node.pages import PagesOf
from procuratorate_node.rounds.requests import warrant_of
from procuratorate_node.rule_files import MODEL, RuleFile, RuleSet
from procuratorate_node.set_aside import SetAside
from procuratorate_node.store import REQUESTS, Store


@dataclass(frozen=True, slots=True)
class RuleChanges:
    """The clues a change is held to. `rules` are the files in force."""

    store: Store = field(repr=False)
    rules: RuleSet = field(repr=False)
    facts: LocalFacts = field(repr=False)
    pages_of: PagesOf = field(repr=False)

    def effects(self, file: RuleFile) -> list[Effect]:
        """Return what the file would do to open clues; campaigns that extend a changed model are looked at too."""
        after = self.rules.changed(file).library()
        book, aside = ClueBook(self.store), SetAside(self.store)
        if file.kind != MODEL:
            return colour_effects(book.list(), aside.list(), self.facts, after.table, pages_of=self.pages_of)
        before = {m.id: m for m in self.rules.library().models}
        changed = [m for m in after.models if _differs(m, before.get(m.id))]
        return [e for m in changed for e in self._model_effects(m, before.get(m.id), book)]

    def _model_effects(self, new: ScreeningModel, old: ScreeningModel | None, book: ClueBook) -> list[Effect]:
        return model_effects(book.list(model=new.id), new, old, facts=self.facts, linked=self._linked)

    def _linked(self, clue: Clue) -> frozenset[Register]:
        """Return the registers a clue is linked to, as the warrant of its newest round names them."""
        try:
            warrant = warrant_of(self.store.get(REQUESTS, clue.last_round))
        except LinkageError:
            return frozenset()
        specs = (warrant.population(link.population) for link in clue.links)
        return frozenset(Register(s.dataset, s.classes, s.change) for s in specs)

    def apply(self, file: RuleFile, *, at: str = "") -> None:
        """Recolour open clues by a file that is in force now. A model's clues wait for its next round."""
        if file.kind == MODEL:
            return
        effects = self.effects(file)
        vanished = [e.after for e in effects if e.what == VANISHES]
        appeared = [e.after for e in effects if e.what == APPEARS]
        kept = [(e.after, e.what == RECOLOURED) for e in effects if e.what not in (VANISHES, APPEARS) and _is_clue(e)]
        ClueBook(self.store).recolour(kept, vanished=vanished, appeared=appeared, at=at)
        SetAside(self.store).move(out=[c.clue_id for c in appeared], added=vanished)


def _is_clue(effect: Effect) -> bool:
    """Tell a clue from a row set aside that stays there."""
    return effect.before.colour not in ("", "none")


def _differs(model: ScreeningModel, before: ScreeningModel | None) -> bool:
    return before is None or before.digest != model.digest
