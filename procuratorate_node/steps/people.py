"""reidentify request / approve: the only command that prints a name."""

from __future__ import annotations

import argparse

from procuratorate_node.config import load_config
from procuratorate_node.node import open_node


def request(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    opening = node.desk.request(asked.clue, by=asked.by, reason=asked.reason, now=node.clock())
    print(opening)
    return 0


def approve(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    work = node.casework()
    people = node.desk.approve(
        asked.opening, by=asked.by, now=node.clock(), file=work.read.file, person_of=work.facts.person_of
    )
    for person in people:
        print("；".join(f"{name}={value}" for name, value in person.fields.items() if value))
    return 0
