"""clues list, show, todo, history and export: everything that only reads, and shows masked facts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date

from linkage.errors import InputError
from procuratorate_node.clues import Clue
from procuratorate_node.cluework.advice import advise, load_advice
from procuratorate_node.cluework.board import WorkItem, neglected, tasks
from procuratorate_node.cluework.deadlines import local_day, missing_text
from procuratorate_node.cluework.finding import Part, Wanted
from procuratorate_node.cluework.measures import measures
from procuratorate_node.cluework.states import possible
from procuratorate_node.config import load_config
from procuratorate_node.explaining import explained
from procuratorate_node.export import (
    HEADINGS,
    SCORE_HEADINGS,
    WORK_HEADINGS,
    clue_lines,
    item_lines,
    score_lines,
    work_line,
    write_list,
)
from procuratorate_node.node import Node, open_node
from procuratorate_node.referrals.catalogue import load_catalogue


def list_clues(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    today = local_day(node.clock())
    items = chosen(node, asked)
    for item in items:
        clue = item.clue
        marks = " ".join(filter(None, (_colour(clue), ";".join(clue.tags))))
        late = "" if item.due is None else f" {'逾期 overdue' if item.overdue(today) else '期限 due'} {item.due.text}"
        who = f" {item.officer}" if item.officer else ""
        print(
            f"{clue.clue_id} {clue.model:<9} {clue.case_number} {clue.verdict}/{clue.grade or '-'} {marks}"
            f" [{clue.change} {item.phase}]{who}{late}"
        )
    _warn(items)
    return 0


def _colour(clue: Clue) -> str:
    """Return the colour to act on, and the tree's own in brackets where it was lowered."""
    return clue.shown_colour if clue.shown_colour == clue.colour else f"{clue.shown_colour}({clue.colour})"


def chosen(node: Node, asked: argparse.Namespace) -> list[WorkItem]:
    """Return the items that pass the filters of the command line."""
    words = {name: getattr(asked, name) for name in ("model", "status", "change", "colour", "grade", "officer")}
    due_by = parse_day(asked.due_by) if asked.due_by else None
    wanted = Wanted(**words, due_by=due_by, overdue=asked.overdue, watched=asked.watched)
    return list(node.board.find(wanted, Part(), today=local_day(node.clock()))[1])


def parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("日期格式应为 2026-10-31", "a day must look like 2026-10-31") from None


def show(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    clue = node.book.get(asked.clue)
    item = node.board.items([clue])[0]
    for heading, cell in zip(HEADINGS, clue_lines([clue])[0], strict=True):
        print(f"{heading}：{cell}")
    for heading, cell in zip(WORK_HEADINGS, work_line(item, local_day(node.clock())), strict=True):
        print(f"{heading}：{cell}")
    for line in clue.steps_before:
        print(f"  {line}")
    for line in explained(clue):
        print(f"  {line}")
    for link in clue.links:
        print(f"匹配：{link.population} #{link.position} {link.grade}")
    for row in advise(clue, load_advice(node.config.work.advice)):
        print(f"建议：{row.zh} | {row.en}（{row.source}）")
    for measure in measures(item.needs, load_catalogue(node.config.office.catalogue), tags=clue.tags):
        there = "（已在册 already there）" if measure.there else ""
        service = f"{measure.unit.title} {measure.service.code} {measure.service.title}{there}"
        print(f"措施 measure：{measure.need.title} → {service}")
    print(f"可进行 possible: {'、'.join(possible(item.standing))}")
    _warn([item])
    return 0


def todo(asked: argparse.Namespace) -> int:
    """Print what is to be done, the most pressing first; `--officer` for one officer, "-" for nobody's."""
    node = open_node(load_config(asked.config))
    today, reader = local_day(node.clock()), node.board
    items = [i for i in reader.items(node.book.list()) if asked.officer in ("", i.officer or "-")]
    for task in tasks(items, reader.deadlines, today=today):
        item = task.item
        late = "逾期 overdue" if task.due is not None and task.due.day < today else "期限 due"
        when = "" if task.due is None else f"{late} {task.due.text} "
        print(
            f"{item.clue.clue_id} {when}{item.officer or '-'} [{item.phase}] {_colour(item.clue)} {task.zh} | {task.en}"
        )
    _warn(items)
    return 0


def show_neglected(asked: argparse.Namespace) -> int:
    """Print the confirmed clues whose aid is overdue, by how many working days, with who works on them."""
    node = open_node(load_config(asked.config))
    today, reader = local_day(node.clock()), node.board
    for item in neglected(reader.items(node.book.list()), today=today):
        assert item.due is not None
        late = reader.calendar.between(item.due.day, today)
        print(f"{item.clue.clue_id} {item.clue.case_number} [{item.phase}] {item.officer or '-'} 逾期 late {late}")
    return 0


def _warn(items: Sequence[WorkItem]) -> None:
    if missing := {year for i in items if i.due is not None for year in i.due.missing}:
        print(missing_text(missing), file=sys.stderr)  # Lines on the output are clues and nothing else.


def history(asked: argparse.Namespace) -> int:
    """Print every step of one clue: when, who, what, where it led, why."""
    node = open_node(load_config(asked.config))
    node.book.get(asked.clue)
    for at, by, action, phase, reason in node.board.history(asked.clue):
        print(" ".join(filter(None, (at, by, action, f"→ {phase}" if phase else "", reason))))
    return 0


def export(asked: argparse.Namespace) -> int:
    """Write the list to a file; masked in either form."""
    node = open_node(load_config(asked.config))
    items, today = chosen(node, asked), local_day(node.clock())
    node.trail.note("clues.exported", {"clues": len(items), "score": bool(asked.score)})
    if asked.score:
        write_list(asked.file, SCORE_HEADINGS, score_lines(i.clue for i in items))
    else:
        write_list(asked.file, (*HEADINGS, *WORK_HEADINGS), item_lines(items, today=today))
    print(f"{len(items)} 条 clues → {asked.file.name}")
    return 0
