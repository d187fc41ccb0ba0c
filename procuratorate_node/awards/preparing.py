"""Gather what is known for an amount before anybody proposes one: derived facts, tables of the day, decided cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from linkage.errors import ConfigError
from procuratorate_node.awards.deriving import derive_facts
from procuratorate_node.awards.history import decided_cases
from procuratorate_node.casework import Casework
from procuratorate_node.clues import Clue, ClueBook
from procuratorate_node.config import Config
from procuratorate_node.relief.history import DecidedCase
from procuratorate_node.relief.tables import Tables, TableSet, parse_tables, shipped_tables
from procuratorate_node.store import Store
from procuratorate_node.working_days import Calendar

REVIEW_DAYS: Final = 10  # Working days for review and proposal (B1 procedure).


@dataclass(frozen=True, slots=True)
class Prepared:
    """What clue and case file say, by field name of AmountFacts, and what it is measured by."""

    derived: Mapping[str, object] = field(repr=False)
    tables: Tables
    history: tuple[DecidedCase, ...] = field(repr=False)


def prepare(store: Store, config: Config, clue: Clue, work: Casework, *, tables: TableSet, day: date) -> Prepared:
    """Return what is known for a decision planned for `day`. Raises ConfigError, InputError."""
    chosen = tables.on(day, region=region_of(config))
    family = [c for c in ClueBook(store).of_case(clue.case_number) if c.confirmed]
    derived = derive_facts(clue, family, work.read.file, chosen.scale, decided_on=day)
    history = decided_cases(store, work.read.file.aided, chosen.scale)
    return Prepared({"region": config.work.region, **derived}, chosen, history)


def planned_day(calendar: Calendar, today: date) -> date:
    """Return the day a decision is planned for where nobody says another."""
    return calendar.after(today, REVIEW_DAYS)


def region_of(config: Config) -> str:
    """Return our region in the tables of amounts. Raises ConfigError."""
    if not config.work.region:
        raise ConfigError(
            "尚未配置本院地区",
            "our region is not configured",
            hint_zh="在配置的 [work] region 写明金额表中的地区代码",
            hint_en="name it in [work] region, as the tables of amounts do",
        )
    return config.work.region


def own_tables(folder: Path | None) -> TableSet:
    """Read an office's own tables, the shipped ones without a folder. Raises ConfigError."""
    if folder is None:
        return shipped_tables()
    try:
        files = {f.name: f.read_bytes() for f in folder.iterdir() if f.suffix == ".toml"}
    except OSError:
        raise ConfigError(f"读不到数据表文件夹 {folder.name}", f"cannot read the folder {folder.name}") from None
    return parse_tables(files)
