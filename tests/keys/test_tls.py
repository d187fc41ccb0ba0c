from __future__ import annotations

import base64
import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from linkage.errors import KeyMaterialError, PermissionRefused
from linkage.keys.manifest import Manifest, Party
from linkage.keys.officers import Officer, Officers
from linkage.keys.peer import authenticate_peer
from linkage.keys.revocation import RevocationList, Revoked
from linkage.keys.sealing import RecipientKey
from linkage.keys.signing import SigningKey
from linkage.keys.tls import (
    Identity,
    fingerprint_of,
    identity_from_uri,
    identity_of_certificate,
    is_due,
    new_authority,
    new_request,
    new_tls_key,
    parse_tls_key,
    sign_request,
    tls_key_to_pem,
    verify_certificate,
)

NOW = datetime(2026, 10, 31, 8, tzinfo=UTC)
CA = new_authority("test CA", now=NOW, days=100)
CA_PEM = CA.certificate.public_bytes(Encoding.PEM)
KEY = new_tls_key()
MZ, HUB = Identity("county", "agency", "mz"), Identity("county", "coordinator", "hub")


def issue(identity: Identity, *names: str, now: datetime = NOW) -> bytes:
    request = new_request(KEY, party=identity.party, role=identity.role)
    return sign_request(CA, request, identity, now=now, days=7, server_names=names)


def certificate_with(*names: x509.GeneralName) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    builder = x509.CertificateBuilder(subject, CA.certificate.subject, KEY.public_key(), 7, NOW, NOW + timedelta(1))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(CA.key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_certificate_carries_the_identity_and_only_the_coordinator_a_server_name() -> None:
    agency, hub = x509.load_pem_x509_certificate(issue(MZ)), x509.load_pem_x509_certificate(issue(HUB, "hub.example"))
    assert identity_of_certificate(issue(MZ)) == MZ
    assert identity_of_certificate(agency.public_bytes(Encoding.DER)) == MZ
    names = [c.extensions.get_extension_for_class(x509.SubjectAlternativeName).value for c in (agency, hub)]
    assert [n.get_values_for_type(x509.DNSName) for n in names] == [[], ["hub.example"]]
    with pytest.raises(KeyMaterialError):
        issue(MZ, "mz.example")


@pytest.mark.parametrize(
    "uri",
    [
        "linkage://county/agency",
        "linkage://county/agency/mz/",
        "linkage://county/admin/mz",
        "linkage://County/agency/mz",
        "linkage://county/agency/mz?x",
        "linkage://county/agency/%6dz",
        "linkage://county//mz",
        "https://county/agency/mz",
        " linkage://county/agency/mz",
        "linkage://county/agency/mz\n",
        "",
    ],
)
def test_other_uris_are_no_identity(uri: str) -> None:
    with pytest.raises(KeyMaterialError):
        identity_from_uri(uri)


URI = x509.UniformResourceIdentifier


@pytest.mark.parametrize(
    "names",
    [(), (x509.DNSName("mz"),), (URI(MZ.uri), URI(HUB.uri)), (URI(MZ.uri), URI(MZ.uri)), (URI("urn:x"),)],
)
def test_a_certificate_without_exactly_one_identity_is_refused(names: tuple[x509.GeneralName, ...]) -> None:
    with pytest.raises(KeyMaterialError):
        identity_of_certificate(certificate_with(*names))


@pytest.mark.parametrize("identity", [HUB, Identity("county", "agency", "other"), Identity("county", "reviewer", "mz")])
def test_a_request_is_signed_for_its_own_party_and_role_only(identity: Identity) -> None:
    with pytest.raises(KeyMaterialError):
        sign_request(CA, new_request(KEY, party="mz", role="agency"), identity, now=NOW, days=7)


@pytest.mark.parametrize(
    ("part", "other"),
    [("020100", "020105"), ("2a8648ce3d030107", "2a8648ce3d030106"), ("2a8648ce3d0201", "2a8648ce3d0209")],
)
def test_a_request_of_an_unknown_version_curve_or_kind_of_key_is_refused(part: str, other: str) -> None:
    known = x509.load_pem_x509_csr(new_request(KEY, party="mz", role="agency")).public_bytes(Encoding.DER)
    changed = known.replace(bytes.fromhex(part), bytes.fromhex(other), 1)
    text = "-----BEGIN CERTIFICATE REQUEST-----\n{}-----END CERTIFICATE REQUEST-----\n"

    assert changed != known
    with pytest.raises(KeyMaterialError):
        sign_request(CA, text.format(base64.encodebytes(changed).decode()).encode(), MZ, now=NOW, days=7)


@pytest.mark.parametrize("name", ["", "a b", "*.example", "-a", "a/b"])
def test_malformed_server_names_are_refused(name: str) -> None:
    with pytest.raises(KeyMaterialError):
        issue(HUB, name)


@pytest.mark.parametrize("days", [0, 4000])
def test_validity_is_bounded(days: int) -> None:
    with pytest.raises(KeyMaterialError):
        sign_request(CA, new_request(KEY, party="mz", role="agency"), MZ, now=NOW, days=days)


def test_certificate_is_verified_against_ca_and_time() -> None:
    pem, other = issue(MZ), new_authority("test CA", now=NOW, days=100).certificate.public_bytes(Encoding.PEM)
    assert verify_certificate(pem, CA_PEM, now=NOW) == MZ
    for ca, now in ((other, NOW), (CA_PEM, NOW + timedelta(days=7)), (CA_PEM, NOW - timedelta(hours=1))):
        with pytest.raises(KeyMaterialError):
            verify_certificate(pem, ca, now=now)


def test_tls_key_comes_back_from_pem() -> None:
    assert tls_key_to_pem(parse_tls_key(tls_key_to_pem(KEY))) == tls_key_to_pem(KEY)
    for pem in (b"", SigningKey.generate().to_pem()):
        with pytest.raises(KeyMaterialError):
            parse_tls_key(pem)


def manifest(*certificates: str) -> Manifest:
    parties = tuple(
        Party(i.party, i.party, i.role, SigningKey.generate().verify_key, RecipientKey.generate().public, listed)
        for i, listed in ((HUB, ()), (MZ, certificates))
    )
    officers = Officers((Officer("a", SigningKey.generate().verify_key),), 1)
    return Manifest("county", 1, "2026-10-31T08:00:00Z", fingerprint_of(CA_PEM), officers, parties)


NOBODY = RevocationList("county", 1, "")
SINCE = "2026-10-31T08:00:00Z"


def test_peer_is_the_manifests_party() -> None:
    pem = issue(MZ)
    for found in (manifest(), manifest(fingerprint_of(pem))):
        assert authenticate_peer(pem, manifest=found, revocations=NOBODY, now=NOW) == found.party("mz")


@pytest.mark.parametrize(
    ("pem", "found", "revocations", "now"),
    [
        (issue(Identity("county", "agency", "stranger")), manifest(), NOBODY, NOW),
        (issue(Identity("other", "agency", "mz")), manifest(), NOBODY, NOW),
        (issue(Identity("county", "procuratorate", "mz")), manifest(), NOBODY, NOW),
        (issue(MZ), manifest("ab" * 32), NOBODY, NOW),
        (issue(MZ), manifest(), NOBODY, NOW + timedelta(days=8)),
        (issue(MZ), manifest(), RevocationList("county", 1, "", (Revoked("mz", "", SINCE, "x"),)), NOW),
        (b"rubbish", manifest(), NOBODY, NOW),
        (certificate_with(), manifest(), NOBODY, NOW),
    ],
)
def test_other_peers_are_refused(pem: bytes, found: Manifest, revocations: RevocationList, now: datetime) -> None:
    with pytest.raises(PermissionRefused):
        authenticate_peer(pem, manifest=found, revocations=revocations, now=now)


def test_revoked_certificate_is_refused() -> None:
    pem = issue(MZ)
    revoked = RevocationList("county", 1, "", (Revoked("", fingerprint_of(pem), SINCE, "x"),))
    with pytest.raises(PermissionRefused):
        authenticate_peer(pem, manifest=manifest(), revocations=revoked, now=NOW)


def context_of(folder: Path, certificate: bytes, *, server: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=CA_PEM.decode())
    path = folder / "pair.pem"
    path.write_bytes(tls_key_to_pem(KEY) + certificate)
    context.load_cert_chain(path)
    return context


def test_both_sides_accept_each_other_in_tls_1_3(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server_context = context_of(tmp_path, issue(HUB, "hub.example", now=now), server=True)
    client_context = context_of(tmp_path, issue(MZ, now=now), server=False)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server, server_hostname="hub.example")
    for _ in range(4):
        for side in (client, server):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
    der = server.getpeercert(binary_form=True)
    assert server.version() == "TLSv1.3" and der is not None
    assert identity_of_certificate(der) == MZ


@pytest.mark.parametrize(
    ("life", "left", "due"), [(7, 7, False), (7, 3, False), (7, 2, True), (400, 31, False), (400, 29, True)]
)
def test_a_certificate_is_due_in_its_last_third_and_a_long_one_in_its_last_month(
    life: int, left: int, due: bool
) -> None:
    certificate = new_authority("test CA", now=NOW, days=life).certificate

    assert is_due(certificate, NOW + timedelta(days=life - left)) is due
