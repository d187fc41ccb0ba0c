"""inventory, statistics: what there is to ask about, and what the office's own list of aided persons says."""

from __future__ import annotations

import argparse

import sqlalchemy as sa

from linkage.warrant import parse_utc
from procuratorate_node.aided_statistics import AidedFigures, count_aided
from procuratorate_node.cases.reading import read_cases
from procuratorate_node.casework import load_preset
from procuratorate_node.config import load_config
from procuratorate_node.export import write_list
from procuratorate_node.inventory import HEADINGS, Holding, take_inventory
from procuratorate_node.node import open_node
from procuratorate_node.relief.money import grouped
from procuratorate_node.relief.tables import shipped_tables
from procuratorate_node.rounds.requests import warrant_of
from procuratorate_node.store import REQUESTS


def inventory(asked: argparse.Namespace) -> int:
    """Print sources × classes; with a file, write them there too."""
    node = open_node(load_config(asked.config))
    wanted = sa.select(REQUESTS).where(REQUESTS.c.delivered_at != "").order_by(REQUESTS.c.delivered_at)
    rows = node.store.select(wanted)
    delivered = [(parse_utc(row["delivered_at"]).date(), warrant_of(row)) for row in rows]
    found = take_inventory(node.keys.manifest.parties(), node.models, delivered)
    for holding in found:
        print(_line(holding))
    sources = {h.party for h in found if h.party}
    print(f"来源 sources {len(sources)}，类别 classes {sum(bool(h.party) for h in found)}")
    if asked.file is not None:
        write_list(asked.file, HEADINGS, (h.cells() for h in found))
    return 0


def _line(holding: Holding) -> str:
    if not holding.party:
        return f"无单位提供 no owner  {holding.dataset} {holding.title}  模型 models {'、'.join(holding.models)}"
    used = f"最近 last {holding.last_used}" if holding.last_used else "尚未使用 never used"
    models = "、".join(holding.models) or "—"
    return f"{holding.owner} {holding.party}  {holding.dataset} {holding.title}  模型 models {models}  {used}"


def statistics(asked: argparse.Namespace) -> int:
    """Print who was aided, by kind of case and year."""
    config = load_config(asked.config)
    rows = read_cases(config.cases, load_preset(config)).file.aided
    newest = max(shipped_tables().scales, key=lambda scale: scale.valid_from)
    _print(count_aided(rows, newest, first=asked.since, last=asked.until))
    return 0


def _print(found: AidedFigures) -> None:
    print(f"救助人次 persons {found.total}，无日期 without a day {found.undated}")
    for kind in found.kinds:
        years = "，".join(f"{year}: {number}" for year, number in kind.by_year.items())
        print(f"{kind.zh} | {kind.en}: {kind.persons} ({found.share(kind):.0%})，{grouped(kind.amount)} 元 yuan")
        print(f"  {years or '—'}")
        print(f"  {'，'.join(f'{cause} {number}' for cause, number in kind.causes) or '—'}")
