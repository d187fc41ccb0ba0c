"""A small certificate authority for mTLS 1.3 inside one consortium (ECDSA P-256, X.509).

Every certificate has exactly one URI SAN, linkage://<consortium>/<role>/<party>, and the identity of a caller is that
URI and nothing else (the SPIFFE X509-SVID rule). Only the coordinator's certificate carries server names as well,
because only the coordinator listens.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from linkage.errors import KeyMaterialError
from linkage.keys.fields import NAME
from linkage.keys.manifest import ROLES, Role

URI = re.compile(rf"linkage://({NAME.pattern})/({'|'.join(ROLES)})/({NAME.pattern})")
DEFAULT_SERVER_NAMES = ("localhost", "127.0.0.1")
SERVER_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
SKEW = timedelta(minutes=5)
RENEW_WITHIN = timedelta(days=30)  # Of a certificate that lives long; of a short one, its last third.


@dataclass(frozen=True, slots=True)
class Identity:
    """Say who holds a certificate."""

    consortium: str
    role: Role
    party: str

    def __post_init__(self) -> None:
        if not URI.fullmatch(self.uri):
            raise KeyMaterialError("身份标识不正确", "malformed identity")

    @property
    def uri(self) -> str:
        return f"linkage://{self.consortium}/{self.role}/{self.party}"


@dataclass(frozen=True, slots=True)
class Authority:
    """Hold the consortium's CA: certificate and private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def __repr__(self) -> str:
        return f"Authority({fingerprint_of(self.certificate)[:16]})"


def identity_from_uri(uri: str) -> Identity:
    """Read linkage://<consortium>/<role>/<party>, nothing before, after or escaped. Raises KeyMaterialError."""
    found = URI.fullmatch(uri)
    if found is None:
        raise KeyMaterialError("证书里的身份 URI 不正确", "malformed identity URI")
    consortium, role, party = found.groups()
    return Identity(consortium, cast("Role", role), party)


def identity_of_certificate(certificate: bytes) -> Identity:
    """Return the identity in a DER or PEM certificate that has exactly one URI SAN. Raises KeyMaterialError."""
    return _identity_of(parse_certificate(certificate))


def parse_certificate(data: bytes) -> x509.Certificate:
    """Read one DER or PEM certificate. Raises KeyMaterialError."""
    try:
        if data.startswith(b"-----BEGIN"):
            return x509.load_pem_x509_certificate(data)
        return x509.load_der_x509_certificate(data)
    except (ValueError, x509.InvalidVersion):
        raise KeyMaterialError("不是有效的证书", "not a valid certificate") from None


def is_due(certificate: x509.Certificate, now: datetime) -> bool:
    """Tell whether it is time to renew: the last third of a certificate's life has begun, at most 30 days of it."""
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return certificate.not_valid_after_utc - now < min(life / 3, RENEW_WITHIN)


def fingerprint_of(certificate: x509.Certificate | bytes) -> str:
    """Return the hex SHA-256 of the certificate's DER."""
    found = parse_certificate(certificate) if isinstance(certificate, bytes) else certificate
    return hashlib.sha256(found.public_bytes(Encoding.DER)).hexdigest()


def new_tls_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def tls_key_to_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return PKCS #8 PEM. Reveals the private key."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def parse_tls_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """Read PKCS #8 PEM. Raises KeyMaterialError."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyMaterialError("不是 P-256 私钥文件", "not a P-256 private key file")
    return key


def is_key_of(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> bool:
    """Tell whether the certificate certifies this key."""
    return key.public_key() == certificate.public_key()


def new_authority(name: str, *, now: datetime, days: int) -> Authority:
    """Make a self-signed CA that signs end certificates only."""
    key = new_tls_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _builder(subject, subject, key.public_key(), now=now, days=days)
    usage = _usage(signs_certificates=True)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(usage, critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return Authority(builder.sign(key, hashes.SHA256()), key)


def new_request(key: ec.EllipticCurvePrivateKey, *, party: str, role: Role) -> bytes:
    """Return a PEM signing request; its subject only labels it, the CA decides the identity."""
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, party), x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, role)]
    )
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM)


def sign_request(
    authority: Authority,
    request: bytes,
    identity: Identity,
    *,
    now: datetime,
    days: int,
    server_names: Sequence[str] = (),
) -> bytes:
    """Certify a PEM request for that identity and return PEM. Raises KeyMaterialError.

    The request must carry the identity's party and role as its label and prove that its maker holds the key.
    """
    public = _requested_key(request, identity)
    if identity.role == "coordinator":
        names = [_server_name(name) for name in server_names or DEFAULT_SERVER_NAMES]
        purposes = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    elif server_names:
        raise KeyMaterialError(
            "只有链接单元的证书可以带服务器名", "only the coordinator's certificate has server names"
        )
    else:
        names, purposes = [], [ExtendedKeyUsageOID.CLIENT_AUTH]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, identity.party)])
    builder = _builder(subject, authority.certificate.subject, public, now=now, days=days)
    alternatives: list[x509.GeneralName] = [x509.UniformResourceIdentifier(identity.uri), *names]
    issuer_key = authority.key.public_key()
    builder = (
        builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def verify_certificate(certificate: bytes, ca: bytes, *, now: datetime) -> Identity:
    """Return the identity of a certificate this CA issued and that is valid now. Raises KeyMaterialError."""
    found, issuer = parse_certificate(certificate), parse_certificate(ca)
    try:
        found.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        raise KeyMaterialError("证书不是本联合体的机构签发的", "the certificate was not issued by this CA") from None
    if not found.not_valid_before_utc <= now < found.not_valid_after_utc:
        raise KeyMaterialError(
            "证书尚未生效或已经过期",
            "the certificate is not yet valid or has expired",
            hint_zh="用 linkage keys csr 与 sign-csr 换发",
            hint_en="renew it with `linkage keys csr` and `sign-csr`",
        )
    return _identity_of(found)


def _identity_of(certificate: x509.Certificate) -> Identity:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        raise KeyMaterialError("证书没有身份 URI", "the certificate has no identity URI") from None
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    if len(uris) != 1:
        raise KeyMaterialError(
            f"证书应恰有一个身份 URI，实有 {len(uris)} 个", f"expected exactly one URI SAN, got {len(uris)}"
        )
    return identity_from_uri(uris[0])


def _requested_key(request: bytes, identity: Identity) -> ec.EllipticCurvePublicKey:
    try:
        found = x509.load_pem_x509_csr(request)
        holds, public = found.is_signature_valid, found.public_key()
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm):
        raise KeyMaterialError("不是有效的证书申请", "not a valid signing request") from None
    if not holds or not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise KeyMaterialError("证书申请的签名或密钥种类不对", "the request's signature or kind of key is wrong")
    label = [
        [attribute.value for attribute in found.subject.get_attributes_for_oid(oid)]
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME)
    ]
    if label != [[identity.party], [identity.role]]:
        raise KeyMaterialError("证书申请属于另一个单位或角色", "the request is for another party or role")
    return public


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, *, now: datetime, days: int
) -> x509.CertificateBuilder:
    if not 1 <= days <= 3660:
        raise KeyMaterialError("有效期应为 1 到 3660 天", "the validity must be 1 to 3660 days")
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _server_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    if not SERVER_NAME.fullmatch(name):
        raise KeyMaterialError("服务器名应为域名或 IP 地址", "a server name must be a DNS name or an IP address")
    return x509.DNSName(name)
