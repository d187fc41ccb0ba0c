"""The peers' environments: one virtual environment each, made from a pinned requirement file when it is missing.

A peer that cannot be installed is absent, with a reason, and every figure beside it is "not measured".
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "peers"
PEERS = ("anonlink", "clkhash", "splink", "duckdb")


@dataclass(frozen=True, slots=True)
class Peers:
    """Say by peer where its Python is, or why there is none."""

    pythons: dict[str, Path] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    def python(self, peer: str) -> str:
        """Return a peer's interpreter. Raises LookupError with the reason when it is absent."""
        if peer not in self.pythons:
            raise LookupError(f"{peer} is absent: {self.absent.get(peer, 'not asked for')}")
        return str(self.pythons[peer])

    def describe(self) -> dict[str, dict[str, str]]:
        """Return pins or the reason of absence, by peer."""
        found = {peer: {"state": "present", "pins": _pins(peer)} for peer in self.pythons}
        return found | {peer: {"state": "absent", "reason": why} for peer, why in self.absent.items()}


def requirement_file(peer: str) -> Path:
    return REQUIREMENTS / f"requirements-{peer}.txt"


def _pins(peer: str) -> str:
    lines = requirement_file(peer).read_text(encoding="utf-8").splitlines()
    return " ".join(line for line in lines if line and not line.startswith("#"))


def no_peers(why: str) -> Peers:
    return Peers(absent=dict.fromkeys(PEERS, why))


def make_peers(folder: Path, wanted: Iterable[str] = PEERS) -> Peers:
    """Make what is missing under `folder`, one environment a peer; logs of what failed stay there."""
    folder.mkdir(parents=True, exist_ok=True)
    peers = Peers(absent={peer: "not asked for" for peer in PEERS if peer not in wanted})
    for peer in wanted:
        why = make_environment(folder / peer, requirement_file(peer), log=folder / f"{peer}.log")
        if why:
            peers.absent[peer] = why
        else:
            peers.pythons[peer] = python_of(folder / peer)
    return peers


def python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def make_environment(environment: Path, requirements: Path, *, log: Path) -> str:
    """Make one environment unless it stands with the same pins; return why there is none, "" where all is well."""
    stamp, pins = environment / "pins", hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == pins:
        return ""
    shutil.rmtree(environment, ignore_errors=True)
    print(f"making the environment of {environment.name}", file=sys.stderr)
    install = [str(python_of(environment)), "-m", "pip", "install", "--quiet", "-r", str(requirements)]
    with log.open("w", encoding="utf-8") as said:
        for step in ([sys.executable, "-m", "venv", str(environment)], install):
            if subprocess.run(step, stdout=said, stderr=said, check=False).returncode:
                return f"could not be installed, see {log.name} beside it"
    stamp.write_text(pins)
    return ""
