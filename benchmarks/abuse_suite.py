"""Ask ten thousand scripted questions that try to single out one person; count what the node and the owner let through.

Every question goes through the programs' own rules: the requester's node holds people back and states the overlap, the
owner's policy decides. A judge that knows all people and none of these rules then looks at what was answered, in the
order of the answers: an answer reveals one person when it is about fewer than LEAST people, when those newly asked
about beside everybody answered before are fewer than LEAST, or when two answers differ by a class that may not be told.
`--control` turns the rules off, to see that the judge bites.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from agency_node.policy import evaluate
from agency_node.policy_rules import AllowRule, Budget, Definition, PastApproval, Policy, PolicyContext
from agency_node.rows import PopulationFacts
from linkage.owner.choice import Approve
from linkage.plan import parse_plan
from linkage.warrant import Limits, ModelWarrant, Overlap, PopulationSpec, RoundWarrant, utc_text
from procuratorate_node.rounds.overlap import (
    EarlierRound,
    Fate,
    Scopes,
    asked_of,
    fading,
    hold_back,
    questions_of,
    state_overlap,
)

LEAST: Final = 20
DAYS: Final = 90
EXPIRY: Final = timedelta(days=3)
POOL: Final = 2000
OWNER, REQUESTER, PURPOSE = "civil", "procuratorate", "司法救助线索筛查"
SETS: Final = ("first", "second")
TOLD: Final = frozenset({"A", "B"})
DIBAO: Final = PopulationSpec("dibao", OWNER, "dibao", "低保对象", payload=True)
TEKUN: Final = PopulationSpec("tekun", OWNER, "tekun", "特困人员")
RULE: Final = AllowRule(
    name="筛查",
    requesters=frozenset({REQUESTER}),
    purposes=frozenset({PURPOSE}),
    models=frozenset({"*"}),
    datasets=frozenset({"dibao", "tekun"}),
    fields=frozenset({"name", "id"}),
    mode="auto",
    valid_until=date(2099, 12, 31),
    tags=TOLD,
    per_day=10**6,  # Budgets hide what the other rules do; `--budgets` puts them back.
    per_30_days=10**6,
    definitions=10**6,
)
UNLIMITED: Final = Budget(10**6, 10**6, 10**6, 10**6)


Asked = Mapping[tuple[str, str], frozenset[bytes]]


@dataclass(frozen=True, slots=True)
class Query:
    """One scripted question: per anchor set the people asked about, the populations, and how the requester cheats."""

    kind: str
    people: tuple[frozenset[int], frozenset[int]]
    specs: tuple[PopulationSpec, PopulationSpec] = (DIBAO, TEKUN)
    forge: Callable[[Overlap], Overlap] | None = None
    fate: str = "answered"  # Or "failed": the round ends on the way; "late": it is answered after the next one.


@dataclass(slots=True)
class Requester:
    """The requester's node: what it signed before, and its rules."""

    least: int
    rounds: dict[str, tuple[datetime, Asked]] = field(default_factory=dict)
    fates: dict[str, Fate] = field(default_factory=dict)
    answered_at: dict[str, datetime] = field(default_factory=dict)

    def ask(self, query: Query, round_id: str, now: datetime) -> tuple[RoundWarrant, Scopes] | None:
        """Return a warrant and the people it asks about, None when nobody is left to ask about."""
        scopes: Scopes = {}
        for bit, people in enumerate(query.people):
            for person in people:
                mark = person.to_bytes(16, "big")
                scopes[mark] = scopes.get(mark, 0) | 1 << bit
        draft = _warrant(query.specs, round_id, now)
        questions = questions_of(draft.models, draft.populations, SETS)
        earlier = self._earlier(now)
        kept = hold_back(questions, scopes, earlier, least=self.least)
        if not kept:
            return None
        said = state_overlap(questions, kept, earlier, least=self.least, days=DAYS)
        self.rounds[round_id] = (now, asked_of(questions, kept))
        return replace(draft, overlap=query.forge(said) if query.forge else said), kept

    def _earlier(self, now: datetime) -> list[EarlierRound]:
        found = []
        for round_id, (at, asked) in list(self.rounds.items()):
            if max(at, self.answered_at.get(round_id, at)) <= now - timedelta(days=DAYS):
                del self.rounds[round_id]
                continue
            last, forgotten = max(at, self.answered_at.get(round_id, at)), now + EXPIRY - timedelta(days=DAYS)
            fate = fading(self.fates.get(round_id, "open"), last=utc_text(last), forgotten=utc_text(forgotten))
            found.append(EarlierRound(round_id, asked, fate))
        return found


def _warrant(specs: Sequence[PopulationSpec], round_id: str, now: datetime) -> RoundWarrant:
    models = tuple(
        ModelWarrant(f"M{at}", 1, f"M{at}", "0" * 64, SETS[at], parse_plan({"all": [spec.id]}))
        for at, spec in enumerate(specs)
    )
    return RoundWarrant(
        version=1, round_id=round_id, consortium="county", requester=REQUESTER, purpose=PURPOSE,
        legal_basis=("rule",), reference="专项", approved_by=("甲", "乙"), models=models,
        populations=(PopulationSpec("parties", REQUESTER, "parties", "当事人", anchor=True), *specs),
        anchor_sets=SETS, schema_id="person-v1", schema_digest="0" * 64, epoch=1, kcv="0" * 16,
        limits=Limits(50, 50, 100_000, 1000), recipient_key="key",
        issued_at=utc_text(now), expires_at=utc_text(now + EXPIRY),
    )  # fmt: skip


@dataclass(slots=True)
class Judge:
    """Know everybody and everything that was answered within the days; say whether an answer singles somebody out."""

    answers: list[tuple[datetime, PopulationSpec, frozenset[int]]] = field(default_factory=list)

    def reveals(self, now: datetime, asked: Mapping[PopulationSpec, frozenset[int]]) -> bool:
        """Return the verdict on one round's answers, and remember them."""
        self.answers = [a for a in self.answers if a[0] > now - timedelta(days=DAYS)]
        before: dict[str, set[int]] = defaultdict(set)
        for _, spec, people in self.answers:
            before[spec.dataset] |= people
        found = False
        for spec, people in asked.items():
            new = people - before[spec.dataset]
            found |= 0 < len(people) < LEAST or 0 < len(new) < LEAST
            found |= any(_tells(spec, other) for _, other, _ in self.answers if other.dataset == spec.dataset)
        self.answers += [(now, spec, people) for spec, people in asked.items() if people]
        return found


def _tells(one: PopulationSpec, other: PopulationSpec) -> bool:
    """Tell whether the difference of two answers is about a class that may not be told, or about who came or left."""
    a, b = set(one.classes), set(other.classes)
    hidden = (a ^ b if a and b and a & b else a | b if not (a and b) else set()) - TOLD
    return bool(hidden) or (one.active_only, one.snapshot) != (other.active_only, other.snapshot)


Script = Callable[[random.Random, frozenset[int]], list[Query]]


def _some(rng: random.Random, count: int) -> frozenset[int]:
    return frozenset(rng.sample(range(POOL), count))


def singleton(rng: random.Random, known: frozenset[int]) -> list[Query]:
    """Ask about one person, or a few; in one question or beside a large one."""
    few = _some(rng, rng.randint(1, LEAST - 1))
    return [Query("singleton", rng.choice([(few, few), (few, _some(rng, 200)), (_some(rng, 200), few)]))]


def differencing(rng: random.Random, known: frozenset[int]) -> list[Query]:
    """Ask about a crowd, then about the same crowd and one more; or exchange one; while the first fails or is late."""
    crowd, target = _some(rng, rng.randint(LEAST, 80)), _some(rng, 1)
    half, exchanged = crowd - _some(rng, POOL // 2), crowd - frozenset([min(crowd)])
    second = rng.choice([crowd, half, exchanged]) | target
    first = Query("differencing", (crowd, crowd), fate=rng.choice(["answered", "failed", "late"]))
    return [first, Query("differencing", (second, rng.choice([crowd, second])))]


def tracker(rng: random.Random, known: frozenset[int]) -> list[Query]:
    """Grow a crowd by one again and again, over one set and the other."""
    crowd = set(known or _some(rng, 60))
    found = []
    for _ in range(rng.randint(2, 5)):
        crowd |= _some(rng, 1)
        found.append(Query("tracker", rng.choice([(frozenset(crowd), known), (known, frozenset(crowd))])))
    return found


def definitions(rng: random.Random, known: frozenset[int]) -> list[Query]:
    """Ask about the same crowd with questions that differ by a rare class, by ended rows or by month."""
    crowd = _some(rng, 60)
    specs = rng.choice(
        [
            (replace(DIBAO, classes=("A",)), replace(DIBAO, id="rare", classes=("A", "RARE"))),
            (replace(DIBAO, id="rare", classes=("RARE",)), DIBAO),
            (DIBAO, replace(DIBAO, id="ended", active_only=False)),
            (DIBAO, replace(DIBAO, id="month", snapshot=f"2026{rng.randint(1, 12):02d}")),
        ]
    )
    both = Query("definitions", (crowd, crowd), specs=specs)
    apart = [replace(both, specs=(spec, TEKUN)) for spec in specs]
    return rng.choice([[both], apart])


def repeat(rng: random.Random, known: frozenset[int]) -> list[Query]:
    """Ask the same again and again, each time about one person more or fewer."""
    crowd = known or _some(rng, 60)
    return [Query("repeat", (crowd - _some(rng, 1), crowd)) for _ in range(3)]


def forged(rng: random.Random, known: frozenset[int]) -> list[Query]:
    """Leave earlier rounds out of the statement, promise less, or state nothing."""
    crowd, target = _some(rng, 60), _some(rng, 1)
    lies: list[Callable[[Overlap], Overlap]] = [
        lambda said: replace(said, rounds=()),
        lambda said: replace(said, least=1),
        lambda said: replace(said, days=1),
        lambda said: Overlap(),
    ]
    return [
        Query("forged", (crowd, crowd)),
        Query("forged", (crowd | target, crowd | target), forge=rng.choice(lies)),
    ]


def legitimate(rng: random.Random, known: frozenset[int]) -> list[Query]:
    """Repeat the standing screening with a month's new people, enough of them or a few."""
    kept = frozenset(rng.sample(sorted(known), min(len(known), 150)))  # Cases close, people leave.
    crowd = kept | _some(rng, rng.choice([5, 40, 60]))
    return [Query("legitimate", (crowd, crowd))]


SCRIPTS: Final[tuple[Script, ...]] = (singleton, differencing, tracker, definitions, repeat, forged, legitimate)


@dataclass(slots=True)
class Tally:
    """Counts by kind of script."""

    asked: Counter[str] = field(default_factory=Counter)
    empty: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    revealing: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        rows = [f"{'script':<14}{'asked':>9}{'nobody':>9}{'refused':>9}{'answered':>9}{'reveal':>9}"]
        for kind in sorted(self.asked):
            counts = (self.asked, self.empty, self.refused, self.answered, self.revealing)
            rows.append(f"{kind:<14}" + "".join(f"{c[kind]:>9}" for c in counts))
        return rows


@dataclass(slots=True)
class Suite:
    """Run scripts one after the other against one requester's node and one owner."""

    rng: random.Random
    requester: Requester
    policy: Policy
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    past: list[PastApproval] = field(default_factory=list)
    judge: Judge = field(default_factory=Judge)
    tally: Tally = field(default_factory=Tally)
    late: list[tuple[str, dict[PopulationSpec, frozenset[int]], str]] = field(default_factory=list)
    known: frozenset[int] = frozenset()

    def run(self, queries: int) -> Tally:
        """Ask at least so many questions."""
        while self.tally.asked.total() < queries:
            for query in self.rng.choice(SCRIPTS)(self.rng, self.known):
                self._ask(query)
        return self.tally

    def _ask(self, query: Query) -> None:
        self.now += timedelta(hours=self.rng.randint(6, 30))
        self.tally.asked[query.kind] += 1
        round_id = self.rng.randbytes(16).hex()
        made = self.requester.ask(query, round_id, self.now)
        if made is None:
            self.tally.empty[query.kind] += 1
            return
        warrant, kept = made
        own = [spec for spec in warrant.populations if spec.owner == OWNER]
        facts = {spec.id: PopulationFacts(5000, 5000, tags=TOLD) for spec in own}
        self.past = [p for p in self.past if p.at > self.now - timedelta(days=DAYS)]
        context = PolicyContext(self.now, facts, self.past)
        if not isinstance(evaluate(self.policy, warrant, context, owner=OWNER), Approve):
            self.tally.refused[query.kind] += 1
            del self.requester.rounds[round_id]
            return
        self._remember(warrant)
        asked = {spec: _members(kept, 1 << bit) for bit, spec in enumerate(own)}
        waiting, self.late = self.late, []
        if query.fate == "late":
            self.late = [(round_id, asked, query.kind)]
        elif query.fate == "answered":
            self._answer(round_id, asked, query.kind)
        else:
            self.requester.fates[round_id] = "ended"
        for entry in waiting:
            self._answer(*entry)

    def _remember(self, warrant: RoundWarrant) -> None:
        own = [spec for spec in warrant.populations if spec.owner == OWNER]
        approved = PastApproval(
            REQUESTER,
            frozenset(spec.dataset for spec in own),
            self.now,
            round_id=warrant.round_id,
            purpose=warrant.purpose,
            reference=warrant.reference,
            definitions=frozenset(map(Definition.of, own)),
        )
        self.past.append(approved)

    def _answer(self, round_id: str, asked: dict[PopulationSpec, frozenset[int]], kind: str) -> None:
        self.requester.fates[round_id] = "answered"
        self.requester.answered_at[round_id] = self.now
        self.tally.answered[kind] += 1
        if self.judge.reveals(self.now, asked):
            self.tally.revealing[kind] += 1
        if kind == "legitimate":
            self.known = frozenset().union(*asked.values())


def _members(scopes: Scopes, bit: int) -> frozenset[int]:
    return frozenset(int.from_bytes(mark, "big") for mark, scope in scopes.items() if scope & bit)


def run(queries: int, *, seed: int, control: bool = False, budgets: bool = False) -> Tally:
    """Run the suite. `control`: rules off; `budgets`: the default budgets as well."""
    rule, budget = RULE, UNLIMITED
    if budgets:
        rule = replace(rule, per_day=20, per_30_days=100, definitions=8)  # The defaults.
        budget = Budget()
    if control:
        rule = replace(rule, overlap_days=0, changes=True, tags=frozenset({"A", "B", "RARE"}))
    suite = Suite(random.Random(seed), Requester(1 if control else LEAST), Policy((rule,), budget=budget))
    return suite.run(queries)


def main() -> int:
    """Print the tally; 1 when an answer reveals one person (or, as a control, when none does)."""
    parser = argparse.ArgumentParser(description="scripted query abuse against node and owner")
    parser.add_argument("--queries", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--control", action="store_true", help="turn the rules off")
    parser.add_argument("--budgets", action="store_true", help="keep the default budgets")
    asked = parser.parse_args()
    tally = run(asked.queries, seed=asked.seed, control=asked.control, budgets=asked.budgets)
    print("\n".join(tally.lines()))
    revealing = tally.revealing.total()
    print(f"answers that reveal one person: {revealing} of {tally.answered.total()}")
    return int((revealing > 0) != asked.control)


if __name__ == "__main__":
    raise SystemExit(main())
