"""models test / diff / activate / approve / revert / history / export: change a rule file (CAP-16)."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from linkage.errors import InputError, NotFoundError
from linkage.warrant import utc_text
from procuratorate_node.colour_table import FILES, LEXICON
from procuratorate_node.config import load_config
from procuratorate_node.effects import counts_of, lines_of, newly_asked
from procuratorate_node.examples.running import examples_of
from procuratorate_node.examples.texts import exclusion_traps
from procuratorate_node.model import shipped_files
from procuratorate_node.node import Node, open_node, rules_in_force
from procuratorate_node.rule_files import MODEL, RuleFile, RuleSet, read_rule_file


def test(asked: argparse.Namespace) -> int:
    """Run the labelled examples with a file in place of the one in force; 1 when fewer are right than before."""
    rules = _rules(asked)
    file = _read(asked.file, rules)
    before = {r.name: r.right for r in examples_of(file.kind, file.key, rules.library())}
    changed, worse = rules.changed(file).library(), False
    for report in examples_of(file.kind, file.key, changed):
        old = before.get(report.name)
        shown = "-" if old is None else str(old)
        print(f"{report.name}: 应有 expected {len(report.examples)}，判对 right {report.right}，现行 in force {shown}")
        worse = worse or (old is not None and report.right < old)
        for example in report.examples:
            if asked.all or not example.right:
                print(f"  {example.line}: 应为 expected {example.expected}；得到 got {example.got}")
    if file.kind == LEXICON:
        held, traps = exclusion_traps(changed.table.lexicon)
        print(f"含排除词的句子 with an exclusion word {held}，并非全部赔偿 not full payment {traps}")
    return 1 if worse else 0


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
    if file.kind == MODEL:
        new = next(m for m in changes.rules.changed(file).library().models if m.id == file.key)
        old = next((m for m in node.models if m.id == file.key), None)
        more, fewer = newly_asked(new, old, changes.facts)
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
    print(node.rule_book.revert(_kind(asked.rule), asked.rule, by=asked.by, now=node.clock()))
    return 0


def history(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    for row in node.rule_book.history():
        effect = " ".join(f"{k}={v}" for k, v in sorted(json.loads(row["effect"]).items()))
        people = f"{row['requested_by']} / {row['approved_by'] or '待批准 waiting'}"
        print(
            f"{row['change_id']} {row['kind']} {row['rule_key']} v{row['version']} {row['digest'][:12]} "
            f"{row['state']} {people} {effect}".rstrip()
        )
    return 0


def export(asked: argparse.Namespace) -> int:
    """Write the file in force, to be edited."""
    content = _rules(asked).content(_kind(asked.rule), asked.rule)
    if content is None:
        raise NotFoundError(f"没有 {asked.rule}", f"there is no {asked.rule}")
    if asked.file.exists():
        raise InputError(f"{asked.file.name} 已经存在", f"{asked.file.name} is there already")
    asked.file.write_bytes(content)
    print(f"已写出 | written {asked.file.name}")
    return 0


def _kind(rule: str) -> str:
    """Return the kind of file that a word of the command line names: a kind itself, else a model's id."""
    return rule if rule in FILES else MODEL
