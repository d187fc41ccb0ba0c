"""States and stages of rounds in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linkage.web.texts import Text
from procuratorate_node.rounds.register import ScreeningRound

STATES: Final[Mapping[str, tuple[Text, str]]] = {
    "REQUESTED": (Text("待批准", "waiting for approval"), "warn"),
    "APPROVED": (Text("已签署", "signed"), "quiet"),
    "PROPOSED": (Text("等各单位同意", "waiting for consent"), "warn"),
    "CONSENTED": (Text("各单位已同意", "all consented"), "quiet"),
    "COLLECTING": (Text("上传中", "uploading"), "quiet"),
    "MATCHING": (Text("比对中", "matching"), "quiet"),
    "READY": (Text("结果待取", "result ready"), "quiet"),
    "DELIVERED": (Text("已交付", "delivered"), "good"),
    "CLOSED": (Text("已关闭", "closed"), "good"),
    "REFUSED": (Text("被拒绝", "refused"), "bad"),
    "EXPIRED": (Text("已过期", "expired"), "bad"),
    "FAILED": (Text("失败", "failed"), "bad"),
    "CANCELLED": (Text("已取消", "cancelled"), "quiet"),
}
STAGES: Final[Mapping[str, Text]] = {
    "compile": Text("准备", "getting ready"),
    "plan": Text("按模型的条件计算", "working out the conditions"),
}
GROUPS: Final[Mapping[str, Text]] = {
    "": Text("全部", "All"),
    "waiting": Text("待办", "Waiting"),
    "running": Text("进行中", "Running"),
    "done": Text("已完成", "Done"),
    "failed": Text("未完成", "Not completed"),
}
CHANGES: Final[Mapping[str, Text]] = {
    "new": Text("新", "new"),
    "changed": Text("有变化", "changed"),
    "kept": Text("不变", "same"),
    "gone": Text("不再出现", "gone"),
    "found": Text("找到", "found"),
}
ORDER: Final = ("REQUESTED", "APPROVED", "PROPOSED", "COLLECTING", "MATCHING", "DELIVERED", "CLOSED")
WAY: Final = (
    Text("提出申请", "Requested"),
    Text("批准并签署", "Approved and signed"),
    Text("各单位同意", "Every office consents"),
    Text("上传编码", "Encodings uploaded"),
    Text("比对", "Matched"),
    Text("结果交付", "Result delivered"),
    Text("关闭并销毁", "Closed and erased"),
)
REACHED: Final[Mapping[str, int]] = {
    "REQUESTED": 1,
    "APPROVED": 2,
    "PROPOSED": 2,
    "CONSENTED": 3,
    "COLLECTING": 3,
    "MATCHING": 4,
    "READY": 5,
    "DELIVERED": 6,
    "CLOSED": 7,
}


def state_words(found: ScreeningRound) -> tuple[Text, str]:
    """Return a round's state in words, and the kind of badge it is shown as."""
    return STATES.get(found.state, (Text(found.state, found.state), "quiet"))


def way_of(found: ScreeningRound, remarks: Mapping[int, str]) -> list[tuple[Text, str, str]]:
    """Return the steps of a round with their states for a list of steps; `remarks` by step."""
    broken = found.state not in REACHED
    done = REACHED.get(found.state, 0) if not broken else _reached_before(found)
    steps = []
    for number, words in enumerate(WAY):
        state = "done" if number < done else "later"
        if number == done and found.state != "DELIVERED":  # Closing waits until an officer asks for it.
            state = "failed" if broken else "now"
        steps.append((words, state, remarks.get(number, "")))
    return steps


def _reached_before(found: ScreeningRound) -> int:
    """Return how far a round came that ended on the way."""
    return 2 if found.proposed or found.approved_at else 1


def stage_words(stage: str) -> Text:
    """Return a stage of the matching in words; a population is called as it is."""
    return STAGES.get(stage, Text(f"正在比对 {stage}", f"matching {stage}"))


def left_words(seconds: int | None) -> Text:
    """Return how long a stage still takes; empty where nobody knows."""
    if seconds is None:
        return Text("", "")
    minutes, rest = divmod(seconds, 60)
    return Text(f"约剩 {minutes} 分 {rest} 秒", f"about {minutes} min {rest} s left")
