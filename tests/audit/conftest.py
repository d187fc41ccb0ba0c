from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.audit_town import SPECS, make_town
from linkage.audit.reading import LogContent, read_logs
from linkage.audit.rules import load_rules
from linkage.keys.manifest import Manifest
from linkage.keys.store import load_party_keys


@dataclass(frozen=True)
class Place:
    """A town's folders on disk, free to be spoiled."""

    root: Path

    @property
    def manifest(self) -> Manifest:
        return load_party_keys(self.root / "hub").manifest

    @property
    def public(self) -> Path:
        return self.root / "ceremony" / "consortium"

    def folder(self, party: str) -> Path:
        return self.root / party / "audit"

    def folders(self) -> list[Path]:
        return [self.folder(spec.id) for spec in SPECS]

    def read(self) -> list[LogContent]:
        return read_logs(self.folders(), self.manifest, traffic=load_rules().traffic)

    def words(self) -> list[str]:
        """Return what every step over several logs takes on its command line."""
        return [*map(str, self.folders()), "--manifest", str(self.public)]


@pytest.fixture(scope="session")
def told_town(tmp_path_factory: Any) -> Path:
    root: Path = tmp_path_factory.mktemp("audit") / "town"
    make_town(root)
    return root


@pytest.fixture
def place(told_town: Path, tmp_path: Path) -> Place:
    shutil.copytree(told_town, tmp_path / "town")
    return Place(tmp_path / "town")
