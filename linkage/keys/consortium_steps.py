"""What the ceremony's officers do: CA, manifest, signatures, linkage secret, revocations.

A ceremony folder holds public files only: consortium.toml(.sig), officers.toml, ca.crt, certificates/, revoked.toml.
CA and officer keys live in folders of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from linkage.errors import KeyMaterialError
from linkage.keys import revocation
from linkage.keys.card import PartyCard
from linkage.keys.ceremony import SealedSecret, make_secret, next_epoch, with_epoch
from linkage.keys.fields import LINE, Table, parse_toml, raise_faults, render_toml
from linkage.keys.files import PRIVATE, PUBLIC, make_folder, read_public, read_public_text, write_file
from linkage.keys.keyring import KEYRING
from linkage.keys.manifest import FILE, LABEL, Manifest, parse_draft
from linkage.keys.officers import Officer, Officers, signature_line
from linkage.keys.revocation import RevocationList, Revoked, parse_revocation_draft, sign_revocations, split_signatures
from linkage.keys.signing import SigningKey, VerifyKey
from linkage.keys.store import OFFICERS, SIGNATURES, load_manifest
from linkage.keys.times import utc_text
from linkage.keys.tls import (
    Authority,
    Identity,
    fingerprint_of,
    new_authority,
    parse_certificate,
    parse_tls_key,
    sign_request,
    tls_key_to_pem,
)

OFFICER_FORMAT = "linkage/v1/officer"


@dataclass(frozen=True, slots=True)
class OfficerKeys:
    """Hold one officer: public entry and signing key."""

    officer: Officer
    signing: SigningKey


def new_ca(folder: Path, *, name: str, now: datetime, days: int) -> Authority:
    """Make a CA in its own folder. Raises KeyMaterialError when one is there."""
    _refuse_existing(folder / "ca.key")
    make_folder(folder)
    authority = new_authority(name, now=now, days=days)
    write_file(folder / "ca.key", tls_key_to_pem(authority.key), mode=PRIVATE)
    write_file(folder / "ca.crt", authority.certificate.public_bytes(Encoding.PEM), mode=PUBLIC)
    return authority


def load_ca(folder: Path) -> Authority:
    """Load a CA folder. Raises KeyMaterialError."""
    key = parse_tls_key(KEYRING.read(folder / "ca.key"))
    return Authority(parse_certificate(read_public(folder / "ca.crt")), key)


def sign_csr(
    ca: Path, request: Path, *, identity: Identity, out: Path, now: datetime, days: int, server_names: Sequence[str]
) -> str:
    """Certify a request and write the PEM; returns the certificate's fingerprint."""
    pem = sign_request(load_ca(ca), read_public(request), identity, now=now, days=days, server_names=server_names)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_file(out, pem, mode=PUBLIC)
    return fingerprint_of(pem)


def new_officer(folder: Path, *, name: str) -> OfficerKeys:
    """Make an officer's key and its public officer.toml. Raises KeyMaterialError when one is there."""
    keys = OfficerKeys(Officer(name, (signing := SigningKey.generate()).verify_key), signing)
    save_officer(folder, keys)
    return keys


def save_officer(folder: Path, keys: OfficerKeys) -> None:
    """Write an officer's folder. Raises KeyMaterialError when a key is there."""
    _refuse_existing(folder / "officer.key")
    make_folder(folder)
    write_file(folder / "officer.key", keys.signing.to_pem(), mode=PRIVATE)
    text = render_toml({"format": OFFICER_FORMAT, "name": keys.officer.name, "key": keys.officer.key.to_text()})
    write_file(folder / "officer.toml", text.encode("utf-8"), mode=PUBLIC)


def parse_officer(text: str) -> Officer:
    """Read officer.toml. Raises KeyMaterialError with every fault."""
    faults: list[str] = []
    table = Table(parse_toml(text, "officer.toml"), "", faults)
    if table.text("format") != OFFICER_FORMAT:
        table.fault("format", f"expected {OFFICER_FORMAT}")
    name, key = table.text("name", LINE), table.built("key", VerifyKey.from_text)
    table.finish()
    raise_faults(faults, "officer.toml")
    if key is None:
        raise KeyMaterialError("officer.toml 没有公钥", "officer.toml has no key")
    return Officer(name, key)


def load_officer(folder: Path) -> OfficerKeys:
    """Load an officer's folder. Raises KeyMaterialError."""
    officer = parse_officer(read_public_text(folder / "officer.toml"))
    signing = SigningKey.from_pem(KEYRING.read(folder / "officer.key"))
    if signing.verify_key != officer.key:
        raise KeyMaterialError("主持人公钥与私钥不符", "officer.toml does not belong to officer.key")
    return OfficerKeys(officer, signing)


def make_consortium(
    out: Path,
    *,
    consortium: str,
    cards: Sequence[PartyCard],
    officers: Officers,
    ca: bytes,
    schema_digests: Sequence[str],
    now: datetime,
) -> Manifest:
    """Write version 1 of a manifest, unsigned, with officers.toml and ca.crt. Raises KeyMaterialError."""
    _refuse_existing(out / FILE)
    manifest = Manifest(
        consortium=consortium,
        version=1,
        issued=utc_text(now),
        ca_fingerprint=fingerprint_of(ca),
        officers=officers,
        parties_all=tuple(card.to_party() for card in cards),
        schema_digests=tuple(schema_digests),
    )
    parse_draft(manifest.to_text())  # The reader's rules hold for what we write as well.
    out.mkdir(parents=True, exist_ok=True)
    write_file(out / OFFICERS, officers.to_text().encode("utf-8"), mode=PUBLIC)
    write_file(out / "ca.crt", ca, mode=PUBLIC)
    save_unsigned(out, manifest)
    return manifest


def replace_card(folder: Path, card: PartyCard, *, officers: Sequence[OfficerKeys], now: datetime) -> Manifest:
    """Publish the manifest's next version with a party's new keys, id and role kept. Raises KeyMaterialError."""
    manifest = load_ceremony(folder)
    old, new = manifest.party(card.id), card.to_party()
    if (old.role, old.datasets) != (new.role, new.datasets):
        raise KeyMaterialError(
            f"新卡片的角色或数据集与清单登记的 {card.id} 不同",
            f"the new card's role or datasets differ from what the manifest has for {card.id}",
        )
    parties = tuple(new if party.id == card.id else party for party in manifest.parties_all)
    found = replace(manifest, version=manifest.version + 1, issued=utc_text(now), parties_all=parties)
    parse_draft(found.to_text())
    save_unsigned(folder, found)
    for keys in officers:
        sign_consortium(folder, keys)
    return found


def save_unsigned(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest and drop the signatures, which were over the old text."""
    write_file(folder / SIGNATURES, b"", mode=PUBLIC)
    write_file(folder / FILE, manifest.to_text().encode("utf-8"), mode=PUBLIC)


def sign_consortium(folder: Path, keys: OfficerKeys) -> list[str]:
    """Add this officer's signature to the manifest and the revocation list where it is missing; returns the names."""
    text = read_public_text(folder / FILE)
    manifest, message = parse_draft(text), text.encode("utf-8")
    if keys.officer not in manifest.officers.members:
        raise KeyMaterialError("这位主持人不在清单里", "this officer is not in the manifest")
    signed: list[str] = []
    path = folder / SIGNATURES
    lines = read_public_text(path).splitlines() if path.exists() else []
    if keys.officer.name not in manifest.officers.signers_of(LABEL, message, lines):
        lines.append(signature_line(keys.signing, label=LABEL, message=message))
        write_file(path, ("\n".join(lines) + "\n").encode("ascii"), mode=PUBLIC)
        signed.append(FILE)
    if (folder / revocation.FILE).exists():
        listed = read_public_text(folder / revocation.FILE)
        body, signatures = split_signatures(listed)
        have = manifest.officers.signers_of(revocation.LABEL, body.encode("utf-8"), signatures)
        if keys.officer.name not in have:
            write_file(folder / revocation.FILE, sign_revocations(listed, keys.signing).encode("utf-8"), mode=PUBLIC)
            signed.append(revocation.FILE)
    return signed


def load_ceremony(folder: Path) -> Manifest:
    """Read a ceremony folder's manifest, verified by its own officers.toml."""
    return load_manifest(folder, Officers.from_text(read_public_text(folder / OFFICERS)))


def deal_secret(
    folder: Path,
    *,
    out: Path,
    officers: Sequence[OfficerKeys],
    now: datetime,
    random_bytes: Callable[[int], bytes],
    epoch: int | None = None,
    rotate: bool = False,
) -> SealedSecret:
    """Make the next linkage secret, write the sealed copies, and publish and sign the manifest that names it.

    Without `rotate` an active epoch is refused, so nobody starts a new one unawares. Raises KeyMaterialError.
    """
    manifest = load_ceremony(folder)
    if rotate != any(known.status == "active" for known in manifest.epochs):
        raise KeyMaterialError(
            "已有启用的一期则用 rotate-secret，还没有则用 make-secret",
            "use rotate-secret when an epoch is active, make-secret when none is",
        )
    sealed = make_secret(manifest, epoch=epoch or next_epoch(manifest), random_bytes=random_bytes)
    make_folder(out)
    for party, blob in sealed.blobs.items():
        write_file(out / f"secret-{sealed.epoch.number}.{party}.sealed", blob, mode=PRIVATE)
    save_unsigned(folder, with_epoch(manifest, sealed.epoch, now=now))
    for keys in officers:
        sign_consortium(folder, keys)
    return sealed


def revoke(
    folder: Path,
    *,
    party: str,
    certificate: str,
    reason: str,
    since: str,
    officers: Sequence[OfficerKeys],
    now: datetime,
) -> RevocationList:
    """Add one entry to the ceremony folder's revocation list and sign the new version."""
    manifest, path = load_ceremony(folder), folder / revocation.FILE
    known = RevocationList(manifest.consortium, 0, "")
    if path.exists():
        body, signatures = split_signatures(read_public_text(path))
        manifest.officers.verify(revocation.LABEL, body.encode("utf-8"), signatures)
        known = parse_revocation_draft(body)
    if party:
        manifest.party(party)
    entry = Revoked(party, certificate, since or utc_text(now), reason)
    found = replace(known, version=known.version + 1, issued=utc_text(now), entries=(*known.entries, entry))
    parse_revocation_draft(found.to_text())
    write_file(path, found.to_text().encode("utf-8"), mode=PUBLIC)
    for keys in officers:
        sign_consortium(folder, keys)
    return found


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise KeyMaterialError(f"{path.name} 已存在，不覆盖", f"{path.name} exists already and is not overwritten")
