"""`linkage audit …`: verify, reconcile, prove, report, export. Needs public material only.

`serve` is in the grammar here and carried out by linkage/review, which may load the pages; `linkage.main` chooses.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from linkage.audit.steps import prove, reconcile, report, show, values, verify

Step = Callable[[argparse.Namespace], int]


def main(argv: list[str]) -> int:
    """Run one step; 0 is sound, 1 a fault (raises LinkageError too), 2 a wrong command line."""
    return run(argv, STEPS)


def run(argv: list[str], steps: Mapping[str, Step]) -> int:
    """Run one of these steps; 2 for a wrong command line."""
    try:
        args = _parser().parse_args(argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    return steps[args.step](args)


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="linkage audit",
        description="审计日志 | audit logs: verify, reconcile, prove, report, export",
        allow_abbrev=False,
    )
    steps = top.add_subparsers(dest="step", required=True, metavar="STEP")
    _add_single(steps)
    several = {
        "reconcile": "多方日志逐一对应 | hold several parties' logs together",
        "report": "给人看的报告（文本或 HTML）| a report for people, text or HTML",
        "export": "处理记录与影响评估事实 | processing records and impact-assessment facts",
        "serve": "审查人页面，只在本机 | the reviewer's pages, on this machine only",
    }
    for name, about in several.items():
        step = steps.add_parser(name, help=about)
        step.add_argument("log", type=Path, nargs="+", metavar="LOG")
        _add_manifest(step)
        if name == "reconcile":
            step.add_argument("--rules", action="store_true", help="列出每条规则 | show every rule")
            continue
        if name == "serve":
            step.add_argument("--port", type=int, default=0, help="端口，0 为任一空闲端口 | port, 0 takes a free one")
            continue
        _add_choice(step)
        named = "FILE.html|FILE.txt" if name == "report" else "FILE.xlsx|FILE.json|FOLDER"
        step.add_argument("--out", type=Path, metavar=named, required=name == "export")
    return top


def _add_single(steps: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    step = steps.add_parser("verify", help="重算并核对；多个日志互相对照 | recompute; compare several")
    step.add_argument("log", type=Path, nargs="+", metavar="LOG")
    _add_manifest(step, key=True)
    step = steps.add_parser("show", help="逐条列出 | list the entries")
    step.add_argument("log", type=Path, metavar="LOG")
    step.add_argument("--kind", default="", help="事项，如 round 或 round.proposed")
    step.add_argument("--round", default="", help="轮次编号 | round id")
    step.add_argument("--limit", type=int, default=200, help="最多显示最近几条，0 为全部 | newest entries, 0 for all")
    step = steps.add_parser("copy", help="复制给审查人 | copy a log for the reviewer")
    step.add_argument("log", type=Path, metavar="LOG")
    step.add_argument("out", type=Path, metavar="OUT")
    step.add_argument("--manifest", type=Path, metavar="consortium.toml")
    step = steps.add_parser("prove", help="一条的离线证明 | one entry's offline proof")
    step.add_argument("log", type=Path, metavar="LOG")
    step.add_argument("index", type=int, metavar="INDEX")
    step.add_argument("--out", type=Path, required=True, metavar="FILE.tlog-proof")
    _add_manifest(step, key=True)
    step = steps.add_parser("check-proof", help="核对离线证明 | verify an offline proof")
    step.add_argument("proof", type=Path, metavar="FILE.tlog-proof")
    _add_manifest(step, key=True)
    step = steps.add_parser("check-value", help="核对一条所指的内容 | is this the value an entry commits to")
    step.add_argument("log", type=Path, metavar="LOG")
    step.add_argument("index", type=int, metavar="INDEX")
    step.add_argument("--salts", type=Path, required=True, metavar="audit-salts.jsonl")
    step = steps.add_parser("erase-salt", help="销毁盐，使其不可再核对 | erase salts, so that it never can be again")
    step.add_argument("salts", type=Path, metavar="audit-salts.jsonl")
    step.add_argument("commitment", nargs="+", metavar="COMMITMENT")


def _add_manifest(step: argparse.ArgumentParser, *, key: bool = False) -> None:
    step.add_argument("--manifest", type=Path, metavar="consortium.toml")
    step.add_argument("--fingerprint", default="", help="主持人指纹 | the officers' fingerprint")
    if key:
        step.add_argument("--key", default="", help="或：单位签名公钥 base64 | or: the party's public signing key")


def _add_choice(step: argparse.ArgumentParser) -> None:
    step.add_argument("--party", default="", help="只看一个单位 | one party")
    step.add_argument("--agency", default="", help="只看一个数据单位的数据 | one agency's data")
    step.add_argument("--officer", default="", help="只看一名经办人 | one person acting")
    step.add_argument("--purpose", default="", help="用途里含这些字 | purposes that hold this text")
    step.add_argument("--since", default="", metavar="DAY", help="起，如 2026-10 或 2026-10-01 | first day, UTC+8")
    step.add_argument("--until", default="", metavar="DAY", help="止（含）| last day, included")


STEPS: Mapping[str, Step] = {
    "verify": verify.run,
    "show": show.run,
    "copy": show.run_copy,
    "reconcile": reconcile.run,
    "prove": prove.run,
    "check-proof": prove.run_check,
    "check-value": values.run,
    "erase-salt": values.run_erase,
    "report": report.run,
    "export": report.run_export,
}
