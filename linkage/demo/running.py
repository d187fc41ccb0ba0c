"""Start a whole consortium and speak to its programs by their own command lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from linkage.demo.consortium import County, write_agency, write_coordinator, write_procuratorate
from linkage.demo.parties import COORDINATOR, PROCURATORATE, Office, quickstart_arguments
from linkage.demo.processes import Program, Programs
from linkage.demo.view import View

READY_SECONDS = 180.0  # Fifteen programs start at once; on a slow machine with two cores that takes a while.
LINKAGE, AGENCY, NODE = "linkage.main", "agency_node", "procuratorate_node.command"


@dataclass(frozen=True, slots=True)
class Running:
    """A consortium whose programs run. `root` holds one folder per party."""

    programs: Programs
    root: Path
    offices: tuple[Office, ...]
    files: Mapping[str, Path]  # party → its configuration

    def linkage(self, *words: str) -> str:
        """Run `linkage …` and return what it printed."""
        return self.programs.run("linkage", [LINKAGE, *words])

    def agency(self, office: str, *words: str) -> str:
        """Run `agency-node …` of one office."""
        return self.programs.run(office, [AGENCY, "--config", str(self.files[office]), *words])

    def procuratorate(self, *words: str, secret: bool = False) -> str:
        """Run `procuratorate-node …`."""
        command = [NODE, "--config", str(self.files[PROCURATORATE]), *words]
        return self.programs.run(PROCURATORATE, command, secret=secret)

    def start_coordinator(self) -> Program:
        """Start it as a program of its own: a linkage unit has none of a node's code in it."""
        arguments = [LINKAGE, "coordinator", "serve", "--config", str(self.files[COORDINATOR])]
        return self.programs.start(COORDINATOR, arguments)

    def start_agency(self, office: str) -> Program:
        return self.programs.begin(office, [AGENCY, "--config", str(self.files[office]), "run"])

    def start_procuratorate(self) -> Program:
        return self.programs.begin(PROCURATORATE, [NODE, "--config", str(self.files[PROCURATORATE]), "run"])

    def program(self, name: str) -> Program:
        """Return the newest program of this name."""
        return next(program for program in reversed(self.programs.started) if program.name == name)

    def start_again(self, name: str) -> Program:
        """Start a party's program once more; the coordinator must have a fixed port for the others to find it."""
        if name == COORDINATOR:
            return self.start_coordinator()
        return self.start_procuratorate() if name == PROCURATORATE else self.start_agency(name)


def start_consortium(
    programs: Programs,
    root: Path,
    county: County,
    *,
    offices: Sequence[Office],
    by_hand: str,
    view: View,
    port: int = 0,
) -> Running:
    """Make keys, write configurations, start every program and wait until all are ready."""
    view.say("正在生成各方密钥 | keys are being made for every party")
    programs.run("linkage", [LINKAGE, *quickstart_arguments(root, offices)])
    view.say(f"密钥已备，{len(offices) + 2} 个单位 | keys made for {len(offices) + 2} parties")
    files = {COORDINATOR: write_coordinator(root, port=port)}
    running = Running(programs, root, tuple(offices), files)
    ready = running.start_coordinator().wait_for(r"^ready (\d+)", seconds=READY_SECONDS)
    endpoint = f"127.0.0.1:{ready.group(1)}"
    view.stage(COORDINATOR, f"端口 port {ready.group(1)}")
    for office in offices:
        files[office.id] = write_agency(root, office, county, endpoint=endpoint, by_hand=office.id == by_hand)
    files[PROCURATORATE] = write_procuratorate(root, county, endpoint=endpoint)
    started = [running.start_agency(office.id) for office in offices] + [running.start_procuratorate()]
    for program in started:
        program.wait_for(r"\bready\b", seconds=READY_SECONDS)
        view.stage(program.name, "就绪 ready")
    return running
