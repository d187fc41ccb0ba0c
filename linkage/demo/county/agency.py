"""Write the agencies' folders: registers in two snapshots, with each record's errors kept between them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date

from linkage.demo.county.agency_columns import MONTHS, Register, Written, registers, source
from linkage.demo.county.citizen import certificate
from linkage.demo.county.errata import Clerk, Shown
from linkage.demo.county.habits import Habits, written
from linkage.demo.county.people import SNAPSHOTS, Person
from linkage.demo.county.roll import SINGLE, Entry
from linkage.demo.county.sheets import About, Archive, Cell, Line, Sheet
from linkage.demo.county.words import lines, towns
from linkage.demo.county.world import World

_GUARDIAN = source("civil", "number")


@dataclass(slots=True)
class AgencyWriter:
    """Write the agency files; draws come from `rng` and from the clerk's own generator."""

    rng: random.Random
    world: World
    clerk: Clerk
    habits: Habits
    archive: Archive
    kept: dict[tuple[str, str], list[Shown]] = field(default_factory=dict)
    registers: dict[str, Register] = field(default_factory=registers)

    def write(self) -> None:
        """Write every register's files."""
        for register in self.registers.values():
            if register.name in ("GRID", "WOMEN"):
                continue
            snapshots = (1,) if register.name in SINGLE else (0, 1)
            for snapshot in snapshots:
                self._file(register, snapshot)
        for snapshot in (0, 1):
            self._grid(snapshot)
        self._women()

    def person(self, key: str) -> Person:
        return self.world.county.people[key]

    def records(self, register: Register, entry: Entry, snapshot: int) -> list[Shown]:
        """Return the records of one entry, one or (a double) two; drawn once and kept for the next snapshot."""
        key = (register.name, f"{entry.person}/{entry.extra.get('on', '')}")
        person = self.person(entry.person)
        on = SNAPSHOTS[snapshot]
        if key not in self.kept:
            first = self.clerk.show(person, register.source, on)
            if entry.stale:
                first = replace(first, ops=(*first.ops, "stale"))
            self.kept[key] = [first]
            if self.clerk.chance(register.source, "dup"):
                again = first if self.rng.random() < 0.5 else self.clerk.show(person, register.source, on)
                ops = tuple(dict.fromkeys((*again.ops, *(["stale"] if entry.stale else []), "dup")))
                self.kept[key].append(replace(again, ops=ops))
            self._complete(entry, person)
        return self.kept[key]

    def _complete(self, entry: Entry, person: Person) -> None:
        if entry.register == "DPF":
            number = certificate(person.number, *self.world.certified[entry.person])
            entry.extra["certificate"] = number + entry.extra["suffix"]
        if entry.register in ("GRID", "SAC"):
            entry.extra.setdefault("staff", self.rng.choice(lines("staff.txt")))
        if entry.register == "GRID":
            home = self.world.county.home(person)
            place = sum(map(ord, home.town + home.village)) % 12
            entry.extra["worker"] = lines("staff.txt")[place]

    # -- one register ------------------------------------------------------------------------------------------

    def lines(self, register: Register, snapshot: int, entries: list[Entry]) -> list[Line]:
        """Return the data lines of one register in one snapshot."""
        made: list[Line] = []
        form = self.habits.form(register.name)
        for entry in entries:
            if not entry.listed[snapshot]:
                continue
            for shown in self.records(register, entry, snapshot):
                active = entry.active[snapshot]
                row = Written(entry, shown, len(made) + 1, written(shown.born, form), active)
                about = About(register.slot, entry.person, register.name, entry.tag, active, shown.ops)
                made.append(Line(register.cells(row), [about], entry.head))
        return made

    def _file(self, register: Register, snapshot: int) -> None:
        entries = self.world.roll.entries.get(register.name, [])
        file = register.files[min(snapshot, len(register.files) - 1)]
        made = self.lines(register, snapshot, entries)
        workbook = file.endswith(".xlsx")
        merged = register.name == "DIBAO" and workbook
        if register.name in ("DIBAO", "DIBIAN"):
            self._heads(register, made, once=merged)
        if register.name == "CHILD":
            self._guardians(made, entries)
        sheet = Sheet(register.sheet, register.columns(), made, merged=(1, 2, 3) if merged else ())
        if workbook or self.rng.random() < 0.15:
            sheet.above = self.habits.above(register.heading(snapshot))
            sheet.below = self.habits.below() if workbook else []
        current = register.name in SINGLE or snapshot == 1
        encoding = "utf-8" if workbook else self.habits.encoding()
        self.archive.save(file, [sheet], snapshot=MONTHS[snapshot], current=current, encoding=encoding)

    def _heads(self, register: Register, made: list[Line], *, once: bool) -> None:
        """Fill the head's name and number; in a merged workbook only in the first row of a household."""
        last = ""
        for line in made:
            repeated = once and line.group == last
            last = line.group
            if repeated:
                line.cells[1] = line.cells[2] = line.cells[3] = ""
                continue
            shown = self._head(register, line.group)
            line.cells[1], line.cells[2] = shown.name, shown.number
            member = line.about[0]
            line.about.append(About("head", line.group, register.name, "", member.active, shown.ops))

    def _head(self, register: Register, key: str) -> Shown:
        entry = next((item for item in self.world.roll.entries[register.name] if item.person == key), None)
        if entry is not None:
            return self.records(register, entry, 1)[0]
        if (register.name, key) not in self.kept:
            self.kept[register.name, key] = [self.clerk.show(self.person(key), register.source, SNAPSHOTS[1])]
        return self.kept[register.name, key][0]

    def _guardians(self, made: list[Line], entries: list[Entry]) -> None:
        guardians = {entry.person: entry.extra["guardian"] for entry in entries}
        for line in made:
            key = guardians[line.about[0].person]
            if not key:
                continue
            if ("GUARDIAN", key) not in self.kept:
                self.kept["GUARDIAN", key] = [self.clerk.show(self.person(key), _GUARDIAN, SNAPSHOTS[1])]
            shown = self.kept["GUARDIAN", key][0]
            line.cells[5], line.cells[6] = shown.name, shown.number
            line.about.append(About("guardian", key, "CHILD", "", line.about[0].active, shown.ops))

    # -- the grid: one sheet per town --------------------------------------------------------------------------

    def _grid(self, snapshot: int) -> None:
        grid, sheets = self.registers["GRID"], []
        home = self.world.county.home
        for town in towns():
            entries = [e for e in self.world.roll.entries["GRID"] if home(self.person(e.person)).town == town.name]
            made = self.lines(grid, snapshot, entries)
            self._ages(made, SNAPSHOTS[snapshot])
            if made:
                sheets.append(Sheet(town.name, grid.columns(), made, above=[town.name + grid.title]))
        file = grid.files[snapshot]
        self.archive.save(file, sheets, snapshot=MONTHS[snapshot], current=snapshot == 1)

    def _ages(self, made: list[Line], on: date) -> None:
        """Let ages grow between snapshots where they are not merely told."""
        place = self.registers["GRID"].columns().index("年龄")
        for line in made:
            if "age_only" not in line.about[0].ops:
                line.cells[place] = str(self.person(line.about[0].person).age(on))

    # -- the women's list: two files that together are the current one -----------------------------------------

    def _women(self) -> None:
        women, entries = self.registers["WOMEN"], self.world.roll.entries["WOMEN"]
        everything = Sheet("Sheet1", women.columns(), self.lines(women, 0, entries))
        everything.above = self.habits.above(women.heading(0), always=True)
        self.archive.save(women.files[0], [everything], snapshot=MONTHS[0], current=False)
        old_towns = {town.name for town in towns() if not town.urban and self.rng.random() < 0.5}
        old_towns = old_towns or {towns()[-1].name}
        home = self.world.county.home
        old = [entry for entry in entries if home(self.person(entry.person)).town in old_towns]
        fresh = [entry for entry in entries if entry not in old]
        sheet = Sheet("Sheet1", women.columns(), self.lines(women, 1, fresh))
        file = women.files[1]
        self.archive.save(file, [sheet], snapshot=MONTHS[1], current=True, encoding=self.habits.encoding())
        made = [self._as_numbers(line) for line in self.lines(women, 1, old)]
        last = Sheet("Sheet1", women.columns(), made, above=["困难妇女台账（乡镇片·旧表）"])
        self.archive.save(women.files[2], [last], snapshot=MONTHS[1], current=True)

    def _as_numbers(self, line: Line) -> Line:
        """Turn digits into spreadsheet numbers, which keep fifteen or sixteen digits."""
        number, telephone = line.cells[2], line.cells[7]
        cells = list(line.cells)
        about = line.about
        if isinstance(telephone, str) and telephone.isdigit():
            cells[7] = int(telephone)
        if isinstance(number, str) and number.isascii() and number.isdigit():
            cells[2] = self._rounded(number)
            if len(number) > 15:
                about = [replace(about[0], ops=(*about[0].ops, "file_excel"))]
        return Line(cells, about, line.group)

    def _rounded(self, number: str) -> Cell:
        if len(number) > 15 and self.rng.random() < 0.3:
            return float(number[:15] + "0" * (len(number) - 15))
        return float(number)
