"""screen request / approve / run, rounds, round show / close, cancel, run."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time

from linkage.errors import LimitError, LinkageError, RoundStateError
from linkage.operations.logs import start_logging
from linkage.operations.stopping import stop_by_signal
from linkage.owner.progress import Progress
from linkage.owner.session import session_lock
from linkage.rpc.client import LinkageClient, connect
from procuratorate_node.config import load_config
from procuratorate_node.node import Node, open_node, serve
from procuratorate_node.rounds.progress import progress_of
from procuratorate_node.rounds.register import ScreeningRound
from procuratorate_node.store import ENDED

DONE = ("DELIVERED", *ENDED)


def request(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    round_id = os.urandom(16).hex()
    ids = [part.strip() for part in asked.models.split(",") if part.strip()]
    compiled = node.requests.ask(ids, reference=asked.reference, by=asked.by, round_id=round_id, now=node.clock())
    print(round_id)
    others = len(compiled.populations) - 1
    print(
        f"模型 models {len(compiled.models)}，数据群体 populations {others}，锚点集合 sets {len(compiled.sets)}；"
        "待另一人批准 | another officer must approve",
        file=sys.stderr,
    )
    return 0


def approve(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    print("读取案件文件，核对与先前各轮的重叠… | reading the case files …", file=sys.stderr, flush=True)
    warrant = node.requests.approve(_full_id(node, asked.round), by=asked.by, now=node.clock())
    print(f"委托书已签署 | warrant signed {warrant.digest.hex()}")
    return 0


def start(asked: argparse.Namespace) -> int:
    """Let a round run: by the daemon when one is running, else by this process until it is done (with --wait)."""
    node = open_node(load_config(asked.config))
    round_id = _full_id(node, asked.round)
    node.requests.want(round_id)
    if not asked.wait:
        print("已交给常驻进程 | left to the running node (procuratorate-node run)")
        return 0
    stop = threading.Event()
    with session_lock(node.config.state) as mine:
        worker = threading.Thread(target=serve, args=(node, stop), kwargs={"report": _say}, daemon=True)
        if mine:
            worker.start()
        try:
            state = _wait(node, round_id, timeout=asked.timeout)
        finally:
            stop.set()
            if mine:
                worker.join(15.0)
    return 0 if state in ("DELIVERED", "CLOSED") else 1


def _wait(node: Node, round_id: str, *, timeout: float) -> str:
    """Print every change until the round is delivered or ended; return its state. Raises LimitError in the end."""
    shown, until = "", time.monotonic() + timeout if timeout else float("inf")
    with connect(node.config.coordinator, node.keys, last_leaf=node.trail.last_leaf) as client:
        while time.monotonic() < until:
            found = node.rounds.get(round_id)
            line = _line(found)
            if found.proposed and found.state not in DONE:
                line += _detail(client, round_id)
            if line != shown:
                print(line, file=sys.stderr, flush=True)
                shown = line
            if found.state in DONE:
                return found.state
            time.sleep(0.5)
    raise LimitError("等待超时", "waiting took too long", hint_zh="稍后再看", hint_en="`procuratorate-node rounds`")


def _detail(client: LinkageClient, round_id: str) -> str:
    """Return how far the round is, or that nobody can say now; waiting goes on either way."""
    try:
        status = client.get_round(round_id)
    except LinkageError as error:
        return f" {error}"
    sealed = sum(p.sealed for p in status.populations)
    stage = f" {status.stage} {status.done}/{status.total}" if status.stage else ""
    return f" 已上传 {sealed}/{len(status.populations)}{stage}"


def _say(progress: Progress) -> None:
    total = f"/{progress.total}" if progress.total else ""
    print(f"  {progress.stage} {progress.done}{total} ({progress.rate:.0f}/s)", file=sys.stderr, flush=True)


def _line(found: ScreeningRound) -> str:
    counts = " ".join(f"{k}={v}" for k, v in sorted(found.counts.items()))
    notes = " ".join(filter(None, (found.reason, found.fault)))
    return f"{found.round_id} {found.state:<10} {','.join(found.models)} {counts} {notes}".rstrip()


def rounds(asked: argparse.Namespace) -> int:
    """Print every round, the oldest first."""
    node = open_node(load_config(asked.config))
    for found in reversed(node.rounds.part(size=node.rounds.count())):
        print(_line(found))
    return 0


def show(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    found = node.rounds.beginning(asked.round)
    for name in ("round_id", "state", "reference", "requested_by", "requested_at", "approved_by", "approved_at"):
        print(f"{name:<14} {getattr(found, name)}")
    print(_line(found))
    progress = progress_of(node.store, found.round_id)
    for p in progress.uploads if progress is not None else ():
        mark = "✓" if p.sealed else f"{p.received}/{p.bytes}"
        print(f"  {p.population:<22} {p.owner:<26} {p.rows:>8} {mark}")
    return 0


def close(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    node.config.require(asked.by, "request")
    node.follower(threading.Event()).close(_full_id(node, asked.round))
    print("本方数据待销毁 | our part will be erased by the running node")
    return 0


def cancel(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    node.requests.cancel(_full_id(node, asked.round), by=asked.by, reason=asked.reason)
    print("已记录 | noted")
    return 0


def run(asked: argparse.Namespace) -> int:
    """Serve until a signal comes."""
    config = load_config(asked.config)
    start_logging(config.operations)
    node = open_node(config)
    stop = stop_by_signal()
    with session_lock(node.config.state) as mine:
        if not mine:
            raise RoundStateError("本节点已在运行", "this node is running already")
        serve(node, stop, ready=lambda: print("已就绪 | ready", flush=True))
    return 0


def _full_id(node: Node, start_: str) -> str:
    """Return the one round id that begins so. Raises NotFoundError."""
    return node.rounds.beginning(start_).round_id
