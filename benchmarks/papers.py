"""Score what is read from a county's papers against its truth/documents.json, by type of paper, and list what failed.

    python -m benchmarks.papers COUNTY [--cache FOLDER] [--no-scans] [--failures FILE.csv]

Each paper is judged by itself, without the names of the case's tables. FOLDER keeps recognised scans between runs.
The list of failures names papers and what went wrong, and no person.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.county import as_of_of
from linkage.owner.progress import Progress
from procuratorate_node.casefiles.cache import FILE, PaperCache
from procuratorate_node.casefiles.facts import FoundPerson, PaperFacts, Role, Topic
from procuratorate_node.casefiles.library import PaperFile, Work, read_papers

FIELDS = ("type", "id", "sex", "birth", "harm", "compensation", "fault", "kin")
CELLS = (("sex", Topic.SEX), ("birth", Topic.BIRTH), ("harm", Topic.HARM), ("fault", Topic.FAULT))
CREDITOR = "申请执行人"
# What every county should reach (name F1, then shares that are right): texts, scans.
GOALS = {
    "name": (0.97, 0.90),
    "id": (0.98, 0.93),
    "compensation": (0.93, 0.93),
    "harm": (0.95, 0.95),
    "type": (0.99, 0.99),
}
Truth = Mapping[str, Any]


@dataclass(slots=True)
class Tally:
    """Counts of one type of paper: names found, wrong, missed; per field right and asked."""

    papers: int = 0
    names: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        self.papers += other.papers
        for mine, more in ((self.names, other.names), (self.right, other.right), (self.asked, other.asked)):
            mine.update(more)

    def f1(self) -> float | None:
        whole = 2 * self.names["right"] + self.names["wrong"] + self.names["missed"]
        return 2 * self.names["right"] / whole if whole else None

    def share(self, name: str) -> float | None:
        return self.right[name] / self.asked[name] if self.asked[name] else None


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that went wrong in one paper; `found` and `wanted` only where they point at nobody."""

    paper: str
    kind: str
    what: str
    found: str = ""
    wanted: str = ""


def judge(truth: Truth, facts: PaperFacts | None) -> tuple[Tally, list[Failure]]:
    """Compare one paper with its truth; a paper that was not read has found nothing."""
    tally, failures = Tally(papers=1), list[Failure]()

    def check(what: str, *, right: bool, found: str = "", wanted: str = "") -> None:
        tally.asked[what] += 1
        tally.right[what] += right
        if not right:
            failures.append(Failure(truth["file"], truth["doc_type"], what, found, wanted))

    kind = facts.kind.value if facts is not None else ""
    check("type", right=kind == truth["doc_type"], found=kind, wanted=truth["doc_type"])
    wanted = {v["name"]: v for v in truth["victims"]}
    found = {p.name: p for p in _victims(truth, facts)}
    for verdict, names in (("right", set(found) & set(wanted)), ("wrong", set(found) - set(wanted))):
        tally.names[verdict] += len(names)
    tally.names["missed"] += len(set(wanted) - set(found))
    if set(found) != set(wanted):
        counts = f"+{len(set(found) - set(wanted))} -{len(set(wanted) - set(found))}"
        failures.append(Failure(truth["file"], truth["doc_type"], "name", counts))
    for name, victim in wanted.items():
        _judge_victim(victim, found.get(name), check)
    for kin in truth["related"]:
        _judge_kin(kin, facts, check)
    return tally, failures


def _victims(truth: Truth, facts: PaperFacts | None) -> Sequence[FoundPerson]:
    """Return the victims found. A ruling whose creditors the truth calls kin has no victim to find."""
    if facts is None:
        return ()
    return facts.victims if truth["victims"] else [p for p in facts.victims if p.role is not Role.CREDITOR]


def _judge_victim(victim: Truth, found: FoundPerson | None, check: Any) -> None:
    def value(topic: Topic) -> str:
        return found.value(topic) if found is not None else ""

    if victim["id"]:
        check("id", right=value(Topic.ID) == victim["id"])
    for name, topic in CELLS:
        if victim.get(name):
            told = name in ("harm", "fault")  # Levels point at nobody; births and sexes are not written down.
            shown = {"found": value(topic), "wanted": victim[name]} if told else {}
            check(name, right=value(topic) == victim[name], **shown)
        elif name == "harm":
            check(name, right=not value(topic), found=value(topic))
    state = value(Topic.COMPENSATION) or "UNKNOWN"
    check("compensation", right=state == victim["compensation"], found=state, wanted=victim["compensation"])


def _judge_kin(kin: Truth, facts: PaperFacts | None, check: Any) -> None:
    people = [p for p in facts.people if p.name == kin["name"]] if facts is not None else []
    one = people[0] if people else None
    if kin["relation"] != CREDITOR:
        same = one is not None and one.role is Role.KIN and one.value(Topic.RELATION)[:1] == kin["relation"][:1]
        check("kin", right=same)
    if kin["id"]:
        check("id", right=one is not None and one.value(Topic.ID) == kin["id"])


def score(
    county: Path, *, cache: Path | None, scans: bool
) -> tuple[dict[tuple[str, str], Tally], list[Failure], float]:
    """Read every paper the truth knows and return tallies by (type, text or scan), failures, and seconds."""
    truth = json.loads((county / "truth" / "documents.json").read_text("utf-8"))
    truth = [t for t in truth if scans or not t["scanned"]]
    files = [PaperFile(county / t["file"], t["file"], t["case_no"]) for t in truth]
    work = Work(as_of_of(county), time.monotonic, report=_say, scans=scans)
    begun = time.monotonic()
    read = {r.file.name: r.facts for r in read_papers(files, PaperCache(cache), work)}
    seconds = time.monotonic() - begun
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    failures: list[Failure] = []
    for one in truth:
        tally, wrong = judge(one, read[one["file"]])
        tallies[one["doc_type"], "scan" if one["scanned"] else "text"].add(tally)
        failures += wrong
    return dict(tallies), failures, seconds


def _say(progress: Progress) -> None:
    print(f"{progress.done}/{progress.total} {progress.rate:.1f}/s", file=sys.stderr, flush=True)


def table(tallies: Mapping[tuple[str, str], Tally]) -> Iterator[str]:
    """Yield the lines of a Markdown table: one per type and form, and the totals."""
    yield "| type | form | papers | name F1 | " + " | ".join(FIELDS) + " |"
    yield "|---|---|---:|" + "---:|" * (len(FIELDS) + 1)
    totals: dict[str, Tally] = defaultdict(Tally)
    for (kind, form), tally in sorted(tallies.items()):
        totals[form].add(tally)
        yield _line(kind, form, tally)
    for form, tally in sorted(totals.items()):
        yield _line("**all**", form, tally)


def _line(kind: str, form: str, tally: Tally) -> str:
    shares = " | ".join(_number(tally.share(name)) for name in FIELDS)
    return f"| {kind} | {form} | {tally.papers} | {_number(tally.f1())} | {shares} |"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def missed_goals(tallies: Mapping[tuple[str, str], Tally]) -> list[str]:
    """Return the goals that were not reached."""
    found: list[str] = []
    for place, form in enumerate(("text", "scan")):
        whole = Tally()
        for (_, one), tally in tallies.items():
            if one == form:
                whole.add(tally)
        for name, goals in GOALS.items():
            value = whole.f1() if name == "name" else whole.share(name)
            if value is not None and value < goals[place]:
                found.append(f"{form} {name} {value:.3f} < {goals[place]}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("county", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--no-scans", action="store_true")
    parser.add_argument("--failures", type=Path)
    asked = parser.parse_args()
    cache = asked.cache / FILE if asked.cache is not None else None
    tallies, failures, seconds = score(asked.county, cache=cache, scans=not asked.no_scans)
    print("\n".join(table(tallies)))
    papers = sum(t.papers for t in tallies.values())
    print(f"\n{papers} papers in {seconds:.0f} s")
    for (kind, what), number in Counter((f.kind, f.what) for f in failures).most_common():
        print(f"{number:4} {kind} {what}")
    if asked.failures is not None:
        with asked.failures.open("w", encoding="utf-8-sig", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(("paper", "type", "what", "found", "wanted"))
            writer.writerows((f.paper, f.kind, f.what, f.found, f.wanted) for f in failures)
    missed = missed_goals(tallies)
    print("\n".join(f"not reached: {m}" for m in missed) or "every goal reached")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
