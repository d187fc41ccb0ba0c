"""release ask / list / show."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

import sqlalchemy as sa

from procuratorate_node.config import load_config
from procuratorate_node.messages import RELEASE
from procuratorate_node.node import open_node


def ask(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    fields = tuple(part.strip() for part in asked.fields.split(",") if part.strip())
    relays = node.post_room.ask_fields(
        asked.clue, asked.population, fields, by=asked.by, purpose=asked.purpose, now=node.clock()
    )
    print("\n".join(relays))
    return 0


def releases(asked: argparse.Namespace) -> int:
    return _print(open_node(load_config(asked.config)).post_room.sent(RELEASE))


def _print(rows: Sequence[sa.RowMapping]) -> int:
    for row in rows:
        about = "、".join(json.loads(row["about"]))
        print(f"{row['relay_id']} {row['clue_id']} {row['receiver']} {row['state']} {about} {row['reason']}".rstrip())
    return 0


def show(asked: argparse.Namespace) -> int:
    values = open_node(load_config(asked.config)).post_room.answer(asked.relay, by=asked.by)
    for name, value in values.items():
        print(f"{name}：{value}")
    return 0
