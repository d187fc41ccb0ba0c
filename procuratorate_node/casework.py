"""Everything local a round or a clue needs: the case files read, persons resolved, compensation states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from procuratorate_node.anchors import LocalFacts
from procuratorate_node.cases.preset import CasesPreset, parse_preset, standard_preset
from procuratorate_node.cases.reading import ReadCases, read_cases
from procuratorate_node.cases.records import RowRef
from procuratorate_node.compensation import compensation_states
from procuratorate_node.config import Config
from procuratorate_node.papers import PaperStates, read_dates, states_from_papers
from procuratorate_node.persons import OwnPerson, own_rows, person_keys, resolve_persons


@dataclass(frozen=True, slots=True, repr=False)
class Casework:
    """The node's own data in clear text; lives in memory only while it is needed."""

    read: ReadCases
    people: Mapping[str, OwnPerson]
    facts: LocalFacts
    papers: PaperStates

    def __repr__(self) -> str:
        return f"Casework(people={len(self.people)})"

    def locality(self, config: Config, row: RowRef) -> str:
        """Return 本地, 外来 or "" for one row of the aided, by its remark and its person's valid number."""
        remark = next((a.remark for a in self.read.file.aided if a.ref == row), "")
        person = self.people.get(self.facts.person_of.get(row, ""))
        number = person.person.id_number if person is not None and person.person.region else ""
        return config.locality.of(remark=remark, id_number=number)


def load_preset(config: Config) -> CasesPreset:
    if config.preset is None:
        return standard_preset()
    return parse_preset(config.preset.read_text(encoding="utf-8"))


def load_casework(config: Config, *, today: date) -> Casework:
    """Read the cases folder and resolve its persons. Raises InputError, ConfigError."""
    read = read_cases(config.cases, load_preset(config))
    people = resolve_persons(own_rows(read.file, as_of=config.as_of or today))
    papers = states_from_papers(read.file, config.cases, dates=read_dates(config.cases))
    facts = LocalFacts(read.file, person_keys(people), compensation_states(read.file, papers.states))
    return Casework(read, {p.key: p for p in people}, facts, papers)
