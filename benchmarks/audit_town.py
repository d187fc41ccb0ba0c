"""A small consortium whose logs tell one whole round: for trying what verifying and reconciling notice.

Real keys, logs, trails, checkpoints and cosignatures; only the wire between the parties is left out, so that thousands
of mutations can be tried. Whole rounds over the wire are reconciled by the demonstration and its test.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from linkage.audit.checkpoint import origin_of, verify_checkpoint
from linkage.audit.log import AuditLog
from linkage.keys.canonical import JSON
from linkage.keys.manifest import Manifest
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.keys.store import PartyKeys, load_party_keys
from linkage.owner.trail import AuditTrail

HUB, JCY, MZ, CL = "hub", "jcy", "mz", "cl"
OWNERS = (CL, JCY, MZ)
SPECS = [
    PartySpec(HUB, "政法委", "coordinator"),
    PartySpec(JCY, "检察院", "procuratorate", ("parties",)),
    PartySpec(MZ, "民政局", "agency", ("dibao", "tekun")),
    PartySpec(CL, "残联", "agency", ("disabled",)),
]
POPULATIONS = {JCY: ("parties",), MZ: ("dibao", "tekun"), CL: ("disabled",)}
ROWS = {"parties": 379, "dibao": 110, "tekun": 15, "disabled": 64}
ROW_BYTES = 390
START = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)
ASKING, APPROVING, OPERATOR = "检察官甲", "检察官乙", "值班员丙"


def digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


@dataclass(slots=True)
class Town:
    """Four parties under one folder: <root>/<party>/keys and <root>/<party>/audit."""

    root: Path
    moment: datetime = START
    logs: dict[str, AuditLog] = field(default_factory=dict)
    trails: dict[str, AuditTrail] = field(default_factory=dict)
    keys: dict[str, PartyKeys] = field(default_factory=dict)

    @classmethod
    def found(cls, root: Path) -> Town:
        """Make the keys and open the logs."""
        counter = iter(range(1, 10**6))
        quickstart(
            root,
            consortium="county",
            parties=SPECS,
            now=datetime.now(UTC),
            random_bytes=lambda n: next(counter).to_bytes(n, "big"),
        )
        town = cls(root)
        for spec in SPECS:
            keys = town.keys[spec.id] = load_party_keys(root / spec.id)
            town.logs[spec.id] = AuditLog.open(
                town.folder(spec.id), origin=town.origin(spec.id), signer=keys.signing, clock=town.clock
            )
            town.trails[spec.id] = AuditTrail(town.logs[spec.id], peer=HUB)
        return town

    @property
    def manifest(self) -> Manifest:
        return self.keys[HUB].manifest

    def folder(self, party: str) -> Path:
        return self.root / party / "audit"

    def folders(self) -> list[Path]:
        return [self.folder(spec.id) for spec in SPECS]

    def origin(self, party: str) -> str:
        return origin_of("county", party)

    def clock(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment

    def note(self, party: str, kind: str, facts: Mapping[str, JSON]) -> None:
        """Let an owner write an entry."""
        self.trails[party].note(kind, facts)

    def hub(self, kind: str, facts: Mapping[str, JSON]) -> None:
        """Let the coordinator write an entry of its own."""
        self.logs[HUB].append(kind, facts)

    def call(self, party: str, kind: str, facts: Mapping[str, JSON]) -> None:
        """Let an owner call the coordinator: its leaf goes there, the coordinator's comes back."""
        leaf = self.logs[party].last_leaf()
        self.hub(kind, {"party": party, "peer_leaf": leaf.hex() if any(leaf) else "", **facts})
        self.event(party)

    def event(self, party: str) -> None:
        """Let the coordinator's leaf reach an owner."""
        self.trails[party].seen("Watch", self.logs[HUB].last_leaf())

    def witness(self) -> None:
        """Let everybody have everybody's log cosigned."""
        for party in OWNERS:
            self.trails[party].flush()
            self._cosign(party, HUB)
        for party in OWNERS:
            for other in OWNERS:
                if other != party:
                    self._cosign(party, other)
            self._cosign(HUB, party)
        for party in OWNERS:  # As before a program ends: each log is covered to its end, the unit's by the last caller.
            self._cosign(party, HUB)
            self._keep_hub(party)

    def _cosign(self, party: str, witness: str) -> None:
        log, by, key = self.logs[party], self.logs[witness], self.keys[party].party.signing_key
        text = log.checkpoint()
        found, _ = verify_checkpoint(text, origin=log.origin, key=key)
        known = by.peer_checkpoint(party)
        old = verify_checkpoint(known, origin=log.origin, key=key)[0].size if known else 0
        proof = log.consistency_proof(old, found.size)
        facts: dict[str, JSON] = {"party": party, "size": found.size, "root": found.root.hex()}
        if witness == HUB:
            self.hub("checkpoint.exchanged", facts | {"peer_leaf": log.last_leaf().hex()})
        else:
            by.append("checkpoints.witnessed", {"logs": [facts]})
        line = by.cosign_peer(party, text, origin=log.origin, key=key, proof=proof)
        log.add_cosignature(found.size, line, name=by.origin, key=self.keys[witness].party.signing_key)

    def _keep_hub(self, party: str) -> None:
        log, own = self.logs[HUB], self.logs[party]
        origin, key, text = log.origin, self.keys[HUB].party.signing_key, log.checkpoint()
        known = own.peer_checkpoint(HUB)
        old = verify_checkpoint(known, origin=origin, key=key)[0].size if known else 0
        size = verify_checkpoint(text, origin=origin, key=key)[0].size
        own.store_peer_checkpoint(HUB, text, origin=origin, key=key, proof=log.consistency_proof(old, size))

    def close(self) -> None:
        for log in self.logs.values():
            log.close()


def run_round(town: Town, number: int = 1) -> str:
    """Tell one round from request to erasure, with an opening, a release and a referral; return its id."""
    round_id = digest("round", str(number))[:32]
    about: dict[str, JSON] = {"round": round_id, "warrant": digest("warrant", round_id)}
    _ask(town, about)
    _carry(town, about, number)
    _consent(town, about)
    for party in OWNERS:
        for population in POPULATIONS[party]:
            _upload(town, about, party, population)
    _match(town, about)
    clue = digest("clue", round_id)[:12]
    _open(town, about, clue)
    _award(town, clue)
    _release(town, about, clue)
    _refer(town, about, clue)
    _decide(town, clue)
    _erase(town, about)
    return round_id


def _ask(town: Town, about: Mapping[str, JSON]) -> None:
    only = {"round": about["round"]}
    order: dict[str, JSON] = {"order": "monthly", "digest": digest("order", str(about["round"]))}
    town.note(JCY, "standing.requested", {**order, "models": ["SX-1"], "by": ASKING})
    town.note(JCY, "standing.approved", {**order, "by": APPROVING, "requested_by": ASKING})
    town.note(JCY, "standing.started", {**order, **only, "number": 1})
    asked: dict[str, JSON] = {"models": ["SX-1"], "by": ASKING, "reference": "检察〔2026〕12号"}
    town.note(JCY, "screening.requested", only | asked)
    town.note(JCY, "screening.approved", {**about, "by": APPROVING, "requested_by": ASKING})
    town.note(JCY, "round.proposed", about)
    town.call(JCY, "round.proposed", {**about, "owners": list(OWNERS)})
    for party in OWNERS:
        town.event(party)
        seen: dict[str, JSON] = {
            "requester": JCY,
            "purpose": "司法救助线索筛查",
            "reference": "检察〔2026〕12号",
            "legal_basis": ["《人民检察院国家司法救助工作细则（试行）》第七条"],
            "approved_by": [ASKING, APPROVING],
            "models": [{"id": "SX-1", "version": 1, "digest": digest("SX-1")}],
            "populations": [{"id": p, "dataset": p, "payload": p == "disabled"} for p in POPULATIONS[party]],
            "expires": "2026-11-08T00:00:00Z",
        }
        town.note(party, "warrant.seen", {**about, **seen})


def _carry(town: Town, about: Mapping[str, JSON], number: int) -> None:
    """Tell of one file that an office brought to the linkage unit, and of the one it took home."""

    def file(sender: str, receiver: str, kind: str) -> dict[str, JSON]:
        content = digest("file", sender, str(number))
        way: dict[str, JSON] = {"sender": sender, "receiver": receiver, "number": number}
        return {**way, "file": content, "kinds": [kind], "rounds": [about["round"]]}

    brought, taken_home = file(CL, HUB, "checkpoint"), file(HUB, CL, "events")
    town.note(CL, "courier.packed", brought)
    town.call(CL, "courier.taken", brought)
    town.hub("courier.packed", taken_home)
    town.note(CL, "courier.taken", taken_home)


def _consent(town: Town, about: Mapping[str, JSON]) -> None:
    only = {"round": about["round"]}
    for party in OWNERS:
        word: dict[str, JSON] = {"decision": "approve", "decided_by": OPERATOR if party == CL else "policy"}
        town.note(party, "decision.made", {**about, **word})
        town.call(party, "round.decided", only | word)
    _state(town, only, "CONSENTED")
    for party in OWNERS:
        town.event(party)
        consents: dict[str, JSON] = {"owners": list(OWNERS), "consents": digest("consents", str(only))}
        town.note(party, "consents.verified", {**about, **consents})
    _state(town, only, "COLLECTING")


def _state(town: Town, only: Mapping[str, JSON], state: str) -> None:
    town.hub("round.state", {**only, "state": state})
    for party in OWNERS:
        town.event(party)
        town.note(party, "round.state", {**only, "state": state})


def _content(about: Mapping[str, JSON], population: str) -> str:
    return digest("content", str(about["round"]), population)


def _upload(town: Town, about: Mapping[str, JSON], party: str, population: str) -> None:
    rows = ROWS[population]
    told: dict[str, JSON] = {"round": about["round"], "population": population, "content": _content(about, population)}
    encoded: dict[str, JSON] = {"dataset": population, "rows": rows, "dummies": rows // 10, "left_out": 1}
    encoded["row_bytes"] = ROW_BYTES
    town.note(party, "encoding.done", {**told, **encoded, "warrant": about["warrant"], "schema": digest("schema")})
    town.note(party, "upload.begun", {**told, "rows": rows, "bytes": rows * ROW_BYTES})
    town.call(party, "upload.begun", {**told, "rows": rows})
    town.call(party, "upload.chunk", {"round": about["round"], "population": population, "offset": rows * ROW_BYTES})
    town.call(party, "upload.sealed", {**told, "rows": rows})
    town.note(party, "upload.sealed", told)


def _match(town: Town, about: Mapping[str, JSON]) -> None:
    only, result = {"round": about["round"]}, digest("result", str(about["round"]))
    _state(town, only, "MATCHING")
    town.hub("match.started", {**only, "comparisons": 100, "by_tokens": []})
    town.hub("match.finished", {**only, "result": result, "bytes": 3945, "compared": 100})
    town.call(JCY, "result.fetched", {**only, "offset": 0, "result": result})
    town.note(JCY, "result.fetched", {**about, "result": result, "bytes": 3945})
    town.note(JCY, "result.taken", {**about, "result": result, "clues": 80})
    town.call(JCY, "result.accepted", {**only, "result": result})
    _state(town, only, "DELIVERED")


def _open(town: Town, about: Mapping[str, JSON], clue: str) -> None:
    opening, reason = digest("opening", clue)[:12], "告知申请救助的权利"
    town.note(JCY, "clue.decided", {"clue": clue, "status": "confirmed", "by": APPROVING, "reason": "卷宗核实"})
    town.note(JCY, "reidentify.requested", {"opening": opening, "clue": clue, "by": ASKING, "reason": reason})
    people: dict[str, JSON] = {"requested_by": ASKING, "approved_by": APPROVING, "reason": reason}
    for person in (1, 2):
        facts: dict[str, JSON] = {"opening": opening, "clue": clue, "model": "SX-1", "person": person}
        town.note(JCY, "person.opened", {**facts, "round": about["round"], **people})


def _award(town: Town, clue: str) -> None:
    """Propose, approve above a cap, decide and pay an amount for an opened clue."""
    award, proposal, decided = digest("award", clue)[:12], digest("proposal", clue), digest("decided", clue)
    about: dict[str, JSON] = {"award": award, "clue": clue}
    town.note(JCY, "award.proposed", {**about, "by": ASKING, "digest": proposal})
    town.note(JCY, "award.approved", {**about, "by": APPROVING, "digest": proposal, "subject": "local"})
    both: dict[str, JSON] = {"proposed_by": ASKING, "proposal": proposal, "digest": decided}
    town.note(JCY, "award.decided", {**about, "by": APPROVING, **both})
    town.note(JCY, "award.paid", {**about, "by": ASKING, "decided_by": APPROVING, "digest": decided})


def _relay(town: Town, about: Mapping[str, JSON], kind: str, *, ends: tuple[str, str], replies: str = "") -> str:
    """Carry one sealed message; return its id."""
    sender, receiver = ends
    relay = digest("relay", kind, str(about["round"]), replies)[:32]
    facts: dict[str, JSON] = {"relay": relay, "relay_kind": kind, "digest": digest(relay), "round": about["round"]}
    answered: dict[str, JSON] = {"in_reply_to": replies} if replies else {}
    town.note(sender, "relay.sent", {**facts, **answered, "receiver": receiver})
    town.call(sender, "relay.taken", {**facts, "in_reply_to": replies, "receiver": receiver, "bytes": 2900})
    town.event(receiver)
    town.note(receiver, "relay.received", {**facts, **answered, "sender": sender})
    return relay


def _release(town: Town, about: Mapping[str, JSON], clue: str) -> None:
    relay = digest("relay", "release_request", str(about["round"]), "")[:32]
    asked: dict[str, JSON] = {"relay": relay, "clue": clue, "receiver": CL, "by": ASKING}
    town.note(JCY, "release.sent", {**asked, "about": ["disabled", "grade", "status"]})
    _relay(town, about, "release_request", ends=(JCY, CL))
    decided: dict[str, JSON] = {
        "relay": relay,
        "round": about["round"],
        "requester": JCY,
        "population": "disabled",
        "fields_asked": ["grade", "status"],
        "fields_given": ["grade"],
        "given": True,
        "clue": clue,
        "confirmed_by": [APPROVING, ASKING],
        "decided_by": OPERATOR,
    }
    town.note(CL, "release.decided", decided)
    _relay(town, about, "release_answer", ends=(CL, JCY), replies=relay)
    town.note(JCY, "release.read", {"relay": relay, "clue": clue, "by": ASKING, "fields": ["disabled", "grade"]})


def _refer(town: Town, about: Mapping[str, JSON], clue: str) -> None:
    relay = digest("relay", "referral", str(about["round"]), "")[:32]
    about_it: dict[str, JSON] = {"referral": relay[:24], "clue": clue, "unit": "MZ", "service": "temporary-aid"}
    town.note(JCY, "referral.drafted", {**about_it, "by": ASKING, "fields": ["name"]})
    town.note(JCY, "referral.approved", {**about_it, "by": APPROVING})
    town.note(JCY, "referral.sent", {**about_it, "by": ASKING, "fields": ["name"], "relay": relay})
    _relay(town, about, "referral", ends=(JCY, MZ))
    town.note(MZ, "referral.opened", {"relay": relay, "by": OPERATOR})
    town.note(MZ, "referral.updated", {"relay": relay, "receiver": JCY, "state": "ACCEPTED", "by": OPERATOR})
    _relay(town, about, "referral_status", ends=(MZ, JCY), replies=relay)
    answered: dict[str, JSON] = {"referral": relay[:24], "unit": "MZ", "state": "ACCEPTED", "by": OPERATOR}
    town.note(JCY, "referral.answered", answered)


def _decide(town: Town, clue: str) -> None:
    """Tell what else two officers decide: a suggestion, a change of rules."""
    town.note(JCY, "supervision.drafted", {"clue": clue, "by": ASKING})
    town.note(JCY, "supervision.advised", {"clue": clue, "by": APPROVING, "due": "2026-12-08"})
    change: dict[str, JSON] = {"change": digest("change", clue)[:12], "digest": digest("file", clue)}
    town.note(JCY, "rules.proposed", {**change, "by": ASKING})
    town.note(JCY, "rules.activated", {**change, "by": APPROVING, "requested_by": ASKING})


def _erase(town: Town, about: Mapping[str, JSON]) -> None:
    only = {"round": about["round"]}
    items = {p: [f"population:{p}:{_content(about, p)}" for p in POPULATIONS[p]] for p in OWNERS}
    unit = [item for listed in items.values() for item in listed] + [f"result:{digest('result', str(about['round']))}"]
    town.hub("round.erased", {**only, "party": HUB, "items": unit, "statement": digest("statement", HUB)})
    town.note(JCY, "round.closing", only)
    for party in OWNERS:
        gone: list[JSON] = [*items[party], *(f"map:{p}" for p in POPULATIONS[party])]
        town.note(party, "data.deleted", {**about, "items": gone})
        told: dict[str, JSON] = {"items": len(gone), "statement": digest("statement", party)}
        town.call(party, "round.deletion-stated", only | told)
    for party in OWNERS:
        for other in (HUB, *OWNERS):
            if other != party:
                town.event(party)
                town.note(party, "deletion.seen", {**only, "party": other, "statement": digest("statement", other)})
    _state(town, only, "CLOSED")


def make_town(root: Path, rounds: int = 1, *, change: Callable[[Town], object] = lambda town: None) -> Town:
    """Return a town with so many rounds told and everything witnessed; `change` may write more before that."""
    town = Town.found(root)
    for number in range(1, rounds + 1):
        run_round(town, number)
    change(town)
    town.witness()
    town.close()
    return town
