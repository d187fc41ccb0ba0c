"""The supervision lane (WD-K-3, WD-P-3): case-level clues of unpaid judgment debts become procuratorial advice.

OPEN → ACCEPTED → ADVISED | CORRECTED → ANSWERED → CLOSED, or DISMISSED with a reason. It has a duty of its own
("supervise"), asks the two questions of WD-K-6, and speaks of cases and judgments only: nobody is opened to a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from linkage.database.migrating import bring_forward
from linkage.errors import InputError, NotFoundError, PermissionRefused, RoundStateError
from linkage.keys.canonical import JSON
from linkage.keys.times import utc_text
from linkage.owner.database import reading
from procuratorate_node.clues import Clue
from procuratorate_node.letters.chinese import date_in_han, date_text
from procuratorate_node.letters.filling import Values
from procuratorate_node.letters.writing import Origin, write_letter
from procuratorate_node.referrals.answers import plain_words
from procuratorate_node.referrals.composing import Made
from procuratorate_node.referrals.workplace import Particulars, Workplace, open_particulars
from procuratorate_node.relief.money import parse_yuan, plain
from procuratorate_node.store import METADATA, PROCURATORATE

LETTER: Final = "advice"
MAX_WORDS: Final = 2000
YES_NO: Final = ("yes", "no", "unknown")
SUPERVISIONS: Final = sa.Table(
    "supervisions",
    METADATA,
    sa.Column("clue_id", sa.String(16), primary_key=True),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("exhausted", sa.String(8), nullable=False),  # Has the court searched all property? (WD-K-6)
    sa.Column("helped", sa.String(8), nullable=False),  # Did the administration help at once? (WD-K-6)
    sa.Column("words", sa.LargeBinary, nullable=False),  # Finding and advice, sealed to ourselves.
    sa.Column("drafted_by", sa.Text, nullable=False),
    sa.Column("approved_by", sa.Text, nullable=False),
    sa.Column("letter_year", sa.Integer, nullable=False),
    sa.Column("letter_number", sa.Integer, nullable=False),
    sa.Column("due", sa.String(10), nullable=False),
    sa.Column("recovered", sa.Text, nullable=False),  # Yuan paid after the advice, "" unknown (WD-F-2).
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.String(20), nullable=False),
)


class Lane(StrEnum):
    """How far a supervision clue is."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    ADVISED = "ADVISED"
    CORRECTED = "CORRECTED"
    ANSWERED = "ANSWERED"
    CLOSED = "CLOSED"
    DISMISSED = "DISMISSED"


NEXT: Final[Mapping[Lane, frozenset[Lane]]] = {
    Lane.OPEN: frozenset({Lane.ACCEPTED, Lane.DISMISSED}),
    Lane.ACCEPTED: frozenset({Lane.ADVISED, Lane.CORRECTED, Lane.DISMISSED}),
    Lane.ADVISED: frozenset({Lane.ANSWERED}),
    Lane.CORRECTED: frozenset({Lane.ANSWERED, Lane.CLOSED}),
    Lane.ANSWERED: frozenset({Lane.CLOSED}),
    Lane.CLOSED: frozenset(),
    Lane.DISMISSED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Supervision:
    """One clue in the lane. `words` opens with our own key."""

    clue_id: str
    state: Lane = Lane.OPEN
    exhausted: str = "unknown"
    helped: str = "unknown"
    words: bytes = field(default=b"", repr=False)
    drafted_by: str = ""
    approved_by: str = ""
    letter_year: int = 0
    letter_number: int = 0
    due: str = ""
    recovered: str = ""
    reason: str = ""
    by: str = ""
    at: str = ""

    def is_overdue(self, today: date) -> bool:
        return self.state is Lane.ADVISED and today.isoformat() > self.due


class SupervisionTable:
    """Keep the lane; every method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        bring_forward(engine, PROCURATORATE)

    def all(self) -> list[Supervision]:
        with reading(self.engine) as connection:
            rows = connection.execute(SUPERVISIONS.select().order_by(SUPERVISIONS.c.clue_id)).mappings().all()
        return [Supervision(**dict(r) | {"state": Lane(r["state"])}) for r in rows]

    def get(self, clue_id: str) -> Supervision:
        """Return a clue's entry; OPEN where nobody has dealt with it."""
        return next((s for s in self.all() if s.clue_id == clue_id), Supervision(clue_id))

    def put(self, before: Supervision, after: Supervision) -> None:
        """Store an entry in place of what was read. Raises RoundStateError when it has changed since."""
        with self.engine.begin() as connection:
            self.put_in(connection, before, after)

    def put_in(self, connection: sa.Connection, before: Supervision, after: Supervision) -> None:
        values = {c.name: getattr(after, c.name) for c in SUPERVISIONS.columns} | {"state": after.state.value}
        row = connection.execute(SUPERVISIONS.select().where(SUPERVISIONS.c.clue_id == before.clue_id)).first()
        if (Lane(row.state) if row else Lane.OPEN) is not before.state:
            raise RoundStateError("这条线索刚被他人处理", "somebody else has just dealt with this clue")
        if row is None:
            connection.execute(SUPERVISIONS.insert().values(values))
        else:
            connection.execute(SUPERVISIONS.update().where(SUPERVISIONS.c.clue_id == before.clue_id).values(values))

    def next_number(self, connection: sa.Connection, year: int) -> int:
        last = sa.select(sa.func.max(SUPERVISIONS.c.letter_number)).where(SUPERVISIONS.c.letter_year == year)
        return int(connection.execute(last).scalar() or 0) + 1


@dataclass(frozen=True, slots=True)
class Supervisions:
    """Work on the lane. `cases` gives a case's name for letters and its judgment numbers, from the case files."""

    place: Workplace
    table: SupervisionTable = field(repr=False)

    def eligible(self) -> list[Clue]:
        """Return the clues of the lane: those of its models that still stand (WD-K-3)."""
        models = self.place.catalogue.supervision.models
        return [c for m in models for c in self.place.book.list(model=m) if c.change != "gone"]

    def accept(self, clue_id: str, *, by: str, exhausted: str, helped: str, now: datetime) -> None:
        """Take a confirmed clue up, with the answers to the two questions of WD-K-6."""
        clue = self._clue(clue_id)
        if not clue.confirmed:
            raise RoundStateError("线索尚未确认", "the clue is not confirmed")
        if not {exhausted, helped} <= set(YES_NO):
            raise InputError("答案应为 yes、no 或 unknown", "answers are yes, no or unknown")
        self._step(clue_id, Lane.ACCEPTED, by=by, now=now, exhausted=exhausted, helped=helped)

    def draft(self, clue_id: str, *, by: str, finding: str, advice: str, now: datetime) -> None:
        """Write what was found and what is advised; may be written again until it is approved."""
        self.place.config.require(by, "supervise")
        before = self.table.get(clue_id)
        if before.state is not Lane.ACCEPTED:
            raise RoundStateError("先受理，再起草检察建议", "accept the clue before drafting advice")
        if not (0 < len(finding.strip()) <= MAX_WORDS and 0 < len(advice.strip()) <= MAX_WORDS):
            raise InputError(
                f"事实和建议各 1 至 {MAX_WORDS} 字", f"finding and advice have 1 to {MAX_WORDS} characters"
            )
        sealed = Particulars({"finding": finding.strip(), "advice": advice.strip()}).seal(self.place.keys, clue_id)
        self.place.trail.note("supervision.drafted", {"clue": clue_id, "by": by})
        self.table.put(before, replace(before, words=sealed, drafted_by=by, by=by, at=utc_text(now)))

    def approve(self, clue_id: str, *, by: str, now: datetime) -> Supervision:
        """Approve the draft as a second officer: it gets its number, and the answer a due day."""
        self.place.config.require(by, "approve")
        before = self.table.get(clue_id)
        if not before.words:
            raise RoundStateError("还没有起草", "nothing is drafted yet")
        if before.drafted_by == by:
            raise PermissionRefused("起草人与批准人必须是两个人", "who drafts and who approves are two people")
        _require(before.state, Lane.ADVISED)
        day = Made(by, now).day
        due = months_after(day, self.place.catalogue.supervision.reply_months).isoformat()
        self.place.trail.note("supervision.advised", {"clue": clue_id, "by": by, "due": due})
        with self.table.engine.begin() as connection:
            number = self.table.next_number(connection, day.year)
            after = replace(before, state=Lane.ADVISED, approved_by=by, letter_year=day.year, letter_number=number)
            after = replace(after, due=due, by=by, at=utc_text(now))
            self.table.put_in(connection, before, after)
        return after

    def step(self, clue_id: str, state: Lane, *, by: str, reason: str, now: datetime, recovered: str = "") -> None:
        """Correct orally, note an answer (with what was paid since), close, or dismiss; each with its words."""
        paid = plain(parse_yuan(recovered, what="recovered")) if recovered else ""
        self._step(clue_id, state, by=by, now=now, reason=plain_words(reason), recovered=paid)

    def letter(self, clue_id: str, *, case: str, judgments: tuple[str, ...], by: str, now: datetime) -> bytes:
        """Return the 检察建议书 as .docx: a draft without a number before approval. Speaks of the case, of nobody."""
        self.place.config.require(by, "supervise")
        found = self.table.get(clue_id)
        if not found.words:
            raise RoundStateError("还没有起草", "nothing is drafted yet")
        if not judgments:
            raise NotFoundError("案件没有裁判文书号", "the case has no judgment number")
        place, made = self.place, Made(by, now)
        words = open_particulars(place.keys, clue_id, found.words).person
        template = place.templates.named(LETTER)
        mark = place.config.office.mark
        number = (
            template.numbered(mark, found.letter_year, found.letter_number) if found.letter_number else "（待编号）"
        )
        values = {
            "office": place.office,
            "number": number,
            "receiver": place.catalogue.unit(place.catalogue.supervision.receiver).title,
            "case": case,
            "judgment": "、".join(judgments),
            "basis": place.catalogue.supervision.basis,
            "months": str(place.catalogue.supervision.reply_months),
            "date": date_text(made.day),
            "date_han": date_in_han(made.day),
            **words,
        }
        place.trail.note("supervision.letter", {"clue": clue_id, "by": by})
        origin = Origin(place.office, by, now, clue_id)
        return write_letter(place.templates, LETTER, Values(values), origin=origin, masked=False)

    def _step(self, clue_id: str, state: Lane, *, by: str, now: datetime, **values: str) -> None:
        self.place.config.require(by, "supervise")
        self._clue(clue_id)
        before = self.table.get(clue_id)
        _require(before.state, state)
        facts: dict[str, JSON] = {"clue": clue_id, "by": by, "state": state.value}
        self.place.trail.note("supervision.step", facts)
        changed: dict[str, object] = {name: value for name, value in values.items() if value}
        self.table.put(before, replace(before, state=state, by=by, at=utc_text(now), **changed))  # type: ignore[arg-type]

    def _clue(self, clue_id: str) -> Clue:
        clue = self.place.book.get(clue_id)
        if clue.model not in self.place.catalogue.supervision.models:
            raise RoundStateError("这条线索不属于监督线索", "this clue does not belong to the supervision lane")
        return clue


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, the last of the month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")


def _require(state: Lane, following: Lane) -> None:
    if following not in NEXT[state]:
        raise RoundStateError(f"不能从 {state} 变为 {following}", f"{state} cannot become {following}")
