"""What the console's pages work on: the same stores and files as the commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from agency_node.answers import Answers
from agency_node.config import Config
from agency_node.console.held import Ledger, Overview
from agency_node.console.words import COLUMNS, PERSON
from agency_node.daemon import open_registers
from agency_node.datasets import PRESET_FOLDER, Registers, office_presets
from agency_node.entering import FOLDER as ENTERED
from agency_node.importing import FOLDER as IMPORTED
from agency_node.scan import Shelf
from linkage.audit.log import ENTRIES
from linkage.keys.store import PartyKeys
from linkage.web.jobs import Jobs
from linkage.web.texts import Text

LEAVING: Final = frozenset({"encoding.done", "upload.begun", "upload.sealed", "release.decided", "referral.updated"})


@dataclass(frozen=True, slots=True)
class Console:
    """One office's console. `jobs` is the long work under way, `ledger` what the audit log says has left."""

    answers: Answers
    ledger: Ledger = field(repr=False)
    jobs: Jobs
    _overview: Overview = field(repr=False)

    @classmethod
    def of(cls, answers: Answers) -> Console:
        config = answers.config
        state = config.state
        patterns = (
            (config.data, "*"),
            (config.folder, "mapping*.toml"),
            (config.folder / PRESET_FOLDER, "*.toml"),
            *((state / folder, "*.*") for folder in (ENTERED, IMPORTED)),
        )

        def look() -> Registers:
            return open_registers(config, answers.keys, answers.clock)

        return cls(answers, Ledger(state / "audit" / ENTRIES, LEAVING), Jobs(), Overview(patterns, look))

    @property
    def config(self) -> Config:
        return self.answers.config

    @property
    def keys(self) -> PartyKeys:
        return self.answers.keys

    def overview(self) -> Registers:
        """Return the register files, for lists; they are looked at anew only when one changed."""
        return self._overview.registers(self.answers.today)

    def registers(self) -> Registers:
        """Look at the register folder as it is now, to read rows."""
        return open_registers(self.config, self.keys, self.answers.clock)

    def shelf(self) -> Shelf:
        """Return the presets of the office's registers, with its mappings, and those of others."""
        return Shelf.split(office_presets(self.config.folder), self.keys.party.datasets)

    def field_titles(self) -> dict[str, Text]:
        """Return the usual title of every person's field and column of the office's registers."""
        columns = (column for preset in self.shelf().owned.values() for column in preset.columns.items())
        own = {name: title.zh for name, title in PERSON.items()}
        own |= {name: titles[0] for name, titles in columns if titles}
        return {name: Text(title, COLUMNS.get(name, title)) for name, title in own.items()}

    def dataset_titles(self) -> dict[str, str]:
        """Return the title of every dataset of the office; pages show it, commands the id."""
        return {role.dataset: role.title for preset in self.shelf().owned.values() for role in preset.roles}

    def titled(self, datasets: Iterable[str]) -> list[str]:
        """Return datasets by their titles, in the order of their ids."""
        titles = self.dataset_titles()
        return [titles.get(name, name) for name in sorted(datasets)]

    def party_name(self, party: str) -> str:
        """Return a party's name in the manifest, its id when it is not there."""
        known = {p.id: p.name for p in self.keys.manifest.parties_all}
        return known.get(party, party)
