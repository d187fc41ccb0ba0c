"""Clues that a department of our own office hands over (GY-M1-2): who, why, and the clue it becomes.

A clue so made rests on no round and no register. It is confirmed, opened, aided and referred like any other; a search
of the person (GY-M1-3) or the next round tells what the registers know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from linkage.database.migrating import bring_forward
from linkage.errors import NotFoundError, RoundStateError
from linkage.plan import Verdict
from linkage.warrant import utc_text
from procuratorate_node.anchors import LocalFacts
from procuratorate_node.cases.records import SUSPECT
from procuratorate_node.clues import Clue, make_clue
from procuratorate_node.outcome import ClueRow
from procuratorate_node.store import METADATA, PROCURATORATE

MODEL: Final = "GY-M1-2"
REASONS: Final[Mapping[str, str]] = {
    "low-income": "疑似低收入",
    "disabled": "疑似残疾",
    "minor": "未成年人",
    "urgent": "急需救治或生活急迫困难",
    "other": "其他",
}
HANDOVERS: Final = sa.Table(
    "handovers",
    METADATA,
    sa.Column("clue_id", sa.String(16), primary_key=True),
    sa.Column("department", sa.Text, nullable=False),
    sa.Column("reason", sa.String(12), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.String(20), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Handover:
    """What a department says: one party of one case, a reason of REASONS, a note without personal values."""

    case: str
    party: str
    department: str
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Handovers:
    """Take and list what was handed over; `keep` stores a clue that people found."""

    engine: sa.Engine = field(repr=False)
    keep: Callable[[Clue], object] = field(repr=False)

    def __post_init__(self) -> None:
        bring_forward(self.engine, PROCURATORATE)

    def take(self, given: Handover, facts: LocalFacts, *, by: str, now: datetime) -> Clue:
        """Make the clue and note who handed it over; a second time changes nothing.

        The clue is there before the note, so that a break between the two loses neither: it is handed over again.
        Raises NotFoundError, RoundStateError.
        """
        clue = handed_clue(given, facts)
        self.keep(clue)
        values = {"clue_id": clue.clue_id, "department": given.department, "reason": given.reason, "note": given.note}
        with self.engine.begin() as connection:
            if connection.execute(HANDOVERS.select().where(HANDOVERS.c.clue_id == clue.clue_id)).first() is None:
                connection.execute(HANDOVERS.insert().values(values | {"by": by, "at": utc_text(now)}))
        return clue

    def all(self) -> Sequence[sa.RowMapping]:
        """Return every handover, oldest first."""
        with self.engine.connect() as connection:
            return connection.execute(HANDOVERS.select().order_by(HANDOVERS.c.at)).mappings().all()


def handed_clue(given: Handover, facts: LocalFacts) -> Clue:
    """Return the candidate clue of a party: masked facts, no link, no tag."""
    party = facts.file.party(given.case, given.party)
    if party is None or party.ref not in facts.person_of:
        raise NotFoundError(
            "案件里没有这个当事人编号，或姓名不全", "this case has no such party, or the name is masked"
        )
    if party.dead or party.role == SUSPECT:
        raise RoundStateError(
            "不能移送：已死亡或是犯罪嫌疑人",
            "a dead person or a suspect is not handed over",
            hint_zh="被害人死亡的，移送其近亲属",
            hint_en="where the victim is dead, hand over a near relative",
        )
    row = ClueRow(MODEL, given.case, facts.person_of[party.ref], (party.ref,), Verdict.YES, "", ())
    return make_clue(row, facts, locality=None)
