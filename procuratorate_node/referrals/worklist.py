"""The work list of those no register knew (GY-P-3): gravely harmed, not compensated, matched nowhere; to be visited.

OPEN → VISITED → AIDED, or DROPPED with a reason; MATCHED when a later round finds the person after all. A visited
person becomes a clue of the kind GY-P-3, which is confirmed, opened and referred as any other: after the aid is decided
a letter of suggestion asks a unit to take him in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from linkage.database.migrating import bring_forward
from linkage.errors import NotFoundError, RoundStateError
from linkage.owner.database import reading
from linkage.plan import Verdict
from procuratorate_node.anchors import LocalFacts, Placed
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.clues import Clue, make_clue
from procuratorate_node.colour_table import ColourTable
from procuratorate_node.outcome import ClueRow
from procuratorate_node.painting import Proven, inputs_of
from procuratorate_node.referrals.catalogue import Worklist
from procuratorate_node.store import METADATA, PROCURATORATE

MODEL: Final = "GY-P-3"
UNMATCHED: Final = sa.Table(
    "unmatched",
    METADATA,
    sa.Column("case_number", sa.Text, primary_key=True),
    sa.Column("row", sa.Text, primary_key=True),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("person", sa.String(16), nullable=False),  # Local person key; never leaves the node.
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("harm", sa.Integer, nullable=False),
    sa.Column("words", sa.Integer, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.String(20), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("clue_id", sa.String(16), nullable=False),
)


class Visit(StrEnum):
    """How far the work on an unmatched person is."""

    OPEN = "OPEN"
    VISITED = "VISITED"
    AIDED = "AIDED"
    MATCHED = "MATCHED"
    DROPPED = "DROPPED"


NEXT: Final[Mapping[Visit, frozenset[Visit]]] = {
    Visit.OPEN: frozenset({Visit.VISITED, Visit.DROPPED}),
    Visit.VISITED: frozenset({Visit.AIDED, Visit.DROPPED}),
    Visit.AIDED: frozenset(),
    Visit.MATCHED: frozenset({Visit.VISITED}),
    Visit.DROPPED: frozenset(),
}


@dataclass(frozen=True, slots=True, order=True)
class Unmatched:
    """One row of ours whose person no asked register knew. `words` counts the hardship words of the file."""

    case_number: str
    row: str
    source: str
    person: str
    round_id: str
    harm: int
    words: int
    state: Visit = Visit.OPEN
    by: str = ""
    at: str = ""
    note: str = ""
    clue_id: str = ""

    @property
    def ref(self) -> RowRef:
        return RowRef(Source(self.source), self.case_number, self.row)


def unmatched_of(
    round_id: str,
    placed: Iterable[Placed],
    clues: Iterable[Clue],
    *,
    facts: LocalFacts,
    table: ColourTable,
    rule: Worklist,
) -> list[Unmatched]:
    """Return those of a round's anchors that no model matched and that are worth a visit. Pure.

    Only rows of living victims and the kin of dead ones count; a person with any clue, or aided before, does not.
    """
    known = {facts.person_of.get(ref) for clue in clues for ref in (*clue.rows, *clue.people)} | facts.own_aided()
    found: dict[RowRef, Unmatched] = {}
    for anchor in placed:
        if anchor.person in known:
            continue
        for ref in sorted({ref for rows in anchor.rows.values() for ref in rows}):
            one = _worth_a_visit(round_id, anchor.person, ref, facts=facts, table=table, rule=rule)
            if one is not None:
                found[ref] = one
    return sorted(found.values(), key=lambda u: (-u.harm, -u.words, u.case_number, u.row))


def _worth_a_visit(
    round_id: str, person: str, ref: RowRef, *, facts: LocalFacts, table: ColourTable, rule: Worklist
) -> Unmatched | None:
    party = facts.file.party(ref.case, ref.row)
    if party is None or not facts.file.is_probe(party):
        return None
    if facts.state_of(party).value not in rule.compensation:
        return None
    inputs = inputs_of(facts, table, ref, Proven(frozenset()))
    if inputs is None or inputs.excluded or inputs.harm < rule.harm_from:
        return None
    words = len(inputs.hardship) + len(inputs.urgent)
    return Unmatched(ref.case, ref.row, ref.source.value, person, round_id, inputs.harm, words)


class UnmatchedTable:
    """Keep the work list; every method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        bring_forward(engine, PROCURATORATE)

    def take_round(self, found: Iterable[Unmatched], matched: frozenset[str]) -> int:
        """Add who is new, and mark the open ones that a round has matched after all; return how many are new."""
        with self._engine.begin() as connection:
            known = {(r.case_number, r.row) for r in connection.execute(sa.select(UNMATCHED))}
            fresh = [_values(u) for u in found if (u.case_number, u.row) not in known]
            if fresh:
                connection.execute(UNMATCHED.insert(), fresh)
            again = [{"key": key} for key in sorted(matched)]
            if again:
                still = (UNMATCHED.c.person == sa.bindparam("key"), UNMATCHED.c.state == Visit.OPEN.value)
                connection.execute(UNMATCHED.update().where(*still).values(state=Visit.MATCHED.value), again)
        return len(fresh)

    def all(self, *states: Visit) -> list[Unmatched]:
        """Return the list, gravest first."""
        wanted = UNMATCHED.select().order_by(
            UNMATCHED.c.harm.desc(), UNMATCHED.c.words.desc(), UNMATCHED.c.case_number, UNMATCHED.c.row
        )
        if states:
            wanted = wanted.where(UNMATCHED.c.state.in_(states))
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).mappings().all()
        return [Unmatched(**dict(r) | {"state": Visit(r["state"])}) for r in rows]

    def get(self, case: str, row: str) -> Unmatched:
        """Return one entry. Raises NotFoundError."""
        for found in self.all():
            if (found.case_number, found.row) == (case, row):
                return found
        raise NotFoundError("走访清单里没有这一行", "the work list has no such row")

    def of_clue(self, clue_id: str) -> Unmatched | None:
        return next((u for u in self.all() if u.clue_id == clue_id), None)

    def step(self, found: Unmatched, state: Visit, *, by: str, at: str, note: str, clue_id: str = "") -> None:
        """Take one step. Raises RoundStateError."""
        if state not in NEXT[found.state]:
            raise RoundStateError(f"不能从 {found.state} 变为 {state}", f"{found.state} cannot become {state}")
        same = (
            UNMATCHED.c.case_number == found.case_number,
            UNMATCHED.c.row == found.row,
            UNMATCHED.c.state == found.state.value,
        )
        values = {"state": state.value, "by": by, "at": at, "note": note, "clue_id": clue_id or found.clue_id}
        with self._engine.begin() as connection:
            if connection.execute(UNMATCHED.update().where(*same).values(values)).rowcount != 1:
                raise RoundStateError("这一行刚被他人处理", "somebody else has just dealt with this row")


def visited_clue(found: Unmatched, facts: LocalFacts) -> Clue:
    """Return the candidate clue of a visited person: no link and no tag, masked facts only."""
    row = ClueRow(MODEL, found.case_number, found.person, (found.ref,), Verdict.YES, "", ())
    return make_clue(row, facts, locality=None)


def _values(found: Unmatched) -> dict[str, object]:
    return {c.name: getattr(found, c.name) for c in UNMATCHED.columns} | {"state": found.state.value}
