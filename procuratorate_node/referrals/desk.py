"""Draft, approve and send a referral: one person's least data to one unit, two officers behind it (GY-P-1, CAP-18).

A draft fixes what would be sent, sealed to our own key; the second officer approves exactly that, and exactly that is
sent. Sending writes the audit entry first and then, in one transaction, the new state and the sealed message into the
outbox: however often it is tried again, one relay leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from linkage.errors import InputError, PermissionRefused, RoundStateError
from linkage.keys.canonical import JSON
from linkage.keys.times import utc_text
from linkage.owner.participation import Outgoing, Participation, post_relay
from linkage.owner.referrals import Letter
from linkage.owner.relays import RelayHead, make_relay
from linkage.rpc.v1 import linkage_pb2 as pb
from procuratorate_node.casework import Casework
from procuratorate_node.clues import Clue
from procuratorate_node.referrals.catalogue import Service
from procuratorate_node.referrals.composing import Made, compose_letter, compose_referral, due_day
from procuratorate_node.referrals.least import choose, least_of, parse_given
from procuratorate_node.referrals.states import LIVE, State
from procuratorate_node.referrals.subject import subject_of
from procuratorate_node.referrals.suggestions import bar
from procuratorate_node.referrals.table import StoredReferral
from procuratorate_node.referrals.worklist import MODEL as UNMATCHED_MODEL
from procuratorate_node.referrals.worklist import Visit
from procuratorate_node.referrals.workplace import Particulars, Workplace, open_particulars
from procuratorate_node.reidentify import people_of


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer asks for: one person of a clue, one service. `given` are FIELD=VALUE texts."""

    clue_id: str
    service: str
    person: int = 1
    given: Sequence[str] = field(default=(), repr=False)
    without: tuple[str, ...] = ()
    note: str = field(default="", repr=False)


def draft(place: Workplace, wish: Wish, work: Casework, *, by: str, now: datetime) -> StoredReferral:
    """Draft a referral. Raises PermissionRefused, RoundStateError, InputError, NotFoundError."""
    place.config.require(by, "refer")
    clue = place.identified(wish.clue_id)
    service = place.catalogue.service(wish.service)
    unit = place.catalogue.unit(service.unit)
    subject = subject_of(clue, wish.person, work, place.colours, asked=(), today=Made(by, now).day)
    barred = bar(place.catalogue.guards, unit, subject)
    if barred is not None:
        raise PermissionRefused(*barred)
    _require_aided(place, clue, service)
    _require_first(place, clue, wish, work)
    need = place.catalogue.need(service.need)
    given = parse_given(list(wish.given), service)
    values = least_of(clue, wish.person, service, need=need, work=work, given=given)
    least = choose(values, service, guards=place.catalogue.guards, subject=subject, without=wish.without)
    if least.missing:
        names = "、".join(least.missing)
        raise InputError(
            f"缺少字段：{names}",
            f"fields are missing: {names}",
            hint_zh="用 --give 字段=内容 补充，或用 --without 字段 表示不提供",
            hint_en="add them with --give FIELD=VALUE, or leave them out with --without FIELD",
        )
    place.templates.document(service.letter)  # A template that cannot be used is told now, not when it is to be sent.
    referral_id = place.random_bytes(12).hex()
    particulars = Particulars(least.values, wish.note.strip())
    found = StoredReferral(
        referral_id=referral_id,
        clue_id=clue.clue_id,
        person=wish.person,
        unit=unit.code,
        party=place.party_of(unit),
        service=service.code,
        need=need.code,
        fields=tuple(least.values),
        sealed=particulars.seal(place.keys, referral_id),
        cautions=least.cautions,
        basis=service.basis or place.catalogue.head.basis,
        days=service.days,
        items=service.items,
        dated=service.dated,
        bands=place.catalogue.head.bands if service.banded else (),
        outcome_tags=service.outcome_tags,
        tags_before=tuple(sorted(subject.tags)),
        catalogue=place.catalogue.digest,
        letter=service.letter,
        drafted_by=by,
    )
    place.trail.note(
        "referral.drafted", _facts(found, by) | {"fields": list(found.fields), "catalogue": found.catalogue}
    )
    place.table.add(found, at=utc_text(now))
    return found


def approve(place: Workplace, prefix: str, *, by: str, now: datetime) -> StoredReferral:
    """Approve a draft as a second officer and give its letter a number. Raises PermissionRefused, RoundStateError."""
    place.config.require(by, "approve")
    found = place.table.named(prefix)
    if found.drafted_by == by:
        raise PermissionRefused("拟稿人与批准人必须是两个人", "who drafts and who approves are two people")
    if found.state is State.DRAFT:
        place.trail.note("referral.approved", _facts(found, by))
    year = Made(by, now).day.year
    with place.table.engine.begin() as connection:
        number = place.table.next_number(connection, found.letter, year)
        numbered: dict[str, object] = {"approved_by": by, "letter_year": year, "letter_number": number}
        place.table.step_in(connection, found, State.APPROVED, by=by, at=utc_text(now), values=numbered)
    return place.table.named(found.referral_id)


def send(place: Workplace, prefix: str, *, by: str, now: datetime) -> tuple[StoredReferral, Letter]:
    """Send an approved referral: sealed to its unit's node, or for a unit without one as a letter by hand.

    Returns it with its letter. Raises PermissionRefused, RoundStateError, LimitError, AuditError.
    """
    place.config.require(by, "refer")
    found = place.table.named(prefix)
    if found.state is not State.APPROVED:
        raise RoundStateError("只能发出已批准的转介", "only an approved referral can be sent")
    place.identified(found.clue_id)
    particulars, made = open_particulars(place.keys, found.referral_id, found.sealed), Made(by, now)
    due = due_day(place, found, made)
    letter = compose_letter(place, found, particulars, made, mask=False)
    content = compose_referral(place, found, particulars, due=due, letter=letter)
    enclosed = content.letter or Letter("letter.docx", letter)
    relay_id = place.random_bytes(16).hex() if found.party else ""
    facts: dict[str, JSON] = {"fields": list(found.fields), "letter": enclosed.digest, "due": due.isoformat()}
    place.trail.note("referral.sent", _facts(found, by) | facts | ({"relay": relay_id} if relay_id else {}))
    values = {"relay_id": relay_id, "sent_at": utc_text(now), "due": due.isoformat(), "letter_digest": enclosed.digest}
    with place.table.engine.begin() as connection:
        place.table.step_in(connection, found, State.SENT, by=by, at=utc_text(now), values=values)
        if relay_id:
            # Without a round: the unit need not have been in it, and is not told which one it was.
            head = RelayHead(relay_id, "referral", place.keys.party.id, found.party)
            message = make_relay(head, content.to_content(), manifest=place.keys.manifest, signing=place.keys.signing)
            post_relay(connection, "referral", message.SerializeToString(deterministic=True))
    return place.table.named(found.referral_id), enclosed


def undelivered(place: Workplace) -> dict[str, Outgoing]:
    """Return what the coordinator would not take, by relay id: a full day's quota, a revoked unit."""
    refused = Participation(place.table.engine).refused("referral")
    return {pb.Relay.FromString(found.message).relay_id: found for found in refused}


def resend(place: Workplace, prefix: str, *, by: str) -> None:
    """Let a referral leave again that the coordinator refused. Raises PermissionRefused, RoundStateError."""
    place.config.require(by, "refer")
    found = place.table.named(prefix)
    waiting = undelivered(place).get(found.relay_id)
    if found.state is not State.SENT or waiting is None:
        raise RoundStateError("这件转介没有被退回，无须重发", "this referral was not refused: nothing to send again")
    place.trail.note("referral.resent", _facts(found, by) | {"relay": found.relay_id})
    Participation(place.table.engine).post_again(waiting.number)


def letter_of(place: Workplace, prefix: str, *, by: str, now: datetime, mask: bool) -> bytes:
    """Return a referral's letter: masked, or with an audit entry before it in clear. Raises PermissionRefused."""
    place.config.require(by, "refer")
    found = place.table.named(prefix)
    particulars = open_particulars(place.keys, found.referral_id, found.sealed)
    if not mask:
        place.identified(found.clue_id)
        place.trail.note("referral.letter", _facts(found, by))
    return compose_letter(place, found, particulars, Made(by, now), mask=mask)


def preview(place: Workplace, found: StoredReferral, *, by: str, now: datetime, mask: bool) -> bytes:
    """Return the letter as it would read now; in clear only for what `open_referral` has noted."""
    particulars = open_particulars(place.keys, found.referral_id, found.sealed)
    return compose_letter(place, found, particulars, Made(by, now), mask=mask)


def open_referral(place: Workplace, prefix: str, *, by: str) -> tuple[StoredReferral, Particulars]:
    """Return a referral with its person's data for an officer; one audit entry first. Raises PermissionRefused."""
    if not any(o.name == by and {"refer", "approve"} & set(o.may) for o in place.config.officers):
        place.config.require(by, "refer")
    found = place.table.named(prefix)
    place.identified(found.clue_id)
    place.trail.note("referral.opened", _facts(found, by) | {"fields": list(found.fields)})
    return found, open_particulars(place.keys, found.referral_id, found.sealed)


def _require_aided(place: Workplace, clue: Clue, service: Service) -> None:
    """Raise RoundStateError for a letter of suggestion about someone no register knew, before the aid (GY-P-3)."""
    if clue.model != UNMATCHED_MODEL or service.letter != "suggestion":
        return
    found = place.worklist.of_clue(clue.clue_id)
    if found is None or found.state is not Visit.AIDED:
        raise RoundStateError(
            "平台未检索到的人员，走访并决定救助后才能发出建议函",
            "a person no register knew is visited and aided before a letter of suggestion",
            hint_zh="procuratorate-node worklist aided",
            hint_en="`procuratorate-node worklist aided` notes it",
        )


def _require_first(place: Workplace, clue: Clue, wish: Wish, work: Casework) -> None:
    """Raise RoundStateError while the same service is under way for the same person, under whatever clue."""
    own = _rows_of(clue, wish.person, work)
    for other in place.table.all(*LIVE):
        if other.service == wish.service and own & _rows_of(place.book.get(other.clue_id), other.person, work):
            raise RoundStateError(
                f"该人的同一服务已有转介 {other.referral_id[:8]}",
                f"this person already has a referral for this service: {other.referral_id[:8]}",
            )


def _rows_of(clue: Clue, number: int, work: Casework) -> frozenset[object]:
    """Return the person key of a clue's person, or his rows where he has none."""
    people = people_of(clue.people, work.facts.person_of)
    rows = people[number - 1] if 0 < number <= len(people) else ()
    return frozenset(work.facts.person_of.get(row, row) for row in rows)


def _facts(found: StoredReferral, by: str) -> dict[str, JSON]:
    return {
        "referral": found.referral_id,
        "clue": found.clue_id,
        "unit": found.unit,
        "service": found.service,
        "by": by,
    }
