"""A small consortium of real programs for the browser: two offices, procuratorate, linkage unit, with accounts."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from agency_node.rights import APPROVER, OPERATOR, ROLES
from linkage.accounts.book import AccountBook
from linkage.accounts.desk import ADMINISTRATION
from linkage.demo import steps
from linkage.demo.consortium import OPERATOR as ON_DUTY
from linkage.demo.consortium import read_county
from linkage.demo.county import generate_county
from linkage.demo.parties import find_offices
from linkage.demo.processes import Program, Programs
from linkage.demo.running import Running, start_consortium
from linkage.demo.view import View
from tests.browser.conftest import People

ROOT = Path(__file__).resolve().parents[2]
OFFICE, OTHER = "civil_affairs", "court"
CLERK = "经办员"
MODELS = ("SX-2", "WD-1", "WD-3")  # Of these two offices alone.


@dataclass(frozen=True, slots=True)
class Town:
    """The running consortium; `people` are the accounts of the one office whose console is looked at."""

    running: Running
    county: Path
    out: Path
    view: View
    people: People

    def ask(self) -> tuple[str, Program]:
        """Let the procuratorate ask for a round; return its id and the program that waits for it."""
        round_id = steps.propose(self.running, MODELS, self.view)
        return round_id, steps.start_round(self.running, round_id)

    def over(self, waiting: Program) -> int:
        """Wait until a round is over, whichever way; return what its program ended with."""
        code = waiting.process.wait(900)
        self.running.programs.forget(waiting)
        return code


@contextmanager
def running_town(out: Path) -> Iterator[Town]:
    """Start everything below `out`."""
    county = out / "county"
    generate_county(county, seed=5, population=3000)
    for folder in (county / "agencies").iterdir():
        if folder.name not in (OFFICE, OTHER):
            shutil.rmtree(folder)
    (out / "logs").mkdir()
    view = View(Console(file=io.StringIO(), width=120))
    with Programs(out / "logs", {"PYTHONPATH": str(ROOT)}) as programs:
        running = start_consortium(
            programs, out / "state", read_county(county), offices=find_offices(county), by_hand=OFFICE, view=view
        )
        _let_people_decide(running)
        people = People(AccountBook(running.root / OFFICE, ROLES))
        for role in sorted(ADMINISTRATION):
            people.add(role, role)
        people.add(CLERK, OPERATOR)
        people.add(ON_DUTY, APPROVER)
        yield Town(running, county, out, view, people)


def _let_people_decide(running: Running) -> None:
    """Name the clerk among those who may act, and let releases wait for a person."""
    config, policy = running.files[OFFICE], running.files[OFFICE].with_name("policy.toml")
    config.write_text(config.read_text("utf-8").replace(f'["{ON_DUTY}"]', f'["{ON_DUTY}", "{CLERK}"]'), "utf-8")
    head, mark, release = policy.read_text("utf-8").partition("[[release]]")
    policy.write_text(head + mark + release.replace('mode = "auto"', 'mode = "operator"'), "utf-8")
