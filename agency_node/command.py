"""`agency-node`: set up, check registers, run, and decide what is asked of the office.

Nothing heavy is loaded before a command needs it, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from linkage.accounts.words import add_account_commands
from linkage.backup.words import add_backup_commands
from linkage.courier.grammar import add_courier_steps
from linkage.errors import LinkageError
from linkage.memory import forbid_core_dumps
from linkage.operations.words import add_bundle_argument, add_json_option

FILE = "agency.toml"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 when it worked, 1 when it was refused or failed, 2 for a wrong command line."""
    forbid_core_dumps()
    try:
        arguments = parser().parse_args(argv)
    except SystemExit as exc:
        return 0 if exc.code in (0, None) else 2
    try:
        from agency_node.admission import ENTRANCE

        name = ENTRANCE.admitted(arguments.action, arguments)
        if arguments.action.startswith("accounts."):
            return ENTRANCE.run_accounts(arguments.action, arguments, by=name)
        part = importlib.import_module(f"agency_node.{arguments.part}")
        return int(getattr(part, f"run_{arguments.action}")(arguments))
    except LinkageError as exc:
        print("\n".join(exc.lines()), file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of our output has gone (for example `| head`); what it wanted it has.
        sys.stderr.close()
        return 0


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    top = argparse.ArgumentParser(prog="agency-node", description="数据单位节点 | an agency's node")
    top.add_argument("--config", type=Path, default=Path(FILE), help=f"配置文件 | configuration, default {FILE}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _setup_commands(commands)
    _round_commands(commands)
    _relay_commands(commands)
    _courier_commands(commands)
    _backup_commands(commands)
    add_account_commands(commands, lambda step, action: step.set_defaults(action=action))
    return top


Commands = argparse._SubParsersAction  # The only name argparse has for it.


def _add(commands: Commands[argparse.ArgumentParser], name: str, text: str) -> argparse.ArgumentParser:
    found = commands.add_parser(name, help=text, description=text)
    found.set_defaults(action=name.replace("-", "_"), part="actions")
    # Also after the command, where most people write it; without a default it does not undo the one before.
    found.add_argument("--config", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return found


def _setup_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    init = _add(
        commands, "init", "建立目录和配置，并检查登记表 | make a folder with a configuration, check the registers"
    )
    init.add_argument("folder", type=Path)
    init.add_argument("--data", type=Path, required=True, help="登记表目录 | folder of the register files")
    init.add_argument(
        "--coordinator", default="localhost:7443", help="链接单元 主机:端口 | the linkage unit's host:port"
    )
    init.add_argument("--operator", action="append", default=[], help="可批准的人，可多次 | who may decide; repeat")
    init.add_argument("--requester", action="append", default=[], help="预填规则的委托单位 | a requester to prefill")
    init.add_argument(
        "--auto", action="store_true", help="规则自动同意，仅供演练 | rules approve by themselves: exercises"
    )
    init.add_argument("--today", default="", help="演练旧数据的固定日期 YYYY-MM-DD | a fixed day for exercises")
    check = _add(commands, "check", "检查登记表文件，不编码 | check a register file; nothing is encoded")
    check.add_argument("file", type=Path)
    check.add_argument("--preset", default="", help="登记表种类 | which kind of register it is")
    _add(commands, "datasets", "列出数据集和快照 | list datasets and snapshots")
    risk = _add(commands, "risk", "用攻击测一个数据集的编码 | attack a dataset's encodings before anything leaves")
    risk.add_argument("dataset", help="数据集，见 datasets | a dataset, as listed by datasets")
    risk.add_argument("--snapshot", default="latest", help="快照月份 YYYYMM，默认最新 | month of the snapshot")
    risk.add_argument("--people", type=int, default=3000, help="最多抽取多少人 | how many people to draw at most")
    risk.add_argument("--schema", default="person-v1", help="编码方案 | encoding schema")
    _add(commands, "agreements", "列出会签文件 | list the agreements this office has signed")
    enter = _add(commands, "enter", "录入一条记录，逐行“栏目=内容” | type in one record, lines of COLUMN=VALUE")
    enter.add_argument("register", help="登记表种类，如 vulnerable | which register")
    enter.add_argument("--by", help="录入人 | who types it in")
    _add(commands, "run", "运行，SIGTERM 平稳停止 | run until SIGTERM")
    serve = _add(commands, "serve", "打开控制台页面，SIGTERM 停止 | serve the console's pages until SIGTERM")
    serve.add_argument("--port", type=int, help="端口，默认见配置的 [web] | port, else as [web] says")
    _add(commands, "status", "节点概况 | how the node is")
    add_json_option(_add(commands, "doctor", "检查一切，说明怎么办 | look at everything, say what to do"))
    add_bundle_argument(_add(commands, "diagnose", "诊断包，不含个人信息 | a diagnostic bundle, no personal data"))


def _round_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    _add(commands, "rounds", "列出轮次 | list the rounds")
    preview = _add(commands, "preview", "同意之前看会披露什么 | what saying yes would disclose")
    preview.add_argument("round", help="轮次编号，可只写前几位 | round id, or how it begins")
    approve = _add(commands, "approve", "同意 | approve a round")
    approve.add_argument("round")
    approve.add_argument("--by", help="批准人 | the operator")
    refuse = _add(commands, "refuse", "拒绝 | refuse a round")
    refuse.add_argument("round")
    refuse.add_argument("--by", help="决定人 | the operator")
    refuse.add_argument("--reason", required=True, help="理由，各方可见，不写个人信息 | every party reads it")


def _relay_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    _add(commands, "releases", "列出调取请求 | list requests for release")
    approve = _add(commands, "release-approve", "同意调取 | approve a release")
    approve.add_argument("request")
    approve.add_argument("--by")
    refuse = _add(commands, "release-refuse", "拒绝调取 | refuse a release")
    refuse.add_argument("request")
    refuse.add_argument("--by")
    refuse.add_argument("--reason", required=True)
    referrals = _add(commands, "referrals", "列出转介 | list referrals")
    referrals.add_argument(
        "--open", default="", metavar="ID", help="打开一件，会显示个人信息 | open one: shows a person"
    )
    referrals.add_argument("--by", default="", help="查看人 | who looks; needed with --open")
    referrals.add_argument("--save", type=Path, metavar="FILE", help="另存附函 .docx | save the enclosed letter")
    referrals.add_argument("--overdue", action="store_true", help="只列逾期未答复的 | only those overdue")
    update = _add(commands, "referral-update", "更新转介状态 | update a referral")
    update.add_argument("referral")
    update.add_argument("state", choices=("ACCEPTED", "REFUSED", "DONE"))
    update.add_argument("--by")
    update.add_argument("--reason", default="", help="不予受理须写明理由 | needed with REFUSED")
    update.add_argument("--item", default="", help="办理结果，按来函所列选项 | what was done, one of the listed items")
    update.add_argument("--date", default="", metavar="YYYY-MM-DD", help="办理日期 | the day it was done")
    update.add_argument("--band", default="", help="金额档次 | the amount's band")


def _courier_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    group = commands.add_parser("courier", help="不联网，用文件参加轮次 | take part by carried files, unconnected")
    for name, step in add_courier_steps(group.add_subparsers(required=True, metavar="STEP")).items():
        step.set_defaults(action=f"courier_{name}", part="courier")
        step.add_argument("--config", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def _backup_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    def add(name: str, text: str) -> argparse.ArgumentParser:
        found = _add(commands, name, text)
        found.set_defaults(part="keeping")
        return found

    add_backup_commands(add)
