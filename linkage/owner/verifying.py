"""What an owner checks before it believes anything: it trusts signatures of the manifest's parties, never the relay.

Warrant: signed by its own requester, a procuratorate of the same consortium that is not revoked; a schema that is known
here with the same digest; an epoch and check value equal to our secret's; not expired; our populations exist.
Consents: every owner exactly once, each signed, each about this very warrant, all approving, our nonce unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from linkage.errors import ConfigError, LinkageError, NotFoundError, SignatureError, WarrantError
from linkage.keys.kcv import is_equal
from linkage.keys.manifest import Manifest, Party
from linkage.keys.revocation import RevocationList
from linkage.keys.sealing import RecipientPublic
from linkage.keys.signing import Signed
from linkage.schema import load_schema
from linkage.warrant import LABEL_DECISION, LABEL_WARRANT, Decision, PopulationSpec, RoundWarrant, parse_utc

MAX_SKEW = timedelta(minutes=10)
NO_CERTIFICATE = "-"  # Only the party is asked about here; entries that name a party have an empty certificate.


@dataclass(frozen=True, slots=True)
class VerifiedWarrant:
    """A warrant whose signature and facts were checked. `own` are the populations this owner would encode."""

    warrant: RoundWarrant
    digest: bytes
    own: tuple[PopulationSpec, ...]
    requester: Party = field(repr=False)

    @property
    def round_id(self) -> str:
        return self.warrant.round_id


@dataclass(frozen=True, slots=True)
class Expectations:
    """What this owner knows by itself: who it is, the manifest, who is revoked, and its secret's epoch and kcv."""

    party: str
    manifest: Manifest = field(repr=False)
    revocations: RevocationList = field(repr=False)
    epoch: int
    kcv: str


def verify_warrant(envelope: bytes, known: Expectations, *, now: datetime) -> VerifiedWarrant:
    """Return the warrant once everything about it holds. Raises SignatureError or WarrantError."""
    signed = Signed.parse(envelope)
    requester = _signer(signed, known, now)
    if requester.role != "procuratorate":
        raise SignatureError(
            f"{requester.id} 不是检察院，无权委托", f"{requester.id} is not a procuratorate and cannot ask for a round"
        )
    warrant = RoundWarrant.from_bytes(signed.verify(LABEL_WARRANT, requester.signing_key))
    if warrant.requester != signed.signer:
        raise WarrantError("委托人与签名者不是同一单位", "the requester is not the signer")
    faults = [*_fact_faults(warrant, known, now), *_owner_faults(warrant, known)]
    if faults:
        zh, en = "；".join(f[0] for f in faults), "; ".join(f[1] for f in faults)
        raise WarrantError(f"委托书不可信：{zh}", f"the warrant is not accepted: {en}")
    own = tuple(spec for spec in warrant.populations if spec.owner == known.party)
    return VerifiedWarrant(warrant, warrant.digest, own, requester)


def _signer(signed: Signed, known: Expectations, now: datetime) -> Party:
    try:
        party = known.manifest.party(signed.signer)
    except NotFoundError:
        raise SignatureError("签名者不在联合体清单里", "the signer is not in the manifest") from None
    if known.revocations.is_revoked(party.id, NO_CERTIFICATE, now):
        raise SignatureError(f"{party.id} 已被吊销", f"{party.id} is revoked")
    return party


def _fact_faults(w: RoundWarrant, known: Expectations, now: datetime) -> Iterable[tuple[str, str]]:
    if w.consortium != known.manifest.consortium:
        yield "属于另一个联合体", "it is of another consortium"
    if parse_utc(w.expires_at) <= now:
        yield "已经到期", "it has expired"
    if parse_utc(w.issued_at) > now + MAX_SKEW:
        yield "签发时间在将来", "it was issued in the future"
    if not _is_known_schema(w, known.manifest):
        yield "编码方案与本方不同", "its encoding schema is not the one known here"
    if w.epoch != known.epoch or not is_equal(w.kcv, known.kcv):
        yield "链接密钥的期号或校验值与本方不同", "epoch or check value is not that of our linkage secret"
    try:
        RecipientPublic.from_text(w.recipient_key)
    except LinkageError:
        yield "接收方公钥不正确", "its recipient key is malformed"


def _is_known_schema(w: RoundWarrant, manifest: Manifest) -> bool:
    try:
        digest = load_schema(w.schema_id).digest
    except ConfigError:
        return False
    agreed = not manifest.schema_digests or digest in manifest.schema_digests
    return digest == w.schema_digest and agreed


def _owner_faults(w: RoundWarrant, known: Expectations) -> Iterable[tuple[str, str]]:
    used = {leaf for model in w.models for leaf in model.plan.leaves()}
    for spec in w.populations:
        if spec.anchor:
            continue
        if spec.id not in used:
            yield f"群体 {spec.id} 没有模型使用", f"no model uses population {spec.id}"
        try:
            owner = known.manifest.owner_of(spec.dataset).id
        except NotFoundError:
            owner = ""
        if owner != spec.owner:
            yield f"数据集 {spec.dataset} 不属于 {spec.owner}", f"dataset {spec.dataset} is not {spec.owner}'s"
    if known.party not in w.owners:
        yield "没有本方的群体", "it names no population of ours"


def verify_consents(
    verified: VerifiedWarrant, envelopes: Iterable[bytes], known: Expectations, *, own: Decision, now: datetime
) -> Mapping[str, bytes]:
    """Return every owner's 32-byte nonce by owner. Raises SignatureError or WarrantError."""
    nonces: dict[str, bytes] = {}
    for envelope in envelopes:
        signed = Signed.parse(envelope)
        party = _signer(signed, known, now)
        decision = Decision.from_bytes(signed.verify(LABEL_DECISION, party.signing_key))
        _check_decision(decision, signed.signer, verified)
        if decision.owner in nonces:
            raise WarrantError(f"{decision.owner} 的同意出现两次", f"two consents of {decision.owner}")
        nonces[decision.owner] = bytes.fromhex(decision.nonce)
    if tuple(sorted(nonces)) != verified.warrant.owners:
        raise WarrantError("同意书与数据方不是一一对应", "the consents are not exactly those of the warrant's owners")
    if nonces.get(own.owner) != bytes.fromhex(own.nonce):
        raise WarrantError("本方的随机数被改动", "our own nonce was changed")
    if len(set(nonces.values())) != len(nonces):
        raise WarrantError("两个数据方的随机数相同", "two owners gave the same nonce")
    return nonces


def _check_decision(decision: Decision, signer: str, verified: VerifiedWarrant) -> None:
    if decision.owner != signer:
        raise WarrantError("决定的单位与签名者不符", "a decision's owner is not its signer")
    if decision.decision != "approve":
        raise WarrantError(f"{decision.owner} 没有同意", f"{decision.owner} did not approve")
    if decision.round_id != verified.round_id or decision.warrant_digest != verified.digest.hex():
        raise WarrantError(f"{decision.owner} 同意的是另一份委托书", f"{decision.owner} approved another warrant")
