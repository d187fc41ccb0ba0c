"""Read the rows of the figures from the node's store; nothing of a person and no case number leaves here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

import sqlalchemy as sa

from linkage.owner.database import reading
from procuratorate_node.awards.budget import budget_use, budget_years
from procuratorate_node.awards.records import AWARDS
from procuratorate_node.cases.values import fold_cause
from procuratorate_node.cluework.checks import Check
from procuratorate_node.cluework.deadlines import day_of
from procuratorate_node.cluework.marks import CLUE_MARKS, colour_shown
from procuratorate_node.cluework.moves import standings
from procuratorate_node.cluework.records import CLUE_CHECKS, CLUE_STEPS, CLUE_WORK
from procuratorate_node.cluework.states import Action, AwardState
from procuratorate_node.governance.flow_figures import department_of
from procuratorate_node.governance.letter_figures import REFERRAL, RELEASE, SUGGESTION
from procuratorate_node.governance.rows import AwardRow, BudgetRow, ClueRow, LetterRow, Rows, SupervisionRow
from procuratorate_node.handovers import HANDOVERS
from procuratorate_node.referrals.states import WITH_THE_UNIT
from procuratorate_node.referrals.supervision import SUPERVISIONS
from procuratorate_node.referrals.table import REFERRALS, STEPS
from procuratorate_node.relief.input_file import parse_input
from procuratorate_node.store import CLUES, MESSAGES, OPENINGS, Store

VERDICT = {Action.CONFIRM: "confirmed", Action.REJECT: "rejected", Action.REOPEN: "open"}
HOUR: Final = len("2026-10-31T08")  # Beijing is whole hours from UTC: a moment's hour tells its day.
REPORTED: Final = 5000
Heard = Callable[[int, int], object]
DECIDED = (AwardState.DECIDED, AwardState.PAID)


def heard_by_nobody(_done: int, _total: int) -> None:
    """Tell nobody."""


def collect(store: Store, heard: Heard = heard_by_nobody) -> Rows:
    """Return everything the store knows, for all days; `heard` is told how many clues were read, and of how many."""
    with reading(store.engine) as connection:
        found = _days_found(connection)
        return Rows(
            _clues(connection, found, heard),
            _awards(connection, found),
            _letters(connection),
            _budgets(connection),
            _lane(connection),
        )


def _days_found(connection: sa.Connection) -> dict[str, date | None]:
    """Return the day each clue was found; a hundred thousand moments lie in a few thousand hours."""
    noted = connection.execute(sa.select(CLUE_WORK.c.clue_id, CLUE_WORK.c.found_at)).all()
    days = {hour: day_of(f"{hour}:00:00Z") for hour in {at[:HOUR] for _, at in noted} if hour}
    return {key: days.get(at[:HOUR]) for key, at in noted}


def _clues(connection: sa.Connection, found: Mapping[str, date | None], heard: Heard) -> list[ClueRow]:
    columns = (CLUES.c.clue_id, CLUES.c.model, CLUES.c.grade, CLUES.c.tags, CLUE_MARKS.c.category)
    listed = (
        sa.select(*columns, colour_shown().label("colour"))
        .join(CLUE_MARKS, CLUE_MARKS.c.clue_id == CLUES.c.clue_id)
        .order_by(CLUES.c.model, CLUES.c.case_number, CLUES.c.clue_id)
    )
    standing, verdicts = standings(connection), _verdicts(connection)
    names = ("person", "link", "facts", "helped", "searched")
    checks = {
        row["clue_id"]: Check(*(row[n] for n in names))
        for row in connection.execute(sa.select(CLUE_CHECKS).order_by(CLUE_CHECKS.c.number)).mappings()
    }
    noted = connection.execute(sa.select(CLUE_WORK.c.clue_id, CLUE_WORK.c.elements))
    elements = {key: _texts(text) for key, text in noted}
    handed = _departments(connection)
    rows = []
    for key, model, grade, tags, category, colour in connection.execute(listed):
        if key not in standing:
            continue
        rows.append(
            ClueRow(
                model=model,
                category=category,
                colour=colour,
                grade=grade,
                phase=standing[key].phase,
                verdict=verdicts.get(key, "open"),
                tags=_texts(tags),
                found=found.get(key),
                check=checks.get(key),
                elements=elements.get(key, ()),
                department=handed.get(key, department_of(category)),
                award=standing[key].award.value,
            )
        )
        if len(rows) % REPORTED == 0:
            heard(len(rows), len(standing))
    return rows


@lru_cache(maxsize=4096)  # A hundred thousand clues have the same few lists of tags and elements.
def _texts(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def _departments(connection: sa.Connection) -> dict[str, str]:
    """Return which department handed a clue over; none where nothing was ever handed over."""
    if not sa.inspect(connection).has_table(HANDOVERS.name):
        return {}
    return {row[0]: row[1] for row in connection.execute(sa.select(HANDOVERS.c.clue_id, HANDOVERS.c.department))}


def _verdicts(connection: sa.Connection) -> dict[str, str]:
    """Return what was last decided about each clue; a closed clue keeps it, a reopened one is open."""
    steps = sa.select(CLUE_STEPS.c.clue_id, CLUE_STEPS.c.action, CLUE_STEPS.c.phase).order_by(CLUE_STEPS.c.number)
    last: dict[str, str] = {}
    for key, action, phase in connection.execute(steps):
        if action == Action.CHANGE and phase == "candidate":
            last[key] = "open"
        elif Action(action) in VERDICT:
            last[key] = VERDICT[Action(action)]
    return last


def _awards(connection: sa.Connection, found: Mapping[str, date | None]) -> list[AwardRow]:
    most = sa.select(OPENINGS.c.clue_id, sa.func.max(OPENINGS.c.persons)).group_by(OPENINGS.c.clue_id)
    opened: dict[str, int] = {row[0]: row[1] for row in connection.execute(most)}
    rows = connection.execute(
        sa.select(AWARDS, CLUES.c.model, CLUES.c.facts)
        .outerjoin(CLUES, CLUES.c.clue_id == AWARDS.c.clue_id)
        .where(AWARDS.c.state.in_(DECIDED))
        .order_by(AWARDS.c.number)
    ).mappings()
    keyed = ((str(row["clue_id"]), row) for row in rows)
    return [_award(row, found.get(key), opened.get(key, 1)) for key, row in keyed]


def _award(row: sa.RowMapping, found: date | None, persons: int) -> AwardRow:
    facts = parse_input(row["inputs"], name="inputs.json").facts
    return AwardRow(
        model=row["model"] or "",
        charge=fold_cause(facts.charge) if facts.charge else "–",
        case_type=facts.case_type,
        harm=facts.harm,
        stage=json.loads(row["facts"] or "{}").get("stage", ""),
        tags=facts.tags,
        amount=Decimal(row["amount"]),
        decided=date.fromisoformat(json.loads(row["decided_case"])["decided_on"]),
        persons=max(persons, 1),
        found=found,
        paid=date.fromisoformat(row["paid_on"]) if row["paid_on"] else None,
    )


def _letters(connection: sa.Connection) -> list[LetterRow]:
    """Return what was sent: releases by the population asked, referrals and suggestions by service."""
    asked = sa.select(MESSAGES).where(MESSAGES.c.kind == RELEASE)
    releases = [
        LetterRow(RELEASE, row["receiver"], json.loads(row["about"])[0], row["state"], sent, day_of(row["answered_at"]))
        for row in connection.execute(asked).mappings()
        if (sent := day_of(row["asked_at"])) is not None
    ]
    newest = sa.select(STEPS.c.referral_id, sa.func.max(STEPS.c.at)).group_by(STEPS.c.referral_id)
    moved: dict[str, str] = {row[0]: row[1] for row in connection.execute(newest)}
    rows = connection.execute(sa.select(REFERRALS).where(REFERRALS.c.sent_at != "")).mappings()
    return releases + [_referral(row, moved.get(row["referral_id"], "")) for row in rows]


def _referral(row: sa.RowMapping, moved: str) -> LetterRow:
    sent = day_of(row["sent_at"])
    assert sent is not None
    answered = None if row["state"] in WITH_THE_UNIT else day_of(moved)
    kind = SUGGESTION if row["letter"] == SUGGESTION else REFERRAL
    return LetterRow(kind, row["unit"], row["service"], row["state"], sent, answered, row["band"])


def _lane(connection: sa.Connection) -> list[SupervisionRow]:
    rows = connection.execute(sa.select(SUPERVISIONS)).mappings()
    return [
        SupervisionRow(r["state"], day_of(r["at"]), Decimal(r["recovered"]) if r["recovered"] else None) for r in rows
    ]


def _budgets(connection: sa.Connection) -> list[BudgetRow]:
    years = sa.select(AWARDS.c.year).where(AWARDS.c.state.in_(DECIDED))
    awards = Counter(row[0] for row in connection.execute(years))
    uses = [budget_use(connection, year) for year in budget_years(connection)]
    return [BudgetRow(u.year, u.budget, u.committed, u.paid, awards[u.year]) for u in uses]
