"""Do what is due for every open round, one step at a time; each may be cut off anywhere and is taken up again.

decide → send the decision → (consents arrive) → encode → upload → seal → (round ends) → erase → send the statement.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from linkage.encode.roundkey import derive_round_key, round_check_value
from linkage.encode.rows import RowEncoder
from linkage.errors import AuditError, LinkageError, NotFoundError, RoundStateError, TransportError, unforeseen
from linkage.keys.sealing import RecipientPublic
from linkage.keys.signing import Signed
from linkage.owner.choice import Approve, Wait
from linkage.owner.database import TAKES_NOTHING
from linkage.owner.encoding import (
    UPLOAD_KEY_BYTES,
    EncodingJob,
    EncodingStopped,
    SpoolFacts,
    encode_population,
    upload_key_info,
)
from linkage.owner.erasing import end_forgotten, erase_round
from linkage.owner.events import MAX_REASON, refusal_of
from linkage.owner.office import Office
from linkage.owner.participation import OwnRound, OwnUpload, Step
from linkage.owner.progress import Meter
from linkage.owner.relays import relay_facts
from linkage.owner.verifying import VerifiedWarrant
from linkage.rpc.client import LinkageClient
from linkage.rpc.transport import Deferred
from linkage.rpc.upload import UploadFacts, UploadStopped, digest_of_file, upload_file
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.schema import load_schema
from linkage.warrant import LABEL_DECISION, Decision, PopulationSpec, parse_utc, utc_text

log = logging.getLogger(__name__)
FIRST_RETRY = 30.0  # After a fault that an operator may mend, such as a register that cannot be read;
DELIVERED = ("DELIVERED", "CLOSED")
LATE = timedelta(days=1)
LAST_RETRY = 1800.0  # then ever later, because every attempt leaves an audit entry.


class Worker:
    """Carry an owner's rounds on. One thread only."""

    def __init__(self, office: Office, client: LinkageClient, *, stop: threading.Event) -> None:
        self._office = office
        self._client = client
        self._stop = stop
        self._not_before: dict[str, float] = {}
        self._faults: dict[str, int] = {}
        self._noted_relay = 0  # Relays leave in the order of their numbers.

    def work(self) -> bool:
        """Do everything that is due; tell whether the coordinator could not be reached."""
        unreachable = self._guarded("chores", self._office.policy.work)
        unreachable |= self._guarded("relays", self._send_relays)
        for found in self._office.book.unfinished_business():
            if self._stop.is_set():
                return False
            unreachable |= self._guarded(found.round_id, lambda found=found: self._carry_on(found))  # type: ignore[misc]
        return unreachable

    def _guarded(self, name: str, step: Callable[[], None]) -> bool:
        """Run one step; a fault is shown, kept and tried again later. True = the coordinator is out of reach."""
        office = self._office
        if office.monotonic() < self._not_before.get(name, 0.0):
            return False
        try:
            step()
            self._faults.pop(name, None)
            return False
        except (UploadStopped, EncodingStopped):
            return False
        except TransportError as error:
            log.info("round %s: %s", name, error.en)
            return True
        except (AuditError, *TAKES_NOTHING):
            raise  # Nothing can be written down: no round can go on.
        except LinkageError as error:
            self._fault(name, error)
            return False
        except Exception as error:  # A bug met by one round must not keep the others waiting.
            self._fault(name, unforeseen(error))
            return False

    def _fault(self, round_id: str, error: LinkageError) -> None:
        office = self._office
        count = self._faults[round_id] = self._faults.get(round_id, 0) + 1
        self._not_before[round_id] = office.monotonic() + min(LAST_RETRY, FIRST_RETRY * 2.0 ** min(count - 1, 10))
        found = office.book.round(round_id)
        if found is None:
            log.error("%s: %s", round_id, error)
        elif found.fault != str(error):
            log.error("round %s: %s", round_id, error)
            office.trail.note("round.fault", {"round": round_id, "code": error.code, "reason": error.en[:MAX_REASON]})
            office.book.update(round_id, fault=str(error))

    def _carry_on(self, found: OwnRound) -> None:
        office = self._office
        if found.erase or self._is_stale(found):
            self._end(found)
            return
        if found.step is Step.SEEN:
            found = self._decide(found)
        if found.step in (Step.APPROVED, Step.REFUSED) and not found.decision_sent:
            self._send_decision(found)
        if found.step is Step.CONSENTED:
            self._upload_all(found)
        current = office.book.round(found.round_id)
        if current is not None and current.fault and current.fault == found.fault:
            office.book.update(found.round_id, fault="")

    def _is_stale(self, found: OwnRound) -> bool:
        """Tell whether the maps have outlived delivery, or the warrant expired before all our rows had left."""
        now, keep = self._office.clock(), self._office.keep_maps
        if found.delivered_at and keep is not None:
            return now > parse_utc(found.delivered_at) + keep
        expires = parse_utc(self._office.verified(found).warrant.expires_at)
        if found.step in (Step.SEEN, Step.APPROVED, Step.CONSENTED):
            return now >= expires
        # Its end would have come by now, unless a restored coordinator does not know the round any more.
        return found.step is Step.UPLOADED and found.state not in DELIVERED and now >= expires + LATE

    def _decide(self, found: OwnRound) -> OwnRound:
        office, verified = self._office, self._office.verified(found)
        choice = office.policy.decide(verified)
        if isinstance(choice, Wait):
            return found
        facts = {"round": found.round_id, "warrant": found.digest.hex(), "decided_by": choice.by}
        now = utc_text(office.clock())
        if isinstance(choice, Approve):
            office.trail.note("decision.made", facts | {"decision": "approve"})
            envelope, step = self._approval(verified, choice.by, now), Step.APPROVED
        else:
            office.trail.note("decision.made", facts | {"decision": "refuse", "reason": choice.reason[:MAX_REASON]})
            envelope = refusal_of(office, found.round_id, found.digest, reason=choice.reason, by=choice.by, at=now)
            step = Step.REFUSED
        log.info("round %s: %s by %s", found.round_id, step, choice.by)
        office.book.update(found.round_id, step=step, decision=envelope)
        return office.book.round(found.round_id) or found

    def _approval(self, verified: VerifiedWarrant, by: str, now: str) -> bytes:
        decision = Decision(
            version=Decision.VERSION,
            round_id=verified.round_id,
            warrant_digest=verified.digest.hex(),
            owner=self._office.id,
            decision="approve",
            nonce=self._office.random_bytes(32).hex(),
            reason="",
            decided_by=by,
            decided_at=now,
        )
        return self._office.sign(LABEL_DECISION, decision.to_bytes())

    def _send_decision(self, found: OwnRound) -> None:
        values: dict[str, object] = {"decision_sent": True}
        try:
            self._client.decide_round(found.round_id, found.decision)
        except (RoundStateError, NotFoundError) as error:
            # The round ended before our word came; it is not needed any more.
            values |= {"fault": str(error), "erase": True}
        self._office.book.update(found.round_id, **values)

    def _upload_all(self, found: OwnRound) -> None:
        office, verified = self._office, self._office.verified(found)
        done = office.book.uploads(found.round_id)
        waiting = [spec for spec in verified.own if spec.id not in done or not done[spec.id].sealed]
        if waiting:
            encoder, check_value = self._encoder(found, verified)
            deferred: Deferred | None = None
            for spec in waiting:
                upload = self._usable(found, done.get(spec.id))
                upload = upload or self._encode(verified, spec, encoder=encoder, check_value=check_value)
                try:
                    self._upload(verified, upload)
                except Deferred as error:
                    deferred = error  # All our populations go into one file.
                except NotFoundError as error:
                    end_forgotten(office.book, office.trail, found.round_id, error)
                    return
            if deferred is not None:
                raise deferred
        office.book.update(found.round_id, step=Step.UPLOADED)
        log.info("round %s: all our populations are uploaded", found.round_id)

    def _encoder(self, found: OwnRound, verified: VerifiedWarrant) -> tuple[RowEncoder, bytes]:
        warrant, consents = verified.warrant, pb.Consents.FromString(found.consents)
        decisions = [Decision.from_bytes(Signed.parse(d.envelope).body) for d in consents.decisions]
        schema = load_schema(warrant.schema_id)
        key = derive_round_key(
            self._office.secret,
            {d.owner: bytes.fromhex(d.nonce) for d in decisions},
            schema_digest=bytes.fromhex(warrant.schema_digest),
            warrant_digest=verified.digest,
        )
        return RowEncoder(schema, key), round_check_value(key)

    def _usable(self, found: OwnRound, upload: OwnUpload | None) -> OwnUpload | None:
        """Return a recorded upload whose file is whole; forget one whose file is not."""
        if upload is None:
            return None
        file = self._office.place(found.round_id, upload.population).rows
        if file.exists() and digest_of_file(file) == upload.content_digest:
            return upload
        log.warning("round %s: the spool of %s is damaged; encoding again", found.round_id, upload.population)
        self._office.book.drop_upload(found.round_id, upload.population)
        return None

    def _is_wanted(self, round_id: str) -> bool:
        current = self._office.book.round(round_id)
        return not self._stop.is_set() and current is not None and not current.erase

    def _encode(
        self, verified: VerifiedWarrant, spec: PopulationSpec, *, encoder: RowEncoder, check_value: bytes
    ) -> OwnUpload:
        office, warrant = self._office, verified.warrant
        # A fresh upload key for every attempt: one key must never seal two orders of the same rows.
        upload_key = office.random_bytes(UPLOAD_KEY_BYTES) if spec.payload else b""
        place = office.place(warrant.round_id, spec.id)
        job = EncodingJob(
            schema=load_schema(warrant.schema_id),
            encoder=encoder,
            spec=spec,
            warrant_digest=verified.digest,
            max_rows=warrant.limits.max_rows,
            place=place,
            upload_key=upload_key,
        )
        log.info("round %s: encoding %s", warrant.round_id, spec.id)
        source = office.policy.rows(warrant, spec)
        facts = encode_population(
            source,
            job,
            random_bytes=office.random_bytes,
            clock=office.monotonic,
            report=office.report,
            is_wanted=lambda: self._is_wanted(warrant.round_id),
        )
        self._note_encoding(verified, spec, facts)
        sealed_key = b""
        if spec.payload:
            public = RecipientPublic.from_text(warrant.recipient_key)
            sealed_key = public.seal(upload_key, info=upload_key_info(verified.digest, spec.id))
        upload = OwnUpload(
            round_id=warrant.round_id,
            population=spec.id,
            rows=facts.rows,
            row_bytes=facts.row_bytes,
            content_digest=facts.content_digest,
            sealed_upload_key=sealed_key,
            check_value=check_value,
            golden_digest=encoder.golden_digest(),
        )
        office.book.put_upload(upload)
        return upload

    def _note_encoding(self, verified: VerifiedWarrant, spec: PopulationSpec, facts: SpoolFacts) -> None:
        self._office.trail.note(
            "encoding.done",
            {
                "round": verified.round_id,
                "warrant": verified.digest.hex(),
                "population": spec.id,
                "dataset": spec.dataset,
                "rows": facts.rows,
                "left_out": facts.left_out,
                "dummies": facts.dummies,
                "row_bytes": facts.row_bytes,
                "content": facts.content_digest.hex(),
                "schema": verified.warrant.schema_digest,
            },
        )

    def _upload(self, verified: VerifiedWarrant, upload: OwnUpload) -> None:
        office = self._office
        about = {"round": upload.round_id, "population": upload.population, "content": upload.content_digest.hex()}
        facts = UploadFacts(
            round_id=upload.round_id,
            population=upload.population,
            warrant_digest=verified.digest,
            schema_digest=bytes.fromhex(verified.warrant.schema_digest),
            round_check_value=upload.check_value,
            golden_digest=upload.golden_digest,
            rows=upload.rows,
            row_bytes=upload.row_bytes,
            content_digest=upload.content_digest,
            sealed_upload_key=upload.sealed_upload_key,
        )
        if not self._client.is_under_way("BeginUpload", facts.request()):
            office.trail.note("upload.begun", about | {"rows": upload.rows, "bytes": upload.rows * upload.row_bytes})
        place = office.place(upload.round_id, upload.population)
        meter = Meter("upload", facts.total, report=office.report, clock=office.monotonic)
        upload_file(self._client, place.rows, facts, progress=lambda done, _: meter.at(done), stop=self._stop)
        meter.end(facts.total)
        office.trail.note("upload.sealed", about)
        office.book.sealed(upload.round_id, upload.population)
        place.drop_rows()

    def _end(self, found: OwnRound) -> None:
        office = self._office
        if found.step is not Step.ENDED:
            erase_round(office, found.round_id)
        current = office.book.round(found.round_id)
        if current is not None and current.statement and not current.statement_sent:
            try:
                self._client.state_deletion(current.round_id, current.statement)
            except (RoundStateError, NotFoundError) as error:
                if current.state not in ("DELIVERED", "CLOSED", "FAILED", "CANCELLED", "EXPIRED", "REFUSED"):
                    raise
                log.info("round %s: deletion statement not taken: %s", current.round_id, error.en)
            office.book.update(current.round_id, statement_sent=True)

    def _send_relays(self) -> None:
        """Send what waits in the outbox, in order; a relay the coordinator refuses for good is put aside.

        Raises TransportError.
        """
        send = {
            "release_request": ("RequestRelease", self._client.request_release),
            "release_answer": ("AnswerRelease", self._client.answer_release),
            "referral": ("SendReferral", self._client.send_referral),
            "referral_status": ("UpdateReferral", self._client.update_referral),
        }
        for waiting in self._office.book.outbox():
            message = pb.Relay.FromString(waiting.message)
            method, call = send[waiting.kind]
            if not self._client.is_under_way(method, message):
                self._note_relay(waiting.number, waiting.kind, message)
            try:
                call(message)
                self._office.book.posted(waiting.number)
            except Deferred:
                continue
            except TransportError:
                raise
            except LinkageError as error:
                log.error("%s not taken: %s", waiting.kind, error)
                self._office.trail.note("relay.refused", {"relay_kind": waiting.kind, "reason": error.en[:MAX_REASON]})
                self._office.book.posted(waiting.number, fault=str(error))

    def _note_relay(self, number: int, kind: str, message: pb.Relay) -> None:
        """Write the entry of a relay that is about to leave, once for as long as it is tried."""
        if number > self._noted_relay:
            self._office.trail.note("relay.sent", relay_facts(message, kind) | {"receiver": message.receiver})
            self._noted_relay = number
