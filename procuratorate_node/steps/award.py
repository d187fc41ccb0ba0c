"""award draft, propose, approve, decide, refuse, pay, list, show, budget, benchmark: amounts for opened clues."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import sqlalchemy as sa

from linkage.errors import InputError
from linkage.owner.database import reading
from procuratorate_node.awards.budget import budget_use, budget_years
from procuratorate_node.awards.drafting import merge_facts, template
from procuratorate_node.awards.history import decided_cases
from procuratorate_node.awards.office import AwardOffice
from procuratorate_node.awards.preparing import Prepared, planned_day, prepare, region_of
from procuratorate_node.awards.records import AWARDS
from procuratorate_node.clues import Clue
from procuratorate_node.cluework.deadlines import local_day
from procuratorate_node.config import load_config
from procuratorate_node.node import Node, open_node
from procuratorate_node.relief.grammar import parse_document
from procuratorate_node.relief.money import grouped, parse_yuan, plain
from procuratorate_node.relief.tables import TableSet
from procuratorate_node.relief.wording import explain
from procuratorate_node.steps.amount import print_calibration
from procuratorate_node.steps.clues import parse_day


def _open(asked: argparse.Namespace) -> tuple[Node, AwardOffice, TableSet]:
    node = open_node(load_config(asked.config))
    office = node.awards
    return node, office, office.tables


def _prepared(node: Node, tables: TableSet, clue: Clue, day_text: str) -> Prepared:
    day = parse_day(day_text) if day_text else planned_day(node.board.calendar, local_day(node.clock()))
    return prepare(node.store, node.config, clue, node.casework(), tables=tables, day=day)


def draft(asked: argparse.Namespace) -> int:
    """Write a file of facts to fill in; one that is there is not overwritten."""
    node, _, tables = _open(asked)
    clue = node.book.get(asked.clue)
    known = _prepared(node, tables, clue, asked.day)
    try:
        with asked.out.open("x", encoding="utf-8") as target:
            target.write(template(known.derived, known.tables, clue_id=clue.clue_id))
    except OSError:
        name = asked.out.name
        raise InputError(f"无法写入 {name}，或已存在", f"cannot write {name}, or it exists") from None
    print(asked.out.name)
    return 0


def propose(asked: argparse.Namespace) -> int:
    """Store a proposal and print every term."""
    node, office, tables = _open(asked)
    known = _prepared(node, tables, node.book.get(asked.clue), asked.day)
    own = parse_document(_read(asked.facts), name=asked.facts.name)
    made = merge_facts(known.derived, own, name=asked.facts.name, history=known.history)
    award, found = office.propose(
        asked.clue, made.given, by=asked.by, now=node.clock(), set_by_officer=made.set_by_officer
    )
    for line in explain(found):
        print(f"{line.zh} | {line.en}")
    if made.set_by_officer:
        print(f"经办人另行确定 set by the officer: {', '.join(made.set_by_officer)}")
    print(f"摘要 digest: {found.digest}")
    print(award)
    return 0


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        raise InputError(f"读不到文件 {file.name}", f"cannot read {file.name}") from None


def approve(asked: argparse.Namespace) -> int:
    node, office, _ = _open(asked)
    up_to = parse_yuan(asked.up_to, what="--up-to")
    office.approve(
        asked.award, asked.subject, asked.role, up_to=up_to, ground=asked.ground, by=asked.by, now=node.clock()
    )
    print("已记录批准 | approval noted")
    return 0


def decide(asked: argparse.Namespace) -> int:
    node, office, _ = _open(asked)
    amount = parse_yuan(asked.amount, what="--amount") if asked.amount else None
    reasons = {kind: getattr(asked, f"reason_{kind}") for kind in ("peers", "amount", "exclusion")}
    found = office.decide(asked.award, by=asked.by, now=node.clock(), amount=amount, reasons=reasons)
    print(f"已决定 decided: {grouped(found.amount)} 元 yuan")
    print(f"摘要 digest: {found.digest}")
    return 0


def refuse(asked: argparse.Namespace) -> int:
    node, office, _ = _open(asked)
    office.refuse(asked.award, by=asked.by, now=node.clock(), reason=asked.reason)
    print("已记录，须向申请人说明理由 | noted; the reason is told to the applicant")
    return 0


def pay(asked: argparse.Namespace) -> int:
    node, office, _ = _open(asked)
    office.pay(asked.award, parse_day(asked.on), by=asked.by, now=node.clock())
    print("已登记支付，两个工作日内告知申请人 | payment noted; tell the applicant within two working days")
    return 0


def list_awards(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    for row in node.store.select(sa.select(AWARDS).order_by(AWARDS.c.number)):
        if asked.state in ("", row["state"]):
            amount = row["amount"] or row["proposed_amount"]
            print(f"{row['award_id']} {row['clue_id']} {row['case_number']} {row['state']} {amount} {row['paid_on']}")
    return 0


def show(asked: argparse.Namespace) -> int:
    """Print the account as it was proposed, the approvals, and how it ended."""
    _, office, _ = _open(asked)
    row = office.find(asked.award)
    for line in json.loads(row["report"])["lines"]:
        print(f"{line['zh']} | {line['en']}")
    for given in office.approvals(asked.award):
        words = (given.subject, given.role, given.person, given.given_on.isoformat(), given.ground)
        print(f"批准 approved: {' '.join(filter(None, words))} ≤ {plain(given.up_to)}")
    print(f"状态 state: {row['state']} {row['amount']} {row['ended_by']} {row['ended_at']} {row['refusal']}".rstrip())
    for kind, text in json.loads(row["reasons"]).items():
        print(f"理由 reason ({kind}): {text}")
    print(f"摘要 digest: {row['approved_digest'] or row['digest']}")
    return 0


def budget(asked: argparse.Namespace) -> int:
    """Print the use of every year's budget; with --set enter one first."""
    node, office, _ = _open(asked)
    if asked.set:
        if not asked.by or not asked.year:
            raise InputError("录入预算须写明 --year 和 --by", "--set needs --year and --by")
        amount = parse_yuan(asked.set, what="--set")
        office.set_budget(asked.year, amount, by=asked.by, now=node.clock(), reason=asked.reason)
    with reading(node.store.engine) as connection:
        uses = [budget_use(connection, year) for year in budget_years(connection)]
    for use in uses:
        total = "未录入 not entered" if use.budget is None else grouped(use.budget)
        left = "—" if use.left is None else grouped(use.left)
        print(
            f"{use.year} 预算 budget {total}，已决定 committed {grouped(use.committed)}，"
            f"已支付 paid {grouped(use.paid)}，余额 left {left}"
        )
    return 0


def benchmark(asked: argparse.Namespace) -> int:
    """Print the benchmark that our decided awards support."""
    node, _, tables = _open(asked)
    day = parse_day(asked.day) if asked.day else local_day(node.clock())
    scale = tables.on(day, region=region_of(node.config)).scale
    cases = decided_cases(node.store, node.casework().read.file.aided, scale)
    print_calibration(cases, day, scale.calibration)
    return 0
