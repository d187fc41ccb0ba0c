"""The procuratorate node's doctor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from linkage.operations.bundle import Source
from linkage.operations.doctor import Place, common_checks, owner_checks, read_config
from linkage.operations.finding import Checks, Finding, examine, fault, good, warning
from linkage.operations.machine import check_packages
from linkage.operations.record_checks import check_database
from linkage.owner.database import FILE
from procuratorate_node.awards.preparing import own_tables
from procuratorate_node.cases.tables import find_file
from procuratorate_node.casework import load_preset
from procuratorate_node.cluework.advice import load_advice
from procuratorate_node.cluework.deadlines import load_deadlines
from procuratorate_node.cluework.elements import load_elements
from procuratorate_node.config import Config, load_config
from procuratorate_node.letters.templates import shipped_templates
from procuratorate_node.node import rules_in_force
from procuratorate_node.referrals.catalogue import load_catalogue
from procuratorate_node.working_days import load_calendar

READERS: Final = ("pypdfium2", "rapidocr", "onnxruntime", "PIL")
NEEDED: Final = ("cases", "parties")
OLD: Final = timedelta(days=62)


def now_utc() -> datetime:
    return datetime.now(UTC)


def checks_of(file: Path) -> tuple[Finding, Checks]:
    """Return how the configuration is, and everything else to look at."""
    config, first = read_config(load_config, file)
    place = Place.of(config, file)
    common = [
        *common_checks(place, now_utc),
        ("database", lambda: check_database(config.place if config else place.state / FILE)),
        ("papers", lambda: check_packages("papers", READERS)),
    ]
    if config is None:
        return first, common
    return first, [
        *common,
        *owner_checks(config.coordinator, place, now_utc),
        ("models", lambda: check_models(config)),
        ("tables", lambda: check_tables(config)),
        ("cases", lambda: check_cases(config)),
    ]


def bundle_source(file: Path) -> Source:
    """Return what a diagnostic bundle is made from."""
    config, first = read_config(load_config, file)
    place = Place.of(config, file)
    database = config.place if config else place.state / FILE
    return Source(file, place, database, [first, *examine(checks_of(file)[1])])


def check_models(config: Config) -> Iterator[Finding]:
    """Look whether every model and table of colours in force is well-formed."""
    number = len(rules_in_force(config).library().models)
    yield good("models", f"{number} 个模型可用", f"{number} models are well-formed")


def check_tables(config: Config) -> Iterator[Finding]:
    """Look whether the tables of clue work, referrals, letters and amounts are well-formed, and the year is known."""
    office, work = config.office, config.work
    load_catalogue(office.catalogue)
    shipped_templates(office.letters)
    load_deadlines(work.deadlines)
    load_advice(work.advice)
    load_elements(work.elements)
    own_tables(work.relief)
    yield good("tables", "业务表格式正确", "the tables are well-formed")
    today = now_utc().date()
    if not load_calendar(office.holidays).is_known(today):
        hint = "在 holidays 里加上今年的放假安排", "add this year's public holidays in `holidays`"
        zh, en = f"没有 {today.year} 年的放假安排", f"the public holidays of {today.year} are not known"
        yield warning("tables", zh, en, hint=hint)


def check_cases(config: Config) -> Iterator[Finding]:
    """Look whether the tables of cases are there and how old they are; no row is read."""
    preset = load_preset(config)
    for name in NEEDED:
        found = find_file(config.cases, preset.tables[name]) if name in preset.tables else None
        if found is None:
            hint = "把案管导出的文件放进案件目录，再运行 import", "put the export into the folder, then run import"
            yield fault("cases", f"没有 {name} 表", f"there is no table {name}", hint=hint)
            continue
        age = now_utc() - datetime.fromtimestamp(found.stat().st_mtime, UTC)
        zh, en = f"{name}：{age.days} 天前的文件", f"{name}: the file is {age.days} days old"
        hint = "导出新的案件数据", "export the cases again"
        yield good("cases", zh, en) if age < OLD else warning("cases", zh, en, hint=hint)
