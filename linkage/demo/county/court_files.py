"""Write the court's enforcement files and the three judicial aid lists."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from linkage.demo.county.agency import AgencyWriter
from linkage.demo.county.agency_columns import MONTHS, source
from linkage.demo.county.aid import Grant
from linkage.demo.county.enforcement import Ending, Enforcement
from linkage.demo.county.errata import Shown
from linkage.demo.county.habits import written
from linkage.demo.county.people import COUNTY_SHORT, SNAPSHOTS
from linkage.demo.county.sheets import About, Cell, Line, Sheet
from linkage.demo.county.words import headers

_ENFORCEMENT = source("court", "number address")
_AID = source("court", "number birth sex address")
_LISTS = (
    ("court", "COURT_AID", "court/司法救助台账_202610.xlsx", "人民法院司法救助台账"),
    ("public_security", "PSB_AID", "public_security/司法救助人员名单_202610.xlsx", "公安机关司法救助人员名单"),
    ("justice_bureau", "JB_AID", "justice_bureau/司法救助与法律援助_202610.csv", ""),
)


@dataclass(slots=True)
class CourtWriter:
    """Write enforcement rows and judicial aid lists with the agency writer's clerk and habits."""

    agency: AgencyWriter
    kept: dict[str, Shown] = field(default_factory=dict)
    doubled: dict[str, bool] = field(default_factory=dict)

    def write(self) -> None:
        for snapshot in (0, 1):
            self._enforcement(snapshot)
        for office, register, file, title in _LISTS:
            self._aid(office, register, file, title=title)

    # -- enforcement -------------------------------------------------------------------------------------------

    def _enforcement(self, snapshot: int) -> None:
        made: list[Line] = []
        for place, row in enumerate(self.agency.world.enforcement):
            if not row.listed(snapshot):
                continue
            line = self._line(row, snapshot)
            made.append(line)
            if self._twice(str(place)):
                again = [replace(about, ops=(*about.ops, "dup")) for about in line.about]
                made.append(Line(list(line.cells), again))
        file = f"agencies/court/执行案件信息_{MONTHS[snapshot]}.csv"
        sheet = Sheet("", headers()["enforcement"], made)
        encoding = self.agency.habits.encoding()
        self.agency.archive.save(file, [sheet], snapshot=MONTHS[snapshot], current=snapshot == 1, encoding=encoding)

    def _twice(self, key: str) -> bool:
        if key not in self.doubled:
            self.doubled[key] = self.agency.clerk.chance(_ENFORCEMENT, "dup", 0.5)
        return self.doubled[key]

    def _shown(self, row: Enforcement, key: str) -> Shown:
        # One clerk enters a party once per enforcement case, so all its rows repeat the same errors.
        place = f"{row.number}/{key}"
        if place not in self.kept:
            self.kept[place] = self.agency.clerk.show(self.agency.person(key), _ENFORCEMENT, SNAPSHOTS[1])
        return self.kept[place]

    def _line(self, row: Enforcement, snapshot: int) -> Line:
        creditor = self._shown(row, row.creditor)
        ended = not row.open_on(snapshot)
        unpaid = ended and row.unpaid()
        tag = "ENF_UNPAID" if unpaid else "ENF_OTHER"
        about = [About("creditor", row.creditor, "ENF_CRED", tag, True, creditor.ops)]
        if row.debtor:
            debtor = self._shown(row, row.debtor)
            opponent: list[Cell] = [debtor.name, "自然人", debtor.number, debtor.address]
            about.append(About("debtor", row.debtor, "ENF_DEBT", tag, True, debtor.ops))
        else:
            firm, code = row.opponent()
            opponent = [firm, "法人", code, f"{COUNTY_SHORT}工业集中区"]
        ending, matter = row.ending if ended else Ending(), row.matter
        closed = written(ending.closed, "iso")
        cells: list[Cell] = [
            row.number, matter.basis, matter.cause, written(matter.filed, "iso"), creditor.name, creditor.number,
            creditor.address, *opponent, matter.claim, row.recovered if ended else 0, ending.closing, ending.reason,
            closed, closed if ending.closing == "终结本次执行" else "", ending.resumed, row.team,
        ]  # fmt: skip
        return Line(cells, about)

    # -- judicial aid ------------------------------------------------------------------------------------------

    def _aid(self, office: str, register: str, file: str, *, title: str) -> None:
        grants = [grant for grant in self.agency.world.grants if grant.office == office]
        made = [self._grant(place, grant, register) for place, grant in enumerate(grants, 1)]
        sheet = Sheet("Sheet1", headers()["judicial_aid"], made, above=[title] if title else [])
        encoding = "utf-8" if file.endswith(".xlsx") else self.agency.habits.encoding()
        self.agency.archive.save(f"agencies/{file}", [sheet], snapshot=MONTHS[1], current=True, encoding=encoding)

    def _grant(self, place: int, grant: Grant, register: str) -> Line:
        shown = self.agency.clerk.show(self.agency.person(grant.person), _AID, SNAPSHOTS[1])
        born = written(shown.born, self.agency.habits.form(register))
        cells: list[Cell] = [place, shown.name, shown.sex, shown.number, born, grant.money, grant.on.isoformat(),
                             shown.address, shown.phone]  # fmt: skip
        return Line(cells, [About("person", grant.person, register, "JUD_AIDED", True, shown.ops)])
