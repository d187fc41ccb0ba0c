"""A party's key folder: <state folder>/keys/.

party.toml, tls.csr                   public, made by the party
tls.key, signing.key, hpke.key        private, mode 0600, made by the party, never leave it;
                                      wrapped under a passphrase or not
secret-<epoch>.sealed                 mode 0600, sealed to hpke.key
tls.crt, ca.crt, consortium.toml(.sig), officers.toml, revoked.toml    public, installed from the ceremony
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from linkage.errors import KeyMaterialError
from linkage.keys import card as cards
from linkage.keys import manifest as manifests
from linkage.keys import revocation
from linkage.keys.card import PartyCard, parse_card
from linkage.keys.files import PRIVATE, PUBLIC, make_folder, read_private, read_public, read_public_text, write_file
from linkage.keys.keyring import KEYRING
from linkage.keys.manifest import Manifest, Party, parse_manifest
from linkage.keys.officers import Officers
from linkage.keys.revocation import RevocationFile
from linkage.keys.sealing import RecipientKey
from linkage.keys.signing import SigningKey
from linkage.keys.tls import fingerprint_of, is_key_of, parse_certificate, parse_tls_key, verify_certificate

SIGNATURES = "consortium.toml.sig"
OFFICERS = "officers.toml"
PRIVATE_FILES = ("tls.key", "signing.key", "hpke.key")
SEALED = re.compile(r"secret-([1-9][0-9]{0,6})\.sealed")


@dataclass(frozen=True, slots=True)
class PartyKeys:
    """Hold what one party runs with; the linkage secret is not among it. Private parts are left out of `repr`."""

    folder: Path
    party: Party
    manifest: Manifest = field(repr=False)
    signing: SigningKey = field(repr=False)
    recipient: RecipientKey = field(repr=False)
    tls_key: bytes = field(repr=False)  # PEM, private
    tls_certificate: bytes = field(repr=False)  # PEM
    ca_certificate: bytes = field(repr=False)  # PEM
    revocations: RevocationFile = field(repr=False)


def keys_folder(folder: Path) -> Path:
    """Return the keys/ folder of a party's state folder."""
    return folder / "keys"


def save_new_party(
    folder: Path, card: PartyCard, *, signing: SigningKey, recipient: RecipientKey, tls_key: bytes, request: bytes
) -> None:
    """Write a new party's keys, card and signing request. Raises KeyMaterialError when keys are there already."""
    place = keys_folder(folder)
    if any((place / name).exists() for name in PRIVATE_FILES):
        raise KeyMaterialError("这里已有私钥，不覆盖", "there are private keys here already; they are not overwritten")
    make_folder(place)
    write_file(place / "tls.key", tls_key, mode=PRIVATE)
    write_file(place / "signing.key", signing.to_pem(), mode=PRIVATE)
    write_file(place / "hpke.key", recipient.to_file_bytes(), mode=PRIVATE)
    write_file(place / cards.FILE, cards.render_card(card, signing).encode("utf-8"), mode=PUBLIC)
    write_file(place / "tls.csr", request, mode=PUBLIC)


def load_card(folder: Path) -> PartyCard:
    """Read the party's own card. Raises KeyMaterialError, SignatureError."""
    return parse_card(read_public_text(keys_folder(folder) / cards.FILE))


def load_recipient(folder: Path) -> RecipientKey:
    """Read the party's private HPKE key. Raises KeyMaterialError."""
    return RecipientKey.from_file_bytes(KEYRING.read(keys_folder(folder) / "hpke.key"))


def load_officers(folder: Path) -> Officers:
    """Read the pinned officers. Raises KeyMaterialError."""
    return Officers.from_text(read_public_text(keys_folder(folder) / OFFICERS))


def load_manifest(place: Path, officers: Officers) -> Manifest:
    """Read and verify consortium.toml and its .sig in a folder. Raises KeyMaterialError, SignatureError."""
    text = read_public_text(place / manifests.FILE)
    return parse_manifest(text, read_public_text(place / SIGNATURES), officers=officers)


def load_party_keys(folder: Path, *, now: datetime | None = None) -> PartyKeys:
    """Load and cross-check everything a party runs with: pinned officers, manifest, own keys, own certificate.

    With `now` an expired certificate is refused too. Raises KeyMaterialError, SignatureError, NotFoundError.
    """
    place = keys_folder(folder)
    officers = load_officers(folder)
    manifest = load_manifest(place, officers)
    party = manifest.party(load_card(folder).id)
    signing = SigningKey.from_pem(KEYRING.read(place / "signing.key"))
    recipient = load_recipient(folder)
    tls_key = KEYRING.read(place / "tls.key")
    certificate, ca = read_public(place / "tls.crt"), read_public(place / "ca.crt")
    if signing.verify_key != party.signing_key or recipient.public != party.hpke_key:
        raise KeyMaterialError("本方私钥与清单登记的公钥不符", "the private keys are not those of the manifest")
    if not is_key_of(parse_tls_key(tls_key), parse_certificate(certificate)):
        raise KeyMaterialError("tls.crt 与 tls.key 不是一对", "tls.crt does not certify tls.key")
    check_certificate(certificate, ca, manifest=manifest, party=party, now=now)
    revocations = RevocationFile(place / revocation.FILE, officers=officers, consortium=manifest.consortium)
    return PartyKeys(
        folder=folder,
        party=party,
        manifest=manifest,
        signing=signing,
        recipient=recipient,
        tls_key=tls_key,
        tls_certificate=certificate,
        ca_certificate=ca,
        revocations=revocations,
    )


def check_certificate(
    certificate: bytes, ca: bytes, *, manifest: Manifest, party: Party, now: datetime | None = None
) -> None:
    """Check a party's certificate against its manifest. Raises KeyMaterialError."""
    found = parse_certificate(certificate)
    if fingerprint_of(ca) != manifest.ca_fingerprint:
        raise KeyMaterialError("ca.crt 不是清单登记的签发机构", "ca.crt is not the CA the manifest names")
    identity = verify_certificate(certificate, ca, now=now or found.not_valid_before_utc)
    if (identity.consortium, identity.role, identity.party) != (manifest.consortium, party.role, party.id):
        raise KeyMaterialError("证书身份与清单不符", "the certificate's identity is not the manifest's")
    if party.certificates and fingerprint_of(found) not in party.certificates:
        raise KeyMaterialError("证书不在清单登记之列", "the certificate is not one the manifest lists")


def read_sealed_secret(folder: Path, epoch: int) -> bytes:
    """Return the sealed copy of an epoch's secret. Raises KeyMaterialError."""
    path = keys_folder(folder) / sealed_name(epoch)
    if not path.exists():
        raise KeyMaterialError(
            f"没有第 {epoch} 期的链接密钥",
            f"the linkage secret of epoch {epoch} is not here",
            hint_zh="向主持人领取后运行 linkage keys import-secret",
            hint_en="get it from the officers, then run `linkage keys import-secret`",
        )
    return read_private(path)


def save_sealed_secret(folder: Path, epoch: int, sealed: bytes) -> None:
    """Write the sealed copy of an epoch's secret, mode 0600."""
    write_file(keys_folder(folder) / sealed_name(epoch), sealed, mode=PRIVATE)


def sealed_name(epoch: int) -> str:
    return f"secret-{epoch}.sealed"


def sealed_epochs(folder: Path) -> tuple[int, ...]:
    """Return the epochs whose sealed secret is here, ascending."""
    place = keys_folder(folder)
    names = [path.name for path in place.iterdir()] if place.is_dir() else []
    return tuple(sorted(int(found[1]) for name in names if (found := SEALED.fullmatch(name))))
