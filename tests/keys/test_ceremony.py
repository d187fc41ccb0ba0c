from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linkage.encode.secret import LinkageSecret, load_linkage_secret, load_party_secret
from linkage.errors import EncodingError, InputError, KeyMaterialError, NotFoundError, SignatureError
from linkage.keys import consortium_steps as officers_do
from linkage.keys import party_steps as party_does
from linkage.keys.ceremony import make_secret
from linkage.keys.describe import check, describe
from linkage.keys.files import write_file
from linkage.keys.kcv import key_check_value, secret_commitment
from linkage.keys.manifest import Manifest
from linkage.keys.officers import Officers, signature_line
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.keys.store import load_party_keys, read_sealed_secret, save_sealed_secret, sealed_epochs
from linkage.keys.tls import Identity

NOW = datetime.now(UTC).replace(microsecond=0)
PARTIES = (
    PartySpec("hub", "政法委", "coordinator"),
    PartySpec("mz", "民政局", "agency", ("subsistence",)),
    PartySpec("jcy", "检察院", "procuratorate", ("cases",)),
    PartySpec("sc", "审查方", "reviewer"),
)
SECRET = bytes(range(32))
KCV_1 = "e31a0674f37ee10c"
COMMITMENT_1 = "a54645c4b4b919e55eb7549b50224849698f094843e9f91ea4d67f05e9fd2d55"


def fixed(count: int) -> bytes:
    return SECRET[:count]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made")
    quickstart(out, consortium="county", parties=PARTIES, now=NOW, random_bytes=fixed)
    return out


@pytest.fixture
def county(made: Path, tmp_path: Path) -> Path:
    """Return a consortium to change: a copy, since to make one takes a hundred synced files."""
    return Path(shutil.copytree(made, tmp_path, dirs_exist_ok=True))


def public(county: Path) -> Path:
    return county / "ceremony" / "consortium"


def rotate(county: Path, secret: bytes) -> Path:
    officer = officers_do.load_officer(county / "ceremony" / "officer")
    out = county / "ceremony" / "secrets"
    officers_do.deal_secret(
        public(county), out=out, officers=[officer], now=NOW, random_bytes=lambda _: secret, rotate=True
    )
    return out


def test_check_values_are_what_the_format_says() -> None:
    # Computed once with `openssl dgst -sha256 -mac HMAC`.
    assert key_check_value(SECRET, 1) == KCV_1
    assert secret_commitment(SECRET, 1) == COMMITMENT_1
    assert key_check_value(SECRET, 2) != KCV_1


def test_every_owner_opens_the_same_secret(county: Path) -> None:
    found = [load_party_secret(load_party_keys(county / name, now=NOW)) for name in ("mz", "jcy")]
    assert [s.key_bytes() for s in found] == [SECRET, SECRET]
    assert (found[0].epoch, found[0].kcv) == (1, KCV_1)


def test_the_secret_is_nowhere_on_disk_in_the_clear(county: Path) -> None:
    for path in county.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert SECRET not in content and SECRET.hex().encode() not in content, path.name


def test_coordinator_and_reviewer_get_no_secret(county: Path) -> None:
    assert sorted(p.name for p in (county / "ceremony" / "secrets").iterdir()) == [
        "secret-1.jcy.sealed",
        "secret-1.mz.sealed",
    ]
    for name in ("hub", "sc"):
        with pytest.raises(KeyMaterialError):
            party_does.import_secret(county / name, county / "ceremony" / "secrets" / "secret-1.mz.sealed")
        with pytest.raises(KeyMaterialError):
            load_party_secret(load_party_keys(county / name))


def test_private_files_are_private(county: Path) -> None:
    modes = {p.name: p.stat().st_mode & 0o777 for p in (county / "mz" / "keys").iterdir()}
    private = {n for n, mode in modes.items() if mode == 0o600}
    assert private == {"tls.key", "signing.key", "hpke.key", "secret-1.sealed"}
    assert not [n for n in modes if n.endswith(".tmp")]


@pytest.mark.parametrize("name", ["tls.key", "signing.key", "hpke.key"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_keys_others_can_reach_are_not_loaded(county: Path, name: str, mode: int) -> None:
    os.chmod(county / "mz" / "keys" / name, mode)
    with pytest.raises(KeyMaterialError, match="open to other users") as caught:
        load_party_keys(county / "mz")
    assert "chmod 600" in caught.value.hint_en


def test_a_sealed_secret_others_can_reach_is_not_loaded(county: Path) -> None:
    os.chmod(county / "mz" / "keys" / "secret-1.sealed", 0o644)
    with pytest.raises(KeyMaterialError):
        load_party_secret(load_party_keys(county / "mz"))


OWN_FILES = ["tls.key", "signing.key", "hpke.key", "tls.crt", "party.toml"]
SHARED_FILES = ["ca.crt", "consortium.toml", "consortium.toml.sig", "officers.toml"]


@pytest.mark.parametrize("name", OWN_FILES + SHARED_FILES)
def test_missing_files_are_noticed(county: Path, name: str) -> None:
    (county / "mz" / "keys" / name).unlink()
    with pytest.raises(KeyMaterialError, match="missing"):
        load_party_keys(county / "mz")


@pytest.mark.parametrize("name", OWN_FILES)
def test_another_partys_files_are_noticed(county: Path, name: str) -> None:
    write_file(county / "mz" / "keys" / name, (county / "jcy" / "keys" / name).read_bytes(), mode=0o600)
    with pytest.raises(KeyMaterialError):
        load_party_keys(county / "mz")


@pytest.mark.parametrize("name", SHARED_FILES)
def test_another_consortiums_files_are_noticed(county: Path, name: str) -> None:
    quickstart(county / "b", consortium="county", parties=PARTIES, now=NOW, random_bytes=fixed)
    write_file(county / "mz" / "keys" / name, (county / "b" / "mz" / "keys" / name).read_bytes(), mode=0o644)
    with pytest.raises((KeyMaterialError, SignatureError)):
        load_party_keys(county / "mz")


def test_expired_certificate_is_refused_when_a_time_is_given(county: Path) -> None:
    load_party_keys(county / "mz")
    with pytest.raises(KeyMaterialError, match="expired"):
        load_party_keys(county / "mz", now=NOW + timedelta(days=31))


def test_wrong_check_value_is_an_encoding_error(county: Path) -> None:
    keys = load_party_keys(county / "mz")
    names = {"consortium": "county", "party": "mz"}
    assert load_linkage_secret(county / "mz", 1, keys.recipient, KCV_1, **names).epoch == 1
    with pytest.raises(EncodingError):
        load_linkage_secret(county / "mz", 1, keys.recipient, "00" * 8, **names)
    with pytest.raises(KeyMaterialError):
        load_linkage_secret(county / "mz", 2, keys.recipient, KCV_1, **names)
    with pytest.raises(KeyMaterialError):
        load_linkage_secret(county / "mz", 1, keys.recipient, KCV_1, consortium="county", party="jcy")


def test_a_secret_is_never_shown_or_pickled() -> None:
    secret = LinkageSecret(SECRET, 1)
    assert repr(secret) == f"LinkageSecret(epoch=1, kcv={KCV_1})"
    with pytest.raises(TypeError):
        secret.__reduce__()


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(33)])
def test_a_secret_has_32_bytes(secret: bytes) -> None:
    with pytest.raises(KeyMaterialError):
        LinkageSecret(secret, 1)


def test_a_secret_from_elsewhere_is_not_imported(county: Path) -> None:
    keys = load_party_keys(county / "mz")
    info = b"linkage/v1/secret\0county\x001\0mz"
    for sealed in (keys.party.hpke_key.seal(bytes(32), info=info), read_sealed_secret(county / "jcy", 1), b"x"):
        path = county / "offered.sealed"
        path.write_bytes(sealed)
        with pytest.raises(KeyMaterialError):
            party_does.import_secret(county / "mz", path)


def test_rotation_retires_the_old_epoch_and_keeps_it_readable(county: Path) -> None:
    out = rotate(county, b"\1" * 32)
    manifest = party_does.install(county / "mz", public(county), now=NOW)
    assert [(e.number, e.status) for e in manifest.epochs] == [(1, "retired"), (2, "active")]
    assert party_does.import_secret(county / "mz", out / "secret-2.mz.sealed") == 2
    keys = load_party_keys(county / "mz")
    assert load_party_secret(keys).key_bytes() == b"\1" * 32
    assert load_party_secret(keys, 1).key_bytes() == SECRET
    assert sealed_epochs(county / "mz") == (1, 2)


def test_second_make_secret_is_refused(county: Path) -> None:
    with pytest.raises(KeyMaterialError, match="rotate-secret"):
        officers_do.deal_secret(public(county), out=county / "x", officers=[], now=NOW, random_bytes=fixed)
    with pytest.raises(KeyMaterialError, match="exists already"):
        make_secret(officers_do.load_ceremony(public(county)), epoch=1, random_bytes=fixed)


def test_an_older_manifest_is_not_installed_again(county: Path) -> None:
    old = {p.name: p.read_bytes() for p in public(county).iterdir() if p.is_file()}
    rotate(county, b"\1" * 32)
    party_does.install(county / "mz", public(county), now=NOW)
    for name, content in old.items():
        (public(county) / name).write_bytes(content)
    with pytest.raises(KeyMaterialError, match="older version"):
        party_does.install(county / "mz", public(county), now=NOW)


def test_an_interrupted_installation_can_run_again(county: Path) -> None:
    rotate(county, b"\1" * 32)
    signatures = public(county) / "consortium.toml.sig"
    write_file(county / "mz" / "keys" / "consortium.toml.sig", signatures.read_bytes(), mode=0o644)
    with pytest.raises(SignatureError):
        load_party_keys(county / "mz")
    party_does.install(county / "mz", public(county), now=NOW)
    assert load_party_keys(county / "mz").manifest.active_epoch.number == 2


def test_new_officers_are_taken_when_old_and_new_both_sign(county: Path) -> None:
    old = officers_do.load_officer(county / "ceremony" / "officer")
    new = officers_do.new_officer(county / "new-officer", name="successor")
    known = officers_do.load_ceremony(public(county))
    changed = replace(known, version=known.version + 1, officers=Officers((new.officer,), 1))
    officers_do.save_unsigned(public(county), changed)
    lines = [signature_line(old.signing, label="manifest", message=changed.to_text().encode())]
    path = public(county) / "consortium.toml.sig"
    path.write_text(lines[0] + "\n")
    with pytest.raises(SignatureError):
        party_does.install(county / "mz", public(county), now=NOW)
    officers_do.sign_consortium(public(county), new)
    assert path.read_text().startswith(lines[0])
    party_does.install(county / "mz", public(county), now=NOW)
    assert load_party_keys(county / "mz").manifest == changed


def test_an_unsigned_change_is_not_installed(county: Path) -> None:
    path = public(county) / "consortium.toml"
    path.write_text(path.read_text("utf-8").replace("民政局", "冒名"), "utf-8")
    before = (county / "mz" / "keys" / "consortium.toml").read_bytes()
    with pytest.raises(SignatureError):
        party_does.install(county / "mz", public(county), now=NOW)
    assert (county / "mz" / "keys" / "consortium.toml").read_bytes() == before


@pytest.mark.parametrize("fingerprint", ["", "00" * 16])
def test_first_installation_needs_the_officers_fingerprint(county: Path, fingerprint: str) -> None:
    (county / "mz" / "keys" / "officers.toml").unlink()
    with pytest.raises(KeyMaterialError, match="fingerprint"):
        party_does.install(county / "mz", public(county), now=NOW, fingerprint=fingerprint)


def test_renewal_keeps_the_old_key_until_the_new_certificate_is_there(county: Path) -> None:
    request = party_does.new_csr(county / "mz")
    before = load_party_keys(county / "mz").tls_key
    certificate = public(county) / "certificates" / "mz.crt"
    identity = Identity("county", "agency", "mz")
    officers_do.sign_csr(
        county / "ceremony" / "ca", request, identity=identity, out=certificate, now=NOW, days=7, server_names=()
    )
    party_does.install(county / "mz", public(county), now=NOW)
    after = load_party_keys(county / "mz", now=NOW).tls_key
    assert before != after and not (county / "mz" / "keys" / "tls-next.key").exists()


def test_revocation_reaches_a_party_by_installation(county: Path) -> None:
    officer = officers_do.load_officer(county / "ceremony" / "officer")
    keys = load_party_keys(county / "hub")
    assert not keys.revocations.current().is_revoked("mz", "", NOW)
    officers_do.revoke(public(county), party="mz", certificate="", reason="遗失", since="", officers=[officer], now=NOW)
    party_does.install(county / "hub", public(county), now=NOW)
    assert keys.revocations.current().is_revoked("mz", "", NOW)
    with pytest.raises(NotFoundError):
        officers_do.revoke(
            public(county), party="nobody", certificate="", reason="x", since="", officers=[officer], now=NOW
        )


def test_keys_are_not_overwritten(county: Path) -> None:
    for make in (
        lambda: party_does.new_party(county / "mz", party_id="mz", name="x", role="agency"),
        lambda: officers_do.new_ca(county / "ceremony" / "ca", name="x", now=NOW, days=1),
        lambda: officers_do.new_officer(county / "ceremony" / "officer", name="x"),
    ):
        with pytest.raises(KeyMaterialError, match="overwritten"):
            make()


def test_show_and_check_say_what_is_there_without_secrets(county: Path) -> None:
    items = describe(county / "mz") + check(county / "mz", now=NOW)
    assert [item.en for item in items if item.fault] == []
    private = [(county / "mz" / "keys" / n).read_text().split("\n")[1][:40] for n in ("tls.key", "signing.key")]
    shown = "".join(item.value for item in items)
    assert KCV_1 in shown and not any(p in shown for p in private) and SECRET.hex() not in shown


def test_check_reports_a_missing_secret_and_a_certificate_about_to_expire(county: Path) -> None:
    (county / "mz" / "keys" / "secret-1.sealed").unlink()
    faults = [item.en for item in check(county / "mz", now=NOW + timedelta(days=25)) if item.fault]
    assert faults == ["certificate expiry", "epoch 1"]


def test_two_of_three_officers_must_sign(tmp_path: Path) -> None:
    officers = [officers_do.new_officer(tmp_path / f"o{i}", name=f"officer {i}") for i in range(3)]
    cards = [
        party_does.new_party(tmp_path / p.id, party_id=p.id, name=p.name, role=p.role, datasets=p.datasets)
        for p in PARTIES
    ]
    officers_do.new_ca(tmp_path / "ca", name="x", now=NOW, days=10)
    folder = tmp_path / "consortium"
    members = Officers(tuple(o.officer for o in officers), 2)
    manifest = officers_do.make_consortium(
        folder,
        consortium="county",
        cards=cards,
        officers=members,
        ca=(tmp_path / "ca" / "ca.crt").read_bytes(),
        schema_digests=["ab" * 32],
        now=NOW,
    )
    assert isinstance(manifest, Manifest)
    officers_do.sign_consortium(folder, officers[0])
    assert officers_do.sign_consortium(folder, officers[0]) == []
    with pytest.raises(SignatureError):
        officers_do.load_ceremony(folder)
    assert officers_do.sign_consortium(folder, officers[2]) == ["consortium.toml"]
    assert officers_do.load_ceremony(folder) == manifest


def test_card_signed_by_another_key_is_refused(county: Path) -> None:
    path = county / "mz" / "keys" / "party.toml"
    mine, other = path.read_text("utf-8"), (county / "jcy" / "keys" / "party.toml").read_text("utf-8")
    path.write_text(mine.rpartition("# signature ")[0] + "# signature " + other.rpartition("# signature ")[2], "utf-8")
    with pytest.raises(SignatureError):
        load_party_keys(county / "mz")


@pytest.mark.parametrize("text", ["mz", "mz:民政局", "mz:民政局:admin", "a:b:agency:c:d"])
def test_malformed_party_words_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        party_does.parse_party_spec(text)


def test_a_sealed_file_is_replaced_whole(county: Path) -> None:
    save_sealed_secret(county / "mz", 1, b"new")
    assert read_sealed_secret(county / "mz", 1) == b"new"
