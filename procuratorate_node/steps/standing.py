"""standing list / request / approve / stop / show."""

from __future__ import annotations

import argparse

from procuratorate_node.config import load_config
from procuratorate_node.node import open_node
from procuratorate_node.standing.listing import OrderStanding, standing_of

SHOWN = ("new", "changed", "gone")
OFTEN = {"day": "每日 daily", "stage": "阶段变化时 on a new stage"}


def list_orders(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    for order in node.config.standing:
        often = OFTEN.get(order.every, f"每月 {order.day} 日 monthly")
        state = _state(standing_of(node.standing, order))
        print(f"{order.id:<16} {often} {order.hour:02}:00 {','.join(order.models)} {state}")
    return 0


def _state(found: OrderStanding) -> str:
    """Return where an order stands, and why its last due round did not start."""
    current = found.current
    if found.state != "running" or current is None:
        return "未批准，或批准后有改动 | not approved, or changed since"
    until = f"截止 until {found.order.expires} 轮次 rounds {len(current.runs)}/{found.order.max_rounds}"
    return f"{until} {current.refusal}".rstrip()


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
    for approval in standing_of(node.standing, node.standing.order(asked.order)).approvals:
        print(f"{approval.digest[:12]} {approval.requested_by} / {approval.approved_by or '待批准 waiting'}")
        for run in approval.runs:
            changes = " ".join(f"{name}={run.counts.get(name, 0)}" for name in SHOWN)
            print(f"  {run.due} {run.round_id} {run.state} {changes} {run.reason}".rstrip())
    return 0
