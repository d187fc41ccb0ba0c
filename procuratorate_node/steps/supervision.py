"""supervision list / accept / draft / approve / letter / correct / answer / close / dismiss: the lane of WD-K-3."""

from __future__ import annotations

import argparse

from linkage.keys.files import PRIVATE
from procuratorate_node.config import load_config
from procuratorate_node.node import Node, open_node
from procuratorate_node.referrals.supervision import Lane, Supervisions, SupervisionTable
from procuratorate_node.steps.referrals import require_new, write_new
from procuratorate_node.working_days import local_moment


def _opened(asked: argparse.Namespace) -> tuple[Node, Supervisions]:
    node = open_node(load_config(asked.config))
    return node, Supervisions(node.workplace, SupervisionTable(node.store.engine))


def list_lane(asked: argparse.Namespace) -> int:
    node, lane = _opened(asked)
    today = local_moment(node.clock()).date()
    for clue in lane.eligible():
        found = lane.table.get(clue.clue_id)
        due = f"  回复期限 due {found.due}" if found.due else ""
        marks = "  逾期 OVERDUE" if found.is_overdue(today) else ""
        paid = f"  执行到位 recovered {found.recovered} 元" if found.recovered else ""
        which = f"{clue.clue_id}  {clue.case_number}  {clue.status}"
        print(f"{which}  {found.state}{due}{marks}{paid}  {found.reason}".rstrip())
    return 0


def accept(asked: argparse.Namespace) -> int:
    node, lane = _opened(asked)
    lane.accept(asked.clue, by=asked.by, exhausted=asked.exhausted, helped=asked.helped, now=node.clock())
    return _noted()


def draft(asked: argparse.Namespace) -> int:
    node, lane = _opened(asked)
    lane.draft(asked.clue, by=asked.by, finding=asked.finding, advice=asked.advice, now=node.clock())
    return _noted()


def approve(asked: argparse.Namespace) -> int:
    node, lane = _opened(asked)
    found = lane.approve(asked.clue, by=asked.by, now=node.clock())
    print(f"已批准 approved  {found.letter_year}-{found.letter_number}  回复期限 due {found.due}")
    return 0


def letter(asked: argparse.Namespace) -> int:
    node, lane = _opened(asked)
    require_new(asked.file)
    clue, file = node.book.get(asked.clue), node.casework().read.file
    case = file.cases.get(clue.case_number)
    name = f"{case.cause}案（{clue.case_number}）" if case is not None else clue.case_number
    judgments = file.judgment_references(clue.case_number)
    content = lane.letter(asked.clue, case=name, judgments=judgments, by=asked.by, now=node.clock())
    write_new(asked.file, content, mode=PRIVATE)
    print(f"{len(content)} 字节 bytes → {asked.file.name}")
    return 0


def correct(asked: argparse.Namespace) -> int:
    return _step(asked, Lane.CORRECTED)


def answer(asked: argparse.Namespace) -> int:
    return _step(asked, Lane.ANSWERED, recovered=asked.recovered)


def close(asked: argparse.Namespace) -> int:
    return _step(asked, Lane.CLOSED)


def dismiss(asked: argparse.Namespace) -> int:
    return _step(asked, Lane.DISMISSED)


def _step(asked: argparse.Namespace, state: Lane, *, recovered: str = "") -> int:
    node, lane = _opened(asked)
    lane.step(asked.clue, state, by=asked.by, reason=asked.reason, now=node.clock(), recovered=recovered)
    return _noted()


def _noted() -> int:
    print("已记录 | noted")
    return 0
