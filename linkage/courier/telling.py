"""Say to people what a file is and how the files stand."""

from __future__ import annotations

import sys
import time

from linkage.courier.envelope import Header
from linkage.courier.post import Traffic

MIB = 1 << 20
KIND_NAMES = {
    "proposal": "委托书 warrant",
    "decision": "决定 decision",
    "cancellation": "取消 cancellation",
    "upload": "编码数据 encodings",
    "acceptance": "签收结果 acceptance",
    "deletion": "销毁声明 deletion",
    "relay": "转递 relay",
    "checkpoint": "日志检查点 checkpoint",
    "reply": "答复 replies",
    "warrant": "委托书 warrant",
    "consents": "全体同意书 consents",
    "status": "轮次状态 status",
    "result": "结果 result",
}


class Ticker:
    """Tell how far a long file is, at most once a second; small ones say nothing."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._begun = self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if total >= MIB and now - self._last >= 1.0:
            self._last = now
            left = (total - done) * (now - self._begun) / max(done, 1)
            share = f"{done / MIB:.0f}/{total / MIB:.0f} MiB"
            print(f"  {self._stage} {share}，剩余 left {left:.0f} s", file=sys.stderr, flush=True)


def describe(header: Header) -> str:
    """Return one line for people: number, from whom to whom, what about."""
    route = header.route
    rounds = "、".join(round_id[:8] for round_id in header.rounds) or "—"
    kinds = "、".join(KIND_NAMES.get(kind, kind) for kind in header.kinds) or "仅回执 receipts only"
    return f"第 {route.number} 号 {route.sender} → {route.receiver}  {header.date}  轮次 round {rounds}  内容：{kinds}"


def traffic_lines(found: Traffic) -> list[str]:
    """Return what people read about the files between us and one peer."""
    lines = [f"{found.peer}：已收到 {found.taken} 号 taken {found.taken_at or '—'}，已写出 written {found.written} 号"]
    if found.confirmed < found.written:
        waiting = f"{found.confirmed + 1}–{found.written}"
        lines.append(f"  第 {waiting} 号对方尚未确认；丢失了就再导出一次 | not confirmed yet; if lost, export again")
    return lines
