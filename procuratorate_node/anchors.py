"""Which of our own rows a model asks about: the closed filters of anchor sets, taken locally in clear text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from procuratorate_node.ages import age_on, event_of, sex_of
from procuratorate_node.cases.records import PETITIONER, Aided, CaseFile, Compensation, Party, RowRef
from procuratorate_node.cases.values import fold_cause
from procuratorate_node.model import AnchorRule


@dataclass(frozen=True, slots=True, repr=False)
class LocalFacts:
    """Everything the filters look at.

    `person_of` gives every row's person (persons.py); `compensation` gives the state of every victim row; `basis` says
    where a victim's state and harm stand in the papers: type, date, page and the words, names hidden.
    """

    file: CaseFile
    person_of: Mapping[RowRef, str]
    compensation: Mapping[RowRef, Compensation]
    basis: Mapping[RowRef, tuple[str, ...]] = field(default_factory=dict)
    _rows_of: Mapping[str, Sequence[Party]] = field(init=False)
    _petitioners: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        rows: dict[str, list[Party]] = {}
        for party in self.file.parties:
            if party.ref in self.person_of:
                rows.setdefault(self.person_of[party.ref], []).append(party)
        petitions = [p.ref for p in self.file.petitions]
        petitions += [p.ref for p in self.file.parties if p.role == PETITIONER]
        object.__setattr__(self, "_rows_of", rows)
        object.__setattr__(self, "_petitioners", frozenset(filter(None, map(self.person_of.get, petitions))))

    def rows_of(self, party: Party) -> Iterator[Party]:
        """Yield the row itself, then every other row of its person."""
        yield party
        yield from (p for p in self._rows_of.get(self.person_of.get(party.ref, ""), ()) if p.ref != party.ref)

    def petitioned(self, party: Party) -> bool:
        """Tell whether the row's person stands among the petitioners."""
        return self.person_of.get(party.ref, "") in self._petitioners

    def newest_day(self) -> date:
        """Return the newest day a case was accepted: the day that "today" means for these files."""
        return max((c.accepted for c in self.file.cases.values() if c.accepted is not None), default=date.min)

    def own_aided(self) -> frozenset[str]:
        """Return the persons we aided before, whatever the case."""
        return frozenset(self.person_of[a.ref] for a in self.file.aided if a.ref in self.person_of)

    def state_of(self, party: Party) -> Compensation:
        """Return the compensation state of the victim a row is about; UNKNOWN where a row is about none."""
        victim = self.file.victim_of(party)
        return Compensation.UNKNOWN if victim is None else self.compensation.get(victim.ref, Compensation.UNKNOWN)


def select_rows(rules: Sequence[AnchorRule], facts: LocalFacts) -> frozenset[RowRef]:
    """Return the rows that fit at least one rule."""
    own = facts.own_aided()
    today = facts.newest_day()
    chosen: set[RowRef] = set()
    for rule in rules:
        if rule.source == "aided":
            chosen |= {a.ref for a in facts.file.aided if _fits_aided(rule, a)}
        else:
            chosen |= {
                p.ref for p in facts.file.parties if _fits(rule, p, facts, own) and _person_fits(rule, p, facts, today)
            }
    return frozenset(chosen)


def _fits_aided(rule: AnchorRule, row: Aided) -> bool:
    return not rule.causes or row.cause in {fold_cause(c) for c in rule.causes}


def _fits(rule: AnchorRule, party: Party, facts: LocalFacts, own: frozenset[str]) -> bool:
    case = facts.file.cases.get(party.ref.case)
    if case is None or party.dead:
        return False

    def allowed(wanted: tuple[str, ...], value: str) -> bool:
        return not wanted or value in wanted

    return (
        allowed(rule.roles, party.role)
        and allowed(rule.categories, case.category)
        and (not rule.causes or case.cause in {fold_cause(c) for c in rule.causes})
        and allowed(rule.business, case.business)
        and allowed(rule.stages, case.stage)
        and case.stage not in rule.stages_not
        and (not rule.probe or facts.file.is_probe(party))
        and _victim_fits(rule, party, facts)
        and not (rule.not_own_aided and facts.person_of.get(party.ref) in own)
        and not (rule.unaided_probe and _all_aided(party.ref.case, facts, own))
    )


def _person_fits(rule: AnchorRule, party: Party, facts: LocalFacts, today: date) -> bool:
    """Hold a row to the conditions that campaigns narrow by; what is not known fits none (PA-C-1..3, PR-6)."""
    case = facts.file.cases[party.ref.case]
    accepted = "" if case.accepted is None else case.accepted.isoformat()
    victim = facts.file.victim_of(party)
    return (
        (not rule.accepted_from or accepted >= rule.accepted_from)
        and (not rule.accepted_until or "" < accepted <= rule.accepted_until)
        and (not rule.victim_dead or (victim is not None and victim.dead))
        and (not rule.petitioner or facts.petitioned(party))
        and (not rule.sexes or sex_of(facts.rows_of(party), as_of=today) in rule.sexes)
        and (not (rule.age_from or rule.age_below) or _age_fits(rule, party, facts, today))
    )


def _age_fits(rule: AnchorRule, party: Party, facts: LocalFacts, today: date) -> bool:
    event = event_of(facts.file.cases[party.ref.case])
    if event is None:
        return False
    age = age_on(facts.rows_of(party), today if rule.ages == "today" else event, event=event)
    return age is not None and age >= rule.age_from and (not rule.age_below or age < rule.age_below)


def _victim_fits(rule: AnchorRule, party: Party, facts: LocalFacts) -> bool:
    """Hold the row's victim to the harm, loss and compensation conditions."""
    if not (rule.harm_in or rule.loss_at_least or rule.compensation_not):
        return True
    victim = facts.file.victim_of(party)
    harm, loss = (victim.harm, victim.loss or 0) if victim is not None else ("", 0)
    if (rule.harm_in and harm not in rule.harm_in) or loss < rule.loss_at_least:
        return False
    return facts.state_of(party) not in rule.compensation_not


def _all_aided(case: str, facts: LocalFacts, own: frozenset[str]) -> bool:
    """Tell whether a case has probe persons and every one was aided before. A case without any is kept."""
    probes = [p for p in facts.file.by_case.get(case, ()) if facts.file.is_probe(p)]
    return bool(probes) and all(facts.person_of.get(p.ref) in own for p in probes)


@dataclass(frozen=True, slots=True)
class Placed:
    """One anchor before encoding: a person, perhaps bound to one judgment number, its scope and its rows by set.

    `scope` has bit i set when some row of the person is in set i.
    """

    person: str
    context: str
    case: str
    scope: int
    rows: Mapping[str, tuple[RowRef, ...]]

    def within(self, scope: int, sets: Sequence[str]) -> Placed:
        """Return the anchor without the sets that `scope` has no bit of; `sets` gives each bit's name."""
        kept = {name: rows for name, rows in self.rows.items() if scope >> sets.index(name) & 1}
        return replace(self, scope=scope, rows=kept)

    def in_set(self, name: str, row: RowRef) -> bool:
        return row in self.rows.get(name, ())

    def __repr__(self) -> str:
        return f"Placed(sets={len(self.rows)})"


def place_anchors(
    sets: Mapping[str, tuple[AnchorRule, ...]], facts: LocalFacts, *, fold_reference: Callable[[str], str]
) -> tuple[Placed, ...]:
    """Return one anchor per person for the plain sets, and one per person and judgment for sets with context.

    `sets` is ordered: position = bit of the scope. Rows whose person is unknown (masked names) are left out.
    """
    grouped: dict[tuple[str, str, str], dict[str, set[RowRef]]] = {}
    for name, rules in sets.items():
        with_context = any(r.context for r in rules)
        for row in sorted(select_rows(rules, facts)):
            person = facts.person_of.get(row)
            if person is None:
                continue
            for context in _contexts(row.case, facts, fold_reference) if with_context else ("",):
                key = (person, context, row.case if with_context else "")
                grouped.setdefault(key, {}).setdefault(name, set()).add(row)
    bits = {name: 1 << i for i, name in enumerate(sets)}
    return tuple(
        Placed(person, context, case, sum(bits[n] for n in rows), {n: tuple(sorted(r)) for n, r in rows.items()})
        for (person, context, case), rows in sorted(grouped.items())
    )


def _contexts(case: str, facts: LocalFacts, fold_reference: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(fold_reference, facts.file.judgment_references(case)))))
