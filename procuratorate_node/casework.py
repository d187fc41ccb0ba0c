"""Everything local a round or a clue needs: the case files read, papers read, persons resolved, compensation states."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from linkage.owner.progress import Report, report_nothing
from procuratorate_node.anchors import LocalFacts
from procuratorate_node.casefiles.cache import FILE, PaperCache
from procuratorate_node.casefiles.case_papers import CasePapers, arrange, find_papers, read_dates
from procuratorate_node.casefiles.filling import Filled, fill
from procuratorate_node.casefiles.library import Work, read_papers
from procuratorate_node.casefiles.showing import bases
from procuratorate_node.casefiles.states import paper_states, states_of
from procuratorate_node.cases.preset import CasesPreset, parse_preset, standard_preset
from procuratorate_node.cases.reading import ReadCases, read_cases
from procuratorate_node.cases.records import CaseFile, RowRef
from procuratorate_node.compensation import compensation_states
from procuratorate_node.config import Config
from procuratorate_node.persons import OwnPerson, own_rows, person_keys, resolve_persons


@dataclass(frozen=True, slots=True, repr=False)
class Casework:
    """The node's own data in clear text; lives in memory only while it is needed."""

    read: ReadCases
    people: Mapping[str, OwnPerson]
    facts: LocalFacts
    papers: CasePapers
    added: int = 0
    cells: int = 0

    def __repr__(self) -> str:
        return f"Casework(people={len(self.people)})"

    def locality(self, config: Config, row: RowRef) -> str:
        """Return 本地, 外来 or "" for one row of the aided, by its remark and its person's valid number."""
        remark = next((a.remark for a in self.read.file.aided if a.ref == row), "")
        person = self.people.get(self.facts.person_of.get(row, ""))
        number = person.person.id_number if person is not None and person.person.region else ""
        return config.locality.of(remark=remark, id_number=number)


@dataclass(frozen=True, slots=True)
class Reading:
    """How papers are read: where progress goes, what stops it, how many processes (0: one per processor), and whether
    scans are read at all."""

    report: Report = report_nothing
    stop: threading.Event | None = field(default=None)
    processes: int = 0
    scans: bool = True


def load_preset(config: Config) -> CasesPreset:
    if config.preset is None:
        return standard_preset()
    return parse_preset(config.preset.read_text(encoding="utf-8"))


def load_casework(config: Config, *, today: date, reading: Reading | None = None) -> Casework:
    """Read the cases folder with its papers and resolve its persons. Raises InputError, ConfigError."""
    as_of = config.as_of or today
    read = read_cases(config.cases, load_preset(config))
    filled, papers = with_papers(
        read.file, config.cases, cache=config.state / FILE, as_of=as_of, reading=reading or Reading()
    )
    read = replace(read, file=filled.file)
    people = resolve_persons(own_rows(read.file, as_of=as_of))
    states = compensation_states(read.file, paper_states(states_of(read.file, papers)))
    facts = LocalFacts(read.file, person_keys(people), states, bases(read.file, papers))
    return Casework(read, {p.key: p for p in people}, facts, papers, filled.added, filled.cells)


def with_papers(
    file: CaseFile, folder: Path, *, cache: Path | None, as_of: date, reading: Reading
) -> tuple[Filled, CasePapers]:
    """Return the case file completed from the folder's papers, and the papers matched to the completed rows."""
    papers = find_papers(folder, file)
    if not papers:
        return Filled(file, 0, 0), CasePapers()
    work = Work(
        as_of,
        time.monotonic,
        processes=reading.processes,
        report=reading.report,
        stop=reading.stop,
        scans=reading.scans,
    )
    with closing(PaperCache(cache)) as kept:
        found = read_papers(papers, kept, work)
    dates = read_dates(folder)
    filled = fill(file, arrange(found, file, dates=dates, as_of=as_of), as_of=as_of)
    return filled, arrange(found, filled.file, dates=dates, as_of=as_of)
