from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ALLOWED = re.compile(
    r"README\.md|\.gitignore|consortium\.toml(\.sig)?|officers\.toml|revoked\.toml|ca\.crt"
    r"|certificates/[a-z0-9_.-]+\.crt|cards/[a-z0-9_.-]+\.toml"
)
PRIVATE = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----|^linkage/v1/hpke-key |^linkage/v1/sealed\0", re.MULTILINE)


def test_the_public_folder_holds_public_material_only(repository: Path) -> None:
    folder = repository / "keys"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [p.name for p in files if not ALLOWED.fullmatch(p.relative_to(folder).as_posix())] == []
    assert [p.name for p in files if PRIVATE.search(p.read_bytes())] == []


@pytest.mark.parametrize(
    ("name", "ignored"),
    [
        ("tls.key", True),
        ("officer.key", True),
        ("secret-1.sealed", True),
        ("secret-1.mz.sealed", True),
        ("sub/signing.key", True),
        ("certificates/mz.key", True),
        ("cards/hpke.key", True),
        ("key.pem", True),
        ("consortium.toml", False),
        ("consortium.toml.sig", False),
        ("officers.toml", False),
        ("certificates/mz.crt", False),
        ("cards/mz.toml", False),
    ],
)
def test_git_refuses_private_names(tmp_path: Path, repository: Path, name: str, ignored: bool) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_bytes((repository / "keys" / ".gitignore").read_bytes())
    asked = subprocess.run(["git", "-C", tmp_path, "check-ignore", "-q", name], check=False)
    assert (asked.returncode == 0) == ignored
