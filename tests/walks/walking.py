"""Walk a published case as its officers would: by the programs' own commands, over real processes and mutual TLS."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from linkage.demo import steps
from linkage.demo.consortium import APPROVING, OPERATOR, REQUESTING, read_county
from linkage.demo.parties import PROCURATORATE, Office, find_offices
from linkage.demo.processes import Programs, wait_until
from linkage.demo.running import READY_SECONDS, Running, start_consortium
from linkage.demo.view import View
from tests.e2e.conftest import ROOT
from tests.walks.small_county import SmallCounty, clue_lines

ANSWER_SECONDS, ROUND_SECONDS = 300.0, 900.0


@dataclass(frozen=True, slots=True)
class Walk:
    """The running consortium of one story."""

    running: Running
    county: SmallCounty
    view: View
    by_hand: str

    def officer(self, *words: str, secret: bool = False) -> str:
        """Type one `procuratorate-node` command."""
        return self.running.procuratorate(*words, secret=secret)

    def office(self, name: str, *words: str) -> str:
        """Type one `agency-node` command at an office."""
        return self.running.agency(name, *words)

    def screen(self, *models: str) -> str:
        """Two officers ask, the one office that decides by hand reads the preview and says yes; return the round."""
        round_id = steps.propose(self.running, models, self.view)
        waiting = steps.start_round(self.running, round_id, seconds=ROUND_SECONDS)

        def decide(office: str) -> None:
            assert office == self.by_hand
            steps.decide_by_hand(self.running, office, round_id, self.view)

        steps.follow(self.running, waiting, self.view, operator=decide)
        return round_id

    def clues(self, *filters: str) -> dict[tuple[str, str], list[str]]:
        """Return the words of every listed clue by model and case: id, model, case, verdict/grade, marks."""
        return {(words[1], words[2]): words for words in clue_lines(self.officer("clues", "list", *filters))}

    def confirm(self, clue: str, reason: str) -> None:
        self.officer("clues", "confirm", clue, "--by", APPROVING, "--reason", reason)

    def open(self, clue: str, reason: str) -> str:
        """Let one officer ask and another open the person; return what is shown, which is kept out of every log."""
        opening = self.officer("reidentify", "request", clue, "--by", REQUESTING, "--reason", reason).split()[-1]
        return self.officer("reidentify", "approve", opening, "--by", APPROVING, secret=True)

    def ask_fields(self, clue: str, population: str, *fields: str) -> str:
        """Ask the office behind a link for fields of that row; return its answer as shown."""
        words = ["--population", population, "--fields", ",".join(fields), "--purpose", "核实救助条件"]
        relay = self.officer("release", "ask", clue, *words, "--by", REQUESTING).split()[0]
        self.wait(lambda: f"{relay} " in self._with("release", "GIVEN"), "the office answers")
        return self.officer("release", "show", relay, "--by", REQUESTING, secret=True)

    def _with(self, kind: str, state: str) -> str:
        listed = self.officer(kind, "list").splitlines()
        return "\n".join(line for line in listed if f" {state} " in f"{line} ")

    def close(self, round_id: str) -> None:
        steps.close_round(self.running, round_id, self.view)

    def wait(self, seen: Callable[[], bool], what: str) -> None:
        assert wait_until(seen, seconds=ANSWER_SECONDS, every=0.3, programs=self.running.programs), f"in vain: {what}"

    def verify_logs(self) -> None:
        """Stop everybody and hold all logs against each other."""
        self.running.programs.stop()
        steps.verify_logs(self.running, self.view)

    def kept_anywhere(self, *secrets: str) -> list[str]:
        """Return which of these texts the linkage unit holds in any file, or any program wrote into its log."""
        folders = (self.running.root / "coordinator", self.running.programs.logs)
        kept = b"\0".join(p.read_bytes() for folder in folders for p in sorted(folder.rglob("*")) if p.is_file())
        return [secret for secret in secrets if secret.encode() in kept]


def use_models(running: Running, models: Path) -> None:
    """Name a folder of own models in the procuratorate's configuration and start its node again, as it asks for."""
    config = running.files[PROCURATORATE]
    text = config.read_text(encoding="utf-8")
    assert text.count("[cases]\n") == 1
    config.write_text(text.replace("[cases]\n", f"[cases]\nmodels = {json.dumps(str(models))}\n"), encoding="utf-8")
    running.programs.kill(running.program(PROCURATORATE))
    running.start_procuratorate().wait_for(r"\bready\b", seconds=READY_SECONDS)


@contextmanager
def start_walk(
    county: SmallCounty, out: Path, *, by_hand: str, offices: Sequence[Office] = (), models: Path | None = None
) -> Iterator[Walk]:
    """Write the county, start its offices, the procuratorate and the linkage unit; stop them all afterwards.

    `models` is a folder of the procuratorate's own models, that take the place of the shipped ones.
    """
    county.write()
    logs = out / "logs"
    logs.mkdir(parents=True)
    view = View(Console(file=io.StringIO(), width=120))
    with Programs(logs, {"PYTHONPATH": str(ROOT)}) as programs:
        running = start_consortium(
            programs,
            out / "state",
            read_county(county.folder),
            offices=offices or find_offices(county.folder),
            by_hand=by_hand,
            view=view,
        )
        if models is not None:
            use_models(running, models)
        yield Walk(running, county, view, by_hand)


__all__ = ["APPROVING", "OPERATOR", "REQUESTING", "Walk", "start_walk"]
