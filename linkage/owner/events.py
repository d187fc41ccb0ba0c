"""Take the coordinator's events: verify first, write the audit entry second, store third; never crash on a bad one.

A document that does not verify is an audit entry and a clear log line. A warrant that names us but does not hold is
answered with a signed refusal that says why, so that its requester need not wait for the expiry to learn it.
"""

from __future__ import annotations

import hashlib
import logging

from linkage.errors import AuditError, LinkageError, SignatureError, WarrantError
from linkage.keys.canonical import JSON
from linkage.keys.signing import Signed
from linkage.owner.office import Office
from linkage.owner.participation import ACTIVE, OwnRound, Step
from linkage.owner.relays import open_relay, relay_facts
from linkage.owner.verifying import NO_CERTIFICATE, VerifiedWarrant, verify_consents, verify_warrant
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import LABEL_DECISION, LABEL_DELETION, Decision, DeletionStatement, RoundWarrant, utc_text

log = logging.getLogger(__name__)
ENDED = frozenset({"CLOSED", "REFUSED", "EXPIRED", "FAILED", "CANCELLED"})
RELAYS = frozenset({"release_request", "release_answer", "referral", "referral_status"})
MAX_REASON = 400
MAX_LISTED = 64  # An audit entry has at most 64 KiB; the warrant digest stands for the rest.


def take_event(office: Office, event: pb.Event) -> None:
    """Act on one event. Taking it again changes nothing. Raises AuditError when the log cannot be written."""
    kind = event.WhichOneof("body")
    try:
        if kind == "warrant":
            _take_warrant(office, event)
        elif kind == "consents":
            _take_consents(office, event)
        elif kind == "status":
            _take_status(office, event.status)
        elif kind == "deletion":
            _take_deletion(office, event)
        elif kind in RELAYS:
            _take_relay(office, kind, getattr(event, kind))
    except AuditError:
        raise
    except LinkageError as error:
        _reject(office, f"{kind}", event.round_id, error)


def _reject(office: Office, kind: str, round_id: str, error: LinkageError) -> None:
    log.warning("%s of round %s refused: %s", kind, round_id or "-", error)
    facts: dict[str, JSON] = {"event": kind, "reason": error.en[:MAX_REASON], "code": error.code}
    office.trail.note("event.rejected", facts | ({"round": round_id} if round_id else {}))


def _take_warrant(office: Office, event: pb.Event) -> None:
    envelope = event.warrant.envelope
    now = office.clock()
    try:
        verified = verify_warrant(envelope, office.known(), now=now)
        if verified.round_id != event.round_id:
            raise WarrantError("轮次编号与委托书不符", "the event's round is not the warrant's")
    except LinkageError as error:
        _reject(office, "warrant", event.round_id, error)
        _refuse_unverified(office, envelope, error)
        return
    known = office.book.round(verified.round_id)
    if known is not None:
        if known.digest != verified.digest:
            raise WarrantError("同一轮次编号出现另一份委托书", "another warrant came under a known round id")
        return
    office.trail.note("warrant.seen", _facts_of(verified))
    office.book.add_round(OwnRound(verified.round_id, verified.digest, envelope, Step.SEEN, utc_text(now)))
    log.info("round %s: warrant of %s seen", verified.round_id, verified.warrant.requester)


def _facts_of(verified: VerifiedWarrant) -> dict[str, JSON]:
    warrant = verified.warrant
    return {
        "round": verified.round_id,
        "warrant": verified.digest.hex(),
        "requester": warrant.requester,
        "purpose": warrant.purpose[:MAX_REASON],
        "reference": warrant.reference[:MAX_REASON],
        "legal_basis": [text[:MAX_REASON] for text in warrant.legal_basis[:MAX_LISTED]],
        "approved_by": list(warrant.approved_by[:MAX_LISTED]),
        "models": [{"id": m.id, "version": m.version, "digest": m.digest} for m in warrant.models[:MAX_LISTED]],
        "populations": [{"id": s.id, "dataset": s.dataset, "payload": s.payload} for s in verified.own],
        "expires": warrant.expires_at,
    }


def _refuse_unverified(office: Office, envelope: bytes, error: LinkageError) -> None:
    """Say no, signed, to a warrant that is well-formed and names us but does not hold."""
    try:
        body = Signed.parse(envelope).body
        warrant = RoundWarrant.from_bytes(body)
    except (SignatureError, WarrantError):
        return
    if office.id not in warrant.owners or office.book.round(warrant.round_id) is not None:
        return
    now = utc_text(office.clock())
    refusal = refusal_of(office, warrant.round_id, warrant.digest, reason=str(error), by="verification", at=now)
    facts = {"round": warrant.round_id, "warrant": warrant.digest.hex(), "decision": "refuse"}
    office.trail.note("decision.made", facts | {"decided_by": "verification", "reason": error.en[:MAX_REASON]})
    found = OwnRound(warrant.round_id, warrant.digest, envelope, Step.REFUSED, now, decision=refusal)
    office.book.add_round(found)


def refusal_of(office: Office, round_id: str, digest: bytes, *, reason: str, by: str, at: str) -> bytes:
    """Return our signed refusal."""
    decision = Decision(
        version=Decision.VERSION,
        round_id=round_id,
        warrant_digest=digest.hex(),
        owner=office.id,
        decision="refuse",
        nonce="",
        reason=reason[:MAX_REASON],
        decided_by=by,
        decided_at=at,
    )
    return office.sign(LABEL_DECISION, decision.to_bytes())


def _take_consents(office: Office, event: pb.Event) -> None:
    found = office.book.round(event.round_id)
    if found is None:
        raise WarrantError("同意书属于未知的轮次", "consents for a round that is not known here")
    if found.step is not Step.APPROVED:
        if found.step in (Step.CONSENTED, Step.UPLOADED, Step.ENDED):
            return
        raise WarrantError("本方没有同意这个轮次", "we did not approve this round")
    if Signed.parse(event.consents.warrant.envelope).body != Signed.parse(found.envelope).body:
        raise WarrantError("同意书所附的委托书不是本方看到的那一份", "the consents carry another warrant than ours")
    own = Decision.from_bytes(Signed.parse(found.decision).body)
    verified, envelopes = office.verified(found), [d.envelope for d in event.consents.decisions]
    nonces = verify_consents(verified, envelopes, office.known(), own=own, now=office.clock())
    digest = hashlib.sha256(b"".join(envelopes)).hexdigest()
    office.trail.note(
        "consents.verified",
        {"round": found.round_id, "warrant": found.digest.hex(), "owners": sorted(nonces), "consents": digest},
    )
    office.book.update(found.round_id, step=Step.CONSENTED, consents=event.consents.SerializeToString())
    log.info("round %s: all %d owners approved", found.round_id, len(nonces))


def _take_status(office: Office, status: pb.RoundStatus) -> None:
    found = office.book.round(status.round_id)
    state = pb.RoundState.Name(status.state)
    if found is None or found.state == state:
        return
    if found.state in ENDED or (found.state == "DELIVERED" and state != "CLOSED"):
        # A restored coordinator calls failed what it knows no end of; what did end has ended.
        office.trail.note(
            "event.rejected", {"round": found.round_id, "event": "status", "reason": f"{state} after its end"}
        )
        return
    facts: dict[str, JSON] = {"round": found.round_id, "state": state}
    if status.reason:
        facts |= {"reason": status.reason[:MAX_REASON], "reason_party": status.reason_party}
    office.trail.note("round.state", facts)
    values: dict[str, object] = {"state": state, "reason": status.reason}
    if state == "DELIVERED":
        values["delivered_at"] = utc_text(office.clock())
    if state in ENDED and found.step in ACTIVE:
        values["erase"] = True
    office.book.update(found.round_id, **values)
    log.info("round %s: %s %s", found.round_id, state, status.reason)
    office.policy.round_changed(found.round_id, state, status.reason)


def _take_deletion(office: Office, event: pb.Event) -> None:
    signed = Signed.parse(event.deletion.envelope)
    party = office.keys.manifest.party(signed.signer)
    statement = DeletionStatement.from_bytes(signed.verify(LABEL_DELETION, party.signing_key))
    found = office.book.round(statement.round_id)
    if statement.party != signed.signer:
        raise SignatureError("销毁声明的单位与签名者不符", "a deletion statement's party is not its signer")
    if found is None or statement.warrant_digest != found.digest.hex():
        raise WarrantError("销毁声明属于另一轮次", "a deletion statement of another round")
    digest = hashlib.sha256(signed.body).hexdigest()
    facts: dict[str, JSON] = {"round": found.round_id, "party": statement.party, "statement": digest}
    if statement.party == office.keys.manifest.coordinator.id:
        missing = _not_deleted(office, statement)
        facts |= {"missing": missing} if missing else {}
        if missing:
            log.error("round %s: the coordinator did not state the deletion of %s", found.round_id, ", ".join(missing))
    office.trail.note("deletion.seen", facts)
    if statement.party == office.verified(found).warrant.requester and found.step in ACTIVE:
        # The requester has finished: nothing can be asked about this round any more.
        office.book.update(found.round_id, erase=True)


def _not_deleted(office: Office, statement: DeletionStatement) -> list[str]:
    """Return those of our sealed uploads that the coordinator's statement does not name with their digest."""
    stated = set(statement.items)
    uploads = office.book.uploads(statement.round_id).values()
    return sorted(
        upload.population
        for upload in uploads
        if upload.sealed and f"population:{upload.population}:{upload.content_digest.hex()}" not in stated
    )


def _take_relay(office: Office, kind: str, message: pb.Relay) -> None:
    opened = open_relay(message, manifest=office.keys.manifest, recipient=office.keys.recipient)
    head = opened.head
    if head.receiver != office.id or head.kind != kind:
        raise SignatureError("转递不是给本方的，或类别不符", "a relay for another receiver or of another kind")
    if office.known().revocations.is_revoked(head.sender, NO_CERTIFICATE, office.clock()):
        raise SignatureError("发件方已被吊销", "the relay's sender is revoked")
    if kind in ("release_request", "referral") and office.keys.manifest.party(head.sender).role != "procuratorate":
        raise SignatureError("发件方不是检察院", "the relay's sender is not a procuratorate")
    office.trail.note("relay.received", relay_facts(message, head.kind) | {"sender": head.sender})
    office.policy.relay_arrived(opened)
