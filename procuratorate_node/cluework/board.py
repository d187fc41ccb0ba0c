"""All clues with where they stand, who works on them and by when; and the list of what to do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from linkage.owner.database import reading
from procuratorate_node.clues import CHANGED, GONE, Clue, clue_from_values
from procuratorate_node.cluework.deadlines import Deadlines, Due, day_of
from procuratorate_node.cluework.finding import Part, Wanted, find
from procuratorate_node.cluework.kept import keep_marks
from procuratorate_node.cluework.moves import IN_ONE, standings
from procuratorate_node.cluework.records import CLUE_STEPS, CLUE_WORK
from procuratorate_node.cluework.states import AwardState, Standing, Status
from procuratorate_node.store import CLUES, MESSAGES, Store
from procuratorate_node.warning.tree import Colour
from procuratorate_node.working_days import Calendar

COLOURS = ("red", "orange", "yellow", "")


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One clue as the list of work shows it. `since` is the day it came into its phase, None where nobody knows."""

    clue: Clue
    standing: Standing
    officer: str = ""
    found: date | None = None
    since: date | None = None
    due: Due | None = None
    deferred_until: date | None = None
    watched: bool = False
    needs: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    explained: bool = True

    @property
    def phase(self) -> str:
        return self.standing.phase

    def overdue(self, today: date) -> bool:
        return self.due is not None and self.due.day < today


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. `zh` and `en` say what."""

    item: WorkItem
    zh: str
    en: str
    due: Due | None = None


def tasks(items: Iterable[WorkItem], deadlines: Deadlines, *, today: date) -> tuple[Task, ...]:
    """Return what is to be done, the most pressing first: by day, then by colour."""
    made = [task for item in items if (task := _task(item, deadlines, today)) is not None]
    return tuple(
        sorted(made, key=lambda t: (_day(t.due), COLOURS.index(t.item.clue.shown_colour), t.item.clue.clue_id))
    )


def neglected(items: Iterable[WorkItem], *, today: date) -> tuple[WorkItem, ...]:
    """Return the confirmed clues whose aid, though due, was neither paid nor refused: 应救未救 (PA-V-5)."""
    stuck = (i for i in items if i.clue.confirmed and i.standing.award not in (AwardState.PAID, AwardState.REFUSED))
    return tuple(sorted((i for i in stuck if i.overdue(today)), key=lambda i: (_day(i.due), i.clue.clue_id)))


def _task(item: WorkItem, deadlines: Deadlines, today: date) -> Task | None:
    if not item.explained and (item.standing.award is AwardState.REFUSED or item.clue.facts.get("category") == "信访"):
        return Task(item, "释法说理：说明不予救助的理由", "explain to the applicant why there is no aid", item.due)
    if item.standing.status is Status.DEFERRED:
        if item.deferred_until is None or item.deferred_until > today:
            return None
        return Task(item, "暂缓期满，恢复核查", "the deferral is over: resume the check", Due(item.deferred_until))
    rule = deadlines.rules.get(item.phase)
    if item.clue.change == GONE and item.standing.status not in (Status.REJECTED, Status.CLOSED):
        return Task(
            item, "后续轮次未再发现，核实后办结", "a later round no longer finds it: check, then close", item.due
        )
    if rule is None:
        return None
    changed = ("（线索有变化）", " (the clue has changed)") if item.clue.change == CHANGED else ("", "")
    return Task(item, rule.zh + changed[0], rule.en + changed[1], item.due)


def _day(due: Due | None) -> date:
    return date.max if due is None else due.day


@dataclass(frozen=True, slots=True)
class Board:
    """Read the items from the store."""

    store: Store = field(repr=False)
    deadlines: Deadlines = field(repr=False)
    calendar: Calendar = field(repr=False)

    def items(self, clues: Iterable[Clue]) -> tuple[WorkItem, ...]:
        """Return the clues with their work, in their order."""
        wanted = tuple(clues)
        with reading(self.store.engine) as connection:
            return tuple(self._items(connection, wanted))

    def _items(self, connection: sa.Connection, clues: Sequence[Clue]) -> Iterator[WorkItem]:
        """Yield the items of clues; of a few only what belongs to them is read."""
        named = [c.clue_id for c in clues] if len(clues) <= IN_ONE else []
        rows = sa.select(CLUE_WORK).where(CLUE_WORK.c.clue_id.in_(named)) if named else sa.select(CLUE_WORK)
        work = {row["clue_id"]: row for row in connection.execute(rows).mappings()}
        standing = standings(connection, *named)
        yield from (self._item(c, standing[c.clue_id], work.get(c.clue_id)) for c in clues if c.clue_id in standing)

    def find(self, wanted: Wanted, part: Part, *, today: date) -> tuple[int, tuple[WorkItem, ...]]:
        """Return how many clues pass the filters, and the part of the list asked for with its work."""
        keep_marks(self.store.engine, self.deadlines, self.calendar)
        with reading(self.store.engine) as connection:
            found = find(connection, wanted, part, today=today)
            parts = (found.clue_ids[at : at + IN_ONE] for at in range(0, len(found.clue_ids), IN_ONE))
            items = {item.clue.clue_id: item for part in parts for item in self._read(connection, part)}
        return found.total, tuple(items[key] for key in found.clue_ids)

    def _read(self, connection: sa.Connection, clue_ids: Sequence[str]) -> Iterator[WorkItem]:
        rows = connection.execute(CLUES.select().where(CLUES.c.clue_id.in_(clue_ids))).mappings()
        return self._items(connection, [clue_from_values(row) for row in rows])

    def changes(self) -> Mapping[str, int]:
        """Return how many clues are new, kept, changed or gone since the round before the last of their model."""
        counted = sa.select(CLUES.c.change, sa.func.count()).group_by(CLUES.c.change)
        with reading(self.store.engine) as connection:
            return {str(change): int(count) for change, count in connection.execute(counted)}

    def _item(self, clue: Clue, standing: Standing, row: Mapping[str, object] | sa.RowMapping | None) -> WorkItem:
        if row is None:
            return WorkItem(clue, standing)
        since = day_of(str(row["since"]))
        red = clue.shown_colour == Colour.RED
        due = self.deadlines.due(standing.phase, red=red, since=since, calendar=self.calendar)
        until = str(row["deferred_until"])
        return WorkItem(
            clue,
            standing,
            officer=str(row["officer"]),
            found=day_of(str(row["found_at"])),
            since=since,
            due=due,
            deferred_until=date.fromisoformat(until) if until else None,
            watched=bool(row["watched"]),
            needs=tuple(json.loads(str(row["needs"]))),
            elements=tuple(json.loads(str(row["elements"]))),
            explained=bool(row["explained"]),
        )

    def history(self, clue_id: str) -> Sequence[tuple[str, str, str, str, str]]:
        """Return every step of one clue as (at, who, what, state after it, why), letters among them."""
        own = sa.select(CLUE_STEPS).where(CLUE_STEPS.c.clue_id == clue_id).order_by(CLUE_STEPS.c.number)
        sent = sa.select(MESSAGES).where(MESSAGES.c.clue_id == clue_id).order_by(MESSAGES.c.asked_at)
        lines = [(r["at"], r["by"], r["action"], r["phase"], r["reason"]) for r in self.store.select(own)]
        for r in self.store.select(sent):
            lines.append((r["asked_at"], r["asked_by"], f"{r['kind']}-sent", "", r["receiver"]))
            if r["answered_at"]:
                lines.append((r["answered_at"], r["receiver"], f"{r['kind']}-answered", r["state"], r["reason"]))
        return sorted(lines, key=lambda line: line[0])
