"""worklist list / visited / aided / drop: those no register knew (GY-P-3)."""

from __future__ import annotations

import argparse

from linkage.keys.canonical import JSON
from linkage.warrant import utc_text
from procuratorate_node.config import load_config
from procuratorate_node.node import Node, open_node
from procuratorate_node.referrals.answers import plain_words
from procuratorate_node.referrals.worklist import Unmatched, Visit, visited_clue


def list_unmatched(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    states = (Visit(asked.state),) if asked.state else ()
    for found in node.workplace.worklist.all(*states):
        clue = f"  线索 clue {found.clue_id}" if found.clue_id else ""
        print(
            f"{found.case_number} {found.row}  伤害 harm {found.harm}  困难词 words {found.words}  {found.state}"
            f"  {found.at} {found.by} {found.note}{clue}".rstrip()
        )
    return 0


def visited(asked: argparse.Namespace) -> int:
    """Note a visit, and make the clue that is then confirmed, opened and referred as any other."""
    node, found, words = _taken(asked, "confirm")
    clue = visited_clue(found, node.casework().facts)
    _note(node, found, Visit.VISITED, asked.by)
    now = utc_text(node.clock())
    node.book.add(clue, found.round_id, at=now)
    node.workplace.worklist.step(found, Visit.VISITED, by=asked.by, at=now, note=words, clue_id=clue.clue_id)
    print(clue.clue_id)
    return 0


def aided(asked: argparse.Namespace) -> int:
    return _step(asked, Visit.AIDED)


def drop(asked: argparse.Namespace) -> int:
    return _step(asked, Visit.DROPPED)


def _step(asked: argparse.Namespace, state: Visit) -> int:
    node, found, words = _taken(asked, "confirm")
    _note(node, found, state, asked.by)
    node.workplace.worklist.step(found, state, by=asked.by, at=utc_text(node.clock()), note=words)
    print("已记录 | noted")
    return 0


def _taken(asked: argparse.Namespace, duty: str) -> tuple[Node, Unmatched, str]:
    node = open_node(load_config(asked.config))
    node.config.require(asked.by, duty)
    return node, node.workplace.worklist.get(asked.case, asked.row), plain_words(asked.note)


def _note(node: Node, found: Unmatched, state: Visit, by: str) -> None:
    clue = found.clue_id or visited_clue(found, node.casework().facts).clue_id
    facts: dict[str, JSON] = {"clue": clue, "state": state.value, "by": by}
    node.trail.note("worklist.step", facts)
