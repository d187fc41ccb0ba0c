"""Act on clues as an officer: duty and step are checked, the audit entry is written, then the step is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa

from linkage.errors import InputError, RoundStateError
from linkage.keys.canonical import JSON
from linkage.owner.database import reading
from linkage.owner.trail import AuditTrail
from linkage.warrant import utc_text
from procuratorate_node.cluework.checks import ALL_RIGHT, Check
from procuratorate_node.cluework.moves import Step, codes_text, move, standing_of
from procuratorate_node.cluework.records import CLUE_CHECKS
from procuratorate_node.cluework.states import Action, Standing, act
from procuratorate_node.cluework.texts import plain_text
from procuratorate_node.config import Config
from procuratorate_node.store import CLUES, Store

DUTIES: Final = {Action.ASSIGN: "assign"}
DECISIONS: Final = (Action.CONFIRM, Action.REJECT)


@dataclass(frozen=True, slots=True)
class ClueWork:
    """Where officers work on clues.

    Every method raises PermissionRefused, RoundStateError, NotFoundError, InputError; then nothing is stored.
    """

    store: Store = field(repr=False)
    trail: AuditTrail = field(repr=False)
    config: Config = field(repr=False)

    def assign(self, clue_ids: Sequence[str], officers: Sequence[str], *, by: str, now: datetime) -> dict[str, str]:
        """Give clues to officers in turn; return officer by clue. All are possible, or none is given."""
        for officer in officers:
            self.config.require(officer, "confirm")
        if not officers or not clue_ids:
            raise InputError("没有可分派的线索或承办人", "there is no clue or no officer to assign")
        given = {key: officers[at % len(officers)] for at, key in enumerate(clue_ids)}
        steps = [(key, Step(Action.ASSIGN, by, utc_text(now), name)) for key, name in given.items()]
        self._do(steps, {key: {"officer": name} for key, name in given.items()})
        return given

    def note(self, clue_id: str, text: str, *, by: str, now: datetime) -> None:
        """Write a note; it stands in the clue's history."""
        self._do([(clue_id, Step(Action.NOTE, by, utc_text(now), text))])

    def check(self, clue_id: str, verdict: Check, *, by: str, now: datetime, note: str = "") -> None:
        """Store the verdict of a human check."""
        if not verdict.said:
            raise InputError("核查结论全部为空", "the check says nothing")
        self._do([(clue_id, Step(Action.CHECK, by, utc_text(now), note))], check=verdict)

    def confirm(self, clue_id: str, *, by: str, now: datetime, reason: str = "") -> None:
        """Confirm a clue. Without a check before it, confirming says that person, link and facts are right."""
        known = self.last_check(clue_id)
        if known is not None and known.wrong:
            raise RoundStateError(
                "最近一次核查认为线索有误，不能确认",
                f"the last check found wrong: {', '.join(known.wrong)}; the clue cannot be confirmed",
                hint_zh="重新核查（clues check）后再确认，或否定线索",
                hint_en="check again with `clues check`, or reject the clue",
            )
        step = Step(Action.CONFIRM, by, utc_text(now), reason)
        self._do([(clue_id, step)], check=ALL_RIGHT if known is None else None)

    def reject(self, clue_id: str, *, by: str, now: datetime, reason: str, verdict: Check | None = None) -> None:
        """Reject a clue with a reason and, where it is known, what was wrong about it."""
        said = verdict if verdict is not None and verdict.said else None
        self._do([(clue_id, Step(Action.REJECT, by, utc_text(now), reason))], check=said)

    def defer(self, clue_id: str, until: date, *, by: str, now: datetime, reason: str) -> None:
        """Put a clue off until a day to come."""
        if until <= now.date():
            raise InputError("暂缓期限应为将来的日期", "a clue is deferred until a day to come")
        step = Step(Action.DEFER, by, utc_text(now), reason)
        self._do([(clue_id, step)], {clue_id: {"deferred_until": until.isoformat()}})

    def simply(self, clue_id: str, action: Action, *, by: str, now: datetime, reason: str = "") -> None:
        """Resume, explain a refusal, follow up, close or reopen."""
        if action not in (Action.RESUME, Action.EXPLAIN, Action.FOLLOW, Action.CLOSE, Action.REOPEN):
            raise ValueError(action)
        self._do([(clue_id, Step(action, by, utc_text(now), reason))])

    def set_needs(self, clue_id: str, needs: Iterable[str], *, by: str, now: datetime) -> None:
        """Store what help the person needs, by the codes of the catalogue."""
        text = codes_text(needs)
        self._do([(clue_id, Step(Action.NOTE, by, utc_text(now), f"需求 needs {text}"))], {clue_id: {"needs": text}})

    def set_elements(self, clue_id: str, elements: Iterable[str], *, by: str, now: datetime) -> None:
        """Store which elements of social governance the case shows (WD-D-3)."""
        text = codes_text(elements)
        step = Step(Action.NOTE, by, utc_text(now), f"治理要素 elements {text}")
        self._do([(clue_id, step)], {clue_id: {"elements": text}})

    def watch(self, clue_id: str, *, on: bool, by: str, now: datetime, reason: str) -> None:
        """Put a clue on the list of special cases, or take it off (PA-V-4)."""
        self._do([(clue_id, Step(Action.NOTE, by, utc_text(now), reason))], {clue_id: {"watched": on}})

    def last_check(self, clue_id: str) -> Check | None:
        """Return the newest verdict on a clue."""
        query = sa.select(CLUE_CHECKS).where(CLUE_CHECKS.c.clue_id == clue_id).order_by(CLUE_CHECKS.c.number.desc())
        rows = self.store.select(query.limit(1))
        return Check(*(rows[0][n] for n in ("person", "link", "facts", "helped", "searched"))) if rows else None

    def standing(self, clue_id: str) -> Standing:
        with reading(self.store.engine) as connection:
            return standing_of(connection, clue_id)

    def _do(
        self,
        steps: Sequence[tuple[str, Step]],
        values: dict[str, dict[str, object]] | None = None,
        check: Check | None = None,
    ) -> None:
        """Check every step, write its audit entry, then store all of them in one transaction."""
        clean = [(key, replace(step, reason=plain_text(step.reason))) for key, step in steps]
        for _, step in clean:
            self.config.require(step.by, DUTIES.get(step.action, "confirm"))
        leads = [act(self.standing(key), step.action, reason=step.reason) for key, step in clean]
        for (key, step), after in zip(clean, leads, strict=True):
            kind = "clue.decided" if step.action in DECISIONS else "clue.step"
            self.trail.note(kind, _facts(key, step, after, check))
        with self.store.engine.begin() as connection:
            for key, step in clean:
                move(connection, key, step, **(values or {}).get(key, {}))
                if check is not None:
                    connection.execute(CLUE_CHECKS.insert().values(_check_row(connection, key, step, check)))


def _facts(key: str, step: Step, after: Standing, check: Check | None) -> dict[str, JSON]:
    facts: dict[str, JSON] = {"clue": key, "by": step.by}
    # Logs are reconciled by who confirmed a clue before it was opened: linkage/audit/rules.toml.
    facts |= {"status": after.phase} if step.action in DECISIONS else {"step": step.action.value, "phase": after.phase}
    # A note is free words about a person: it stays in the node, only that it was made is logged.
    if step.reason and step.action is not Action.NOTE:
        facts["reason"] = step.reason
    if check is not None:
        facts["check"] = {k: str(v) for k, v in asdict(check).items()}
    return facts


def _check_row(connection: sa.Connection, key: str, step: Step, check: Check) -> dict[str, object]:
    clue = connection.execute(sa.select(CLUES).where(CLUES.c.clue_id == key)).mappings().one()
    about = {"clue_id": key, "model": clue["model"], "grade": clue["grade"], "round_id": clue["last_round"]}
    return about | asdict(check) | {"by": step.by, "at": step.at}
