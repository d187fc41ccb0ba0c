"""What a case's texts hold of the lexicon: counted for the tree, and shown to a reviewer with the place (PA-M-3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from procuratorate_node.colours import WordPlace
from procuratorate_node.pages import Page
from procuratorate_node.warning.charge_models import EXCLUDE, ChargeModel
from procuratorate_node.warning.lexicon import PAPERS, SUMMARY, Count, Found, Lexicon

SUMMARY_PLACE: Final = "案情摘要"
CHARGE_WORD: Final = "+"  # The category under which a charge model's own word is shown.
MOST_PLACES: Final = 3  # of one keyword


@dataclass(frozen=True, slots=True)
class CaseTexts:
    """The summary and the pages of one case."""

    summary: str = field(repr=False)
    pages: Sequence[Page] = field(default=(), repr=False)

    def counted(self, lexicon: Lexicon, count: Count) -> tuple[str, ...]:
        """Return the different words that an input of the tree counts in the texts it reads."""
        texts = [self.summary] if SUMMARY in count.read else []
        texts += [p.text for p in self.pages] if PAPERS in count.read else []
        return lexicon.counted(count, texts)

    def cautions(self, model: ChargeModel) -> Iterator[str]:
        """Yield what a charge model says to mind, with the words that called for it."""
        texts = [self.summary, *(p.text for p in self.pages)]
        for stop in model.stops:
            found = stop.found_in(texts)
            if stop.effect != EXCLUDE and (found or not stop.words):
                yield f"{stop.note}（{'、'.join(found)}）" if found else stop.note

    def words(self, lexicon: Lexicon, model: ChargeModel) -> Iterator[WordPlace]:
        """Yield every word of the lexicon and of the charge model with its places, at most three of one keyword."""
        places: dict[tuple[str, str], int] = {}
        for where, text in self._places():
            own = (Found(CHARGE_WORD, w, w) for w in model.words if w in text)
            for found in (*lexicon.found_in(text), *own):
                key = (found.category, found.keyword)
                places[key] = places.get(key, 0) + 1
                if places[key] <= MOST_PLACES:
                    yield WordPlace(found, where)

    def _places(self) -> Iterator[tuple[str, str]]:
        yield SUMMARY_PLACE, self.summary
        for page in self.pages:
            yield page.place, page.text
