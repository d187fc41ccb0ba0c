"""party.toml: the public card a party hands to the ceremony, signed by the signing key it announces.

The signature proves the card's maker holds that key; that the card is really the party's is what people compare by its
fingerprint, read out or printed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import cast

from linkage.errors import InputError, KeyMaterialError, SignatureError
from linkage.keys.canonical import encode_base64, parse_base64
from linkage.keys.fields import LINE, NAME, Table, Value, parse_toml, raise_faults, render_toml
from linkage.keys.manifest import ROLE, Party, Role
from linkage.keys.sealing import RecipientPublic
from linkage.keys.signing import SigningKey, VerifyKey

FORMAT = "linkage/v1/party-card"
LABEL = "party-card"
FILE = "party.toml"
PREFIX = "# signature "


@dataclass(frozen=True, slots=True)
class PartyCard:
    """Announce one party's public keys before a manifest exists."""

    id: str
    name: str
    role: Role
    signing_key: VerifyKey
    hpke_key: RecipientPublic
    datasets: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Return 32 hex digits over the card's text, to compare by telephone."""
        return hashlib.sha256(b"linkage/v1/party-card-fingerprint\0" + _body(self).encode("utf-8")).hexdigest()[:32]

    def to_party(self, certificates: tuple[str, ...] = ()) -> Party:
        return Party(self.id, self.name, self.role, self.signing_key, self.hpke_key, certificates, self.datasets)


def render_card(card: PartyCard, key: SigningKey) -> str:
    """Return the card's TOML with its signature as the last line."""
    body = _body(card)
    return body + PREFIX + encode_base64(key.sign(LABEL, body.encode("utf-8"))) + "\n"


def parse_card(text: str) -> PartyCard:
    """Read a card and check that its own key signed it. Raises KeyMaterialError, SignatureError."""
    body, mark, signature = text.rpartition(PREFIX)
    faults: list[str] = []
    table = Table(parse_toml(body, FILE), "", faults)
    if table.text("format") != FORMAT:
        table.fault("format", f"expected {FORMAT}")
    party_id, name, role = table.text("id", NAME), table.text("name", LINE), table.text("role", ROLE)
    signing_key = table.built("signing_key", VerifyKey.from_text)
    hpke_key = table.built("hpke_key", RecipientPublic.from_text)
    datasets = table.texts("datasets", NAME)
    table.finish()
    raise_faults(faults, FILE)
    if signing_key is None or hpke_key is None or not mark:
        raise KeyMaterialError("单位卡片没有签名", "the party card is not signed")
    try:
        signing_key.verify(LABEL, body.encode("utf-8"), parse_base64(signature.removesuffix("\n"), length=64))
    except InputError:
        raise SignatureError("单位卡片的签名格式不正确", "the card's signature is malformed") from None
    return PartyCard(party_id, name, cast("Role", role), signing_key, hpke_key, datasets)


def _body(card: PartyCard) -> str:
    top: dict[str, Value] = {
        "format": FORMAT,
        "id": card.id,
        "name": card.name,
        "role": card.role,
        "signing_key": card.signing_key.to_text(),
        "hpke_key": card.hpke_key.to_text(),
        "datasets": card.datasets,
    }
    return render_toml(top)
