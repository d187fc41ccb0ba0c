"""Decide, on every call, which party of the manifest stands behind a TLS certificate."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from linkage.errors import KeyMaterialError, PermissionRefused
from linkage.keys.manifest import Manifest, Party
from linkage.keys.revocation import RevocationList
from linkage.keys.tls import Identity, fingerprint_of, identity_of_certificate, parse_certificate


def authenticate_peer(certificate: bytes, *, manifest: Manifest, revocations: RevocationList, now: datetime) -> Party:
    """Return the party of a certificate whose chain TLS has already checked. Raises PermissionRefused.

    Consortium, role and id must equal the manifest's, the certificate must be listed if the party lists any, it must
    not have run out since the connection opened, and neither it nor the party may be revoked.
    """
    try:
        identity, fingerprint, ends = _read(certificate)
    except KeyMaterialError as error:
        raise PermissionRefused(error.zh, error.en) from None
    party = next((p for p in manifest.parties_all if p.id == identity.party), None)
    if party is None or identity.consortium != manifest.consortium or identity.role != party.role:
        raise PermissionRefused("证书身份不在联合体清单里", "the certificate's identity is not in the manifest")
    if party.certificates and fingerprint not in party.certificates:
        raise PermissionRefused("证书不在清单登记之列", "the certificate is not one the manifest lists")
    if now >= ends:
        raise PermissionRefused("证书已经过期", "the certificate has expired")
    if revocations.is_revoked(party.id, fingerprint, now):
        raise PermissionRefused("单位或证书已被吊销", "the party or its certificate is revoked")
    return party


@lru_cache(maxsize=1024)
def _read(certificate: bytes) -> tuple[Identity, str, datetime]:
    """Return whom a certificate names, its fingerprint and its end: the same on every call of a connection."""
    found = parse_certificate(certificate)
    return identity_of_certificate(certificate), fingerprint_of(found), found.not_valid_after_utc
