"""reconcile: hold several parties' logs together. report and export begin the same way."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass

from linkage.audit.findings import LEVELS, Finding, is_sound, of_level
from linkage.audit.manifests import require_manifest
from linkage.audit.reading import LogContent, Progress, log_folders, read_logs
from linkage.audit.reconcile import Reconciliation, reconcile
from linkage.audit.rules import Rules, load_rules
from linkage.keys.manifest import Manifest

MAX_SHOWN = 100
HEADS = {
    "fault": ("✗ 问题", "faults"),
    "open": ("… 已宣布、未见完成", "announced, not carried out"),
    "note": ("· 提示", "notes"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """The logs as read, the manifest and rules they are held against, and what came out."""

    contents: list[LogContent]
    manifest: Manifest
    rules: Rules
    checked: Reconciliation


def read(args: argparse.Namespace) -> Reading:
    """Read and reconcile the logs named on the command line."""
    manifest, rules = require_manifest(args.manifest, args.fingerprint), load_rules()
    contents = read_logs(
        list(log_folders(args.log)), manifest, traffic=rules.traffic, progress=_progress(time.monotonic())
    )
    return Reading(contents, manifest, rules, reconcile(contents, manifest, rules))


def run(args: argparse.Namespace) -> int:
    """Print what holds and what does not; 1 when there is a fault."""
    found = read(args)
    checked = found.checked
    names = {rule.name.id: rule.name for rule in found.rules.links}
    for count in checked.checked if args.rules else ():
        name = names[count.rule]
        left = f"，缺日志未核 {count.unchecked} | {count.unchecked} unchecked" if count.unchecked else ""
        print(f"  {count.pairs:6d}  {name.zh} | {name.en}{left}")
    for content in found.contents:
        print(_log_line(content, checked))
    for level in LEVELS:
        _print(of_level(checked.findings, level), *HEADS[level])
    if checked.unknown:
        kinds = "、".join(f"{kind}×{count}" for kind, count in sorted(checked.unknown.items()))
        print(f"规则未列出的事项 | kinds no rule names: {kinds}")
    if checked.absent:
        print(f"未提交日志的单位 | no log of: {'、'.join(checked.absent)}")
    pairs, unchecked = sum(c.pairs for c in checked.checked), sum(c.unchecked for c in checked.checked)
    sound = is_sound(checked.findings)
    mark = "✓ 相互吻合 | the logs agree" if sound else "✗ 不吻合 | THE LOGS DO NOT AGREE"
    print(
        f"{mark}: {len(found.contents)} 份日志 logs, 逐一对应 {pairs} 处 correspondences, {unchecked} 处未核 unchecked"
    )
    return 0 if sound else 1


def _log_line(content: LogContent, checked: Reconciliation) -> str:
    held = checked.held[content.party.id]
    tail = max(0, content.size - held.covered)
    return (
        f"  {content.party.id}: {content.size} 条 entries, 他方见证到 witnessed to {held.covered}"
        f"（尚无见证 not yet {tail}）, 见证方 witnesses {len(held.witnesses)}, 他方记下的叶 leaves held {held.leaves}"
    )


def _print(findings: list[Finding], zh: str, en: str) -> None:
    if not findings:
        return
    print(f"{zh} {len(findings)} | {len(findings)} {en}")
    for finding in findings[:MAX_SHOWN]:
        where = finding.party + ("" if finding.index is None else f"[{finding.index}]")
        print(f"  [{finding.rule}] {where}: {finding.zh} | {finding.en}")
    if len(findings) > MAX_SHOWN:
        print(f"  另有 {len(findings) - MAX_SHOWN} 处 | and {len(findings) - MAX_SHOWN} more")


def _progress(begun: float) -> Progress:
    def tell(party: str, done: int) -> None:
        rate = done / max(1e-9, time.monotonic() - begun)
        print(f"{party}: {done} 条 entries, {rate:.0f}/s", file=sys.stderr)

    return tell
