"""What the console's pages work on: the same stores and files as the commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from agency_node.answers import Answers
from agency_node.config import Config
from agency_node.daemon import open_registers
from agency_node.datasets import Registers
from linkage.audit.entry import Entry, parse_entry
from linkage.audit.journal import read_lines
from linkage.audit.log import ENTRIES
from linkage.keys.store import PartyKeys
from linkage.web.jobs import Jobs


@dataclass(frozen=True, slots=True)
class Console:
    """One office's console. `jobs` is the long work under way."""

    answers: Answers
    jobs: Jobs = field(default_factory=Jobs)

    @property
    def config(self) -> Config:
        return self.answers.config

    @property
    def keys(self) -> PartyKeys:
        return self.answers.keys

    def registers(self) -> Registers:
        """Look at the register folder as it is now."""
        return open_registers(self.config, self.keys, self.answers.clock)

    def party_name(self, party: str) -> str:
        """Return a party's name in the manifest, its id when it is not there."""
        known = {p.id: p.name for p in self.keys.manifest.parties_all}
        return known.get(party, party)

    def entries(self, kinds: frozenset[str]) -> Iterator[Entry]:
        """Yield the audit log's entries of these kinds, oldest first; lines of other kinds are not parsed."""
        file = self.config.state / "audit" / ENTRIES
        marks = [f'"kind":{json.dumps(kind)}'.encode() for kind in kinds]
        for line in read_lines(file) if file.exists() else ():
            if any(mark in line for mark in marks):
                entry = parse_entry(line)
                if entry.kind in kinds:
                    yield entry
