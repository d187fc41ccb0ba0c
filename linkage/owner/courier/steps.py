"""courier import, export, status: what the commands of both kinds of node do and print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from linkage.courier.packing import check_size
from linkage.courier.post import copy_to, files_for
from linkage.courier.telling import KIND_NAMES, Ticker, describe, traffic_lines
from linkage.errors import ConfigError
from linkage.keys.files import make_folder
from linkage.owner.courier.packing import KINDS
from linkage.owner.courier.session import CourierSession
from linkage.owner.progress import Progress
from linkage.owner.session import session_lock

Opened = AbstractContextManager[CourierSession]


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Hold this party's session. Raises ConfigError while the node runs: it is connected and needs no courier."""
    make_folder(state)
    with session_lock(state) as mine:
        if not mine:
            raise ConfigError(
                "本单位的节点正在运行",
                "this party's node is running",
                hint_zh="联网的节点不需要传递文件；确要用文件，请先停下节点",
                hint_en="a node that is connected needs no files; stop it first if you mean to use them",
            )
        yield


def import_files(asked: argparse.Namespace, opened: Opened) -> int:
    """Take every new file at that place, in order, and do what they bring."""
    with opened as session:
        us, taken = session.party, lambda sender: session.post.traffic(sender).taken
        for file in files_for(asked.place, us, taken):
            found = session.take(file, skip_missing=asked.skip_missing, progress=Ticker("导入 import"))
            print(f"已导入 taken：{describe(found.header)}")
            for reply in found.refused:
                print(f"  链接单元未受理 refused：{reply.zh} | {reply.en}")
        session.work()
        _say_next(session)
    return 0


def export_files(asked: argparse.Namespace, opened: Opened) -> int:
    """Do what is due, write our files into the folder, with whatever the coordinator has not confirmed yet."""
    most = check_size(asked.max_mib)
    with opened as session:
        session.work()
        new = session.pack(most=most)
        for header in new:
            print(f"新文件 new：{describe(header)}")
        kept = session.post.kept(session.coordinator)
        if not kept:
            print("没有要带走的内容 | there is nothing to carry")
            return 0
        copied = copy_to(kept, asked.folder)
        size = sum(file.stat().st_size for file in copied) / (1 << 20)
        print(
            f"已写入 {len(copied)} 个文件，{size:.1f} MiB，请带给链接单元导入 | written; carry them to the coordinator"
        )
    return 0


def show_status(asked: argparse.Namespace, opened: Opened) -> int:
    """Tell how the files stand, and which of our calls wait for an answer."""
    with opened as session:
        for found in session.post.peers():
            print("\n".join(traffic_lines(found)))
        for call in session.calls.waiting():
            state = "已写进文件，等答复 in a file, not answered" if call.packed else "等待导出 to be exported"
            print(f"  {KIND_NAMES[KINDS[call.method]]}  轮次 round {call.round_id[:8] or '—'}  {state}")
    return 0


def say_progress(found: Progress) -> None:
    """Tell how far encoding or packing is; counts only."""
    total = f"/{found.total}" if found.total else ""
    left = f"，剩余 left {found.seconds_left:.0f} s" if found.seconds_left >= 0 else ""
    print(f"  {found.stage} {found.done}{total}，{found.rate:.0f}/s{left}", file=sys.stderr, flush=True)


STEPS: dict[str, Callable[[argparse.Namespace, Opened], int]] = {
    "import": import_files,
    "export": export_files,
    "status": show_status,
}


def _say_next(session: CourierSession) -> None:
    waiting = [call for call in session.calls.unpacked() if KINDS[call.method] != "checkpoint"]
    if waiting:
        kinds = "、".join(sorted({KIND_NAMES[KINDS[call.method]] for call in waiting}))
        print(f"待带回链接单元 to be carried back：{kinds}。请运行 courier export | run courier export")
    else:
        print(
            "现在没有要带回的内容；有待决定的，决定之后再导出 | nothing to carry back; decide what waits, then export"
        )
