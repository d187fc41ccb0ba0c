"""Messages between two parties that the coordinator carries and cannot read: releases and referrals (design §3.8).

The signed body is canonical JSON {format, in_reply_to, kind, receiver, relay_id, round_id, sealed, sender}; `sealed` is
base64 of the content's canonical JSON, HPKE-sealed to the receiver's manifest key. The HPKE info repeats every field
of the body, so a sealed content cannot be moved into another message. Signing label: "relay".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from linkage.errors import InputError, NotFoundError, SignatureError
from linkage.keys.canonical import JSON, canonical_json, encode_base64, parse_base64, parse_canonical_json
from linkage.keys.manifest import Manifest
from linkage.keys.sealing import RecipientKey
from linkage.keys.signing import Signed, SigningKey
from linkage.rpc.v1 import linkage_pb2 as pb

LABEL_RELAY = "relay"
FORMAT = "linkage/v1/relay"
INFO = b"linkage/v1/relay-content\0"
RelayKind: TypeAlias = Literal["release_request", "release_answer", "referral", "referral_status"]
KINDS: tuple[RelayKind, ...] = ("release_request", "release_answer", "referral", "referral_status")
ENVELOPE_KEYS = ("relay_id", "in_reply_to", "kind", "sender", "receiver", "round_id")


@dataclass(frozen=True, slots=True)
class RelayHead:
    """What both parties and the coordinator see of a message. `relay_id` is 16 random bytes in hex."""

    relay_id: str
    kind: RelayKind
    sender: str
    receiver: str
    round_id: str = ""
    in_reply_to: str = ""

    def fields(self) -> dict[str, JSON]:
        return {name: getattr(self, name) for name in ENVELOPE_KEYS}

    def info(self) -> bytes:
        """Return the HPKE info that ties the content to this head."""
        return INFO + canonical_json(self.fields())


@dataclass(frozen=True, slots=True)
class OpenedRelay:
    """A message whose signature holds and whose content opened. `envelope` is kept so that it can be opened again."""

    head: RelayHead
    content: Mapping[str, JSON] = field(repr=False)
    envelope: bytes = field(repr=False)


def make_relay(head: RelayHead, content: Mapping[str, JSON], *, manifest: Manifest, signing: SigningKey) -> pb.Relay:
    """Seal the content to the receiver, sign, and return the wire message. Raises NotFoundError, InputError."""
    receiver = manifest.party(head.receiver)
    sealed = receiver.hpke_key.seal(canonical_json(content), info=head.info())
    body = canonical_json({"format": FORMAT, "sealed": encode_base64(sealed), **head.fields()})
    envelope = Signed.create(LABEL_RELAY, body, signer=head.sender, key=signing).to_json()
    return wire_relay(head, envelope)


def relay_facts(message: pb.Relay, kind: str) -> dict[str, JSON]:
    """Return what the audit entries of sender, coordinator and receiver say of one relay: the three must agree.

    `digest` is the hex SHA-256 of the sealed message, so it commits to the content and tells nothing about it.
    """
    facts: dict[str, JSON] = {
        "relay": message.relay_id,
        "relay_kind": kind,
        "digest": hashlib.sha256(message.SerializeToString(deterministic=True)).hexdigest(),
    }
    about = {"round": message.round_id, "in_reply_to": message.in_reply_to}
    return facts | {name: value for name, value in about.items() if value}


def wire_relay(head: RelayHead, envelope: bytes) -> pb.Relay:
    """Return the wire message of a stored envelope; the same bytes every time."""
    return pb.Relay(
        relay_id=head.relay_id,
        in_reply_to=head.in_reply_to,
        sender=head.sender,
        receiver=head.receiver,
        round_id=head.round_id,
        document=pb.SignedDocument(envelope=envelope),
    )


def open_relay(message: pb.Relay, *, manifest: Manifest, recipient: RecipientKey) -> OpenedRelay:
    """Verify and open what the coordinator brought. Raises SignatureError, InputError, KeyMaterialError."""
    opened = open_envelope(message.document.envelope, manifest=manifest, recipient=recipient)
    head = opened.head
    told = (message.relay_id, message.in_reply_to, message.sender, message.receiver, message.round_id)
    if told != (head.relay_id, head.in_reply_to, head.sender, head.receiver, head.round_id):
        raise InputError("转递的信封与正文不符", "a relay's cover does not fit its signed body")
    return opened


def open_envelope(envelope: bytes, *, manifest: Manifest, recipient: RecipientKey) -> OpenedRelay:
    """Verify and open a relay's envelope alone, as it was stored."""
    signed = Signed.parse(envelope)
    try:
        sender = manifest.party(signed.signer)
    except NotFoundError:
        raise SignatureError("签名者不在联合体清单里", "the signer is not in the manifest") from None
    head, sealed = _parse_body(signed.verify(LABEL_RELAY, sender.signing_key))
    if head.sender != signed.signer:
        raise SignatureError("转递的发件方不是签名者", "a relay's sender is not its signer")
    content = parse_canonical_json(recipient.open(sealed, info=head.info()))
    if not isinstance(content, dict):
        raise _malformed()
    return OpenedRelay(head, content, envelope)


def _parse_body(body: bytes) -> tuple[RelayHead, bytes]:
    found = parse_canonical_json(body)
    if not isinstance(found, dict) or set(found) != {"format", "sealed", *ENVELOPE_KEYS}:
        raise _malformed()
    texts = {name: value for name, value in found.items() if isinstance(value, str)}
    if len(texts) != len(found) or texts["format"] != FORMAT or texts["kind"] not in KINDS:
        raise _malformed()
    head = RelayHead(
        texts["relay_id"],
        texts["kind"],
        texts["sender"],
        texts["receiver"],
        round_id=texts["round_id"],
        in_reply_to=texts["in_reply_to"],
    )
    return head, parse_base64(texts["sealed"])


def _malformed() -> InputError:
    return InputError("转递内容格式不正确", "malformed relay")
