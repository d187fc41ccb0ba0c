"""Walk a published case as its officers would: by the programs' own commands, over real processes and mutual TLS."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from linkage.demo import steps
from linkage.demo.consortium import APPROVING, OPERATOR, REQUESTING, read_county
from linkage.demo.parties import PROCURATORATE, Office, find_offices
from linkage.demo.processes import Programs, wait_until
from linkage.demo.running import Running, start_consortium
from linkage.demo.view import View
from procuratorate_node.cluework.deadlines import local_day
from tests.e2e.conftest import ROOT
from tests.walks.small_county import SmallCounty

ANSWER_SECONDS, ROUND_SECONDS = 300.0, 900.0  # Far more than a step takes; a stuck walk ends all the same.
OFFICERS = f"""
[work]
region = "example"
[[officers]]
name = "{REQUESTING}"
may = ["request", "assign", "confirm", "reidentify", "release", "refer", "supervise", "search", "award"]
[[officers]]
name = "{APPROVING}"
may = ["approve", "confirm"]
roles = ["chief_prosecutor"]
"""
# The checklist of an eligible person: both lines of scope and one condition hold, no exclusion does.
ELIGIBLE = {"scope-1": "yes", "scope-2": "yes", "art7-3": "yes", **{f"art8-{n}": "no" for n in range(1, 7)}}


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of `clues list`."""

    id: str
    model: str
    case: str
    line: str


@dataclass(frozen=True, slots=True)
class Walk:
    """The running consortium of one story."""

    running: Running
    county: SmallCounty
    view: View
    by_hand: str
    out: Path

    def officer(self, *words: str, secret: bool = False) -> str:
        """Type one `procuratorate-node` command."""
        return self.running.procuratorate(*words, secret=secret)

    def first(self, *words: str) -> str:
        """Type a command of the requesting officer and return the first word it prints: an id."""
        return self.officer(*words, "--by", REQUESTING).split()[0]

    def second(self, *words: str) -> str:
        """Type a command of the approving officer."""
        return self.officer(*words, "--by", APPROVING)

    def office(self, name: str, *words: str) -> str:
        """Type one `agency-node` command at an office."""
        return self.running.agency(name, *words)

    # Rounds

    def screen(self, *models: str) -> str:
        """Two officers ask for a round and run it to its clues; return its id."""
        return self.run(steps.propose(self.running, models, self.view))

    def run(self, round_id: str) -> str:
        """Run an approved round; the one office that decides by hand reads the preview and says yes."""
        waiting = steps.start_round(self.running, round_id, seconds=ROUND_SECONDS)

        def decide(office: str) -> None:
            assert office == self.by_hand
            steps.decide_by_hand(self.running, office, round_id, self.view)

        steps.follow(self.running, waiting, self.view, operator=decide)
        return round_id

    def close(self, round_id: str) -> None:
        steps.close_round(self.running, round_id, self.view)

    # Clues

    def clues(self, *filters: str) -> list[Listed]:
        """Return the listed clues; a filter is as on the command line."""
        lines = [line for line in self.officer("clues", "list", *filters).splitlines() if line.strip()]
        return [Listed(words[0], words[1], words[2], line) for line in lines if (words := line.split())]

    def clue(self, model: str, case: str, *marks: str) -> Listed:
        """Return the one clue of a model and case whose line shows these marks."""
        (found,) = [c for c in self.clues() if (c.model, c.case) == (model, case) and all(m in c.line for m in marks)]
        return found

    def confirm(self, clue: str, reason: str) -> None:
        self.second("clues", "confirm", clue, "--reason", reason)

    def open(self, clue: str, reason: str) -> str:
        """Let one officer ask and another open the person; return what is shown, which is kept out of every log."""
        opening = self.officer("reidentify", "request", clue, "--by", REQUESTING, "--reason", reason).split()[-1]
        return self.officer("reidentify", "approve", opening, "--by", APPROVING, secret=True)

    def confirm_and_open(self, clue: str, reason: str) -> str:
        self.confirm(clue, reason)
        return self.open(clue, reason)

    def ask_fields(self, clue: str, population: str, *fields: str) -> str:
        """Ask the office behind a link for fields of that row; return its answer as shown."""
        words = ["--population", population, "--fields", ",".join(fields), "--purpose", "核实救助条件"]
        relay = self.first("release", "ask", clue, *words)
        self.wait(lambda: re.search(f"^{relay} .* GIVEN", self.officer("release", "list"), re.MULTILINE), "an answer")
        return self.officer("release", "show", relay, "--by", REQUESTING, secret=True)

    # Amounts

    def award(self, clue: str, *, tier: str, fault: str = "none") -> str:
        """Propose, decide and pay an amount as two officers do; return the sum that was decided, as printed."""
        facts, today = self.out / f"{clue}.toml", local_day(datetime.now(UTC)).isoformat()
        self.officer("award", "draft", clue, str(facts), "--day", today)
        filled = facts.read_text("utf-8").replace("[facts]", f'[facts]\nfault = "{fault}"\ntier = "{tier}"')
        for item, answer in ELIGIBLE.items():
            filled = filled.replace(f'{item} = "unknown"', f'{item} = "{answer}"')
        facts.write_text(filled, "utf-8")
        self.second("award", "budget", "--year", today[:4], "--set", "500000", "--reason", "年度预算")
        asked = ("award", "propose", clue, "--facts", str(facts), "--day", today, "--by", REQUESTING)
        award = self.officer(*asked).splitlines()[-1]
        decided = re.search(r"decided: ([\d,]+)", self.second("award", "decide", award))
        assert decided is not None
        self.officer("award", "pay", award, "--on", today, "--by", REQUESTING)
        return decided[1]

    # Referrals

    def refer(self, clue: str, service: str, *words: str) -> str:
        """Draft a referral, have it approved by another officer, send it; return its id."""
        referral = self.first("referral", "draft", clue, "--service", service, *words)
        self.second("referral", "approve", referral)
        self.officer("referral", "send", referral, "--by", REQUESTING)
        return referral

    def answer(self, office: str, service_title: str, item: str, *, day: str, band: str = "") -> None:
        """Let an office accept the referral of this title and report it done."""
        pattern = re.compile(rf"^([0-9a-f]{{32}})  RECEIVED .*{service_title}", re.MULTILINE)
        self.wait(lambda: pattern.search(self.office(office, "referrals")), "the referral arrives")
        found = pattern.search(self.office(office, "referrals"))
        assert found is not None
        self.office(office, "referrals", "--open", found[1], "--by", OPERATOR)
        self.update(office, found[1], "ACCEPTED")
        self.update(office, found[1], "DONE", "--item", item, "--date", day, *(("--band", band) if band else ()))

    def update(self, office: str, relay: str, *words: str) -> None:
        """Take a referral one step on, once the status before has been sent."""

        def taken() -> bool:
            try:
                self.office(office, "referral-update", relay, *words, "--by", OPERATOR)
            except Exception as error:
                if "还没有送出" not in str(getattr(error, "hint_zh", "")):
                    raise
                return False
            return True

        self.wait(taken, f"{words[0]} is taken")

    def wait_for_referral(self, referral: str, state: str) -> None:
        """Wait until the procuratorate sees a referral in this state."""

        def there() -> bool:
            lines = self.officer("referral", "list", "--state", state).splitlines()
            return any(line.startswith(referral[:12]) for line in lines)

        self.wait(there, f"the referral is {state}")

    # The end

    def wait(self, seen: Callable[[], object], what: str) -> None:
        there = wait_until(lambda: bool(seen()), seconds=ANSWER_SECONDS, every=1.5, programs=self.running.programs)
        assert there, f"in vain: {what}"

    def review_logs(self) -> None:
        """Stop everybody and, as a reviewer, hold all logs against each other, entry by entry."""
        self.running.programs.stop()
        steps.review_logs(self.running, self.out, self.view)

    def kept_by_the_unit(self, *secrets: str) -> list[str]:
        """Return which of these texts the linkage unit holds in any file, or any program wrote into its log.

        What a command printed for the officer who asked is no log.
        """
        folders = (self.running.root / "coordinator", self.running.programs.logs)
        kept = b"\0".join(p.read_bytes() for folder in folders for p in sorted(folder.rglob("*")) if _is_kept(p))
        return [secret for secret in secrets if secret.encode() in kept]


def _is_kept(path: Path) -> bool:
    return path.is_file() and not path.name.endswith(".commands.log")


@contextmanager
def start_walk(county: SmallCounty, out: Path, *, by_hand: str = "", offices: Sequence[Office] = ()) -> Iterator[Walk]:
    """Write the county, start its offices, the procuratorate and the linkage unit; stop them all afterwards."""
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
        staff(running.files[PROCURATORATE])
        yield Walk(running, county, view, by_hand, out)


def staff(config: Path) -> None:
    """Give the officers the duties of the walks; a small county hides one person among few."""
    head, _, _ = config.read_text(encoding="utf-8").partition("[[officers]]")
    head = head.replace("[screening]\n", "[screening]\nsearch_min_people = 20\n")
    config.write_text(head + OFFICERS, encoding="utf-8")
