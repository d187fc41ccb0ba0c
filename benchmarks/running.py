"""What a section may use: the size, the peers, a folder for inputs, and programs run as processes of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.environments import Peers
from benchmarks.sizes import Size
from linkage.demo.county import generate_county

PEER_PROGRAMS = Path(__file__).parent / "peers"


class NotMeasured(Exception):
    """Say why something could not be measured."""


@dataclass(frozen=True, slots=True)
class Run:
    """Hold one run: what a section is given."""

    size: Size
    peers: Peers
    work: Path
    counties: tuple[Path, ...] = ()  # Kept-back ones to judge, beside those that are generated.

    def module(self, name: str, *arguments: str) -> Any:
        """Run `python -m benchmarks.<name> … --out FILE` and return what it wrote; it may end with 1 for a miss.

        Raises NotMeasured where there is no such module or it wrote nothing.
        """
        out = self.work / f"{name}.json"
        out.unlink(missing_ok=True)
        said = self.said(name, *arguments, "--out", str(out))
        if not out.exists():
            raise NotMeasured(f"benchmarks.{name} wrote no figures{last_line(said.stderr)}")
        return json.loads(out.read_text(encoding="utf-8"))

    def said(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m benchmarks.<name> …` and return what it said."""
        if find_spec(f"benchmarks.{name}") is None:
            raise NotMeasured(f"there is no benchmarks.{name} yet")
        command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=PEER_PROGRAMS.parents[1])

    def has_option(self, name: str, option: str) -> bool:
        """Return whether a program of ours knows an option."""
        return option in self.said(name, "--help").stdout

    def peer(self, peer: str, program: str, *arguments: str) -> Any:
        """Run a program of `peers/` by a peer's Python ("own": ours); return the JSON of its last line.

        Raises NotMeasured where the peer is absent or its program fails.
        """
        try:
            python = sys.executable if peer == "own" else self.peers.python(peer)
        except LookupError as reason:
            raise NotMeasured(str(reason)) from None
        return answer([python, str(PEER_PROGRAMS / program), *arguments])

    def ours(self, name: str, *arguments: str) -> Any:
        """Run a program of ours that prints its result as JSON in its last line."""
        if find_spec(f"benchmarks.{name}") is None:
            raise NotMeasured(f"there is no benchmarks.{name} yet")
        return answer([sys.executable, "-m", f"benchmarks.{name}", *arguments])

    def county(self, seed: int, profile: str) -> Path:
        """Return a generated county of this size; made once a run."""
        folder = self.work / f"county-{seed}-{profile}-{self.size.population}"
        if not (folder / "manifest.json").exists():  # Written last: anything less was broken off.
            shutil.rmtree(folder, ignore_errors=True)
            generate_county(folder, seed=seed, population=self.size.population, profile=profile)
        return folder

    def crowd(self, left: int, right: int) -> Path:
        """Return a folder with two registers of generated people and their truth; made once a run."""
        from benchmarks.crowd import Crowd, export

        folder = self.work / f"crowd-{left}-{right}"
        if not (folder / "truth.csv").exists():
            export(Crowd(left, right), folder)
        return folder


def answer(command: Sequence[str]) -> Any:
    """Run a program and return the JSON of its last line. Raises NotMeasured when it fails."""
    done = subprocess.run(list(command), capture_output=True, text=True, check=False, cwd=PEER_PROGRAMS.parents[1])
    if done.returncode or not done.stdout.strip():
        raise NotMeasured(f"the program ended with {done.returncode}{last_line(done.stderr)}")
    return json.loads(done.stdout.splitlines()[-1])


def last_line(text: str) -> str:
    """Return the kind of error that a program ended with, for a note; never the text of it."""
    lines = [line for line in text.splitlines() if line.strip()]
    kind = lines[-1].split(":")[0].strip() if lines else ""
    return f" ({kind})" if kind.isidentifier() or kind.replace(".", "").isidentifier() else ""
