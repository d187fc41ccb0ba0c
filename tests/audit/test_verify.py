from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linkage.audit.checkpoint import Checkpoint, origin_of, sign_checkpoint
from linkage.audit.entry import make_entry
from linkage.audit.log import ENTRIES, AuditLog
from linkage.audit.notes import note_path
from linkage.audit.verify import verify_log, verify_logs
from linkage.errors import AuditError
from linkage.keys.canonical import JSON
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.keys.signing import SigningKey
from linkage.keys.store import load_party_keys
from linkage.main import main

KEY = SigningKey.generate()
ORIGIN = origin_of("county", "mz")
NOW = datetime(2026, 10, 31, 8, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    moments = iter([NOW + timedelta(seconds=i) for i in range(100)])
    with AuditLog.open(tmp_path / "log", origin=ORIGIN, signer=KEY, clock=lambda: next(moments)) as log:
        for number in range(6):
            log.append(
                "round.step" if number % 2 else "upload.sealed", {"number": number, "round": f"{number % 3:032x}"}
            )
            if number == 2:
                log.checkpoint()
    return tmp_path / "log"


def edit(log: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    path = log / ENTRIES
    path.write_bytes(b"".join(line + b"\n" for line in change(path.read_bytes().split(b"\n")[:-1])))


def test_an_untouched_log_is_sound(log: Path) -> None:
    for path in (log, log / ENTRIES):
        report = verify_log(path, KEY.verify_key)
        assert report.is_sound and (report.origin, report.entries, report.checkpoints) == (ORIGIN, 6, 2)
        assert (report.first_time, report.last_time) == ("2026-10-31T08:00:00Z", "2026-10-31T08:00:05Z")


def changed(old: bytes, new: bytes, at: int) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [line.replace(old, new) if i == at else line for i, line in enumerate(lines)]


@pytest.mark.parametrize(
    ("change", "index", "reason"),
    [
        (changed(b'"number":1', b'"number":7', 1), 0, "entries 0 to 2"),
        (changed(b'"number":4', b'"number":7', 4), 3, "entries 3 to 5"),
        (changed(b'"index":4', b'"index":5', 4), 4, "expected index 4, got 5"),
        (changed(b'"number"', b' "number"', 2), 2, "canonical"),
        (changed(b"{", b"[", 3), 3, "canonical"),
        (changed(b"08:00:04Z", b"07:54:02Z", 4), 4, "runs back"),
        (lambda lines: lines[:-1], 5, "a checkpoint over 6"),
        (lambda lines: lines[1:], 0, "expected index 0, got 1"),
        (lambda lines: lines[:2] + lines[3:], 2, "expected index 2, got 3"),
        (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], 2, "expected index 2, got 3"),
        (lambda lines: [], 0, "0 entries"),
        (lambda lines: [*lines, b""], 6, "canonical"),
        (lambda lines: [*lines, b"x" * 200_000], 6, "overlong"),
    ],
)
def test_the_first_fault_is_named(
    log: Path, change: Callable[[list[bytes]], list[bytes]], index: int, reason: str
) -> None:
    edit(log, change)
    fault = verify_log(log, KEY.verify_key).fault
    assert fault is not None and fault.index == index
    assert reason in fault.en


def test_entries_after_the_last_checkpoint_count_as_unsigned(log: Path) -> None:
    edit(log, lambda lines: [*lines, make_entry(6, NOW, "a", {})])
    report = verify_log(log, KEY.verify_key)
    assert (report.is_sound, report.entries, report.signed_entries) == (True, 7, 6)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (sign_checkpoint(Checkpoint(ORIGIN, 6, bytes(32)), SigningKey.generate()).to_text(), "expected one signature"),
        (sign_checkpoint(Checkpoint("linkage/county/x", 6, bytes(32)), KEY).to_text(), "another log"),
        (sign_checkpoint(Checkpoint(ORIGIN, 5, bytes(32)), KEY).to_text(), "holds size 5"),
        (sign_checkpoint(Checkpoint(ORIGIN, 6, bytes(32)), KEY).to_text(), "root"),
        ("rubbish", "signed note"),
    ],
)
def test_bad_checkpoints_are_faults(log: Path, text: str, reason: str) -> None:
    note_path(log, 6).write_text(text, "utf-8")
    fault = verify_log(log, KEY.verify_key).fault
    assert fault is not None and reason in fault.en


def test_a_log_without_checkpoints_proves_nothing(log: Path) -> None:
    shutil.rmtree(log / "checkpoints")
    fault = verify_log(log, KEY.verify_key).fault
    assert fault is not None and fault.index is None


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AuditError):
        verify_log(tmp_path, KEY.verify_key)


def test_an_empty_log_is_sound(tmp_path: Path) -> None:
    AuditLog.open(tmp_path, origin=ORIGIN, signer=KEY, clock=lambda: NOW).close()
    report = verify_log(tmp_path, KEY.verify_key)
    assert report.is_sound and report.entries == 0


PARTIES = [PartySpec("hub", "政法委", "coordinator"), PartySpec("mz", "民政局", "agency", ("low",))]


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """Make two parties whose logs have witnessed each other once."""
    root = tmp_path / "county"
    quickstart(root, consortium="county", parties=PARTIES, now=datetime.now(UTC), random_bytes=lambda n: b"\1" * n)
    logs = {}
    for name in ("hub", "mz"):
        signer = load_party_keys(root / name).signing
        origin = origin_of("county", name)
        logs[name] = AuditLog.open(root / name / "audit", origin=origin, signer=signer, clock=lambda: NOW)
        for number in range(4):
            logs[name].append("round.step", {"number": number, "round": "ab" * 16})
    for me, other in (("hub", "mz"), ("mz", "hub")):
        key = load_party_keys(root / other).party.signing_key
        logs[me].store_peer_checkpoint(other, logs[other].checkpoint(), origin=origin_of("county", other), key=key)
    for log in logs.values():
        log.close()
    return root


def rewrite(county: Path) -> None:
    """Let an agency begin its log anew with other facts, signed with its own key."""
    folder = county / "mz" / "audit"
    shutil.rmtree(folder)
    signer = load_party_keys(county / "mz").signing
    with AuditLog.open(folder, origin=origin_of("county", "mz"), signer=signer, clock=lambda: NOW) as log:
        for number in range(6):
            log.append("round.step", {"number": number + 100})


def test_a_rewritten_log_is_found_by_what_its_peer_kept(county: Path) -> None:
    manifest = load_party_keys(county / "mz").manifest
    folders = [county / name / "audit" for name in ("hub", "mz")]
    assert [(r.is_sound, r.witnesses) for r in verify_logs(folders, manifest)] == [(True, 1), (True, 1)]
    rewrite(county)
    assert verify_log(folders[1], manifest).is_sound
    reports = verify_logs(folders, manifest)
    assert [r.is_sound for r in reports] == [True, False]
    assert reports[1].fault is not None and "rewritten" in reports[1].fault.en


def test_the_manifest_names_the_key(county: Path, log: Path) -> None:
    manifest = load_party_keys(county / "mz").manifest
    assert not verify_log(log, manifest).is_sound


def test_reviewer_verifies_shows_and_exports(county: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs = [str(county / name / "audit") for name in ("hub", "mz")]
    manifest = str(county / "ceremony" / "consortium" / "consortium.toml")
    assert main(["audit", "verify", *logs, "--manifest", manifest]) == 0
    fingerprint = load_party_keys(county / "mz").manifest.officers.fingerprint
    assert fingerprint in capsys.readouterr().out
    assert main(["audit", "verify", *logs, "--manifest", manifest, "--fingerprint", "00" * 16]) == 1
    assert main(["audit", "verify", *logs]) == 1
    out = str(county / "export")
    assert main(["audit", "copy", logs[1], out, "--manifest", manifest]) == 0
    assert main(["audit", "copy", logs[1], out]) == 1
    assert main(["audit", "verify", out, "--manifest", f"{out}/consortium.toml", "--fingerprint", fingerprint]) == 0
    key = load_party_keys(county / "mz").party.signing_key.to_text()
    assert main(["audit", "verify", out, "--key", key]) == 0
    rewrite(county)
    assert main(["audit", "verify", *logs, "--manifest", manifest]) == 1
    assert "FAULT" in capsys.readouterr().out


def test_show_selects_by_kind_and_round(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "show", str(log), "--kind", "round", "--limit", "1"]) == 0
    assert "3 entries, 1 shown" in capsys.readouterr().out
    assert main(["audit", "show", str(log), "--round", f"{1:032x}"]) == 0
    assert "2 entries, 2 shown" in capsys.readouterr().out
    assert main(["audit", "show", str(log.parent / "nothing")]) == 1


def test_show_counts_digests_instead_of_printing_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digests: list[JSON] = ["ab" * 32, "cd" * 32]
    entry = make_entry(0, datetime(2026, 10, 31, tzinfo=UTC), "peer.seen", {"peer_leaves": digests})
    (tmp_path / ENTRIES).write_bytes(entry + b"\n")
    main(["audit", "show", str(tmp_path)])

    assert "peer_leaves=（2 个摘要 digests）" in capsys.readouterr().out


def test_audit_command_loads_no_secret_and_no_coordinator(repository: Path) -> None:
    program = "import sys\nfrom linkage.main import main\nmain(['audit', '--help'])\nprint('|'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=repository)
    loaded = done.stdout.split("\n")[-2].split("|")
    assert "linkage.audit.command" in loaded
    assert not [m for m in loaded if m.startswith(("linkage.coordinator", "linkage.encode", "grpc", "numpy"))]
