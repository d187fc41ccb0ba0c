"""Suggest a tier of hardship from weights (domain PA-G-1): register tags, urgency, hardship words of the file."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

from procuratorate_node.relief.facts import AmountFacts
from procuratorate_node.relief.money import EXACT
from procuratorate_node.relief.scale import Scale, Tier


@dataclass(frozen=True, slots=True)
class Score:
    """The points by origin (a tag, "urgent", "words"), their sum and the tier they suggest."""

    parts: tuple[tuple[str, Decimal], ...]
    total: Decimal
    tier: Tier


def hardship_score(facts: AmountFacts, scale: Scale) -> Score:
    """Return the score. It never falls when a tag, a word or urgency is added; a person sets the tier."""
    rule = scale.hardship
    parts = [(w.tag, w.points) for w in scale.weights if w.tag in facts.tags]
    with localcontext(EXACT):
        if facts.urgent:
            parts.append(("urgent", rule.urgent_points))
        if facts.words:
            parts.append(("words", min(facts.words * rule.word_points, rule.words_most)))
        total = sum((points for _, points in parts), Decimal(0))
    tier = [t for t in scale.tiers if t.from_score <= total][-1]
    return Score(tuple(parts), total, tier)
