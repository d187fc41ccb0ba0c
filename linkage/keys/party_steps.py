"""What one party does with its own key folder: make keys, renew, install, import the secret."""

from __future__ import annotations

import contextlib
import secrets
from datetime import datetime
from pathlib import Path

from linkage.errors import InputError, KeyMaterialError, LinkageError
from linkage.keys import revocation
from linkage.keys.card import PartyCard
from linkage.keys.files import PRIVATE, PUBLIC, read_private, read_public, read_public_text, write_file
from linkage.keys.keyring import KEYRING
from linkage.keys.manifest import FILE, LABEL, Manifest, Role, parse_draft, parse_manifest
from linkage.keys.officers import Officers
from linkage.keys.revocation import parse_revocations
from linkage.keys.sealing import RecipientKey
from linkage.keys.secret_check import epoch_of_sealed
from linkage.keys.signing import SigningKey
from linkage.keys.store import (
    OFFICERS,
    SIGNATURES,
    check_certificate,
    keys_folder,
    load_card,
    load_officers,
    load_party_keys,
    save_new_party,
    save_sealed_secret,
)
from linkage.keys.tls import is_key_of, new_request, new_tls_key, parse_certificate, parse_tls_key, tls_key_to_pem
from linkage.keys.wrap_steps import write_like

NEXT_TLS_KEY = "tls-next.key"


def new_party(folder: Path, *, party_id: str, name: str, role: Role, datasets: tuple[str, ...] = ()) -> PartyCard:
    """Make a party's signing, HPKE and TLS keys, its card and its signing request; returns the card."""
    signing, recipient, tls_key = SigningKey.generate(), RecipientKey.generate(), new_tls_key()
    card = PartyCard(party_id, name, role, signing.verify_key, recipient.public, datasets)
    request = new_request(tls_key, party=party_id, role=role)
    save_new_party(folder, card, signing=signing, recipient=recipient, tls_key=tls_key_to_pem(tls_key), request=request)
    return load_card(folder)


def new_csr(folder: Path) -> Path:
    """Make the next TLS key and a request for it; the key in use stays until the new certificate is installed."""
    place, card, key = keys_folder(folder), load_card(folder), new_tls_key()
    write_like(
        place / NEXT_TLS_KEY,
        tls_key_to_pem(key),
        sibling=place / "tls.key",
        keyring=KEYRING,
        random_bytes=secrets.token_bytes,
    )
    write_file(place / "tls.csr", new_request(key, party=card.id, role=card.role), mode=PUBLIC)
    return place / "tls.csr"


def install(
    folder: Path, source: Path, *, now: datetime, fingerprint: str = "", certificate: Path | None = None
) -> Manifest:
    """Verify a ceremony's public folder and copy what this party needs; returns the manifest now in force.

    Trust comes from the officers pinned in the folder, or, the first time, from their fingerprint as told in person.
    Raises KeyMaterialError or SignatureError, and then changes nothing.
    """
    place, card = keys_folder(folder), load_card(folder)
    officers = _trusted_officers(folder, source, fingerprint)
    text, signatures = read_public_text(source / FILE), read_public_text(source / SIGNATURES)
    manifest = parse_manifest(text, signatures, officers=officers)
    _refuse_rollback(place, text, manifest)
    party = manifest.party(card.id)
    if (card.role, card.signing_key, card.hpke_key) != (party.role, party.signing_key, party.hpke_key):
        raise KeyMaterialError(
            "清单登记的本方资料与本方卡片不符", "the manifest's entry differs from this party's card"
        )
    if manifest.officers != officers:
        # New officers replace the pinned ones only when both sets vouch for the manifest.
        manifest.officers.verify(LABEL, text.encode("utf-8"), signatures.splitlines())
    ca = read_public(source / "ca.crt")
    found = certificate or source / "certificates" / f"{party.id}.crt"
    pem = read_public(found if found.exists() or certificate else place / "tls.crt")
    check_certificate(pem, ca, manifest=manifest, party=party, now=now)
    tls_key = _key_of(place, pem)
    revoked = _newer_revocations(place, source, manifest)
    write_file(place / "ca.crt", ca, mode=PUBLIC)
    write_file(place / "tls.key", tls_key, mode=PRIVATE)
    write_file(place / "tls.crt", pem, mode=PUBLIC)
    write_file(place / OFFICERS, manifest.officers.to_text().encode("utf-8"), mode=PUBLIC)
    write_file(place / SIGNATURES, signatures.encode("utf-8"), mode=PUBLIC)
    write_file(place / FILE, text.encode("utf-8"), mode=PUBLIC)
    if revoked:
        write_file(place / revocation.FILE, revoked.encode("utf-8"), mode=PUBLIC)
    with contextlib.suppress(FileNotFoundError):
        (place / NEXT_TLS_KEY).unlink()
    return manifest


def import_secret(folder: Path, file: Path) -> int:
    """Check a sealed secret against the manifest and keep it; returns its epoch. Raises KeyMaterialError."""
    keys = load_party_keys(folder)
    if not keys.party.is_owner:
        raise KeyMaterialError("链接单元和审查方不得持有链接密钥", "coordinator and reviewer must not hold the secret")
    sealed = read_public(file)
    epoch = epoch_of_sealed(sealed, keys)
    save_sealed_secret(folder, epoch.number, sealed)
    return epoch.number


def _trusted_officers(folder: Path, source: Path, fingerprint: str) -> Officers:
    if (keys_folder(folder) / OFFICERS).exists():
        return load_officers(folder)
    offered = Officers.from_text(read_public_text(source / OFFICERS))
    if not fingerprint:
        raise KeyMaterialError(
            f"首次安装须当面或电话核对主持人指纹：{offered.fingerprint}",
            f"the first installation needs the officers' fingerprint compared in person: {offered.fingerprint}",
            hint_zh="核对无误后加 --fingerprint 指纹 再运行",
            hint_en="once compared, run again with --fingerprint",
        )
    if fingerprint != offered.fingerprint:
        raise KeyMaterialError(
            f"主持人指纹不符：来件为 {offered.fingerprint}",
            f"the officers' fingerprint differs: the folder has {offered.fingerprint}",
        )
    return offered


def _refuse_rollback(place: Path, text: str, manifest: Manifest) -> None:
    if not (place / FILE).exists():
        return
    # What stands here was verified when it was installed; an interrupted installation may have left it without its
    # signatures, and must be able to run again.
    known_text = read_public_text(place / FILE)
    known = parse_draft(known_text)
    if manifest.consortium != known.consortium:
        raise KeyMaterialError("清单属于另一个联合体", "the manifest belongs to another consortium")
    if manifest.version < known.version or (manifest.version == known.version and text != known_text):
        raise KeyMaterialError(
            f"清单版本倒退或同号不同文：已有第 {known.version} 版，来件第 {manifest.version} 版",
            f"older version, or same version with other text: have {known.version}, got {manifest.version}",
        )


def _key_of(place: Path, pem: bytes) -> bytes:
    """Return the file, wrapped or not, of the TLS key that the certificate is for. Raises KeyMaterialError."""
    certificate = parse_certificate(pem)
    for name in (NEXT_TLS_KEY, "tls.key"):
        with contextlib.suppress(LinkageError):
            content = read_private(place / name)
            if is_key_of(parse_tls_key(KEYRING.read(place / name)), certificate):
                return content
    raise KeyMaterialError("证书不属于本方的传输密钥", "the certificate certifies none of this party's TLS keys")


def _newer_revocations(place: Path, source: Path, manifest: Manifest) -> str:
    """Return the text to install, or "" when the ceremony has none. Raises KeyMaterialError for an older one."""
    new, old = source / revocation.FILE, place / revocation.FILE
    if not new.exists():
        if old.exists():
            raise KeyMaterialError("来件缺少吊销名单", "the folder lacks the revocation list this party already has")
        return ""
    text = read_public_text(new)
    found = parse_revocations(text, officers=manifest.officers, consortium=manifest.consortium)
    if old.exists():
        known = revocation.parse_revocation_draft(revocation.split_signatures(read_public_text(old))[0])
        if found.version < known.version:
            raise KeyMaterialError("吊销名单版本倒退", "the revocation list is older than the installed one")
    return text


def parse_party_spec(text: str) -> tuple[str, str, Role, tuple[str, ...]]:
    """Read "id:name:role[:dataset,dataset]". Raises InputError."""
    parts = text.split(":")
    if len(parts) not in (3, 4):
        raise InputError("单位应写成 id:名称:角色[:数据集,数据集]", "a party is written id:name:role[:dataset,dataset]")
    datasets = tuple(d for d in parts[3].split(",") if d) if len(parts) == 4 else ()
    return parts[0], parts[1], parse_role(parts[2]), datasets


def parse_role(text: str) -> Role:
    """Read a role's word. Raises InputError."""
    roles: dict[str, Role] = {
        "coordinator": "coordinator",
        "agency": "agency",
        "procuratorate": "procuratorate",
        "reviewer": "reviewer",
    }
    if text not in roles:
        raise InputError(f"角色应为 {'、'.join(roles)} 之一", f"the role must be one of {', '.join(roles)}")
    return roles[text]
