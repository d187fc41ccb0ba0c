"""Say for each register: its files, rates, columns, and how an entry and a shown person become cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from linkage.demo.county.errata import Shown, Source
from linkage.demo.county.people import COUNTY_SHORT
from linkage.demo.county.roll import Entry
from linkage.demo.county.sheets import Cell
from linkage.demo.county.words import settings

MONTHS = ("202609", "202610")
_SAYS = ("2026年9月", "2026年10月")


def source(rates: str, columns: str, **scale: float) -> Source:
    return Source(rates, frozenset(columns.split()), tuple(scale.items()))


@dataclass(frozen=True, slots=True)
class Written:
    """Hold what a row shows: the entry, the person, the number of the line, and dates already in the file's form."""

    entry: Entry
    shown: Shown
    serial: int
    born: str
    active: bool


@dataclass(frozen=True, slots=True)
class Register:
    """Describe one register's files: {month} and the ending per snapshot, header, and the cells of a row."""

    name: str
    files: tuple[str, ...]
    title: str
    sheet: str
    source: Source
    header: str
    cells: Callable[[Written], list[Cell]]
    slot: str

    @classmethod
    def read(cls, name: str, said: dict[str, Any]) -> Register:
        """Return a register from one table of the settings file."""
        habit = Source(said["rates"], frozenset(said["columns"]))
        files = tuple(f"agencies/{file}" for file in said["files"])
        return cls(name, files, said["title"], said["sheet"], habit, said["header"], _CELLS[name], said["slot"])

    def columns(self) -> list[str]:
        return self.header.split()

    def heading(self, snapshot: int) -> str:
        return self.title.replace("{month}", _SAYS[snapshot]).replace("{county}", COUNTY_SHORT)


def _status(row: Written, on: str, off: str) -> str:
    return on if row.active else off


def _child(row: Written) -> list[Cell]:
    kinds = {"CHILD_O": "孤儿", "CHILD_F": "事实无人抚养儿童", "CHILD_D": "困境儿童"}
    shown, extra = row.shown, row.entry.extra
    school = f"{shown.town}中心学校"
    return [shown.name, shown.number, shown.sex, row.born, kinds[row.entry.tag], "", "", extra["relation"], school,
            extra["care"], shown.town, shown.village, extra["since"], _status(row, "在享", "停发")]  # fmt: skip


def _disabled(row: Written) -> list[Cell]:
    shown, extra = row.shown, row.entry.extra
    return [shown.name, shown.number, extra["certificate"], shown.sex, row.born, extra["category"], extra["grade"],
            extra["guardian"], extra["since"], _status(row, "有效", "注销"), shown.address, shown.phone]  # fmt: skip


def _tekun(row: Written) -> list[Cell]:
    shown, extra = row.shown, row.entry.extra
    return [row.serial, shown.name, shown.number, shown.sex, row.born, extra["certificate"], extra["care"], shown.town,
            shown.village, shown.address, shown.phone, extra["since"], _status(row, "在享", "停发")]  # fmt: skip


def _monitor(row: Written) -> list[Cell]:
    kinds = {"MONITOR_1": "脱贫不稳定户", "MONITOR_2": "边缘易致贫户", "MONITOR_3": "突发严重困难户"}
    shown, extra = row.shown, row.entry.extra
    return [extra["home"], shown.name, "居民身份证" if shown.number else "", shown.number, extra["relation"], shown.sex,
            row.born, kinds[row.entry.tag], extra["risk"], extra["since"], _status(row, "否", "是"), shown.town,
            shown.village, shown.address, shown.phone]  # fmt: skip


def _card(row: Written) -> list[Cell]:
    shown, extra = row.shown, row.entry.extra
    return [extra["home"], extra["person"], shown.name, shown.number, extra["relation"], shown.sex, row.born,
            extra["cause"], extra["year"], shown.town, shown.village]  # fmt: skip


def _dibao(row: Written) -> list[Cell]:
    shown, extra = row.shown, row.entry.extra
    return [row.serial, "", "", extra["certificate"], shown.name, shown.number, extra["relation"], shown.sex, row.born,
            "汉族", extra["kind"], int(extra["count"]), int(extra["money"]), extra["cause"], extra["health"],
            shown.town, shown.village, shown.address, shown.phone, extra["since"],
            _status(row, "在享", "停发")]  # fmt: skip


def _dibian(row: Written) -> list[Cell]:
    shown, extra = row.shown, row.entry.extra
    return [row.serial, "", "", extra["certificate"], shown.name, shown.number, extra["relation"], shown.sex, row.born,
            "汉族", int(extra["count"]), extra["health"], shown.town, shown.village, shown.address, shown.phone,
            extra["since"], _status(row, "在享", "停发")]  # fmt: skip


def _woman(row: Written) -> list[Cell]:
    shown, extra = row.shown, row.entry.extra
    return [row.serial, shown.name, shown.number, shown.age, extra["kind"], shown.town, shown.village, shown.phone,
            int(extra["year"]), ""]  # fmt: skip


def _chunlei(row: Written) -> list[Cell]:
    shown, extra = row.shown, row.entry.extra
    return [row.serial, shown.name, shown.number, row.born, extra["school"], shown.address, shown.phone]


def _worker(row: Written) -> list[Cell]:
    shown, extra = row.shown, row.entry.extra
    return [extra["kind"], shown.name, "汉族", shown.sex, shown.number, row.born, shown.phone, shown.address,
            extra["firm"], extra["since"], _status(row, "在档", "脱困")]  # fmt: skip


def _medical(row: Written) -> list[Cell]:
    shown, extra = row.shown, row.entry.extra
    return [shown.name, shown.number, shown.sex, extra["kind"], extra["place"], extra["since"], _status(row, "1", "0")]


def _veteran(row: Written) -> list[Cell]:
    shown, extra = row.shown, row.entry.extra
    return [shown.name, shown.sex, shown.number, row.born, extra["joined"], extra["left"], shown.address, shown.phone]


def _youfu(row: Written) -> list[Cell]:
    shown, extra = row.shown, row.entry.extra
    return [row.serial, shown.name, shown.number, shown.sex, extra["kind"], extra["certificate"], shown.address,
            _status(row, "享受", "停止")]  # fmt: skip


def _grid(row: Written) -> list[Cell]:
    shown, extra = row.shown, row.entry.extra
    return [row.serial, shown.name, shown.sex, shown.age, row.born, shown.number, shown.address, extra["kind"],
            extra["worker"], shown.phone]  # fmt: skip


def _social(row: Written) -> list[Cell]:
    shown, extra = row.shown, row.entry.extra
    return [row.serial, shown.name, shown.number, shown.sex, extra["project"], int(extra["money"]), extra["on"],
            shown.address, shown.phone, extra["staff"]]  # fmt: skip


def _student(row: Written) -> list[Cell]:
    shown, extra = row.shown, row.entry.extra
    return [row.serial, shown.name, shown.number, shown.sex, extra["school"], int(extra["money"]), extra["reason"],
            shown.address]  # fmt: skip


_CELLS: dict[str, Callable[[Written], list[Cell]]] = {
    "DIBAO": _dibao,
    "DIBIAN": _dibian,
    "TEKUN": _tekun,
    "CHILD": _child,
    "DPF": _disabled,
    "MONITOR": _monitor,
    "CARD": _card,
    "CHUNLEI": _chunlei,
    "WORKER": _worker,
    "MEDAID": _medical,
    "VET": _veteran,
    "YOUFU": _youfu,
    "SAC": _social,
    "EDU": _student,
    "GRID": _grid,
    "WOMEN": _woman,
}


def registers() -> dict[str, Register]:
    """Return every register by name, as data/registers.toml describes it."""
    return {name: Register.read(name, said) for name, said in settings("registers.toml").items()}
