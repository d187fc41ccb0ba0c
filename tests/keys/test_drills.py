"""Drills over the real commands: a lost secret, a lost officer's key, a lost party's key, rotation, revocation."""

from __future__ import annotations

import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from linkage.encode.secret import load_party_secret
from linkage.errors import KeyMaterialError, PermissionRefused
from linkage.keys.consortium_steps import load_ceremony, load_officer
from linkage.keys.peer import authenticate_peer
from linkage.keys.store import load_party_keys
from linkage.main import main

PARTIES = ("hub:政法委:coordinator", "mz:民政局:agency:low", "jcy:检察院:procuratorate:cases", "sc:审查方:reviewer")


def run(*words: str | Path) -> int:
    return main(["keys", *map(str, words)])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("drill") / "county"
    parties = [word for party in PARTIES for word in ("--party", party)]
    assert run("quickstart", out, "--id", "county", *parties, "--schema-digest", "ab" * 32) == 0
    return out


@pytest.fixture
def county(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "county")


def ceremony(county: Path) -> Path:
    return county / "ceremony" / "consortium"


def officer(county: Path) -> Path:
    return county / "ceremony" / "officer"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def split(county: Path, out: Path, *more: str | Path) -> list[Path]:
    assert run("split-secret", county / "mz", "--threshold", "2", "--shares", "3", "--out", out, *more) == 0
    return sorted(out.iterdir())


def test_shares_are_private_files_and_none_is_overwritten(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shares = split(county, tmp_path / "shares")
    assert [path.name for path in shares] == [f"secret-1-{n}.share" for n in (1, 2, 3)]
    assert {stat.S_IMODE(path.stat().st_mode) for path in shares} == {0o600}
    capsys.readouterr()
    again = ("--threshold", "2", "--shares", "3", "--out", tmp_path / "shares")
    assert run("split-secret", county / "mz", *again) == 1
    assert "not overwritten" in capsys.readouterr().err


def test_a_lost_secret_comes_back_from_two_shares_to_every_owner(county: Path, tmp_path: Path) -> None:
    shares = split(county, tmp_path / "shares")
    before = load_party_secret(load_party_keys(county / "mz")).key_bytes()
    for party in ("mz", "jcy"):
        (county / party / "keys" / "secret-1.sealed").unlink()
    words = ("--consortium", ceremony(county), "--out", tmp_path / "sealed")
    assert run("combine-shares", shares[2], shares[0], *words) == 0
    assert names(tmp_path / "sealed") == ["secret-1.jcy.sealed", "secret-1.mz.sealed"]
    for party in ("mz", "jcy"):
        assert run("import-secret", county / party, tmp_path / "sealed" / f"secret-1.{party}.sealed") == 0
        assert load_party_secret(load_party_keys(county / party)).key_bytes() == before


def test_too_few_mixed_or_foreign_shares_write_nothing(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shares, others = split(county, tmp_path / "a"), split(county, tmp_path / "b")
    words = ("--consortium", ceremony(county), "--out", tmp_path / "sealed")
    for given, told in (
        ([shares[0]], "too few shares"),
        ([shares[0], others[1]], "not of one splitting"),
        ([shares[0], county / "mz" / "keys" / "party.toml"], "open to other users"),
    ):
        assert run("combine-shares", *given, *words) == 1
        assert told in capsys.readouterr().err
    assert not (tmp_path / "sealed").exists()


def test_sealed_shares_open_only_for_their_custodian(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cards = [w for p in ("hub", "jcy", "sc") for w in ("--custodian", county / p / "keys" / "party.toml")]
    sealed = {path.name.split(".")[1]: path for path in split(county, tmp_path / "shares", *cards)}
    assert sorted(sealed) == ["hub", "jcy", "sc"]
    words = ("--consortium", ceremony(county), "--out", tmp_path / "sealed")
    assert run("combine-shares", *sealed.values(), *words) == 1
    assert "open-share" in capsys.readouterr().err
    assert run("open-share", county / "sc", sealed["hub"], "--out", tmp_path / "x.share") == 1
    opened = [tmp_path / f"{party}.share" for party in ("hub", "sc")]
    for party, file in zip(("hub", "sc"), opened, strict=True):
        assert run("open-share", county / party, sealed[party], "--out", file) == 0
    assert run("combine-shares", *opened, *words) == 0


def test_a_lost_officers_key_comes_back_from_shares(county: Path, tmp_path: Path) -> None:
    before = load_officer(officer(county)).signing.key_id
    words: tuple[str | Path, ...] = ("--threshold", "2", "--shares", "2", "--out", tmp_path / "shares")
    assert run("split-officer", officer(county), *words) == 0
    shutil.rmtree(officer(county))
    words = ("--consortium", ceremony(county), "--out", officer(county))
    assert run("combine-shares", *(tmp_path / "shares").iterdir(), *words) == 0
    assert load_officer(officer(county)).signing.key_id == before
    assert run("revoke", ceremony(county), "--party", "sc", "--reason", "drill", "--officer", officer(county)) == 0


def test_rotation_leaves_no_way_to_encode_under_the_old_epoch(county: Path, tmp_path: Path) -> None:
    shares = split(county, tmp_path / "shares")
    words: tuple[str | Path, ...] = ("--consortium", ceremony(county), "--out", tmp_path / "secrets")
    assert run("rotate-secret", *words, "--officer", officer(county)) == 0
    for party in ("hub", "mz", "jcy"):
        assert run("install", county / party, "--consortium", ceremony(county)) == 0
    keys = load_party_keys(county / "mz")
    with pytest.raises(KeyMaterialError, match="epoch 2 is not here"):
        load_party_secret(keys)
    shutil.copy(county / "mz" / "keys" / "secret-1.sealed", county / "mz" / "keys" / "secret-2.sealed")
    with pytest.raises(KeyMaterialError):
        load_party_secret(keys)
    assert run("import-secret", county / "mz", tmp_path / "secrets" / "secret-2.mz.sealed") == 0
    assert load_party_secret(keys).epoch == 2
    # The old shares still open what was archived under the old epoch, and only that.
    words = ("--consortium", ceremony(county), "--out", tmp_path / "old")
    assert run("combine-shares", *shares[:2], *words) == 0
    assert names(tmp_path / "old") == ["secret-1.jcy.sealed", "secret-1.mz.sealed"]


def test_a_revoked_party_is_refused_by_whoever_installed_the_list(county: Path, tmp_path: Path) -> None:
    keys, now = load_party_keys(county / "hub"), datetime.now(UTC)
    certificate = (county / "mz" / "keys" / "tls.crt").read_bytes()
    known = keys.revocations.current()
    assert authenticate_peer(certificate, manifest=keys.manifest, revocations=known, now=now).id == "mz"
    assert run("revoke", ceremony(county), "--party", "mz", "--reason", "drill", "--officer", officer(county)) == 0
    assert run("install", county / "hub", "--consortium", ceremony(county)) == 0
    now = datetime.now(UTC)
    with pytest.raises(PermissionRefused, match="revoked"):
        authenticate_peer(certificate, manifest=keys.manifest, revocations=keys.revocations.current(), now=now)


def test_a_party_that_lost_its_keys_returns_with_a_new_card(county: Path, tmp_path: Path) -> None:
    shares = split(county, tmp_path / "shares")
    old = (county / "mz" / "keys" / "tls.crt").read_bytes()
    (county / "mz" / "keys" / "tls.crt").rename(tmp_path / "old.crt")
    shutil.rmtree(county / "mz" / "keys")
    made = ("--id", "mz", "--name", "民政局", "--role", "agency", "--dataset", "low")
    assert run("new-party", county / "mz", *made) == 0
    card = county / "mz" / "keys" / "party.toml"
    assert run("replace-card", ceremony(county), "--card", card, "--officer", officer(county)) == 0
    revoked = ("--certificate", tmp_path / "old.crt", "--reason", "lost", "--officer", officer(county))
    assert run("revoke", ceremony(county), *revoked) == 0
    who = ("--consortium", "county", "--id", "mz", "--role", "agency")
    out = ceremony(county) / "certificates" / "mz.crt"
    csr = county / "mz" / "keys" / "tls.csr"
    assert run("sign-csr", county / "ceremony" / "ca", csr, *who, "--out", out, "--days", "30") == 0
    fingerprint = load_ceremony(ceremony(county)).officers.fingerprint
    assert run("install", county / "mz", "--consortium", ceremony(county), "--fingerprint", fingerprint) == 0
    assert run("install", county / "hub", "--consortium", ceremony(county)) == 0
    words = ("--consortium", ceremony(county), "--out", tmp_path / "sealed")
    assert run("combine-shares", *shares[1:], *words) == 0
    assert run("import-secret", county / "mz", tmp_path / "sealed" / "secret-1.mz.sealed") == 0
    assert run("check", county / "mz") == 0
    keys = load_party_keys(county / "hub")
    known, now = keys.revocations.current(), datetime.now(UTC)
    with pytest.raises(PermissionRefused, match="revoked"):
        authenticate_peer(old, manifest=keys.manifest, revocations=known, now=now)
    assert authenticate_peer(out.read_bytes(), manifest=keys.manifest, revocations=known, now=now).id == "mz"
