"""A doctor's findings: what was looked at, what was found, what to do. One fault never stops the other checks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from linkage.errors import LinkageError


class Mark(StrEnum):
    """How a check went: sound, sound but look at it, or something that keeps the program from its work."""

    GOOD = "good"
    WARNING = "warning"
    FAULT = "fault"


SIGNS: Final = {Mark.GOOD: "✓", Mark.WARNING: "!", Mark.FAULT: "✗"}
TITLES: Final = {
    "config": "配置",
    "permissions": "文件权限",
    "keys": "密钥",
    "certificate": "证书",
    "clock": "时钟",
    "disk": "磁盘",
    "coordinator": "链接单元",
    "service": "服务",
    "schema": "编码方案",
    "database": "数据库",
    "audit": "审计日志",
    "registers": "登记表",
    "policy": "授权规则",
    "agreements": "会签文件",
    "models": "筛查模型",
    "tables": "业务表",
    "cases": "案件文件",
    "papers": "文书识别",
    "logs": "运行日志",
    "metrics": "监测指标",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a doctor's report. `check` is a key of TITLES; the texts never hold a personal value."""

    check: str
    mark: Mark
    zh: str
    en: str
    hint_zh: str = ""
    hint_en: str = ""

    def lines(self) -> list[str]:
        """Return the finding as text, Chinese first, and below it what to do."""
        shown = [f"{SIGNS[self.mark]} {TITLES[self.check]} {self.check}：{self.zh} | {self.en}"]
        if self.hint_zh or self.hint_en:
            shown.append(f"    → {self.hint_zh} | {self.hint_en}")
        return shown


Look = Callable[[], Iterable[Finding]]
Checks = Sequence[tuple[str, Look]]  # What is looked at, a key of TITLES; how.


def good(check: str, zh: str, en: str) -> Finding:
    return Finding(check, Mark.GOOD, zh, en)


def warning(check: str, zh: str, en: str, *, hint: tuple[str, str] = ("", "")) -> Finding:
    return Finding(check, Mark.WARNING, zh, en, *hint)


def fault(check: str, zh: str, en: str, *, hint: tuple[str, str] = ("", "")) -> Finding:
    return Finding(check, Mark.FAULT, zh, en, *hint)


def of_error(check: str, error: LinkageError) -> Finding:
    """Return an error as the fault it is, with its own hint."""
    return fault(check, error.zh, error.en, hint=(error.hint_zh, error.hint_en))


def examine(checks: Checks) -> list[Finding]:
    """Make every check and return all findings, in the order of TITLES.

    An unforeseen error is told by its type only: its text may quote a row.
    """
    order = list(TITLES)
    found = [finding for check, look in checks for finding in _guarded(check, look)]
    return sorted(found, key=lambda finding: order.index(finding.check))


def _guarded(check: str, look: Look) -> Iterator[Finding]:
    try:
        yield from look()
    except LinkageError as error:
        yield of_error(check, error)
    except Exception as error:
        kind = type(error).__name__
        yield fault(check, f"无法检查（{kind}）", f"could not be checked ({kind})")


def is_sound(findings: Iterable[Finding]) -> bool:
    """Tell whether nothing found keeps the program from its work."""
    return all(finding.mark is not Mark.FAULT for finding in findings)


def as_text(findings: Sequence[Finding]) -> str:
    """Return the report and, last, how many of each mark there are."""
    count = {mark: sum(f.mark is mark for f in findings) for mark in Mark}
    total = "  ".join(f"{SIGNS[mark]} {number}" for mark, number in count.items())
    return "\n".join([line for finding in findings for line in finding.lines()] + [total])


def as_json(findings: Iterable[Finding]) -> str:
    """Return the report for programs: a list of objects with check, mark, zh, en, hint_zh and hint_en."""
    names = Finding.__slots__
    rows = [{name: str(getattr(finding, name)) for name in names} for finding in findings]
    return json.dumps(rows, ensure_ascii=False, indent=1)
