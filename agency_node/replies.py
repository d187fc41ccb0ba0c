"""Make the relay that answers a requester's relay: a release answer or a referral's status."""

from __future__ import annotations

from collections.abc import Mapping

from linkage.keys.canonical import JSON
from linkage.owner.office import Office
from linkage.owner.relays import RelayHead, RelayKind, make_relay


def reply_to(
    office: Office, kind: RelayKind, content: Mapping[str, JSON], *, receiver: str, round_id: str, in_reply_to: str
) -> bytes:
    """Return a serialised Relay, sealed to the receiver and signed by this office."""
    relay_id = office.random_bytes(16).hex()
    head = RelayHead(relay_id, kind, office.id, receiver, round_id=round_id, in_reply_to=in_reply_to)
    message = make_relay(head, content, manifest=office.keys.manifest, signing=office.keys.signing)
    return message.SerializeToString(deterministic=True)
