"""Clues: what a round found, shown with masked case facts, compared with the round before, confirmed or rejected.

What is done with a clue, and its states, are in cluework/states.py. A clue's id comes from model, case and first row,
so the same finding of the next round is the same clue: new, kept, changed or gone.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from linkage.plan import Verdict
from procuratorate_node.anchors import LocalFacts
from procuratorate_node.cases.records import Party, RowRef, Source
from procuratorate_node.cluework.marks import mark, shown_colour
from procuratorate_node.cluework.moves import Step, move, take_changes, take_found
from procuratorate_node.cluework.states import CONFIRMED_STATES, Action, Status
from procuratorate_node.outcome import ClueRow, Link
from procuratorate_node.store import CLUES, Store, dump_refs, load_refs

LABEL: Final = b"linkage/v1/clue\0"
CANDIDATE, CONFIRMED, REJECTED = Status.CANDIDATE, Status.CONFIRMED, Status.REJECTED
NEW, KEPT, CHANGED, GONE = "new", "kept", "changed", "gone"
VERDICTS: Final = {Verdict.YES: "yes", Verdict.CANNOT_TELL: "cannot-tell"}


@dataclass(frozen=True, slots=True)
class Clue:
    """One clue as a reviewer sees it. `facts` are masked: charge, stage, role, harm, compensation, locality.

    `colouring` is what the tree of the three-colour warning decided and why, {} for a model without colours.
    """

    clue_id: str
    model: str
    case_number: str
    level: str
    rows: tuple[RowRef, ...]
    people: tuple[RowRef, ...]
    verdict: str
    grade: str
    tags: tuple[str, ...]
    links: tuple[Link, ...]
    facts: Mapping[str, str]
    status: str = CANDIDATE
    change: str = NEW
    first_round: str = ""
    last_round: str = ""
    decided_by: str = ""
    decided_at: str = ""
    decision_reason: str = ""
    colouring: Mapping[str, object] = field(default_factory=dict)

    @property
    def confirmed(self) -> bool:
        """Tell whether a person confirmed the clue and nobody took that back or closed it."""
        return self.status in CONFIRMED_STATES

    @property
    def colour(self) -> str:
        """Return the colour that the tree decided; "" for a model without colours."""
        return str(self.colouring.get("colour", ""))

    @property
    def shown_colour(self) -> str:
        """Return the colour to act on."""
        return shown_colour(self.colour, weak=self.colouring.get("weak") is True, confirmed=self.confirmed)

    @property
    def colour_reasons(self) -> tuple[str, ...]:
        return _texts(self.colouring.get("reasons"))

    @property
    def steps_before(self) -> tuple[str, ...]:
        """Return why no earlier step of the tree decided."""
        return _texts(self.colouring.get("before"))


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def clue_id(row: ClueRow) -> str:
    first = row.rows[0]
    parts = (row.model, row.case) if not row.person else (row.model, row.case, first.source, first.row)
    return hashlib.sha256(LABEL + "\0".join(parts).encode()).hexdigest()[:12]


def make_clue(row: ClueRow, facts: LocalFacts, *, locality: Callable[[RowRef], str] | None) -> Clue:
    """Return the clue of a finding, with masked facts. `locality` is asked where the model wants it."""
    level = "person" if row.person else "case"
    masked = masked_facts(row, facts)
    if locality is not None:
        masked["locality"] = locality(row.rows[0])
    people = row.rows if row.person else beneficiaries(row.case, facts)
    return Clue(
        clue_id(row),
        row.model,
        row.case,
        level,
        row.rows,
        people,
        verdict=VERDICTS[row.verdict],
        grade=row.grade,
        tags=row.tags,
        links=row.links,
        facts={k: v for k, v in masked.items() if v},
        colouring={} if row.colouring is None else row.colouring.to_json(),
    )


def beneficiaries(case: str, facts: LocalFacts) -> tuple[RowRef, ...]:
    """Return the rows of those a case-level clue would help: its probe persons, not the suspect who was matched."""
    return tuple(p.ref for p in facts.file.by_case.get(case, ()) if facts.file.is_probe(p))


def masked_facts(row: ClueRow, facts: LocalFacts) -> dict[str, str]:
    """Return what may be shown before anybody is named. Nothing here is from a name, number or address cell."""
    first = row.rows[0]
    if first.source is Source.AIDED:
        aided = next((a for a in facts.file.aided if a.ref == first), None)
        return {} if aided is None else {"role": aided.standing, "charge": aided.cause}
    case = facts.file.cases.get(row.case)
    parties = [p for p in (facts.file.party(r.case, r.row) for r in row.rows) if p is not None]
    found = {"role": "、".join(sorted({p.role for p in parties}))}
    if case is not None:
        found |= {"category": case.category, "charge": case.cause, "stage": case.stage or case.business}
    return found | (_victim_facts(parties[0], facts) if parties else {})


def _victim_facts(party: Party, facts: LocalFacts) -> dict[str, str]:
    victim = facts.file.victim_of(party)
    if victim is None:
        return {}
    loss = "" if victim.loss is None else "≥50000" if victim.loss >= 50_000 else "<50000"
    return {"harm": victim.harm, "loss": loss, "compensation": facts.state_of(party).value}


class ClueBook:
    """Keep the clues of all rounds."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str) -> Clue:
        """Return one clue. Raises NotFoundError."""
        return clue_from_values(self._store.get(CLUES, key))

    def list(self, *, model: str = "", status: str = "", change: str = "", round_id: str = "") -> list[Clue]:
        """Return clues by model, case; every filter left empty lets all through."""
        wanted = {"model": model, "status": status, "change": change, "last_round": round_id}
        query = sa.select(CLUES).order_by(CLUES.c.model, CLUES.c.case_number, CLUES.c.clue_id)
        for column, value in wanted.items():
            if value:
                query = query.where(CLUES.c[column] == value)
        return [clue_from_values(row) for row in self._store.select(query)]

    def of_case(self, case_number: str) -> Sequence[Clue]:
        """Return the clues of one case, of every model."""
        query = sa.select(CLUES).where(CLUES.c.case_number == case_number).order_by(CLUES.c.model, CLUES.c.clue_id)
        return [clue_from_values(row) for row in self._store.select(query)]

    def take_round(self, round_id: str, models: Sequence[str], found: Sequence[Clue], *, at: str = "") -> Counter[str]:
        """Compare a round's clues with those known of its models, store the outcome, and return counts by change.

        A person's decision on a clue stays; a changed clue that was rejected or closed becomes a candidate again,
        because what was decided may no longer hold. `at` is the moment the result came.
        """
        with self._store.engine.begin() as connection:
            known = {
                row["clue_id"]: clue_from_values(row)
                for row in connection.execute(CLUES.select().where(CLUES.c.model.in_(models))).mappings()
            }
            values = [_compared(clue, known.get(clue.clue_id), round_id) for clue in found]
            gone = [k for k in known.keys() - {c.clue_id for c in found} if known[k].change != GONE]
            counts = Counter(str(v["change"]) for v in values)
            counts[GONE] = len(gone)
            # Many rows at once: while this transaction lasts, no other command of the node can write.
            if again := [{"key": c.clue_id} for c in found if c.clue_id in known]:
                connection.execute(CLUES.delete().where(CLUES.c.clue_id == sa.bindparam("key")), again)
            if values:
                connection.execute(CLUES.insert(), values)
                mark(connection, values)
            if gone:
                lost = CLUES.update().where(CLUES.c.clue_id == sa.bindparam("key"))
                connection.execute(lost.values(change=GONE, last_round=round_id), [{"key": k} for k in gone])
            take_found(connection, [c.clue_id for c in found if c.clue_id not in known], round_id=round_id, at=at)
            changed = {str(v["clue_id"]): Action.CHANGE for v in values if v["change"] == CHANGED}
            take_changes(connection, changed | dict.fromkeys(gone, Action.LOSE), round_id=round_id, at=at)
        return counts

    def add(self, clue: Clue, round_id: str, *, at: str = "") -> None:
        """Store a clue that people found, not a round; one that is known stays as it is."""
        values = clue_values(clue) | {"first_round": round_id, "last_round": round_id}
        with self._store.engine.begin() as connection:
            if connection.execute(CLUES.select().where(CLUES.c.clue_id == clue.clue_id)).first() is None:
                connection.execute(CLUES.insert().values(values))
                mark(connection, [values])
                take_found(connection, [clue.clue_id], round_id=round_id, at=at)

    def take_one(self, round_id: str, clue: Clue, *, at: str) -> str:
        """Store one clue beside those of earlier rounds, and return its change; nothing else of its model changes."""
        with self._store.engine.begin() as connection:
            same = CLUES.c.clue_id == clue.clue_id
            row = connection.execute(CLUES.select().where(same)).mappings().first()
            values = _compared(clue, None if row is None else clue_from_values(row), round_id)
            connection.execute(CLUES.delete().where(same))
            connection.execute(CLUES.insert().values(values))
            mark(connection, [values])
            if row is None:
                take_found(connection, [clue.clue_id], round_id=round_id, at=at)
            elif values["change"] == CHANGED:
                take_changes(connection, {clue.clue_id: Action.CHANGE}, round_id=round_id, at=at)
        return str(values["change"])

    def recolour(
        self, kept: Sequence[tuple[Clue, bool]], *, vanished: Sequence[Clue], appeared: Sequence[Clue], at: str
    ) -> None:
        """Store what changed tables make of clues, in one transaction; `kept` says which have another colour now.

        A clue that loses its colour is gone, one that gets a colour is new; decisions of people stay.
        """
        with self._store.engine.begin() as connection:
            mark(connection, [clue_values(clue) for clue in (*(c for c, _ in kept), *vanished, *appeared)])
            for clue, differs in [*kept, *((c, False) for c in vanished)]:
                values: dict[str, object] = {"colouring": json.dumps(dict(clue.colouring), ensure_ascii=False)}
                values |= {"change": CHANGED} if differs else {}
                values |= {"change": GONE} if clue in vanished else {}
                connection.execute(CLUES.update().where(CLUES.c.clue_id == clue.clue_id).values(values))
                if differs or clue in vanished:
                    step = {clue.clue_id: Action.LOSE if clue in vanished else Action.CHANGE}
                    take_changes(connection, step, round_id=clue.last_round, at=at)
            for clue in appeared:
                connection.execute(CLUES.delete().where(CLUES.c.clue_id == clue.clue_id))
                fresh = {"change": NEW, "status": CANDIDATE, "first_round": clue.last_round}
                connection.execute(CLUES.insert().values(clue_values(clue) | fresh))
                take_found(connection, [clue.clue_id], round_id=clue.last_round, at=at)

    def decide(self, key: str, *, status: str, by: str, reason: str, at: str) -> None:
        """Confirm or reject a clue. Raises RoundStateError when it is decided already, or a reason is missing."""
        action = Action.REJECT if status == REJECTED else Action.CONFIRM
        with self._store.engine.begin() as connection:
            move(connection, key, Step(action, by, at, reason))


def _compared(clue: Clue, before: Clue | None, round_id: str) -> dict[str, object]:
    values = clue_values(clue) | {"last_round": round_id}
    if before is None:
        return values | {"first_round": round_id, "change": NEW}
    same = _finding(clue) == _finding(before)
    change = KEPT if same and before.change != GONE else CHANGED
    kept = {
        "first_round": before.first_round,
        "status": before.status,
        "decided_by": before.decided_by,
        "decided_at": before.decided_at,
        "decision_reason": before.decision_reason,
    }
    return values | kept | {"change": change}


def _finding(clue: Clue) -> tuple[object, ...]:
    """Return what a reviewer decides on: when it differs the clue has changed."""
    return clue.verdict, clue.grade, clue.tags, clue.colour


def clue_values(clue: Clue) -> dict[str, object]:
    """Return a clue as the tables keep it: references, masked facts, no particulars."""
    return {
        "clue_id": clue.clue_id,
        "model": clue.model,
        "case_number": clue.case_number,
        "level": clue.level,
        "rows": dump_refs(clue.rows),
        "people": dump_refs(clue.people),
        "verdict": clue.verdict,
        "grade": clue.grade,
        "tags": json.dumps(clue.tags),
        "links": json.dumps([[x.population, x.position, x.grade] for x in clue.links]),
        "facts": json.dumps(dict(clue.facts), ensure_ascii=False),
        "colouring": json.dumps(dict(clue.colouring), ensure_ascii=False),
        "status": clue.status,
        "change": clue.change,
        "first_round": clue.first_round,
        "last_round": clue.last_round,
        "decided_by": clue.decided_by,
        "decided_at": clue.decided_at,
        "decision_reason": clue.decision_reason,
    }


def clue_from_values(row: Mapping[Any, Any]) -> Clue:
    """Return the clue that `clue_values` gave."""
    values = dict(row)
    return Clue(
        **values
        | {
            "rows": load_refs(values["rows"]),
            "people": load_refs(values["people"]),
            "tags": tuple(json.loads(values["tags"])),
            "links": tuple(Link(*x) for x in json.loads(values["links"])),
            "facts": json.loads(values["facts"]),
            "colouring": json.loads(values["colouring"]),
        }
    )
