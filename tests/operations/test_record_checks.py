from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import ENTRIES, AuditLog
from linkage.errors import ConfigError
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.keys.store import load_party_keys
from linkage.operations.finding import Finding, Mark
from linkage.operations.key_checks import check_certificates, check_keys
from linkage.operations.machine import check_disk, check_packages, check_permissions
from linkage.operations.reach import address_of, check_clock
from linkage.operations.record_checks import check_audit, check_sqlite

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
PARTIES = [PartySpec("coordinator", "链接单元", "coordinator"), PartySpec("civil", "民政局", "agency", ("dibao",))]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return the state folder of an agency with keys and a log of ten entries."""
    quickstart(tmp_path / "c", consortium="county", parties=PARTIES, now=NOW, random_bytes=os.urandom)
    folder = tmp_path / "c" / "civil"
    keys = load_party_keys(folder)
    origin = origin_of("county", "civil")
    log = AuditLog.open(folder / "audit", origin=origin, signer=keys.signing, clock=lambda: NOW)
    for number in range(10):
        log.append("call.failed", {"method": "Check", "number": number})
    log.checkpoint()
    log.close()
    return folder


def marks(found: Iterable[Finding]) -> set[Mark]:
    return {finding.mark for finding in found}


def faults(found: Iterable[Finding]) -> str:
    return " ".join(finding.en for finding in found if finding.mark is Mark.FAULT)


def test_a_sound_folder_has_no_fault(state: Path) -> None:
    looks: list[Callable[[], Iterable[Finding]]] = [
        lambda: check_permissions(state),
        lambda: check_disk(state, least=1),
        lambda: check_certificates(state, NOW),
        lambda: check_keys(state, NOW),
        lambda: check_audit(state, NOW),
    ]

    assert [faults(look()) for look in looks] == [""] * len(looks)


def test_the_check_value_of_the_secret_is_told(state: Path) -> None:
    kcv = load_party_keys(state).manifest.active_epoch.kcv

    assert any(kcv in finding.en for finding in check_keys(state, NOW))


def test_a_missing_secret_is_a_fault(state: Path) -> None:
    for sealed in (state / "keys").glob("secret-*.sealed"):
        sealed.unlink()

    assert "epoch 1" in faults(check_keys(state, NOW))


def test_a_private_file_open_to_others_is_a_fault(state: Path) -> None:
    (state / "keys" / "tls.key").chmod(0o640)

    assert "tls.key is open to others (0640)" in faults(check_permissions(state))


@pytest.mark.parametrize(("days", "mark"), [(0, Mark.GOOD), (7, Mark.GOOD)])
def test_a_certificate_is_told_with_its_days(state: Path, days: int, mark: Mark) -> None:
    found = [f for f in check_certificates(state, NOW + timedelta(days=days)) if f.en.startswith("tls.crt")]

    assert "days left" in found[0].en
    assert found[0].mark in (mark, Mark.WARNING)


def test_an_expired_certificate_is_a_fault_that_says_how_to_renew(state: Path) -> None:
    found = [f for f in _until_error(check_certificates(state, NOW + timedelta(days=4000))) if f.mark is Mark.FAULT]

    assert "tls.crt has expired" in [f.en for f in found]
    assert all("linkage keys csr" in f.hint_en for f in found)


def _until_error(found: Iterable[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    try:
        for finding in found:
            kept.append(finding)
    except Exception:
        pass
    return kept


def test_a_changed_log_is_a_fault(state: Path) -> None:
    file = state / "audit" / ENTRIES
    file.write_bytes(file.read_bytes().replace(b'"number":3', b'"number":4'))

    assert faults(check_audit(state, NOW))


def test_a_torn_end_of_the_log_is_told_but_no_fault(state: Path) -> None:
    with (state / "audit" / ENTRIES).open("ab") as stream:
        stream.write(b'{"half')

    assert marks(check_audit(state, NOW)) == {Mark.GOOD, Mark.WARNING}


def test_a_clock_behind_the_log_is_a_fault(state: Path) -> None:
    assert "before the log's last entry" in faults(check_audit(state, NOW - timedelta(hours=1)))


@pytest.mark.parametrize(("ahead", "mark"), [(0, Mark.GOOD), (90, Mark.GOOD), (150, Mark.FAULT), (-150, Mark.FAULT)])
def test_a_clock_far_from_the_coordinator_s_is_a_fault(ahead: int, mark: Mark) -> None:
    theirs = int((NOW + timedelta(seconds=ahead)).timestamp() * 1000)

    assert marks(check_clock(theirs, NOW)) == {mark}


def test_too_little_room_is_a_fault(tmp_path: Path) -> None:
    assert marks(check_disk(tmp_path, least=1 << 60)) == {Mark.FAULT}


def test_a_folder_that_cannot_be_written_is_a_fault() -> None:
    assert "cannot be written" in faults(check_disk(Path("/proc/self"), least=0))


def test_looking_at_the_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    list(check_disk(tmp_path, least=1))

    assert list(tmp_path.iterdir()) == []


def test_a_whole_database_is_good_and_is_not_changed(tmp_path: Path) -> None:
    file = tmp_path / "node.db"
    with closing(sqlite3.connect(file)) as made:
        made.execute("CREATE TABLE t (x)")
    before = file.read_bytes()

    assert marks(check_sqlite(file)) == {Mark.GOOD}
    assert file.read_bytes() == before


def test_a_damaged_database_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "node.db"
    file.write_bytes(b"not a database at all" * 100)

    assert marks(check_sqlite(file)) == {Mark.FAULT}


def test_missing_packages_are_no_fault() -> None:
    assert marks(check_packages("papers", ("json", "no_such_package"))) == {Mark.WARNING}
    assert marks(check_packages("papers", ("json",))) == {Mark.GOOD}


@pytest.mark.parametrize("endpoint", ["", "host", "host:", ":7443", "host:port", "host:99999"])
def test_an_address_that_is_none_is_refused(endpoint: str) -> None:
    with pytest.raises(ConfigError):
        address_of(endpoint)


def test_an_address_may_be_a_version_6_one() -> None:
    assert address_of("[::1]:7443") == ("::1", 7443)
