from __future__ import annotations

import hashlib
import hmac
import io
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from linkage.audit.commitment import Salts, commit, fits
from linkage.audit.log import AuditLog
from linkage.errors import InputError, NotFoundError
from linkage.keys.signing import SigningKey
from linkage.keys.times import Clock
from linkage.main import main

VALUE = '[["浙0101刑初1号","3"]]'.encode()
CLOCK: Clock = lambda: datetime(2026, 10, 31, tzinfo=UTC)  # noqa: E731


def test_a_commitment_is_the_hmac_that_the_docstring_states() -> None:
    salt = bytes(range(32))
    wanted = hmac.new(salt, b"linkage/v1/audit-commitment\0" + VALUE, hashlib.sha256).hexdigest()
    assert commit(VALUE, salt) == wanted
    assert fits(wanted, VALUE, salt) and not fits(wanted, VALUE + b" ", salt)
    with pytest.raises(InputError):
        commit(VALUE, b"short")


def test_the_same_value_never_commits_alike(tmp_path: Path) -> None:
    salts = Salts(tmp_path / "salts")
    one, other = salts.commit(VALUE), salts.commit(VALUE)
    assert one != other
    assert fits(one, VALUE, salts.salt_of(one)) and fits(other, VALUE, salts.salt_of(other))
    assert (tmp_path / "salts").stat().st_mode & 0o777 == 0o600


def test_an_erased_salt_makes_its_commitment_uncheckable_and_no_other(tmp_path: Path) -> None:
    salts = Salts(tmp_path / "salts")
    one, other = salts.commit(VALUE), salts.commit(VALUE)
    assert salts.erase(one) == 1
    with pytest.raises(NotFoundError):
        salts.salt_of(one)
    assert fits(other, VALUE, salts.salt_of(other))


def test_a_value_is_checked_and_its_salt_erased_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "salts"
    subject = Salts(file).commit(VALUE)
    with AuditLog.open(tmp_path / "log", origin="a/b", signer=SigningKey.generate(), clock=CLOCK) as log:
        log.append("person.opened", {"subject": subject})
        log.append("round.closing", {})

    def check(value: bytes, index: int = 0) -> int:
        stdin: Any = SimpleNamespace(buffer=io.BytesIO(value))
        monkeypatch.setattr("sys.stdin", stdin)
        return main(["audit", "check-value", str(tmp_path / "log"), str(index), "--salts", str(file)])

    assert check(VALUE) == 0 and check(b'[["other","3"]]') == 1
    assert check(VALUE, 1) == 1 and check(b"not json") == 1
    assert main(["audit", "erase-salt", str(file), subject]) == 0
    assert main(["audit", "erase-salt", str(file), subject]) == 1
    assert check(VALUE) == 1
