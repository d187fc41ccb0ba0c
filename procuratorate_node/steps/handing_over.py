"""handover add / list: clues from departments of our own office (GY-M1-2)."""

from __future__ import annotations

import argparse

from linkage.keys.canonical import JSON
from linkage.warrant import utc_text
from procuratorate_node.config import load_config
from procuratorate_node.handovers import REASONS, Handover, Handovers, handed_clue
from procuratorate_node.node import Node, open_node
from procuratorate_node.referrals.answers import plain_words


def add(asked: argparse.Namespace) -> int:
    """Take a clue over, after its audit entry; print the clue's id."""
    node = open_node(load_config(asked.config))
    node.config.require(asked.by, "confirm")
    note = plain_words(asked.note) if asked.note else ""
    given = Handover(asked.case, asked.party, plain_words(asked.department), asked.reason, note)
    work = node.casework()
    clue = handed_clue(given, work.facts)
    facts: dict[str, JSON] = {"clue": clue.clue_id, "by": asked.by, "reason": asked.reason}
    node.trail.note("clue.handed-over", facts)
    print(_handovers(node).take(given, work.facts, by=asked.by, now=node.clock()).clue_id)
    return 0


def list_handovers(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    for row in _handovers(node).all():
        clue = node.book.get(row["clue_id"])
        reason = f"{row['reason']} {REASONS[row['reason']]}"
        print(
            f"{row['clue_id']} {clue.case_number} [{clue.status}] {row['department']} {reason} {row['note']}".rstrip()
        )
    return 0


def _handovers(node: Node) -> Handovers:
    return Handovers(node.store.engine, keep=lambda clue: node.book.add(clue, "", at=utc_text(node.clock())))
