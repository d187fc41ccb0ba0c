"""What the logs tell, put in order for a person: rounds with their consents and uploads, openings, releases, refusals.

Nothing here judges: whether the logs agree is for `reconcile`. Where two logs tell the same deed, the one who did it is
followed. Times stay as written (UTC). No entry names a person acted on, so neither does anything here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from linkage.audit.reading import LogContent
from linkage.audit.terms import Record
from linkage.keys.canonical import JSON
from linkage.keys.manifest import Manifest

REFUSALS = (
    *("call.refused", "call.failed", "event.rejected", "relay.refused", "checkpoint.refused", "match.failed"),
    *("standing.refused", "award.refused", "account.refused", "action.refused"),
)
ACTING = ("account", "by", "decided_by", "approved_by", "requested_by", "asked_by")  # The last that names one counts.
AUTOMATIC = frozenset({"policy", "verification", "system", ""})


@dataclass(frozen=True, slots=True)
class Consent:
    """One owner's answer to a warrant."""

    party: str
    time: str
    decision: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Upload:
    """The rows of one population that left their owner. `dataset` is "" where only the coordinator tells of it."""

    party: str
    time: str
    population: str
    dataset: str
    rows: int
    dummies: int  # Of the rows: those about nobody, which hide how many there are.
    left_out: int
    bytes: int
    payload: bool
    content: str


@dataclass(slots=True)
class Round:
    """One match round as all logs together tell it."""

    id: str
    requester: str = ""
    purpose: str = ""
    reference: str = ""
    legal_basis: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    asked: str = ""  # When the screening was asked for.
    requested_by: str = ""
    approved_by: str = ""
    state: str = ""
    reason: str = ""
    result_bytes: int = 0
    clues: int | None = None
    consents: list[Consent] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    deleted: dict[str, str] = field(default_factory=dict)  # Party → when.

    def times(self) -> Iterator[str]:
        yield from filter(None, [self.asked, *(c.time for c in self.consents), *(u.time for u in self.uploads)])

    def officers(self) -> set[str]:
        return {self.requested_by, self.approved_by, *(c.by for c in self.consents)} - AUTOMATIC


@dataclass(frozen=True, slots=True)
class Opening:
    """One approved opening: how many persons, why, by whom; never who."""

    party: str
    time: str
    opening: str
    clue: str
    round: str
    requested_by: str
    approved_by: str
    reason: str
    persons: int


@dataclass(frozen=True, slots=True)
class Release:
    """One request for named fields of one row, and its answer."""

    party: str  # The owner that decided.
    time: str
    requester: str
    round: str
    clue: str
    asked: tuple[str, ...]
    given: tuple[str, ...]
    is_given: bool
    asked_by: str
    confirmed_by: tuple[str, ...]
    decided_by: str


@dataclass(frozen=True, slots=True)
class Referral:
    """One person sent to one office for help; `about` names the service and the fields, not the person."""

    party: str
    time: str
    relay: str
    receiver: str
    by: str
    about: tuple[str, ...]
    states: tuple[tuple[str, str, str], ...]  # State, by whom, when.


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was refused or failed: by whom, to whom, why."""

    party: str
    time: str
    kind: str
    whom: str
    round: str
    reason: str


@dataclass(frozen=True, slots=True)
class Deed:
    """An act of a named person of any kind, for counting; `part` is the fact that names the person."""

    party: str
    time: str
    officer: str
    kind: str
    part: str
    round: str


@dataclass(frozen=True, slots=True)
class Story:
    """All of it, oldest first."""

    rounds: tuple[Round, ...]
    openings: tuple[Opening, ...]
    releases: tuple[Release, ...]
    referrals: tuple[Referral, ...]
    refusals: tuple[Refusal, ...]
    deeds: tuple[Deed, ...]

    def span(self) -> tuple[str, str] | None:
        """Return the first and the last moment of its rounds, None without a round."""
        times = sorted(time for found in self.rounds for time in found.times())
        return (times[0], times[-1]) if times else None


def tell(contents: Sequence[LogContent], manifest: Manifest) -> Story:
    """Return the story of these logs."""
    units = [c for c in contents if c.party.id == manifest.coordinator.id]
    owners = [c for c in contents if c.party.is_owner]
    rounds: dict[str, Round] = {}
    for record in _sorted(owners, "screening.requested", "screening.approved", "warrant.seen"):
        _begin(rounds.setdefault(record.text("round"), Round(record.text("round"))), record)
    for record in _sorted(units, "round.proposed"):
        found = rounds.setdefault(record.text("round"), Round(record.text("round")))
        found.requester = found.requester or record.text("party")
    unit, owner = _ByRound(units), _ByRound(owners)
    for found in rounds.values():
        _follow(found, unit, owner)
    everyone = sorted(rounds.values(), key=lambda r: min(r.times(), default=""))
    return Story(
        rounds=tuple(everyone),
        openings=tuple(_openings(owners)),
        releases=tuple(_releases(owners)),
        referrals=tuple(_referrals(owners)),
        refusals=tuple(_refusals(contents)),
        deeds=tuple(_deeds(contents)),
    )


def _sorted(contents: Iterable[LogContent], *kinds: str) -> list[Record]:
    found = (record for content in contents for kind in kinds for record in content.of_kind(kind))
    return sorted(found, key=_age)


def _begin(found: Round, record: Record) -> None:
    if record.kind == "screening.requested":
        found.asked, found.requester, found.requested_by = record.time, record.party, record.text("by")
        found.models, found.reference = record.texts("models"), record.text("reference")
    elif record.kind == "screening.approved":
        found.approved_by, found.requested_by = record.text("by"), record.text("requested_by")
    else:
        found.requester, found.purpose = record.text("requester"), record.text("purpose")
        found.reference, found.legal_basis = record.text("reference"), record.texts("legal_basis")
        found.models = tuple(str(model.get("id", "")) for model in _rows(record, "models"))
        named = record.texts("approved_by")
        if len(named) == 2 and not found.approved_by:
            found.requested_by, found.approved_by = named


def _rows(record: Record, name: str) -> list[dict[str, JSON]]:
    value = record.facts.get(name, [])
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


class _ByRound:
    """Find the records of a kind about one round, oldest first."""

    def __init__(self, contents: Sequence[LogContent]) -> None:
        self._found: dict[tuple[str, str], list[Record]] = {}
        for content in contents:
            for kind, records in content.records.items():
                for record in records:
                    self._found.setdefault((kind, record.text("round")), []).append(record)

    def __call__(self, kind: str, round_id: str) -> list[Record]:
        return sorted(self._found.get((kind, round_id), ()), key=_age)


def _age(record: Record) -> tuple[str, str, int]:
    return record.time, record.party, record.index


def _follow(found: Round, unit: _ByRound, owner: _ByRound) -> None:
    """Add what came after the warrant. An owner's own log goes before what the coordinator's says of it."""
    consents = [*unit("round.decided", found.id), *owner("decision.made", found.id)]
    found.consents = list({_actor(record): _consent(record) for record in consents}.values())
    found.uploads = list(_uploads(found.id, unit, owner))
    for record in sorted([*unit("round.state", found.id), *owner("round.state", found.id)], key=_age):
        found.state, found.reason = record.text("state"), record.text("reason") or found.reason
    for record in unit("match.finished", found.id):
        found.result_bytes = record.number("bytes")
    for record in owner("result.taken", found.id):
        found.clues = record.number("clues")
    erased = [
        *unit("round.erased", found.id),
        *unit("round.deletion-stated", found.id),
        *owner("data.deleted", found.id),
    ]
    found.deleted = {_actor(record): record.time for record in erased if record.facts.get("items")}


def _uploads(round_id: str, unit: _ByRound, owner: _ByRound) -> Iterator[Upload]:
    encoded = {(r.party, r.text("population"), r.text("content")): r for r in owner("encoding.done", round_id)}
    sealed = [*unit("upload.sealed", round_id), *owner("upload.sealed", round_id)]
    payloads = {
        (record.party, row.get("id"))
        for record in owner("warrant.seen", round_id)
        for row in _rows(record, "populations")
        if row.get("payload") is True
    }
    for (party, population), record in {(_actor(r), r.text("population")): r for r in sealed}.items():
        done = encoded.get((party, population, record.text("content")), record)
        yield _upload(party, record, done, payload=(party, population) in payloads)


def _actor(record: Record) -> str:
    """Return whose deed a record tells: the caller's in the coordinator's log, else the log's own party's."""
    return record.text("party") or record.party


def _consent(record: Record) -> Consent:
    by, reason = record.text("decided_by"), record.text("reason")
    return Consent(_actor(record), record.time, record.text("decision"), by, reason)


def _upload(party: str, record: Record, encoded: Record, *, payload: bool) -> Upload:
    rows = encoded.number("rows")
    return Upload(
        party=party,
        time=record.time,
        population=record.text("population"),
        dataset=encoded.text("dataset"),
        rows=rows,
        dummies=encoded.number("dummies"),
        left_out=encoded.number("left_out"),
        bytes=rows * encoded.number("row_bytes"),
        payload=payload,
        content=record.text("content"),
    )


def _openings(owners: Sequence[LogContent]) -> Iterator[Opening]:
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in _sorted(owners, "person.opened"):
        groups.setdefault((record.party, record.text("opening")), []).append(record)
    for (party, opening), records in groups.items():
        first = records[0]
        yield Opening(
            party=party,
            time=first.time,
            opening=opening,
            clue=first.text("clue"),
            round=first.text("round"),
            requested_by=first.text("requested_by"),
            approved_by=first.text("approved_by"),
            reason=first.text("reason"),
            persons=len(records),
        )


def _releases(owners: Sequence[LogContent]) -> Iterator[Release]:
    asked = {record.text("relay"): record for record in _sorted(owners, "release.sent")}
    decided = {record.text("relay"): record for record in _sorted(owners, "release.decided")}
    for relay in {**decided, **asked}:
        ask, answer = asked.get(relay), decided.get(relay)
        one = answer or ask
        if one is None:
            continue
        yield Release(
            party=answer.party if answer else one.text("receiver"),
            time=one.time,
            requester=ask.party if ask else one.text("requester"),
            round=one.text("round"),
            clue=one.text("clue"),
            asked=answer.texts("fields_asked") if answer else one.texts("about")[1:],
            given=answer.texts("fields_given") if answer else (),
            is_given=answer is not None and answer.facts.get("given") is True,
            asked_by=ask.text("by") if ask else "",
            confirmed_by=answer.texts("confirmed_by") if answer else (),
            decided_by=answer.text("decided_by") if answer else "",
        )


def _referrals(owners: Sequence[LogContent]) -> Iterator[Referral]:
    states: dict[str, list[tuple[str, str, str]]] = {}
    for record in _sorted(owners, "referral.updated"):
        told = (record.text("state"), record.text("by"), record.time)
        states.setdefault(record.text("relay"), []).append(told)
    receivers = {record.text("relay"): record.text("receiver") for record in _sorted(owners, "relay.sent")}
    for sent in _sorted(owners, "referral.sent"):
        relay = sent.text("relay")
        receiver = receivers.get(relay) or sent.text("unit")
        about = (sent.text("service"), *sent.texts("fields"))
        yield Referral(sent.party, sent.time, relay, receiver, sent.text("by"), about, tuple(states.get(relay, ())))


def _refusals(contents: Sequence[LogContent]) -> Iterator[Refusal]:
    refused = [r for r in _sorted(contents, "decision.made") if r.text("decision") == "refuse"]
    withheld = [r for r in _sorted(contents, "release.decided") if r.facts.get("given") is False]
    for record in sorted(
        [*_sorted(contents, *REFUSALS), *refused, *withheld], key=lambda r: (r.time, r.party, r.index)
    ):
        named = ("party", "requester", "decided_by", "account")
        whom = next((record.text(name) for name in named if record.text(name)), "")
        reason = record.text("reason") or record.text("error")
        yield Refusal(record.party, record.time, record.kind, whom, record.text("round"), reason)


def _deeds(contents: Sequence[LogContent]) -> Iterator[Deed]:
    """Yield what each named person did, of whatever kind; the coordinator only repeats what owners' people did."""
    owners = [content for content in contents if content.party.is_owner]
    for content in owners:
        for kind in content.records:
            for record in content.of_kind(kind):
                parts = {record.text(part): part for part in ACTING}
                for officer in sorted(parts.keys() - AUTOMATIC):
                    part = parts[officer]
                    yield Deed(record.party, record.time, officer, kind, part, record.text("round"))
