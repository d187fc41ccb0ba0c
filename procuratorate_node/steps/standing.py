"""standing list / request / approve / stop / show."""

from __future__ import annotations

import argparse
import json

from procuratorate_node.config import load_config
from procuratorate_node.node import Node, open_node
from procuratorate_node.standing.order import StandingOrder

SHOWN = ("new", "changed", "gone")


def list_orders(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    for order in node.config.standing:
        often = {"day": "每日 daily", "stage": "阶段变化时 on a new stage"}.get(
            order.every, f"每月 {order.day} 日 monthly"
        )
        print(f"{order.id:<16} {often} {order.hour:02}:00 {','.join(order.models)} {_state(node, order)}")
    return 0


def _state(node: Node, order: StandingOrder) -> str:
    """Return where an order stands, and why its last due round did not start."""
    row = node.standing.in_force(order)
    if row is None:
        return "未批准，或批准后有改动 | not approved, or changed since"
    used = len(node.standing.runs(str(row["digest"])))
    until = f"截止 until {order.expires} 轮次 rounds {used}/{order.max_rounds}"
    return f"{until} {row['refusal']}".rstrip()


def request(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    print(node.standing.ask(asked.order, by=asked.by, now=node.clock()))
    return 0


def approve(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    digest = node.standing.approve(asked.order, by=asked.by, now=node.clock())
    print(f"常态筛查已批准 | standing order approved {digest}")
    return 0


def stop(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    node.standing.end(asked.order, by=asked.by, now=node.clock())
    print("已停止 | ended")
    return 0


def show(asked: argparse.Namespace) -> int:
    """Print every round of an order: only what changed (GY-C-3)."""
    node = open_node(load_config(asked.config))
    for row in node.standing.rows(asked.order):
        print(f"{row['digest'][:12]} {row['requested_by']} / {row['approved_by'] or '待批准 waiting'}")
        for run in node.standing.runs(str(row["digest"])):
            counts = json.loads(run["counts"])
            changes = " ".join(f"{name}={counts.get(name, 0)}" for name in SHOWN)
            print(f"  {run['due']} {run['round_id']} {run['state']} {changes} {run['reason']}".rstrip())
    return 0
