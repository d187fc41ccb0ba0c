"""Open a confirmed clue to a name: the only file that turns a clue's rows into persons.

One officer asks with a reason, a different one approves, and only for a confirmed clue. For every person there is one
audit entry, durable before the name is returned; a quota bounds how many are opened in 24 hours.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from linkage.audit.commitment import FILE as SALTS
from linkage.audit.commitment import Salts
from linkage.errors import LimitError, NotFoundError, PermissionRefused, RoundStateError
from linkage.keys.canonical import JSON, canonical_json
from linkage.owner.trail import AuditTrail
from linkage.warrant import utc_text
from procuratorate_node.cases.records import CaseFile, RowRef
from procuratorate_node.clues import Clue, ClueBook
from procuratorate_node.cluework.moves import Step, move
from procuratorate_node.cluework.states import Action
from procuratorate_node.config import Config
from procuratorate_node.store import OPENINGS, Store

WINDOW: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class OpenedPerson:
    """One person of a clue by name, as the rows say it. Never stored, logged or sent by this file."""

    rows: tuple[RowRef, ...]
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opening:
    """One request to open a clue; `approved_by` is "" while it waits."""

    opening_id: str
    clue_id: str
    requested_by: str
    requested_at: str
    reason: str
    approved_by: str
    approved_at: str
    persons: int


@dataclass(frozen=True, slots=True)
class Desk:
    """Where re-identification is asked for and approved."""

    store: Store = field(repr=False)
    book: ClueBook = field(repr=False)
    trail: AuditTrail = field(repr=False)
    config: Config = field(repr=False)

    def request(self, clue_id: str, *, by: str, reason: str, now: datetime) -> str:
        """Ask to open a confirmed clue; return the opening's id. Raises PermissionRefused, RoundStateError."""
        self.config.require(by, "reidentify")
        self._confirmed(clue_id)
        if not reason.strip():
            raise RoundStateError("必须写明还原身份的理由", "a reason must be given")
        opening = secrets.token_hex(6)
        self.trail.note("reidentify.requested", {"opening": opening, "clue": clue_id, "by": by, "reason": reason})
        values = {"opening_id": opening, "clue_id": clue_id, "requested_by": by, "requested_at": utc_text(now)}
        with self.store.engine.begin() as connection:
            blank = {"reason": reason, "approved_by": "", "approved_at": "", "persons": 0}
            connection.execute(OPENINGS.insert().values(values | blank))
            move(connection, clue_id, Step(Action.ASK, by, utc_text(now), reason))
        return opening

    def approve(
        self, opening_id: str, *, by: str, now: datetime, file: CaseFile, person_of: Mapping[RowRef, str]
    ) -> tuple[OpenedPerson, ...]:
        """Approve an opening and return the persons. Raises PermissionRefused, RoundStateError, LimitError."""
        self.config.require(by, "approve")
        row = self.store.get(OPENINGS, opening_id)
        if row["approved_by"]:
            raise RoundStateError("这次还原已经办结", "this opening is done already")
        if row["requested_by"] == by:
            raise PermissionRefused("申请人与批准人必须是两个人", "who asks and who approves are two people")
        clue = self._confirmed(str(row["clue_id"]))
        people = people_of(clue.people, person_of)
        # The count is taken before a name is shown, so that a break in between costs quota, never evades it.
        self._claim(row, by=by, persons=len(people), now=now)
        for number, rows in enumerate(people, 1):
            subject: dict[str, JSON] = {"subject": self._commitment(rows)}
            self.trail.note("person.opened", self._facts(clue, row, by=by, number=number) | subject)
        return tuple(_opened(rows, file) for rows in people)

    def _commitment(self, rows: Iterable[RowRef]) -> str:
        """Commit to whose rows are opened: checkable later by who has the salt, readable by nobody in the log."""
        value = canonical_json([[ref.case, ref.row] for ref in sorted(rows, key=lambda ref: (ref.case, ref.row))])
        return Salts(self.config.state / SALTS).commit(value)

    def _facts(self, clue: Clue, row: sa.RowMapping, *, by: str, number: int) -> dict[str, JSON]:
        return {
            "opening": str(row["opening_id"]),
            "clue": clue.clue_id,
            "model": clue.model,
            "round": clue.last_round,
            "person": number,
            "requested_by": str(row["requested_by"]),
            "approved_by": by,
            "reason": str(row["reason"]),
        }

    def _confirmed(self, clue_id: str) -> Clue:
        clue = self.book.get(clue_id)
        if not clue.confirmed:
            raise RoundStateError("只有已确认的线索才能还原身份", "only a confirmed clue can be opened")
        return clue

    def _claim(self, row: sa.RowMapping, *, by: str, persons: int, now: datetime) -> None:
        """Take the quota, mark the opening as approved and the clue as identified, in one transaction."""
        opening_id = str(row["opening_id"])
        quota = self.config.screening.opened_per_day
        used = sa.select(sa.func.coalesce(sa.func.sum(OPENINGS.c.persons), 0))
        open_one = OPENINGS.update().where(OPENINGS.c.opening_id == opening_id, OPENINGS.c.approved_by == "")
        with self.store.engine.begin() as connection:
            opened = connection.execute(used.where(OPENINGS.c.approved_at > utc_text(now - WINDOW))).scalar_one()
            if int(opened) + persons > quota:
                raise LimitError(f"24 小时内最多还原 {quota} 人", f"at most {quota} persons may be opened in 24 hours")
            done = connection.execute(open_one.values(approved_by=by, approved_at=utc_text(now), persons=persons))
            if not done.rowcount:
                raise RoundStateError("这次还原已经办结", "this opening is done already")
            move(connection, str(row["clue_id"]), Step(Action.IDENTIFY, by, utc_text(now), str(row["reason"])))

    def show(
        self, clue_id: str, *, by: str, file: CaseFile, person_of: Mapping[RowRef, str]
    ) -> tuple[OpenedPerson, ...]:
        """Return the persons of an opened clue once more, to one of the two who opened it; one audit entry each.

        Raises PermissionRefused, RoundStateError.
        """
        clue = self.require_opened(clue_id, by=by)
        people = people_of(clue.people, person_of)
        for number, rows in enumerate(people, 1):
            facts: dict[str, JSON] = {"clue": clue_id, "person": number, "by": by, "subject": self._commitment(rows)}
            self.trail.note("person.shown", facts)
        return tuple(_opened(rows, file) for rows in people)

    def require_opened(self, clue_id: str, *, by: str) -> Clue:
        """Return a clue whose persons this officer opened with another. Raises PermissionRefused, RoundStateError."""
        clue, opened = self._confirmed(clue_id), [o for o in self.openings(clue_id) if o.approved_by]
        if not opened:
            raise RoundStateError("这条线索还没有还原身份", "this clue has not been opened")
        if not any(by in (o.requested_by, o.approved_by) for o in opened):
            raise PermissionRefused(
                "只有申请和批准还原的两个人可以再次查看",
                "only the two people who opened a clue may see its people again",
                hint_zh="需要时另行申请还原，写明理由",
                hint_en="ask for an opening of your own, with a reason",
            )
        return clue

    def opening(self, opening_id: str) -> Opening:
        """Return one request. Raises NotFoundError."""
        return Opening(**{str(k): v for k, v in self.store.get(OPENINGS, opening_id).items()})

    def openings(self, clue_id: str) -> tuple[Opening, ...]:
        """Return what was asked for one clue, oldest first."""
        query = sa.select(OPENINGS).where(OPENINGS.c.clue_id == clue_id).order_by(OPENINGS.c.requested_at)
        return tuple(Opening(**{str(k): v for k, v in row.items()}) for row in self.store.select(query))

    def was_opened(self, clue_id: str) -> bool:
        """Tell whether a clue was opened before; a referral needs that."""
        return any(opening.approved_by for opening in self.openings(clue_id))


def people_of(rows: Iterable[RowRef], person_of: Mapping[RowRef, str]) -> list[tuple[RowRef, ...]]:
    """Group rows by person; a row without a person (masked name) stands for itself."""
    groups: dict[str, list[RowRef]] = {}
    for row in rows:
        groups.setdefault(person_of.get(row, f"{row.case}\0{row.row}"), []).append(row)
    return [tuple(refs) for refs in groups.values()]


def _opened(rows: tuple[RowRef, ...], file: CaseFile) -> OpenedPerson:
    raws = dict(file.person_rows())
    names = ("name", "id_number", "sex", "birth", "phone", "address")
    fields = {
        name: next((value for ref in rows if ref in raws and (value := getattr(raws[ref], name))), "") for name in names
    }
    return OpenedPerson(rows, fields)


def particulars(
    clue: Clue, file: CaseFile, person_of: Mapping[RowRef, str], *, number: int, names: Iterable[str]
) -> Mapping[str, str]:
    """Return the named fields of one of a clue's persons, counted from 1, where a row has them; for a referral.

    The referral desk refuses a clue that was never opened. Raises NotFoundError for a person the clue has not.
    """
    people = people_of(clue.people, person_of)
    if not 0 < number <= len(people):
        raise NotFoundError(
            f"这条线索有 {len(people)} 人，没有第 {number} 人",
            f"this clue has {len(people)} persons and no number {number}",
            hint_zh="用 --person 指定",
            hint_en="say which with --person",
        )
    fields = _opened(people[number - 1], file).fields
    return {name: fields[name] for name in names if fields.get(name)}
