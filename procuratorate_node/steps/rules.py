"""models test / diff / activate / approve / revert / history / export: change a rule file (CAP-16)."""

from __future__ import annotations

import argparse
from pathlib import Path

from linkage.errors import InputError, NotFoundError
from linkage.warrant import utc_text
from procuratorate_node.config import load_config
from procuratorate_node.effects import counts_of, lines_of
from procuratorate_node.model import shipped_files
from procuratorate_node.node import Node, open_node, rules_in_force
from procuratorate_node.rule_files import RuleFile, RuleSet, kind_named, read_rule_file
from procuratorate_node.rule_testing import asked_rows, run_examples


def test(asked: argparse.Namespace) -> int:
    """Run the labelled examples with a file in place of the one in force; 1 when fewer are right than before."""
    rules = _rules(asked)
    found = run_examples(_read(asked.file, rules), rules)
    for tested in found.examples:
        report, old = tested.report, tested.right_before
        shown = "-" if old is None else str(old)
        print(f"{report.name}: 应有 expected {len(report.examples)}，判对 right {report.right}，现行 in force {shown}")
        for example in report.examples:
            if asked.all or not example.right:
                print(f"  {example.line}: 应为 expected {example.expected}；得到 got {example.got}")
    if found.traps is not None:
        held, traps = found.traps
        print(f"含排除词的句子 with an exclusion word {held}，并非全部赔偿 not full payment {traps}")
    return 1 if found.worse else 0


def _rules(asked: argparse.Namespace) -> RuleSet:
    """Return what is in force; without a configuration what comes with the program."""
    if asked.config.exists():
        return rules_in_force(load_config(asked.config))
    return RuleSet(shipped_files("campaigns", "search"), {})


def _read(path: Path, rules: RuleSet) -> RuleFile:
    try:
        content = path.read_bytes()
    except OSError:
        raise InputError(f"读不到文件 {path.name}", f"cannot read {path.name}") from None
    return read_rule_file(content, name=path.name, bases=rules.library().models)


def diff(asked: argparse.Namespace) -> int:
    """Show what a file would do to open clues; nothing is changed."""
    node = open_node(load_config(asked.config))
    file = _read(asked.file, node.rule_book.rules())
    for line in _effect_lines(node, file):
        print(line)
    return 0


def _effect_lines(node: Node, file: RuleFile) -> list[str]:
    changes = node.rule_changes()
    effects = changes.effects(file)
    lines = [f"{file.kind} {file.key} v{file.version} {file.digest[:12]}", *lines_of(effects)]
    if asked := asked_rows(file, changes.rules, changes.facts):
        more, fewer = asked
        lines.append(f"询问范围 rows asked about: +{more} -{fewer}；能否命中须待轮次 | only a round tells who is found")
    counts = "，".join(f"{name} {number}" for name, number in sorted(counts_of(effects).items()))
    return [*lines, f"合计 total: {counts or '没有未结线索受影响 | no open clue is concerned'}"]


def activate(asked: argparse.Namespace) -> int:
    """Show the effect, then ask for the file to take effect; another officer approves."""
    node = open_node(load_config(asked.config))
    file = _read(asked.file, node.rule_book.rules())
    effect = dict(counts_of(node.rule_changes().effects(file)))
    change = node.rule_book.propose(file, by=asked.by, now=node.clock(), effect=effect)
    for line in _effect_lines(node, file):
        print(line)
    print(change)
    return 0


def approve(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    now = node.clock()
    file = node.rule_book.approve(
        asked.change, by=asked.by, now=now, apply=lambda f: node.rule_changes().apply(f, at=utc_text(now))
    )
    print(f"已生效 | in force: {file.kind} {file.key} v{file.version} {file.digest}")
    return 0


def revert(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    print(node.rule_book.revert(kind_named(asked.rule), asked.rule, by=asked.by, now=node.clock()))
    return 0


def history(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    for change in node.rule_book.history():
        effect = " ".join(f"{k}={v}" for k, v in sorted(change.effect.items()))
        people = f"{change.requested_by} / {change.approved_by or '待批准 waiting'}"
        print(
            f"{change.change_id} {change.kind} {change.rule_key} v{change.version} {change.digest[:12]} "
            f"{change.state} {people} {effect}".rstrip()
        )
    return 0


def export(asked: argparse.Namespace) -> int:
    """Write the file in force, to be edited."""
    content = _rules(asked).content(kind_named(asked.rule), asked.rule)
    if content is None:
        raise NotFoundError(f"没有 {asked.rule}", f"there is no {asked.rule}")
    if asked.file.exists():
        raise InputError(f"{asked.file.name} 已经存在", f"{asked.file.name} is there already")
    asked.file.write_bytes(content)
    print(f"已写出 | written {asked.file.name}")
    return 0
