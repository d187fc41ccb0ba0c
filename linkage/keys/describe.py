"""Say what a key folder holds: key ids, fingerprints, expiry, epochs. Never a secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from linkage.errors import LinkageError
from linkage.keys.files import read_private, read_public, read_public_text
from linkage.keys.keyring import KEYRING
from linkage.keys.manifest import FILE, parse_manifest
from linkage.keys.secret_check import check_sealed_secret
from linkage.keys.signing import SigningKey
from linkage.keys.store import (
    PRIVATE_FILES,
    SIGNATURES,
    keys_folder,
    load_card,
    load_officers,
    load_party_keys,
    load_recipient,
    read_sealed_secret,
    sealed_epochs,
)
from linkage.keys.times import utc_text
from linkage.keys.tls import fingerprint_of, identity_of_certificate, is_due, parse_certificate
from linkage.keys.wrap_steps import wrapped_names


@dataclass(frozen=True, slots=True)
class Item:
    """Describe one thing: bilingual name, value, and the fault found with it ("" when sound)."""

    zh: str
    en: str
    value: str
    fault: str = ""


def describe(folder: Path) -> list[Item]:
    """List what is in a party's key folder; a missing or damaged thing is an item with a fault."""
    place = keys_folder(folder)
    questions: list[tuple[str, str, Callable[[], str]]] = [
        ("单位", "party", lambda: _card(folder)),
        ("签名密钥", "signing key", lambda: SigningKey.from_pem(KEYRING.read(place / "signing.key")).key_id),
        ("封装密钥", "HPKE key", lambda: load_recipient(folder).key_id),
        ("口令保护", "wrapped", lambda: _wrapped(folder)),
        ("传输证书", "TLS certificate", lambda: _certificate(place / "tls.crt")),
        ("签发机构", "CA", lambda: fingerprint_of(read_public(place / "ca.crt"))),
        ("主持人指纹", "officers' fingerprint", lambda: load_officers(folder).fingerprint),
        ("联合体清单", "manifest", lambda: _manifest(folder)),
    ]
    items = [_ask(zh, en, question) for zh, en, question in questions]
    epochs = "、".join(map(str, sealed_epochs(folder))) or "–"
    return [*items, Item("已有链接密钥期号", "sealed epochs", epochs)]


def check(folder: Path, *, now: datetime) -> list[Item]:
    """Check everything a party runs with: permissions, signatures, certificate, expiry, check values, revocation."""
    items = [_ask("私钥文件", "private files", lambda: _private_files(folder))]
    items.append(_ask("口令保护", "wrapped", lambda: _wrapped(folder)))
    items.append(_ask("密钥与清单", "keys and manifest", lambda: _loaded(folder, now)))
    if items[-1].fault:
        return items
    keys = load_party_keys(folder)
    certificate = parse_certificate(keys.tls_certificate)
    left = certificate.not_valid_after_utc - now
    fault = f"{left.days} 天后到期 | expires in {left.days} days" if is_due(certificate, now) else ""
    items.append(Item("证书到期", "certificate expiry", utc_text(certificate.not_valid_after_utc), fault))
    items.append(_ask("吊销名单", "revocation list", lambda: str(len(keys.revocations.current().entries))))
    if keys.party.is_owner:
        items.append(_ask("启用期号", "active epoch", lambda: str(keys.manifest.active_epoch.number)))
        wanted = {e.number for e in keys.manifest.epochs if e.status == "active"} | set(sealed_epochs(folder))
        for number in sorted(wanted):
            items.append(_ask(f"第 {number} 期", f"epoch {number}", lambda n=number: _epoch(folder, n)))  # type: ignore[misc]
    return items


def _ask(zh: str, en: str, question: Callable[[], str]) -> Item:
    try:
        return Item(zh, en, question())
    except LinkageError as error:
        return Item(zh, en, "–", str(error))


def _card(folder: Path) -> str:
    card = load_card(folder)
    return f"{card.id} {card.name} ({card.role}) {card.fingerprint}"


def _certificate(path: Path) -> str:
    found = parse_certificate(read_public(path))
    identity = identity_of_certificate(read_public(path))
    return f"{identity.uri} {fingerprint_of(found)} → {utc_text(found.not_valid_after_utc)}"


def _manifest(folder: Path) -> str:
    place = keys_folder(folder)
    text, signatures = read_public_text(place / FILE), read_public_text(place / SIGNATURES)
    found = parse_manifest(text, signatures, officers=load_officers(folder))
    return f"{found.consortium} v{found.version} {found.issued} {found.digest.hex()}"


def _private_files(folder: Path) -> str:
    for name in PRIVATE_FILES:
        read_private(keys_folder(folder) / name)
    return f"{len(PRIVATE_FILES)} × 0600"


def _wrapped(folder: Path) -> str:
    names = wrapped_names(folder)
    return "、".join(names) or "无；私钥仅由文件权限保护 | none: protected by mode 0600 alone"


def _loaded(folder: Path, now: datetime) -> str:
    keys = load_party_keys(folder, now=now)
    return f"{keys.manifest.consortium} v{keys.manifest.version} {keys.party.id}"


def _epoch(folder: Path, number: int) -> str:
    keys = load_party_keys(folder)
    epoch = keys.manifest.epoch(number)
    check_sealed_secret(read_sealed_secret(folder, number), keys, epoch)
    return f"kcv {epoch.kcv} ({epoch.status})"
