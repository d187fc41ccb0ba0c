"""Write the truth folder and the manifest."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from linkage.demo.county.citizen import EARLY_PREFIX, LOST_PREFIX, PRESENT_PREFIX
from linkage.demo.county.colours import Colour
from linkage.demo.county.expected import FOLLOWED, MODELS, Clue
from linkage.demo.county.people import COUNTY, TODAY
from linkage.demo.county.sheets import Archive, RowTruth
from linkage.demo.county.world import World


@dataclass(slots=True)
class TruthWriter:
    """Write who stands behind every row, what is to be found, and how the county was made."""

    world: World
    archive: Archive
    clues: list[Clue]
    colours: list[Colour]
    by_person: dict[str, list[RowTruth]] = field(default_factory=dict)

    def write(self) -> None:
        for truth in self.archive.truths:
            self.by_person.setdefault(truth.about.person, []).append(truth)
        self._rows()
        self._people()
        self._compensation()
        self._clues()
        self._colours()
        (self._folder() / "golden.json").write_text("[]\n", encoding="utf-8")

    def _folder(self) -> Path:
        folder = self.archive.root / "truth"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _save(self, name: str, header: str, rows: Iterable[Iterable[object]]) -> None:
        with (self._folder() / name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(header.split())
            writer.writerows(rows)

    def _rows(self) -> None:
        people = self.world.county.people
        self._save(
            "rows.csv",
            "file sheet row slot person household register tags active snapshot current row_id case_no ops",
            ([t.file, t.sheet, t.row, t.about.slot, t.about.person, people[t.about.person].household, t.about.register,
              t.about.tags, int(t.about.active), t.snapshot, int(t.current), t.about.row_id, t.about.case,
              ";".join(t.about.ops)] for t in self.archive.truths),
        )  # fmt: skip

    def _people(self) -> None:
        county = self.world.county
        known = [county.people[key] for key in sorted(self.by_person)]
        self._save(
            "persons.csv",
            "person household name sex birth id id_type old_id aliases ethnic death town village local_hukou "
            "father mother spouse",
            ([p.key, p.household, p.name, p.sex, p.born.isoformat(), p.number, p.kind, p.old_number,
              ";".join(p.aliases), p.ethnic, p.died.isoformat() if p.died else "", county.home(p).town,
              county.home(p).village, int(p.local),
              p.father, p.mother, p.spouse] for p in known),
        )  # fmt: skip
        homes = [county.households[key] for key in sorted({person.household for person in known})]
        self._save("households.csv", "household members town village",
                   ([home.key, ";".join(home.members), home.town, home.village] for home in homes))  # fmt: skip

    def _compensation(self) -> None:
        self._save(
            "compensation.csv",
            "case_no victim_row person charge compensation harm loss fault dead note",
            ([case.number, p.number, p.person, case.cause, p.state, p.harm, p.loss or "", p.fault, int(p.dead), p.note]
             for case in self.world.cases for p in case.role("被害人")),
        )  # fmt: skip

    # -- clues -------------------------------------------------------------------------------------------------

    def _clues(self) -> None:
        self._save(
            "expected_clues.csv",
            "model case_no person party_rows tags colour extra party_ops link_ops link_rows level",
            (self._clue(clue) for clue in self.clues),
        )

    def _colours(self) -> None:
        header = "case_no party_row person charge_model colour step H C G U K X already_aided tags"
        self._save("pa_colours.csv", header, (colour.cells() for colour in self.colours))

    def _clue(self, clue: Clue) -> list[str]:
        numbers = clue.rows or [number for party in clue.parties for number in (party.number, *party.doubles)]
        known = self.by_person.get(clue.person, [])
        own = [truth for truth in known if truth.about.row_id in numbers and truth.about.slot in ("party", "aided")]
        links = [truth for truth in known if self._links(clue, truth)]
        ops = sorted({op for truth in own for op in truth.about.ops if op != "dup"})
        link_ops = sorted({op for truth in links for op in truth.about.ops if op != "dup"})
        return [clue.model, clue.case, clue.person, ";".join(numbers), ";".join(sorted(clue.tags)), clue.colour,
                json.dumps(clue.extra, ensure_ascii=False), ";".join(ops), ";".join(link_ops),
                ";".join(truth.place() for truth in links), clue.level]  # fmt: skip

    def _links(self, clue: Clue, truth: RowTruth) -> bool:
        """Tell whether a register row is one the clue rests on."""
        about = truth.about
        if clue.model == "GY-FOLLOW":
            names = {tag[1:] for tag in clue.tags if tag[0] == ("+" if truth.current else "-")}
            return about.active and bool(about.tags) and FOLLOWED.get(about.register) in names
        if not truth.current or not about.active or about.slot in ("party", "aided", "petitioner"):
            return False
        if about.tags == "ENF_UNPAID":
            return "ENF_UNPAID" in clue.tags and (about.slot == "debtor") == clue.debtor
        return about.tags in clue.tags


def manifest(world: World, archive: Archive, clues: list[Clue], *, seed: int, profile: str) -> dict[str, object]:
    """Return what manifest.json says: seed, sizes, dates, rows per file, clues per model, own number prefixes."""
    counts = Counter(clue.model for clue in clues)
    return {
        "seed": seed,
        "profile": profile,
        "population": world.size,
        "county": f"{COUNTY} (fictitious)",
        "snapshots": {"202609": "2026-09-30", "202610": "2026-10-31"},
        "current_snapshot": "202610",
        "today": TODAY.isoformat(),
        "number_prefixes": {EARLY_PREFIX: "1981-1993", PRESENT_PREFIX: "1993-", LOST_PREFIX: "-1981"},
        "files": dict(sorted(archive.counts.items())),
        "expected_clues": {model: counts[model] for model in MODELS},
        "golden": 0,
    }
