"""search, searches: one person, hidden in a batch of our own cases (GY-M1-3)."""

from __future__ import annotations

import argparse
import os
import sys

from procuratorate_node.config import load_config
from procuratorate_node.node import open_node
from procuratorate_node.searching import NOTHING


def ask(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    round_id = os.urandom(16).hex()
    facts = node.casework().facts
    people = node.searches.ask(
        asked.case, asked.party, facts, reason=asked.reason, by=asked.by, round_id=round_id, now=node.clock()
    )
    print(round_id)
    print(
        f"批次 {people} 人；待另一人批准（screen approve） | a batch of {people} people; another officer approves",
        file=sys.stderr,
    )
    return 0


def list_searches(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    for row in node.searches.all():
        found = "在册情况未发现 nothing found" if row["result"] == NOTHING else f"线索 clue {row['result']}"
        shown = found if row["result"] else "-"
        print(f"{row['round_id']} {row['asked_at']} {row['asked_by']} {row['state']} {shown} {row['reason']}")
    return 0
