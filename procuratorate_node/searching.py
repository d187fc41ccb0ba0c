"""Search one person (GY-M1-3, CAP-09): hidden in a batch of everybody of our own cases, so that nobody else can tell.

The round is like any other: two officers, a signed warrant, each owner's consent. Its anchors are all living parties of
our cases but suspects, at least `search_min_people` of them, which the warrant also says as its least number of anchor
rows. Whom the search is about stays in this node. Of the result only that one person's finding is kept, as a clue; the
rest is dropped in memory. Searches are few in 24 hours, each with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from linkage.errors import ConfigError, LimitError, NotFoundError, RoundStateError
from linkage.keys.canonical import JSON
from linkage.owner.trail import AuditTrail
from linkage.warrant import utc_text
from procuratorate_node.anchors import LocalFacts, select_rows
from procuratorate_node.cases.records import RowRef
from procuratorate_node.clues import Clue, ClueBook
from procuratorate_node.config import Config
from procuratorate_node.model import SEARCH, ScreeningModel
from procuratorate_node.rounds.requests import Requests, compile_for, new_request
from procuratorate_node.store import REQUESTS, SEARCHES, Store, dump_refs, load_refs

WINDOW: Final = timedelta(hours=24)
REFERENCE: Final = "单人检索"
NOTHING: Final = "none"


@dataclass(frozen=True, slots=True)
class Searches:
    """Ask for searches and list them."""

    store: Store = field(repr=False)
    trail: AuditTrail = field(repr=False)
    config: Config = field(repr=False)
    requests: Requests = field(repr=False)

    def ask(self, case: str, row: str, facts: LocalFacts, *, reason: str, by: str, round_id: str, now: datetime) -> int:
        """Ask for the search of one party; return how many people the batch has.

        Raises PermissionRefused, NotFoundError, RoundStateError, LimitError, ConfigError.
        """
        self.config.require(by, "search")
        if not reason.strip():
            raise RoundStateError("必须写明检索理由", "a reason must be given")
        model = self._model()
        batch = people_of(model, facts)
        asked = _asked_row(case, row, facts, batch)
        least = self.config.screening.search_min_people
        if len(batch) < least:
            raise LimitError(
                f"批次只有 {len(batch)} 人，少于 {least} 人，不足以隐藏一人",
                f"the batch has {len(batch)} people, fewer than {least}; one person would not be hidden",
                hint_zh="改用筛查模型（screen request）",
                hint_en="use a screening model instead (`screen request`)",
            )
        self._within_quota(now)
        compile_for(self.requests.keys, (model,))
        facts_: dict[str, JSON] = {"round": round_id, "by": by, "reason": reason, "people": len(batch)}
        self.trail.note("search.requested", facts_ | {"model": model.digest})
        request = new_request((model,), round_id=round_id, reference=REFERENCE, by=by, now=now)
        search = {
            "round_id": round_id,
            "asked_row": dump_refs([asked]),
            "reason": reason,
            "asked_by": by,
            "asked_at": utc_text(now),
            "people": len(batch),
            "result": "",
        }
        with self.store.engine.begin() as connection:
            connection.execute(REQUESTS.insert().values(request))
            connection.execute(SEARCHES.insert().values(search))
        return len(batch)

    def all(self) -> Sequence[sa.RowMapping]:
        """Return the searches with the states of their rounds, oldest first."""
        joined = sa.select(SEARCHES, REQUESTS.c.state, REQUESTS.c.approved_by)
        joined = joined.join(REQUESTS, REQUESTS.c.round_id == SEARCHES.c.round_id)
        return self.store.select(joined.order_by(SEARCHES.c.asked_at))

    def _model(self) -> ScreeningModel:
        found = [m for m in self.requests.models() if m.use == SEARCH]
        if len(found) != 1:
            raise ConfigError("应有且只有一个检索模型", "there must be exactly one model with use = search")
        return found[0]

    def _within_quota(self, now: datetime) -> None:
        quota = self.config.screening.searches_per_day
        query = sa.select(SEARCHES.c.round_id).where(SEARCHES.c.asked_at > utc_text(now - WINDOW))
        if len(self.store.select(query)) >= quota:
            raise LimitError(f"24 小时内最多检索 {quota} 次", f"at most {quota} searches in 24 hours")


def people_of(model: ScreeningModel, facts: LocalFacts) -> frozenset[str]:
    """Return the persons of the batch."""
    rows = select_rows(model.anchors[model.asked], facts)
    return frozenset(facts.person_of[row] for row in rows if row in facts.person_of)


def _asked_row(case: str, row: str, facts: LocalFacts, batch: frozenset[str]) -> RowRef:
    party = facts.file.party(case, row)
    if party is None:
        raise NotFoundError("案件里没有这个当事人编号", "this case has no such party")
    if facts.person_of.get(party.ref) not in batch:
        raise RoundStateError(
            "此人不能检索：已死亡、是犯罪嫌疑人，或姓名不全",
            "this person cannot be searched: dead, a suspect, or with a masked name",
            hint_zh="被害人死亡的，检索其近亲属",
            hint_en="where the victim is dead, search a near relative",
        )
    return party.ref


def keep_one(
    store: Store, book: ClueBook, round_id: str, found: Sequence[Clue], *, facts: LocalFacts, at: str
) -> dict[str, int]:
    """Keep the clue of the one person asked about, and drop everything else of the result. May be repeated."""
    asked = load_refs(store.get(SEARCHES, round_id)["asked_row"])[0]
    person = facts.person_of.get(asked)
    own = [c for c in found if any(facts.person_of.get(row) == person for row in c.rows)]
    chosen = next((c for c in own if asked in c.rows), None) or next(iter(own), None)
    if chosen is None:
        store.update(SEARCHES, round_id, result=NOTHING)
        return {"found": 0}
    book.take_one(round_id, chosen, at=at)
    store.update(SEARCHES, round_id, result=chosen.clue_id)
    return {"found": 1}
