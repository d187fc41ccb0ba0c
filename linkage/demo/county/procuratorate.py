"""Write the procuratorate's files: cases, parties, petitions, judgments, aid ledger, papers and their index."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from linkage.demo.county.agency_columns import source
from linkage.demo.county.casework import Case, Party
from linkage.demo.county.errata import Clerk, Shown, Source
from linkage.demo.county.habits import written
from linkage.demo.county.papers import Clerkship
from linkage.demo.county.people import TODAY
from linkage.demo.county.sheets import About, Archive, Cell, Line, Sheet
from linkage.demo.county.words import headers
from linkage.demo.county.world import World

_COLUMNS = "number birth age sex address"
_TYPED = source("typed", _COLUMNS)
_READ = source("ocr", _COLUMNS)
# Suspects and applicants bring their papers; victims are known from running text (domain B5, D4).
_SUSPECT = source("typed", _COLUMNS, id_missing=0.12, birth_missing=0.14, age_only=0.13, dup=0.0)
_APPLICANT = source("typed", _COLUMNS, id_missing=0.12, birth_missing=0.12, age_only=0.12, dup=0.6)
_PETITIONER = source("petition", _COLUMNS)
_SYSTEM = source("petition", "number sex address")
_LEDGER = source("court", "number birth sex address", name_mask=0.0)
_PROPERTY = {"盗窃", "诈骗", "抢劫", "抢夺", "集资诈骗", "非法吸收公众存款", "拒不支付劳动报酬"}


@dataclass(slots=True)
class ProcuratorateWriter:
    """Write the procuratorate's folder; gives party numbers, doubles included, in file order."""

    rng: random.Random
    world: World
    clerk: Clerk
    archive: Archive
    papers: Clerkship
    petitions: list[Line] = field(default_factory=list)
    serial: int = 0

    def write(self) -> None:
        """Write the six files and the papers."""
        self.papers.choose()
        parties = [line for case in self.world.cases for line in self._case(case)]
        cases = [Line(self._case_cells(case)) for case in self.world.cases]
        judgments = [Line(self._judgment(case)) for case in self.world.cases if case.judgment]
        aided = [self._aid(place) for place in range(len(self.world.aided))]
        self._save("cases", cases)
        self._save("parties", parties)
        self._save("petitions", self.petitions, encoding="utf-8-sig")
        self._save("judgments", judgments)
        self._save("aided", aided)
        self.papers.write()
        self._save("documents_index", [Line(list(row)) for row in self.papers.index])

    def _save(self, name: str, made: list[Line], *, encoding: str = "utf-8") -> None:
        sheet = Sheet("", headers()[name], made)
        self.archive.save(f"procuratorate/{name}.csv", [sheet], snapshot="202610", current=True, encoding=encoding)

    # -- parties -----------------------------------------------------------------------------------------------

    def _case(self, case: Case) -> Iterator[Line]:
        read = case.category in ("刑事", "未检") and self.rng.random() < 0.055
        for party in case.parties:
            habit = self._habit(party, read)
            shown = self.clerk.show(self.world.county.people[party.person], habit, case.event)
            party.number = self._next()
            yield self._party(case, party, shown, party.number, read=read)
            if self.clerk.chance(habit, "dup"):
                again = self.clerk.show(self.world.county.people[party.person], habit, case.event)
                again = replace(again, ops=(*again.ops, "dup"))
                party.doubles.append(self._next())
                yield self._party(case, party, again, party.doubles[-1], read=read)
            if case.category == "信访":
                self._petition(case, party, shown)

    def _next(self) -> str:
        self.serial += 1
        return f"DSR{self.serial:06d}"

    def _habit(self, party: Party, read: bool) -> Source:
        if party.role in ("信访人", "申诉人"):
            return _PETITIONER
        if party.role == "犯罪嫌疑人":
            return _SUSPECT
        if party.role == "申请人":
            return _APPLICANT
        return _READ if read else _TYPED

    def _party(self, case: Case, party: Party, shown: Shown, number: str, *, read: bool) -> Line:
        victim = party.role == "被害人"
        told = "age_only" in shown.ops or (victim and self.rng.random() < 0.5)
        person = self.world.county.people[party.person]
        cells: list[Cell] = [
            number, case.number, party.role, shown.name, shown.sex, "居民身份证" if shown.number else "", shown.number,
            written(shown.born, "iso"), shown.age if told else "", person.ethnic, shown.address, shown.phone,
            party.relation, party.of.number if party.of else "", ("是" if party.dead else "否") if victim else "",
            party.harm, str(party.loss) if party.loss else "", party.fault, party.note, party.remark,
            "卷宗OCR" if read else "人工录入",
        ]  # fmt: skip
        about = About("party", party.person, "PARTY", party.role, True, shown.ops, number, case.number)
        return Line(cells, [about])

    def _petition(self, case: Case, party: Party, shown: Shown) -> None:
        """Add the petition system's own row: mostly the same record, else typed in anew."""
        if self.rng.random() < 0.4:
            shown = self.clerk.show(self.world.county.people[party.person], _SYSTEM, TODAY)
        ops = tuple(op for op in shown.ops if op not in ("birth_missing", "age_only", "birth_err", "lunar", "dup"))
        cells: list[Cell] = [case.number, written(case.received, "iso"), case.kind, shown.name, shown.sex, shown.number,
                             shown.phone, shown.address, case.cause, case.related, case.summary]  # fmt: skip
        about = About("petitioner", party.person, "PETSYS", "", True, ops, case.number, case.number)
        self.petitions.append(Line(cells, [about]))

    # -- cases, judgments, aid ---------------------------------------------------------------------------------

    def _case_cells(self, case: Case) -> list[Cell]:
        return [case.number, case.category, case.cause, case.kind, case.office, case.staff,
                written(case.received, "iso"), written(case.event, "iso"), case.stage, case.judgment, case.related,
                case.summary]  # fmt: skip

    def _judgment(self, case: Case) -> list[Cell]:
        goods = case.cause in _PROPERTY
        joined = bool(case.award) and not goods
        text = f"被告人犯{case.cause}罪，判处刑罚"
        if case.award:
            text += "；责令退赔被害人损失" if goods else "；判令赔偿附带民事诉讼原告人经济损失"
        award = str(case.award) if case.award else ""
        return [case.number, case.judgment, "刑事附带民事" if joined else "刑事", written(case.judged, "iso"),
                case.cause, award, text]  # fmt: skip

    def _aid(self, place: int) -> Line:
        row = self.world.aided[place]
        shown = self.clerk.show(self.world.county.people[row.person], _LEDGER, TODAY)
        cells: list[Cell] = [row.serial, row.number, row.case, shown.name, shown.sex, shown.number,
                             written(shown.born, "iso"), row.role, row.cause, row.money, written(row.received, "iso"),
                             written(row.decided, "iso"), written(row.paid, "iso"), shown.address, shown.phone,
                             row.remark]  # fmt: skip
        about = About("aided", row.person, "AIDED", "JUD_AIDED", True, shown.ops, row.serial, row.number)
        return Line(cells, [about])
