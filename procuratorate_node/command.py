"""The `procuratorate-node` command: parse the words, then load the part that does it."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from linkage.errors import LinkageError

Steps = argparse._SubParsersAction  # argparse has no public name for what add_subparsers returns.


def parser() -> argparse.ArgumentParser:
    """Return the parser; `part` and `step` name the module and function in procuratorate_node.steps."""
    top = argparse.ArgumentParser(
        prog="procuratorate-node",
        description="检察机关节点：筛查、线索、还原身份 | a procuratorate's node: screening, clues, re-identification",
        allow_abbrev=False,
    )
    top.add_argument("--config", type=Path, default=Path("procuratorate.toml"), help="配置文件 | configuration file")
    steps = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _setup(steps)
    _models(steps)
    _screen(steps)
    _clues(steps)
    _people(steps)
    _relays(steps)
    _referrals(steps)
    _lanes(steps)
    _amount(steps)
    return top


def _step(
    steps: Steps[argparse.ArgumentParser], name: str, does: str, text: str, *arguments: tuple[str, Mapping[str, object]]
) -> argparse.ArgumentParser:
    """Add one command; `does` is "module.function" below procuratorate_node.steps."""
    step = steps.add_parser(name, help=text, description=text, allow_abbrev=False)
    step.set_defaults(does=does)
    for flag, options in arguments:
        step.add_argument(flag, **options)  # type: ignore[arg-type]
    return step


def _group(steps: Steps[argparse.ArgumentParser], name: str, text: str) -> Steps[argparse.ArgumentParser]:
    group = steps.add_parser(name, help=text, description=text, allow_abbrev=False)
    return group.add_subparsers(dest="step", required=True, metavar="STEP")


BY = ("--by", {"required": True, "help": "经办人 | the officer acting"})
REASON = ("--reason", {"required": True, "help": "理由 | reason"})
CLUE = ("clue", {"metavar": "CLUE", "help": "线索编号 | clue id"})
ROUND = ("round", {"metavar": "ROUND", "help": "轮次编号或其开头 | round id or its beginning"})


def _setup(steps: Steps[argparse.ArgumentParser]) -> None:
    folder = ("folder", {"type": Path, "metavar": "FOLDER"})
    _step(steps, "init", "setup.init", "生成配置 | write a configuration", folder)
    rejects = ("--rejects", {"type": Path, "help": "退回清单 CSV | write the reject report"})
    _step(steps, "import", "setup.read", "读取并检查案件文件夹 | read and check the cases folder", rejects)
    _step(steps, "check", "setup.check", "检查配置、密钥、协调方 | check configuration, keys, coordinator")
    _step(steps, "run", "screening.run", "常驻运行 | keep running")


def _models(steps: Steps[argparse.ArgumentParser]) -> None:
    models = _group(steps, "models", "筛查模型 | screening models")
    _step(models, "list", "models.list_models", "列出 | list")
    files = ("files", {"type": Path, "nargs": "+", "metavar": "FILE"})
    _step(models, "check", "models.check", "检查模型文件 | check model files", files)
    _step(models, "show", "models.show", "说明一个模型 | explain one model", ("model", {"metavar": "MODEL"}))


def _screen(steps: Steps[argparse.ArgumentParser]) -> None:
    screen = _group(steps, "screen", "筛查 | screening")
    _step(
        screen,
        "request",
        "screening.request",
        "申请 | ask for a round",
        ("--models", {"required": True, "help": "SX-1,SX-2 或 all"}),
        ("--reference", {"required": True, "help": "案件或专项 | case or campaign"}),
        BY,
    )
    _step(screen, "approve", "screening.approve", "批准 | approve", ROUND, BY)
    wait = ("--wait", {"action": "store_true", "help": "等到线索生成 | until the clues are there"})
    seconds = ("--timeout", {"type": float, "default": 0.0, "help": "最多等待秒数，0 不限 | seconds, 0 = no end"})
    _step(screen, "run", "screening.start", "发起 | start", ROUND, wait, seconds)
    _step(steps, "rounds", "screening.rounds", "列出轮次 | list rounds")
    one = _group(steps, "round", "一个轮次 | one round")
    _step(one, "show", "screening.show", "查看 | show", ROUND)
    _step(one, "close", "screening.close", "结束并销毁 | close and erase", ROUND, BY)
    _step(steps, "cancel", "screening.cancel", "取消 | cancel", ROUND, BY, REASON)


def _clues(steps: Steps[argparse.ArgumentParser]) -> None:
    clues = _group(steps, "clues", "线索 | clues")
    filters = [(f"--{name}", {"default": ""}) for name in ("model", "status", "change")]
    _step(clues, "list", "clues.list_clues", "列出 | list", *filters)
    _step(clues, "show", "clues.show", "查看（遮蔽） | show, masked", CLUE)
    note = ("--reason", {"default": "", "help": "说明 | note"})
    _step(clues, "confirm", "clues.confirm", "确认 | confirm", CLUE, BY, note)
    _step(clues, "reject", "clues.reject", "否定 | reject", CLUE, BY, REASON)
    target = ("file", {"type": Path, "metavar": "FILE"})
    score = ("--score", {"action": "store_true", "help": "评分格式 | the scoring format"})
    _step(steps, "export", "clues.export", "导出 .csv/.xlsx | export", target, score, *filters)


def _people(steps: Steps[argparse.ArgumentParser]) -> None:
    people = _group(steps, "reidentify", "还原身份 | re-identification")
    _step(people, "request", "people.request", "申请 | ask", CLUE, BY, REASON)
    opening = ("opening", {"metavar": "OPENING"})
    _step(people, "approve", "people.approve", "批准并显示 | approve and show", opening, BY)


def _relays(steps: Steps[argparse.ArgumentParser]) -> None:
    release = _group(steps, "release", "向数据方调取字段 | ask an agency for fields")
    population = ("--population", {"required": True})
    fields = ("--fields", {"required": True, "help": "逗号分隔 | separated by commas"})
    purpose = ("--purpose", {"required": True})
    _step(release, "ask", "relays.ask", "申请 | ask", CLUE, population, fields, purpose, BY)
    _step(release, "list", "relays.releases", "列出 | list")
    relay = ("relay", {"metavar": "RELAY"})
    _step(release, "show", "relays.show", "查看答复 | read an answer", relay, BY)


REFERRAL = ("referral", {"metavar": "REFERRAL", "help": "转介编号或其开头 | referral id or its beginning"})
ANSWER = [(f"--{name}", {"default": ""}) for name in ("reason", "item", "date", "band")]


def _referrals(steps: Steps[argparse.ArgumentParser]) -> None:
    group = _group(steps, "referral", "转介 | referrals")
    unit = ("unit", {"nargs": "?", "default": "", "metavar": "UNIT"})
    check = ("--check", {"type": Path, "metavar": "FILE", "help": "检查改过的目录 | check a changed catalogue"})
    write = ("--write", {"type": Path, "metavar": "FILE", "help": "写出一份供修改 | write a copy to edit"})
    _step(group, "catalogue", "referrals.catalogue", "转介目录 | the catalogue", unit, check, write)
    person = ("--person", {"type": int, "default": 1, "help": "线索中第几人 | which of the clue's persons"})
    _step(group, "suggest", "referrals.suggestions", "建议的服务 | services suggested", CLUE, person)
    service = ("--service", {"required": True, "help": "服务代码 | code of the service"})
    give = ("--give", {"action": "append", "default": [], "metavar": "FIELD=VALUE", "help": "补充字段 | add a field"})
    without = ("--without", {"default": "", "help": "不提供的字段，逗号分隔 | fields to leave out"})
    note = ("--note", {"default": "", "help": "说明 | a note to the unit"})
    _step(group, "draft", "referrals.draft", "拟稿 | draft", CLUE, service, person, give, without, note, BY)
    _step(group, "approve", "referrals.approve", "批准（另一人） | approve, as a second officer", REFERRAL, BY)
    out = ("--letter", {"type": Path, "metavar": "FILE", "help": "同时写出函件 | also write the letter"})
    _step(group, "send", "referrals.send", "发出 | send", REFERRAL, out, BY)
    masked = ("--masked", {"action": "store_true", "help": "遮蔽个人信息 | masked"})
    file = ("file", {"type": Path, "metavar": "FILE"})
    _step(group, "letter", "referrals.letter", "写出函件 | write the letter", REFERRAL, file, masked, BY)
    stages = ("", *["DRAFT", "APPROVED", "SENT", "RECEIVED", "ACCEPTED", "REFUSED", "DONE", "VERIFIED", "CLOSED"])
    filters = (("--state", {"choices": stages, "default": ""}), ("--clue", {"default": ""}))
    overdue = ("--overdue", {"action": "store_true", "help": "只列逾期 | overdue only"})
    _step(group, "list", "referrals.list_referrals", "列出 | list", *filters, overdue)
    opened = ("--open", {"action": "store_true", "help": "显示个人信息 | show the person's data"})
    who = ("--by", {"default": "", "help": "查看人 | who looks"})
    _step(group, "show", "referrals.show", "查看 | show", REFERRAL, opened, who)
    state = ("state", {"choices": ("RECEIVED", "ACCEPTED", "REFUSED", "DONE")})
    _step(group, "record", "referrals.record", "记录纸质答复 | record a paper answer", REFERRAL, state, *ANSWER, BY)
    which = ("referral", {"nargs": "?", "default": "", "metavar": "REFERRAL"})
    evidence = ("--evidence", {"default": "", "help": "核实依据 | what shows it"})
    _step(group, "verify", "referrals.verify", "核实结果 | verify outcomes", which, evidence, who)
    why = ("--reason", {"default": "", "help": "理由 | reason"})
    _step(group, "close", "referrals.close", "归档 | close", REFERRAL, why, BY)
    letters = _group(steps, "letters", "函件模板 | templates of letters")
    _step(letters, "list", "letters.list_letters", "列出并检查 | list and check")
    folder = ("folder", {"type": Path, "metavar": "FOLDER"})
    _step(letters, "export", "letters.export", "写出 .docx 供修改 | write them as .docx", folder)


def _lanes(steps: Steps[argparse.ArgumentParser]) -> None:
    work = _group(steps, "worklist", "名册未检索到的走访清单 | those no register knew")
    visits = ("", "OPEN", "VISITED", "AIDED", "MATCHED", "DROPPED")
    states = ("--state", {"choices": visits, "default": ""})
    _step(work, "list", "worklist.list_unmatched", "列出 | list", states)
    row = (("case", {"metavar": "CASE"}), ("row", {"metavar": "ROW"}))
    note = ("--note", {"required": True, "help": "情况，不写个人信息 | what was found, no personal data"})
    for name, text in (("visited", "已走访 | visited"), ("aided", "已救助 | aided"), ("drop", "移出 | drop")):
        _step(work, name, f"worklist.{name}", text, *row, note, BY)
    lane = _group(steps, "supervision", "监督线索 | the supervision lane")
    _step(lane, "list", "supervision.list_lane", "列出 | list")
    answers = {"choices": ("yes", "no", "unknown"), "default": "unknown"}
    exhausted = ("--exhausted", {**answers, "help": "法院是否穷尽财产调查 | has the court searched all property"})
    helped = ("--helped", {**answers, "help": "行政机关是否第一时间帮扶 | did the administration help at once"})
    _step(lane, "accept", "supervision.accept", "受理 | accept", CLUE, exhausted, helped, BY)
    finding = ("--finding", {"required": True, "help": "查明的事实 | what was found"})
    advice = ("--advice", {"required": True, "help": "建议 | what is advised"})
    _step(lane, "draft", "supervision.draft", "起草检察建议 | draft advice", CLUE, finding, advice, BY)
    _step(lane, "approve", "supervision.approve", "批准（另一人） | approve, as a second officer", CLUE, BY)
    file = ("file", {"type": Path, "metavar": "FILE"})
    _step(lane, "letter", "supervision.letter", "写出检察建议书 | write the letter", CLUE, file, BY)
    paid = ("--recovered", {"default": "", "help": "执行到位金额（元） | yuan paid since"})
    _step(lane, "correct", "supervision.correct", "口头纠正 | oral correction", CLUE, REASON, BY)
    _step(lane, "answer", "supervision.answer", "收到回复 | an answer came", CLUE, paid, REASON, BY)
    for name, text in (("close", "办结 | close"), ("dismiss", "不予立案 | dismiss")):
        _step(lane, name, f"supervision.{name}", text, CLUE, REASON, BY)


def _amount(steps: Steps[argparse.ArgumentParser]) -> None:
    amount = _group(steps, "amount", "救助金额 | amount of relief")
    file = ("file", {"type": Path, "metavar": "FACTS", "help": "事实文件 .toml/.json | file of facts"})
    tables = ("--tables", {"type": Path, "help": "本地数据表文件夹 | folder of the office's own tables"})
    own = ("--own-cases", {"action": "store_true", "help": "与本院已救助案件比较 | compare with our own list"})
    _step(amount, "show", "amount.show", "计算并说明 | compute and explain", file, tables, own)
    _step(amount, "json", "amount.as_json", "输出 JSON | write JSON", file, tables, own)
    _step(amount, "benchmark", "amount.benchmark", "测算基准金额 | calibrate the benchmark", file, tables)


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 is success, 1 a refused or failed step, 2 a wrong command line."""
    try:
        asked = parser().parse_args(argv)
    except SystemExit as exit_:
        return int(exit_.code or 0)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    module, function = str(asked.does).split(".")
    try:
        part = importlib.import_module(f"procuratorate_node.steps.{module}")
        return cast("Callable[[argparse.Namespace], int]", getattr(part, function))(asked)
    except LinkageError as error:
        print("\n".join(error.lines()), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("已中断 | interrupted", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 0


if __name__ == "__main__":
    raise SystemExit(main())
