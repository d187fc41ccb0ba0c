from __future__ import annotations

import os
from pathlib import Path

import pytest

from linkage.errors import KeyMaterialError, SignatureError
from linkage.keys.officers import Officer, Officers
from linkage.keys.revocation import (
    RevocationFile,
    RevocationList,
    Revoked,
    parse_revocations,
    sign_revocations,
)
from linkage.keys.signing import SigningKey
from linkage.keys.times import parse_utc

KEY = SigningKey.generate()
OFFICERS = Officers((Officer("a", KEY.verify_key),), 1)
SINCE = "2026-10-31T08:00:00Z"
ENTRIES = (Revoked("mz", "", SINCE, "钥匙遗失"), Revoked("", "ab" * 32, SINCE, "换证"))


def text(version: int = 1, entries: tuple[Revoked, ...] = ENTRIES, consortium: str = "county") -> str:
    return sign_revocations(RevocationList(consortium, version, SINCE, entries).to_text(), KEY)


def replace_file(path: Path, content: str) -> None:
    temporary = path.with_suffix(".new")
    temporary.write_text(content, "utf-8")
    os.replace(temporary, path)


def test_signed_list_comes_back() -> None:
    found = parse_revocations(text(), officers=OFFICERS, consortium="county")
    assert found.entries == ENTRIES


@pytest.mark.parametrize(
    ("party", "fingerprint", "at", "revoked"),
    [
        ("mz", "00" * 32, SINCE, True),
        ("jcy", "ab" * 32, SINCE, True),
        ("", "", SINCE, False),
        ("jcy", "00" * 32, SINCE, False),
        ("mz", "00" * 32, "2026-10-31T07:59:59Z", False),
    ],
)
def test_party_and_certificate_are_cut_off_from_since_on(party: str, fingerprint: str, at: str, revoked: bool) -> None:
    found = RevocationList("county", 1, SINCE, ENTRIES)
    assert found.is_revoked(party, fingerprint, parse_utc(at)) == revoked


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('party = "mz"', 'party = "jcy"', SignatureError),
        ("# signature ", "# signature x", SignatureError),
        ("county", "county2", SignatureError),
    ],
)
def test_changed_lists_are_refused(old: str, new: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse_revocations(text().replace(old, new, 1), officers=OFFICERS, consortium="county")


def test_nothing_may_follow_the_signatures() -> None:
    with pytest.raises(KeyMaterialError):
        parse_revocations(text() + "[[revoked]]\n", officers=OFFICERS, consortium="county")


def test_another_consortiums_list_is_refused() -> None:
    with pytest.raises(KeyMaterialError):
        parse_revocations(text(consortium="other"), officers=OFFICERS, consortium="county")


@pytest.mark.parametrize(("party", "certificate"), [("", ""), ("mz", "ab" * 32)])
def test_an_entry_names_a_party_or_a_certificate(party: str, certificate: str) -> None:
    with pytest.raises(KeyMaterialError):
        Revoked(party, certificate, SINCE, "x")


def test_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "revoked.toml"
    file = RevocationFile(path, officers=OFFICERS, consortium="county")
    assert file.current().entries == ()
    replace_file(path, text(1, ENTRIES[:1]))
    assert file.current().entries == ENTRIES[:1]
    replace_file(path, text(2))
    assert file.current().entries == ENTRIES


@pytest.mark.parametrize("content", [text(1), "", text(3).replace("mz", "xx"), None])
def test_a_worse_file_stops_traffic(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "revoked.toml"
    replace_file(path, text(2))
    file = RevocationFile(path, officers=OFFICERS, consortium="county")
    file.current()
    path.unlink() if content is None else replace_file(path, content)
    for _ in range(2):
        with pytest.raises((KeyMaterialError, SignatureError)):
            file.current()
