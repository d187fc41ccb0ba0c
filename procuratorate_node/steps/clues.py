"""clues list / show / confirm / reject, export."""

from __future__ import annotations

import argparse

from linkage.keys.canonical import JSON
from linkage.warrant import utc_text
from procuratorate_node.clues import CONFIRMED, REJECTED, Clue
from procuratorate_node.config import load_config
from procuratorate_node.explaining import explained
from procuratorate_node.export import HEADINGS, SCORE_HEADINGS, clue_lines, score_lines, write_list
from procuratorate_node.node import Node, open_node


def list_clues(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    for clue in _chosen(node, asked):
        marks = " ".join(filter(None, (_colour(clue), ";".join(clue.tags))))
        print(
            f"{clue.clue_id} {clue.model:<9} {clue.case_number} {clue.verdict}/{clue.grade or '-'} {marks}"
            f" [{clue.change} {clue.status}]"
        )
    return 0


def _colour(clue: Clue) -> str:
    """Return the colour to act on, and the tree's own in brackets where it was lowered."""
    return clue.shown_colour if clue.shown_colour == clue.colour else f"{clue.shown_colour}({clue.colour})"


def _chosen(node: Node, asked: argparse.Namespace) -> list[Clue]:
    return node.book.list(model=asked.model, status=asked.status, change=asked.change)


def show(asked: argparse.Namespace) -> int:
    clue = open_node(load_config(asked.config)).book.get(asked.clue)
    for heading, cell in zip(HEADINGS, clue_lines([clue])[0], strict=True):
        print(f"{heading}：{cell}")
    for line in clue.steps_before:
        print(f"  {line}")
    for line in explained(clue):
        print(f"  {line}")
    for link in clue.links:
        print(f"匹配：{link.population} #{link.position} {link.grade}")
    return 0


def confirm(asked: argparse.Namespace) -> int:
    return _decide(asked, CONFIRMED)


def reject(asked: argparse.Namespace) -> int:
    return _decide(asked, REJECTED)


def _decide(asked: argparse.Namespace, status: str) -> int:
    node = open_node(load_config(asked.config))
    node.config.require(asked.by, "confirm")
    node.book.get(asked.clue)
    facts: dict[str, JSON] = {"clue": asked.clue, "status": status, "by": asked.by, "reason": asked.reason}
    node.trail.note("clue.decided", facts)
    node.book.decide(asked.clue, status=status, by=asked.by, reason=asked.reason, at=utc_text(node.clock()))
    print("已记录 | noted")
    return 0


def export(asked: argparse.Namespace) -> int:
    """Write the list to a file; masked in either form."""
    node = open_node(load_config(asked.config))
    clues = _chosen(node, asked)
    node.trail.note("clues.exported", {"clues": len(clues), "score": bool(asked.score)})
    if asked.score:
        write_list(asked.file, SCORE_HEADINGS, score_lines(clues))
    else:
        write_list(asked.file, HEADINGS, clue_lines(clues))
    print(f"{len(clues)} 条 clues → {asked.file.name}")
    return 0
