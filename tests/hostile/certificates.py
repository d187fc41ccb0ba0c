"""Certificates of a consortium's own authority that say whatever a test wants them to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from linkage.keys.consortium_steps import load_ca
from linkage.keys.tls import Identity, new_tls_key, tls_key_to_pem

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a certificate claims: its URI SANs, and from when to when it holds, counted from now."""

    uris: tuple[str, ...]
    begins: timedelta = -DAY
    ends: timedelta = DAY


def right_claim(consortium: str, agency: str) -> Claim:
    return Claim((Identity(consortium, "agency", agency).uri,))


def wrong_claims(consortium: str, agency: str) -> dict[str, Claim]:
    """Return claims of an agency that must never get an answer, by what is wrong with them."""
    (own,) = right_claim(consortium, agency).uris
    return {
        "two URI SANs": Claim((own, Identity(consortium, "procuratorate", "procuratorate").uri)),
        "the same URI SAN twice": Claim((own, own)),
        "no identity": Claim(("https://example.invalid/",)),
        "another role": Claim((Identity(consortium, "procuratorate", agency).uri,)),
        "another party's role": Claim((Identity(consortium, "coordinator", "coordinator").uri,)),
        "another consortium": Claim((Identity("elsewhere", "agency", agency).uri,)),
        "expired": Claim((own,), -2 * DAY, -DAY),
        "not valid yet": Claim((own,), DAY, 2 * DAY),
    }


def certify(ca: Path, claim: Claim) -> tuple[bytes, bytes]:
    """Return a fresh key and a certificate that the authority signed, as PEM."""
    authority, key, now = load_ca(ca), new_tls_key(), datetime.now(UTC)
    names = [x509.UniformResourceIdentifier(uri) for uri in claim.uris]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "agency")]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + claim.begins)
        .not_valid_after(now + claim.ends)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    )
    return tls_key_to_pem(key), builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.PEM)
