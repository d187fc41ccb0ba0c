"""One case's proposed amount with everything it rests on; the digest binds the inputs and the tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Final

from linkage.keys.canonical import JSON, canonical_json
from procuratorate_node.relief.caps import CapStep, apply_caps
from procuratorate_node.relief.checklist import Checklist, fill_checklist
from procuratorate_node.relief.facts import AmountFacts, Points
from procuratorate_node.relief.formula import Calculation, apply_formula, calculate
from procuratorate_node.relief.history import DecidedCase
from procuratorate_node.relief.money import plain, round_to
from procuratorate_node.relief.peers import PeerBand, peer_band
from procuratorate_node.relief.scoring import Score, hardship_score
from procuratorate_node.relief.tables import Tables, TableSet

LABEL: Final = b"linkage/v1/relief/proposal\n"


@dataclass(frozen=True, slots=True)
class TierRange:
    """The rounded amounts at the two ends of the case's tier, before caps (PA-G-2); `high` may lie just outside."""

    low: Decimal
    high: Decimal
    closed: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """`amount` is what the formula and the caps propose, in yuan; `digest` is the hex SHA-256 of all inputs."""

    facts: AmountFacts
    tables: Tables
    checklist: Checklist
    calculation: Calculation
    score: Score
    range: TierRange
    caps: tuple[CapStep, ...]
    amount: Decimal
    peers: PeerBand
    digest: str


def propose(
    facts: AmountFacts, tables: TableSet, *, answers: Mapping[str, str], history: Iterable[DecidedCase] = ()
) -> Proposal:
    """Compute a case's amount with the tables valid on its day of decision. Raises InputError, ConfigError."""
    chosen, cases = tables.on(facts.decided_on, region=facts.region), tuple(history)
    calculation = calculate(facts, chosen)
    caps = apply_caps(calculation.rounded, facts, chosen)
    return Proposal(
        facts=facts,
        tables=chosen,
        checklist=fill_checklist(chosen.rules, answers, facts, stopped=calculation.stopped),
        calculation=calculation,
        score=hardship_score(facts, chosen.scale),
        range=_range(calculation, chosen),
        caps=caps,
        amount=caps[-1].after if caps else calculation.rounded,
        peers=peer_band(facts, calculation.tier.code, cases, chosen.scale.peers),
        digest=input_digest(facts, chosen, answers=answers, history=cases),
    )


def input_digest(
    facts: AmountFacts, tables: Tables, *, answers: Mapping[str, str], history: Iterable[DecidedCase]
) -> str:
    """Return the hex SHA-256 over facts, answers, decided cases in any order, and the digests of the tables."""
    body: JSON = {
        "facts": _flat(facts),
        "answers": {k: str(v) for k, v in answers.items()},
        "history": sorted(canonical_json(_flat(c)).decode() for c in history),
        "tables": [tables.scale.digest, tables.rules.digest, tables.figures_digest],
    }
    return hashlib.sha256(LABEL + canonical_json(body)).hexdigest()


def _range(calculation: Calculation, tables: Tables) -> TierRange:
    tier, rule = calculation.tier, tables.scale.formula
    ends = []
    for hardship in (tier.least, tier.below):
        sums = apply_formula(
            calculation.value("benchmark"),
            case=calculation.value("c_case"),
            hardship=hardship,
            add_on=calculation.value("add_on"),
            fault=calculation.value("fault"),
        )
        ends.append(round_to(sums.final, rule.rounding_step, rounding=rule.rounding))
    return TierRange(ends[0], ends[1], tier.closed)


def _flat(record: AmountFacts | DecidedCase) -> JSON:
    return {f.name: _json(getattr(record, f.name)) for f in fields(record)}


def _json(value: object) -> JSON:
    """Return decimals and days as text, so that equal facts have one form."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Points):
        return [value.tag, plain(value.points)]
    if isinstance(value, tuple):
        return sorted((_json(v) for v in value), key=str)  # The order of tags and points has no meaning.
    if value is None or isinstance(value, (str, bool, int)):
        return value
    raise TypeError(type(value).__name__)
