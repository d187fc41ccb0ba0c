"""What the people of an office answer and do: the one place behind the commands and the console's pages.

Whoever acts was admitted by the gate; here the office's own list of operators is held as well. Every answer is stored
for the running node to sign and send.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from agency_node.config import Config
from agency_node.datasets import Registers
from agency_node.decisions import Decisions, DecisionState, RoundDecision
from agency_node.measuring import Request, measure_dataset
from agency_node.referrals import Referrals
from agency_node.releases import Releases
from agency_node.risks import Measured
from linkage.audit.checkpoint import origin_of
from linkage.audit.entry import reject_personal
from linkage.audit.log import AuditLog
from linkage.errors import AuditError, ConfigError, InputError, NotFoundError
from linkage.keys.canonical import JSON
from linkage.keys.store import PartyKeys, load_party_keys
from linkage.owner.database import FILE, open_database
from linkage.owner.participation import Participation
from linkage.owner.referrals import Answer, Referral, ReferralState
from linkage.owner.trail import AuditTrail
from linkage.risk.meter import Progress

MAX_REASON: Final = 200


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Answers:
    """One office's stores, and the steps its people take in them."""

    config: Config
    keys: PartyKeys
    book: Participation
    decisions: Decisions
    releases: Releases
    referrals: Referrals
    clock: Callable[[], datetime] = field(repr=False)

    @classmethod
    def open(cls, config: Config, *, clock: Callable[[], datetime] = now_utc) -> Answers:
        """Open keys and database. Raises ConfigError when there are no keys yet."""
        if not (config.state / "keys").exists():
            raise ConfigError(
                "state 目录里还没有密钥",
                "there are no keys in the state folder yet",
                hint_zh="先完成入网仪式，把 keys 目录放进 state",
                hint_en="finish the ceremony first and put keys/ into the state folder",
            )
        book = Participation(open_database(config.state / FILE))
        stores = Decisions(book.engine), Releases(book.engine), Referrals(book.engine)
        return cls(config, load_party_keys(config.state), book, *stores, clock)

    @property
    def today(self) -> date:
        return self.config.day(self.clock().date())

    def decide_round(self, round_id: str, state: DecisionState, *, by: str, reason: str = "") -> RoundDecision:
        """Approve or refuse a waiting round. Raises ConfigError, NotFoundError, RoundStateError, InputError."""
        self.config.require_operator(by)
        told = tidy_reason(reason) if state is DecisionState.REFUSED else ""
        found = self.decisions.named(round_id)
        self.decisions.decide(found.round_id, state, by=by, reason=told, at=self.clock())
        return found

    def decide_release(self, request: str, *, approve: bool, by: str, reason: str = "") -> None:
        """Approve or refuse a request for fields. Raises ConfigError, NotFoundError, RoundStateError, InputError."""
        self.config.require_operator(by)
        told = "" if approve else tidy_reason(reason)
        self.releases.decide(request, approve=approve, by=by, reason=told)

    def open_referral(self, relay: str, *, by: str, letter: bool = False) -> Referral:
        """Return a referral's content, which names a person, after an audit entry. Raises NotFoundError."""
        self.config.require_operator(by)
        found = self.referrals.named(relay)
        content = found.open(self.keys)
        facts = {"relay": found.relay_id, "by": by}
        if letter:
            if content.letter is None:
                raise NotFoundError("这件转介没有附函", "no letter is enclosed in this referral")
            facts |= {"letter": content.letter.digest}
        self.note("referral.opened", facts)
        return content

    def update_referral(
        self, relay: str, state: ReferralState, *, by: str, reason: str = "", answer: Answer | None = None
    ) -> None:
        """Take a referral one step on. Raises ConfigError, NotFoundError, RoundStateError, InputError."""
        self.config.require_operator(by)
        told = tidy_reason(reason) if reason else ""
        self.referrals.update(relay, state, by=by, reason=told, at=self.clock(), answer=answer or Answer())

    def measure_risk(
        self,
        registers: Registers,
        asked: Request,
        *,
        show: Callable[[str], object] = print,
        progress: Progress | None = None,
    ) -> bool:
        """Attack a dataset's own encodings, keep the figures for the policy; tell whether all limits hold."""
        measured, passes = measure_dataset(registers, asked, clock=self.clock, show=show, progress=progress)
        self.note("risk.measured", _facts_of(measured))
        self.decisions.risks.put(measured)
        return passes

    def note(self, kind: str, facts: Mapping[str, JSON]) -> None:
        """Write one entry into the office's audit log. Raises AuditError, and then nothing may be done."""
        origin = origin_of(self.keys.manifest.consortium, self.keys.party.id)
        folder = self.config.state / "audit"
        with AuditLog.open(folder, origin=origin, signer=self.keys.signing, clock=self.clock) as log:
            AuditTrail(log, peer=self.keys.manifest.coordinator.id).note(kind, dict(facts))


def _facts_of(measured: Measured) -> dict[str, JSON]:
    facts = {"dataset": measured.dataset, "as_of": measured.as_of, "schema": measured.schema_digest}
    shares = {attack: f"{share:.4f}" for attack, share in measured.found.items()}
    return {**facts, **shares, "people": str(measured.people)}


def tidy_reason(text: str) -> str:
    """Return a reason fit to sign and show: one line. Raises InputError when it looks like a person."""
    tidy = " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())
    if not tidy or len(tidy) > MAX_REASON:
        raise InputError(f"理由不能为空，最长 {MAX_REASON} 字", f"a reason has 1 to {MAX_REASON} characters")
    try:
        reject_personal(tidy, "reason")
    except AuditError as error:
        raise InputError(
            "理由里有像个人号码的内容，请删去", "the reason holds what looks like a personal number"
        ) from error
    return tidy
