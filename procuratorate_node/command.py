"""The `procuratorate-node` command: parse the words, then load the part that does it."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from linkage.accounts.words import add_account_commands
from linkage.backup.words import add_backup_commands
from linkage.courier.grammar import add_courier_steps
from linkage.errors import LinkageError
from linkage.memory import forbid_core_dumps
from linkage.operations.words import add_bundle_argument, add_json_option
from procuratorate_node.command_grammar import BY, CLUE, REASON, ROUND, Steps
from procuratorate_node.command_grammar import add_group as _group
from procuratorate_node.command_grammar import add_step as _step
from procuratorate_node.referral_commands import add_lanes, add_referrals


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
    _papers(steps)
    _models(steps)
    _screen(steps)
    _standing(steps)
    _search(steps)
    _clues(steps)
    _lists(steps)
    _people(steps)
    _relays(steps)
    add_referrals(steps)
    add_lanes(steps)
    _amount(steps)
    _overview(steps)
    add_account_commands(steps, lambda step, action: step.set_defaults(does=action))
    _award(steps)
    _governance(steps)
    _handovers(steps)
    _courier(steps)
    add_backup_commands(lambda name, text: _step(steps, name, f"keeping.{name.replace('-', '_')}", text))
    return top


def _setup(steps: Steps[argparse.ArgumentParser]) -> None:
    folder = ("folder", {"type": Path, "metavar": "FOLDER"})
    _step(steps, "init", "setup.init", "生成配置 | write a configuration", folder)
    rejects = ("--rejects", {"type": Path, "help": "退回清单 CSV | write the reject report"})
    _step(steps, "import", "setup.read", "读取并检查案件文件夹 | read and check the cases folder", rejects)
    _step(steps, "check", "setup.check", "检查配置、密钥、链接单元 | check configuration, keys, coordinator")
    _step(steps, "run", "screening.run", "常驻运行 | keep running")
    text = "检查一切，说明怎么办 | look at everything, say what to do"
    add_json_option(_step(steps, "doctor", "upkeep.doctor", text))
    text = "诊断包，不含个人信息 | a diagnostic bundle, no personal data"
    add_bundle_argument(_step(steps, "diagnose", "upkeep.make_bundle", text))
    port = ("--port", {"type": int, "help": "端口，默认见配置的 [web] | port, else as [web] says"})
    _step(steps, "serve", "workbench.serve", "打开工作台页面 | serve the workbench's pages", port)


def _papers(steps: Steps[argparse.ArgumentParser]) -> None:
    papers = _group(steps, "papers", "案卷文书 | papers of the case files")
    processes = ("--processes", {"type": int, "default": 0, "help": "并行进程数，0 为处理器数 | 0: one per processor"})
    rejects = ("--rejects", {"type": Path, "help": "未读文书清单 CSV | write the list of papers not read"})
    every = "读取全部文书，可中断续读 | read all papers; goes on where it stopped"
    _step(papers, "read", "papers.read", every, processes, rejects)
    case = ("case", {"metavar": "CASE", "help": "案号 | case number"})
    _step(papers, "show", "papers.show", "查看一案文书所载（遮蔽） | what a case's papers say, masked", case, processes)


def _models(steps: Steps[argparse.ArgumentParser]) -> None:
    models = _group(steps, "models", "筛查模型、词表、判定树、罪名模型 | models, lexicon, tree, charge models")
    _step(models, "list", "models.list_models", "列出 | list")
    files = ("files", {"type": Path, "nargs": "+", "metavar": "FILE"})
    _step(models, "check", "models.check", "检查文件 | check files", files)
    _step(models, "show", "models.show", "说明一个模型 | explain one model", ("model", {"metavar": "MODEL"}))
    file = ("file", {"type": Path, "metavar": "FILE"})
    wrong = ("--all", {"action": "store_true", "help": "也列出判对的 | list right ones too"})
    _step(models, "test", "rules.test", "用标注样例测试 | run the labelled examples", file, wrong)
    _step(models, "diff", "rules.diff", "对未结线索的影响 | effect on open clues", file)
    _step(models, "activate", "rules.activate", "申请启用 | ask for it to take effect", file, BY)
    change = ("change", {"metavar": "CHANGE", "help": "变更编号 | change id"})
    _step(models, "approve", "rules.approve", "批准启用 | approve as a second officer", change, BY)
    rule = ("rule", {"metavar": "RULE", "help": "模型编号，或 lexicon、tree、charge-models | model id or kind"})
    _step(models, "revert", "rules.revert", "申请撤回到前一版本 | ask for the version before", rule, BY)
    _step(models, "history", "rules.history", "列出变更 | list changes")
    _step(models, "export", "rules.export", "导出现行文件 | write the file in force", rule, file)


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
    overlap = _group(steps, "overlap", "各轮所问人员的重叠 | how the people asked about overlap")
    _step(overlap, "verify", "overlap.verify", "核对已签署的声明 | check the signed statements")
    _step(steps, "cancel", "screening.cancel", "取消 | cancel", ROUND, BY, REASON)


def _standing(steps: Steps[argparse.ArgumentParser]) -> None:
    standing = _group(steps, "standing", "常态筛查 | standing screening")
    order = ("order", {"metavar": "ORDER", "help": "配置 [[standing]] 里的 id | id in the configuration"})
    _step(standing, "list", "standing.list_orders", "列出 | list")
    _step(standing, "request", "standing.request", "申请 | ask", order, BY)
    _step(standing, "approve", "standing.approve", "批准 | approve", order, BY)
    _step(standing, "stop", "standing.stop", "停止 | end", order, BY)
    _step(standing, "show", "standing.show", "各轮变化 | changes by round", order)


def _search(steps: Steps[argparse.ArgumentParser]) -> None:
    case = ("case", {"metavar": "CASE", "help": "案号 | case number"})
    party = ("party", {"metavar": "PARTY", "help": "当事人编号 | party row id"})
    _step(steps, "search", "search.ask", "单人检索（批次内） | search one person in a batch", case, party, REASON, BY)
    _step(steps, "searches", "search.list_searches", "列出检索 | list searches")


def _lists(steps: Steps[argparse.ArgumentParser]) -> None:
    lists = _group(steps, "lists", "线索清单 | lists of clues")
    model = ("--model", {"default": "", "help": "只列一个模型 | one model only"})
    _step(lists, "classes", "lists.classes", "按困难类别 | one list per class", model)
    _step(lists, "kinds", "lists.kinds", "按刑事、民事、信访 | by kind of case", model)
    _step(lists, "locality", "lists.locality", "按本地、外来 | local people and outsiders", model)
    _step(lists, "cases", "lists.cases", "按案件汇总 | by case", model)
    lane = ("--lane", {"default": "", "choices": ("", "social", "follow-up"), "help": "转社会救助、后续跟踪"})
    _step(lists, "aside", "lists.aside", "未达预警而另列的人 | people without a colour", model, lane)
    _step(lists, "file", "lists.file", "返回案卷 | back to the file of a clue", CLUE)


def _clues(steps: Steps[argparse.ArgumentParser]) -> None:
    clues = _group(steps, "clues", "线索 | clues")
    filters = _filters()
    _step(clues, "list", "clues.list_clues", "列出 | list", *filters)
    _step(clues, "show", "clues.show", "查看（遮蔽） | show, masked", CLUE)
    officer = ("--officer", {"default": "", "help": "承办人，- 为未分派 | officer, - for nobody"})
    _step(clues, "todo", "clues.todo", "待办事项 | what to do", officer)
    _step(clues, "neglected", "clues.show_neglected", "应救未救 | confirmed, due and not aided")
    _step(clues, "history", "clues.history", "办理经过 | every step of a clue", CLUE)
    _cluework(clues, filters)
    target = ("file", {"type": Path, "metavar": "FILE"})
    score = ("--score", {"action": "store_true", "help": "评分格式 | the scoring format"})
    _step(steps, "export", "clues.export", "导出 .csv/.xlsx | export", target, score, *filters)


def _filters() -> list[tuple[str, Mapping[str, object]]]:
    words = {
        "--model": "模型 | model",
        "--status": "状态 | state, such as candidate, award-paid",
        "--change": "变化 | new, kept, changed, gone",
        "--colour": "预警颜色 | red, orange, yellow",
        "--grade": "把握等级 | A to E",
        "--officer": "承办人，- 为未分派 | officer, - for nobody",
        "--due-by": "期限不晚于 | due on or before this day",
    }
    found: list[tuple[str, Mapping[str, object]]] = [(k, {"default": "", "help": v}) for k, v in words.items()]
    found.append(("--overdue", {"action": "store_true", "help": "仅逾期 | overdue only"}))
    found.append(("--watched", {"action": "store_true", "help": "仅特别关注 | special cases only"}))
    return found


def _cluework(clues: Steps[argparse.ArgumentParser], filters: list[tuple[str, Mapping[str, object]]]) -> None:
    """Add what officers do with clues."""
    many = ("clues", {"metavar": "CLUE", "nargs": "*", "help": "线索编号，或用筛选条件 | clue ids, or filters"})
    to = ("--to", {"required": True, "help": "承办人，逗号分隔则轮流分派 | officers in turn, separated by commas"})
    _step(clues, "assign", "cluework.assign", "分派 | assign", many, to, BY, *filters)
    text = ("text", {"metavar": "TEXT", "help": "不得写入个人信息 | no personal values"})
    _step(clues, "note", "cluework.note", "备注 | note", CLUE, text, BY)
    answers = [
        (flag, {"default": "unsure", "choices": ("yes", "no", "unsure"), "help": help_})
        for flag, help_ in (
            ("--person", "确有其人 | a real person"),
            ("--link", "匹配的是同一人 | the right person in the register"),
            ("--facts", "案件事实属实 | the facts hold"),
            ("--helped", "行政机关及时帮扶 | the administration helped at once"),
            ("--searched", "法院穷尽财产调查 | the court searched all property"),
        )
    ]
    remark = ("--note", {"default": "", "help": "说明 | note"})
    _step(clues, "check", "cluework.check", "人工核查结论 | verdict of the check", CLUE, *answers, remark, BY)
    why = ("--reason", {"default": "", "help": "说明 | note"})
    _step(clues, "confirm", "cluework.confirm", "确认 | confirm", CLUE, BY, why)
    _step(clues, "reject", "cluework.reject", "否定 | reject", CLUE, *answers, BY, REASON)
    until = ("--until", {"required": True, "help": "2026-12-31"})
    _step(clues, "defer", "cluework.defer", "暂缓 | put off", CLUE, until, BY, REASON)
    _step(clues, "resume", "cluework.resume", "恢复核查 | resume", CLUE, BY, why)
    _step(clues, "explain", "cluework.explain", "释法说理 | a refusal was explained", CLUE, BY, REASON)
    _step(clues, "follow", "cluework.follow", "回访 | followed up", CLUE, BY, REASON)
    _step(clues, "close", "cluework.close", "办结 | close", CLUE, BY, REASON)
    _step(clues, "reopen", "cluework.reopen", "重新核查 | take up again", CLUE, BY, REASON)
    codes = ("--needs", {"required": True, "help": "需求代码，逗号分隔 | need codes, separated by commas"})
    _step(clues, "needs", "cluework.needs", "登记需求 | note needs", CLUE, codes, BY)
    elements = ("--elements", {"required": True, "help": "治理要素代码，逗号分隔 | element codes"})
    _step(clues, "elements", "cluework.elements", "登记社会治理要素 | governance elements", CLUE, elements, BY)
    off = ("--off", {"action": "store_true", "help": "取消 | no longer"})
    _step(clues, "watch", "cluework.watch", "特别关注 | special attention", CLUE, off, BY, REASON)


def _people(steps: Steps[argparse.ArgumentParser]) -> None:
    people = _group(steps, "reidentify", "还原身份 | re-identification")
    _step(people, "request", "people.request", "申请 | ask", CLUE, BY, REASON)
    opening = ("opening", {"metavar": "OPENING"})
    _step(people, "approve", "people.approve", "批准并显示 | approve and show", opening, BY)
    _step(people, "show", "people.show", "再次查看（两名经办人） | see again, the two who opened it", CLUE, BY)


def _relays(steps: Steps[argparse.ArgumentParser]) -> None:
    release = _group(steps, "release", "向数据方调取字段 | ask an agency for fields")
    population = ("--population", {"required": True})
    fields = ("--fields", {"required": True, "help": "逗号分隔 | separated by commas"})
    purpose = ("--purpose", {"required": True})
    _step(release, "ask", "relays.ask", "申请 | ask", CLUE, population, fields, purpose, BY)
    _step(release, "list", "relays.releases", "列出 | list")
    relay = ("relay", {"metavar": "RELAY"})
    _step(release, "show", "relays.show", "查看答复 | read an answer", relay, BY)


def _amount(steps: Steps[argparse.ArgumentParser]) -> None:
    amount = _group(steps, "amount", "救助金额 | amount of relief")
    file = ("file", {"type": Path, "metavar": "FACTS", "help": "事实文件 .toml/.json | file of facts"})
    tables = ("--tables", {"type": Path, "help": "本地数据表文件夹 | folder of the office's own tables"})
    own = ("--own-cases", {"action": "store_true", "help": "与本院已救助案件比较 | compare with our own list"})
    _step(amount, "show", "amount.show", "计算并说明 | compute and explain", file, tables, own)
    _step(amount, "json", "amount.as_json", "输出 JSON | write JSON", file, tables, own)
    _step(amount, "benchmark", "amount.benchmark", "测算基准金额 | calibrate the benchmark", file, tables)


def _overview(steps: Steps[argparse.ArgumentParser]) -> None:
    file = ("file", {"type": Path, "nargs": "?", "metavar": "FILE", "help": "另存 .csv/.xlsx | also write a file"})
    _step(steps, "inventory", "overview.inventory", "数据来源与类别 | sources and classes", file)
    since = ("--since", {"type": int, "default": 0, "metavar": "YEAR", "help": "从哪一年 | first year"})
    until = ("--until", {"type": int, "default": 9999, "metavar": "YEAR", "help": "到哪一年 | last year"})
    _step(steps, "statistics", "overview.statistics", "已救助人员回顾分析 | who was aided", since, until)


def _award(steps: Steps[argparse.ArgumentParser]) -> None:
    award = _group(steps, "award", "线索的救助金额 | amounts for clues")
    which = ("award", {"metavar": "AWARD", "help": "救助编号 | award id"})
    day = ("--day", {"default": "", "help": "拟定的决定日期 | the day the decision is planned for"})
    facts = ("--facts", {"type": Path, "required": True, "help": "事实文件 | file of facts, see award draft"})
    out = ("out", {"type": Path, "metavar": "FILE", "help": "写到这个文件 | the file to write"})
    _step(award, "draft", "award.draft", "生成事实文件 | write a file of facts to fill in", CLUE, out, day)
    _step(award, "propose", "award.propose", "提出金额 | propose an amount", CLUE, facts, day, BY)
    subject = ("--subject", {"required": True, "help": "限额代码，或 departure、decision | a cap's code, or …"})
    role = ("--role", {"required": True, "help": "批准职务 | the approving role"})
    up_to = ("--up-to", {"required": True, "help": "批准的最高金额（元） | highest amount approved, yuan"})
    ground = ("--ground", {"default": "", "help": "突破限额的理由代码 | ground for exceeding a cap"})
    _step(award, "approve", "award.approve", "批准超限 | approve", which, subject, role, up_to, ground, BY)
    amount = ("--amount", {"default": "", "help": "元；不写为建议金额 | yuan; the proposed one without"})
    why = [
        (f"--reason-{kind}", {"default": "", "help": help_})
        for kind, help_ in (
            ("peers", "超出同类幅度的理由 | why outside the peers' band"),
            ("amount", "不同于建议金额的理由 | why not the proposed amount"),
            ("exclusion", "存在除外情形仍救助的理由 | why despite an exclusion"),
        )
    ]
    _step(award, "decide", "award.decide", "决定金额 | decide", which, amount, *why, BY)
    _step(award, "refuse", "award.refuse", "不予救助或撤回 | refuse or withdraw", which, REASON, BY)
    on = ("--on", {"required": True, "help": "支付日期 2026-12-01 | day of payment"})
    _step(award, "pay", "award.pay", "登记支付 | note the payment", which, on, BY)
    state = ("--state", {"default": "", "help": "proposed, decided, paid, refused"})
    _step(award, "list", "award.list_awards", "列出 | list", state)
    _step(award, "show", "award.show", "查看 | show", which)
    year = ("--year", {"type": int, "default": 0, "help": "年度 | year"})
    sum_ = ("--set", {"default": "", "help": "预算（元） | budget, yuan"})
    by, reason = ("--by", {"default": ""}), ("--reason", {"default": "", "help": "依据 | ground"})
    _step(award, "budget", "award.budget", "年度预算 | yearly budget", year, sum_, by, reason)
    _step(award, "benchmark", "award.benchmark", "以已办案件测算基准 | calibrate from our cases", day)


def _governance(steps: Steps[argparse.ArgumentParser]) -> None:
    figures = _group(steps, "governance", "统计 | figures")
    since = ("--from", {"dest": "since", "default": "", "help": "起始日，默认今年 1 月 1 日 | first day"})
    until = ("--to", {"dest": "until", "default": "", "help": "截止日，默认今天 | last day"})
    table = ("--table", {"default": "", "help": "只看一张表 | one table by its code"})
    _step(figures, "show", "governance.show", "查看 | show", since, until, table)
    file = ("file", {"type": Path, "metavar": "FILE", "help": ".xlsx（含图表）或 .json | .xlsx with charts, or .json"})
    _step(figures, "export", "governance.export", "导出 | export", file, since, until)


def _handovers(steps: Steps[argparse.ArgumentParser]) -> None:
    handover = _group(steps, "handover", "业务部门移送线索 | clues handed over by departments")
    case = ("case", {"metavar": "CASE", "help": "案号 | case number"})
    party = ("party", {"metavar": "PARTY", "help": "当事人编号 | party row id"})
    department = ("--department", {"required": True, "help": "移送部门 | the department"})
    reasons = ("low-income", "disabled", "minor", "urgent", "other")
    why = ("--reason", {"required": True, "choices": reasons, "help": "移送理由 | why"})
    note = ("--note", {"default": "", "help": "说明，不写个人信息 | a note, no personal data"})
    _step(handover, "add", "handing_over.add", "接收移送 | take one over", case, party, department, why, note, BY)
    _step(handover, "list", "handing_over.list_handovers", "列出 | list")


def _courier(steps: Steps[argparse.ArgumentParser]) -> None:
    group = _group(steps, "courier", "不联网，用文件往来 | take part by carried files, unconnected")
    does = {"import": "courier.take", "export": "courier.pack", "status": "courier.status"}
    for name, step in add_courier_steps(group).items():
        step.set_defaults(does=does[name])


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 is success, 1 a refused or failed step, 2 a wrong command line."""
    forbid_core_dumps()
    try:
        asked = parser().parse_args(argv)
    except SystemExit as exit_:
        return int(exit_.code or 0)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    module, function = str(asked.does).split(".")
    try:
        from procuratorate_node.admission import ENTRANCE  # Here, so that --help answers at once.

        name = ENTRANCE.admitted(asked.does, asked)
        if module == "accounts":
            return ENTRANCE.run_accounts(asked.does, asked, by=name)
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
