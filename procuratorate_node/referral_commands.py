"""The commands of referrals, letters, the work list of those no register knew, and the supervision lane."""

from __future__ import annotations

import argparse
from pathlib import Path

from procuratorate_node.command_grammar import BY, CLUE, REASON, Steps, add_group, add_step

REFERRAL = ("referral", {"metavar": "REFERRAL", "help": "转介编号或其开头 | referral id or its beginning"})
ANSWER = [(f"--{name}", {"default": ""}) for name in ("reason", "item", "date", "band")]


def add_referrals(steps: Steps[argparse.ArgumentParser]) -> None:
    """Add `referral` and `letters`."""
    group = add_group(steps, "referral", "转介 | referrals")
    unit = ("unit", {"nargs": "?", "default": "", "metavar": "UNIT"})
    check = ("--check", {"type": Path, "metavar": "FILE", "help": "检查改过的目录 | check a changed catalogue"})
    write = ("--write", {"type": Path, "metavar": "FILE", "help": "写出一份供修改 | write a copy to edit"})
    add_step(group, "catalogue", "referrals.catalogue", "转介目录 | the catalogue", unit, check, write)
    person = ("--person", {"type": int, "default": 1, "help": "线索中第几人 | which of the clue's persons"})
    add_step(group, "suggest", "referrals.suggestions", "建议的服务 | services suggested", CLUE, person)
    service = ("--service", {"required": True, "help": "服务代码 | code of the service"})
    give = ("--give", {"action": "append", "default": [], "metavar": "FIELD=VALUE", "help": "补充字段 | add a field"})
    without = ("--without", {"default": "", "help": "不提供的字段，逗号分隔 | fields to leave out"})
    note = ("--note", {"default": "", "help": "说明 | a note to the unit"})
    add_step(group, "draft", "referrals.draft", "拟稿 | draft", CLUE, service, person, give, without, note, BY)
    add_step(group, "approve", "referrals.approve", "批准（另一人） | approve, as a second officer", REFERRAL, BY)
    out = ("--letter", {"type": Path, "metavar": "FILE", "help": "同时写出函件 | also write the letter"})
    add_step(group, "send", "referrals.send", "发出 | send", REFERRAL, out, BY)
    add_step(group, "resend", "referrals.resend", "退回的重新发出 | send again what was refused", REFERRAL, BY)
    masked = ("--masked", {"action": "store_true", "help": "遮蔽个人信息 | masked"})
    file = ("file", {"type": Path, "metavar": "FILE"})
    add_step(group, "letter", "referrals.letter", "写出函件 | write the letter", REFERRAL, file, masked, BY)
    stages = ("", *["DRAFT", "APPROVED", "SENT", "RECEIVED", "ACCEPTED", "REFUSED", "DONE", "VERIFIED", "CLOSED"])
    filters = (("--state", {"choices": stages, "default": ""}), ("--clue", {"default": ""}))
    overdue = ("--overdue", {"action": "store_true", "help": "只列逾期 | overdue only"})
    add_step(group, "list", "referrals.list_referrals", "列出 | list", *filters, overdue)
    opened = ("--open", {"action": "store_true", "help": "显示个人信息 | show the person's data"})
    who = ("--by", {"default": "", "help": "查看人 | who looks"})
    add_step(group, "show", "referrals.show", "查看 | show", REFERRAL, opened, who)
    state = ("state", {"choices": ("RECEIVED", "ACCEPTED", "REFUSED", "DONE")})
    add_step(group, "record", "referrals.record", "记录纸质答复 | record a paper answer", REFERRAL, state, *ANSWER, BY)
    which = ("referral", {"nargs": "?", "default": "", "metavar": "REFERRAL"})
    evidence = ("--evidence", {"default": "", "help": "核实依据 | what shows it"})
    add_step(group, "verify", "referrals.verify", "核实结果 | verify outcomes", which, evidence, who)
    why = ("--reason", {"default": "", "help": "理由 | reason"})
    add_step(group, "close", "referrals.close", "归档 | close", REFERRAL, why, BY)
    letters = add_group(steps, "letters", "函件模板 | templates of letters")
    add_step(letters, "list", "letters.list_letters", "列出并检查 | list and check")
    folder = ("folder", {"type": Path, "metavar": "FOLDER"})
    add_step(letters, "export", "letters.export", "写出 .docx 供修改 | write them as .docx", folder)


def add_lanes(steps: Steps[argparse.ArgumentParser]) -> None:
    """Add `worklist` and `supervision`."""
    work = add_group(steps, "worklist", "名册未检索到的走访清单 | those no register knew")
    visits = ("", "OPEN", "VISITED", "AIDED", "MATCHED", "DROPPED")
    states = ("--state", {"choices": visits, "default": ""})
    add_step(work, "list", "worklist.list_unmatched", "列出 | list", states)
    row = (("case", {"metavar": "CASE"}), ("row", {"metavar": "ROW"}))
    note = ("--note", {"required": True, "help": "情况，不写个人信息 | what was found, no personal data"})
    for name, text in (("visited", "已走访 | visited"), ("aided", "已救助 | aided"), ("drop", "移出 | drop")):
        add_step(work, name, f"worklist.{name}", text, *row, note, BY)
    lane = add_group(steps, "supervision", "监督线索 | the supervision lane")
    add_step(lane, "list", "supervision.list_lane", "列出 | list")
    answers = {"choices": ("yes", "no", "unknown"), "default": "unknown"}
    exhausted = ("--exhausted", {**answers, "help": "法院是否穷尽财产调查 | has the court searched all property"})
    helped = ("--helped", {**answers, "help": "行政机关是否第一时间帮扶 | did the administration help at once"})
    add_step(lane, "accept", "supervision.accept", "受理 | accept", CLUE, exhausted, helped, BY)
    finding = ("--finding", {"required": True, "help": "查明的事实 | what was found"})
    advice = ("--advice", {"required": True, "help": "建议 | what is advised"})
    add_step(lane, "draft", "supervision.draft", "起草检察建议 | draft advice", CLUE, finding, advice, BY)
    add_step(lane, "approve", "supervision.approve", "批准（另一人） | approve, as a second officer", CLUE, BY)
    file = ("file", {"type": Path, "metavar": "FILE"})
    add_step(lane, "letter", "supervision.letter", "写出检察建议书 | write the letter", CLUE, file, BY)
    paid = ("--recovered", {"default": "", "help": "执行到位金额（元） | yuan paid since"})
    add_step(lane, "correct", "supervision.correct", "口头纠正 | oral correction", CLUE, REASON, BY)
    add_step(lane, "answer", "supervision.answer", "收到回复 | an answer came", CLUE, paid, REASON, BY)
    for name, text in (("close", "办结 | close"), ("dismiss", "不予立案 | dismiss")):
        add_step(lane, name, f"supervision.{name}", text, CLUE, REASON, BY)
