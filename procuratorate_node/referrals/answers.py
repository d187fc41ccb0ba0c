"""What becomes of a referral: the unit's statuses, the outcome verified by a later round, the file closed (GY-O-4).

A status changes a referral only forwards, so that one that comes twice or late changes nothing. DONE must say what the
service expects. Who has no node answers on paper, and an officer records it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from linkage.audit.entry import reject_personal
from linkage.errors import AuditError, InputError, RoundStateError
from linkage.keys.canonical import JSON
from linkage.keys.times import utc_text
from linkage.owner.referrals import ReferralStatus
from linkage.owner.relays import OpenedRelay
from linkage.owner.trail import AuditTrail
from procuratorate_node.cases.records import RowRef
from procuratorate_node.clues import GONE, Clue
from procuratorate_node.referrals.states import State, may_follow
from procuratorate_node.referrals.table import ReferralTable, StoredReferral
from procuratorate_node.referrals.workplace import Workplace
from procuratorate_node.reidentify import people_of

MAX_REASON = 200
MACHINE = "round"


def take_status(table: ReferralTable, trail: AuditTrail, relay: OpenedRelay, *, now: datetime) -> None:
    """Take a unit's status. What we never sent, or sent to another, changes nothing. Raises InputError, AuditError."""
    found = table.of_relay(relay.head.in_reply_to)
    if found is None or found.party != relay.head.sender:
        return
    status = ReferralStatus.from_content(relay.content)
    _advance(table, trail, found, status, at=utc_text(now), relay=relay.head.relay_id)


def record(place: Workplace, prefix: str, status: ReferralStatus, *, by: str, now: datetime) -> None:
    """Record what a unit without a node answered on paper. Raises PermissionRefused, RoundStateError, InputError."""
    place.config.require(by, "refer")
    found = place.table.named(prefix)
    if found.party:
        raise RoundStateError("该单位有节点，由其自行答复", "this unit has a node and answers by itself")
    if not may_follow(found.state, State(status.state)):
        raise RoundStateError(
            f"不能从 {found.state} 变为 {status.state}", f"{found.state} cannot become {status.state}"
        )
    _advance(place.table, place.trail, found, status, at=utc_text(now))


def _advance(
    table: ReferralTable,
    trail: AuditTrail,
    found: StoredReferral,
    status: ReferralStatus,
    *,
    at: str,
    relay: str = "",
) -> None:
    state = State(status.state)
    if not may_follow(found.state, state):
        return
    if state is State.DONE:
        found.expected(found.due).check(status.answer)
    facts: dict[str, JSON] = {"referral": found.referral_id, "unit": found.unit, "state": state.value, "by": status.by}
    trail.note("referral.answered", facts | ({"relay": relay} if relay else {}))
    answer = {"item": status.answer.item, "done_on": status.answer.day, "band": status.answer.band}
    table.step(found, state, by=status.by, at=at, reason=status.reason, values=answer)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A referral whose result a round has shown: the tags that came, and the round."""

    referral: StoredReferral
    tags: tuple[str, ...]
    round_id: str


def outcomes(
    referrals: Iterable[StoredReferral],
    clues: Iterable[Clue],
    *,
    person_of: Mapping[RowRef, str],
    delivered: Mapping[str, str],
) -> list[Outcome]:
    """Return the referrals whose outcome the newest rounds show (GY-P-4, GY-P-5). Pure.

    A tag counts when it would prove the service, the person did not have it when the referral was drafted, the link is
    not in doubt, and the round was delivered after the referral was sent. `delivered` gives every round's moment.
    """
    by_id = {c.clue_id: c for c in clues}
    seen: dict[str, list[Clue]] = {}
    for clue in by_id.values():
        if clue.change != GONE and clue.verdict == "yes":
            for key in {person_of[r] for r in clue.rows if r in person_of}:
                seen.setdefault(key, []).append(clue)
    found = []
    for referral in referrals:
        key = _key(by_id.get(referral.clue_id), referral.person, person_of)
        for clue in seen.get(key, ()):
            tags = _arrived(referral, clue)
            if tags and delivered.get(clue.last_round, "") > referral.sent_at:
                found.append(Outcome(referral, tags, clue.last_round))
                break
    return found


def _key(clue: Clue | None, number: int, person_of: Mapping[RowRef, str]) -> str:
    people = [] if clue is None else people_of(clue.people, person_of)
    return person_of.get(people[number - 1][0], "") if 0 < number <= len(people) else ""


def _arrived(referral: StoredReferral, clue: Clue) -> tuple[str, ...]:
    held = {tag.lstrip("+") for tag in clue.tags if not tag.startswith("-")}
    return tuple(sorted((held & set(referral.outcome_tags)) - set(referral.tags_before)))


def verify_outcomes(place: Workplace, shown: Iterable[Outcome], *, now: datetime) -> list[Outcome]:
    """Note as verified what rounds have shown; return those that were."""
    taken = []
    for outcome in shown:
        found = outcome.referral
        if not may_follow(found.state, State.VERIFIED):
            continue
        facts: dict[str, JSON] = {"referral": found.referral_id, "round": outcome.round_id, "tags": list(outcome.tags)}
        place.trail.note("referral.verified", facts)
        evidence = f"{MACHINE}:{outcome.round_id} {' '.join(outcome.tags)}"
        place.table.step(found, State.VERIFIED, by=MACHINE, at=utc_text(now), values={"evidence": evidence})
        taken.append(outcome)
    return taken


def verify_by_hand(place: Workplace, prefix: str, *, by: str, evidence: str, now: datetime) -> None:
    """Note an outcome an officer has checked otherwise, with what shows it. Raises PermissionRefused, InputError."""
    place.config.require(by, "refer")
    found = place.table.named(prefix)
    words = plain_words(evidence)
    if may_follow(found.state, State.VERIFIED):
        place.trail.note("referral.verified", {"referral": found.referral_id, "by": by})
    place.table.step(found, State.VERIFIED, by=by, at=utc_text(now), values={"evidence": words})


def close(place: Workplace, prefix: str, *, by: str, reason: str, now: datetime) -> None:
    """Close a referral; one that was not verified needs a reason. Raises RoundStateError, InputError."""
    place.config.require(by, "refer")
    found = place.table.named(prefix)
    words = plain_words(reason) if reason.strip() or found.state is not State.VERIFIED else ""
    if may_follow(found.state, State.CLOSED):
        place.trail.note("referral.closed", {"referral": found.referral_id, "by": by, "from": found.state.value})
    place.table.step(found, State.CLOSED, by=by, at=utc_text(now), reason=words)


def plain_words(text: str) -> str:
    """Return an officer's words fit to store: one line, no personal number. Raises InputError."""
    tidy = " ".join(text.split())
    if not 0 < len(tidy) <= MAX_REASON:
        raise InputError(f"说明不能为空，最长 {MAX_REASON} 字", f"give a reason of 1 to {MAX_REASON} characters")
    try:
        reject_personal(tidy, "reason")
    except AuditError:
        raise InputError("说明里像有个人号码，请删去", "the words hold what looks like a personal number") from None
    return tidy
