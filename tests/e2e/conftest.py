"""A small consortium of real programs: three offices, the procuratorate and the linkage unit, on a small county."""

from __future__ import annotations

import io
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from linkage.demo.consortium import read_county
from linkage.demo.county import generate_county
from linkage.demo.parties import find_offices
from linkage.demo.processes import Program, Programs
from linkage.demo.running import Running, start_consortium
from linkage.demo.view import View

OFFICES = ("civil_affairs", "court", "disabled_federation")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Street:
    """The running consortium and what a test needs around it."""

    running: Running
    county: Path
    view: View
    screen: io.StringIO
    out: Path

    def kill_and_restart(self, name: str) -> Program:
        """Kill -9 a party's program and start it again."""
        self.running.programs.kill(self.running.program(name))
        program = self.running.start_again(name)
        assert program.running
        return program


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a county of 3000 people with the three offices only."""
    folder = tmp_path_factory.mktemp("county")
    generate_county(folder, seed=5, population=3000)
    for office in (folder / "agencies").iterdir():
        if office.name not in OFFICES:
            shutil.rmtree(office)
    return folder


@pytest.fixture(scope="module")
def street(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    out = tmp_path_factory.mktemp("street")
    logs = out / "logs"
    logs.mkdir()
    screen = io.StringIO()
    view = View(Console(file=screen, width=120))
    with Programs(logs, {"PYTHONPATH": str(ROOT)}) as programs:
        running = start_consortium(
            programs,
            out / "state",
            read_county(county),
            offices=find_offices(county),
            by_hand="disabled_federation",
            view=view,
            port=free_port(),
        )
        yield Street(running, county, view, screen, out)


def free_port() -> int:
    """Return a port that was free a moment ago; a coordinator that is killed must come back at the same one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
