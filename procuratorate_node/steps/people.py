"""reidentify request / approve: the only command that prints a name."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from procuratorate_node.config import load_config
from procuratorate_node.node import open_node
from procuratorate_node.reidentify import OpenedPerson


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
    _print(people)
    return 0


def show(asked: argparse.Namespace) -> int:
    """Show the names of an opened clue again, to one of the two who opened it; one audit entry for each person."""
    node = open_node(load_config(asked.config))
    work = node.casework()
    _print(node.desk.show(asked.clue, by=asked.by, file=work.read.file, person_of=work.facts.person_of))
    return 0


def _print(people: Iterable[OpenedPerson]) -> None:
    for person in people:
        print("；".join(f"{name}={value}" for name, value in person.fields.items() if value))
