"""Whether the node is well, as the start page shows it: each thing with a verdict, what was found, what to do."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from agency_node.console.office import Console
from agency_node.policy_file import load_policy
from agency_node.scan import RegisterFile
from linkage.errors import LinkageError
from linkage.keys.tls import is_due, parse_certificate
from linkage.owner.session import session_lock
from linkage.web.texts import Text

Verdict = Literal["good", "warn", "bad"]
OLD_DAYS: Final = 62  # Two monthly lists missed.
CONNECT_SECONDS: Final = 2.0
NOTHING: Final = Text("", "")


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was looked at. `todo` is empty where nothing need be done."""

    title: Text
    verdict: Verdict
    found: Text
    todo: Text = NOTHING


def signs(console: Console, *, now: datetime) -> Iterator[Sign]:
    """Yield every sign; one that cannot be told is bad, and the others are told all the same."""
    yield _service(console)
    yield _coordinator(console)
    yield _certificate(console, now)
    yield _policy(console)
    yield _registers(console)


def _service(console: Console) -> Sign:
    title = Text("节点服务", "Node service")
    with session_lock(console.config.state) as is_free:
        if not is_free:
            return Sign(title, "good", Text("正在运行", "running"))
    todo = Text("启动服务：agency-node run", "start it: agency-node run")
    return Sign(title, "bad", Text("没有运行，委托收不到，决定送不出", "not running: nothing arrives or leaves"), todo)


def _coordinator(console: Console) -> Sign:
    title = Text("与链接单元的连接", "Connection to the linkage unit")
    host, _, port = console.config.coordinator.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS):
            return Sign(title, "good", Text(f"{host}:{port} 可以连通", f"{host}:{port} answers"))
    except (OSError, ValueError):
        todo = Text(
            "检查网络、防火墙和 agency.toml 的 coordinator", "check network, firewall, coordinator in agency.toml"
        )
        return Sign(title, "bad", Text(f"{host}:{port} 连不上", f"{host}:{port} cannot be reached"), todo)


def _certificate(console: Console, now: datetime) -> Sign:
    title = Text("本单位证书", "This office's certificate")
    certificate = parse_certificate(console.keys.tls_certificate)
    ends = certificate.not_valid_after_utc
    days = (ends - now).days
    found = Text(f"还有 {days} 天，到 {ends:%Y-%m-%d}", f"{days} days left, until {ends:%Y-%m-%d}")
    if not is_due(certificate, now):
        return Sign(title, "good", found)
    todo = Text("现在就向仪式主持人申请换发", "ask the ceremony's officers for a new one now")
    return Sign(title, "warn" if days > 0 else "bad", found, todo)


def _policy(console: Console) -> Sign:
    title = Text("授权规则", "Policy")
    try:
        policy = load_policy(console.config.policy)
    except LinkageError as error:
        return Sign(title, "bad", Text(error.zh, error.en), Text("改正 policy.toml", "correct policy.toml"))
    if not policy.allow:
        return Sign(title, "warn", Text("没有任何规则：一律拒绝", "no rule: everything is refused"))
    day = console.answers.today
    ended = sum(rule.valid_until < day for rule in policy.allow)
    found = Text(
        f"{len(policy.allow)} 条编码规则，{len(policy.release)} 条调取规则；其余一律拒绝",
        f"rules for encoding: {len(policy.allow)}, for release: {len(policy.release)}; all else is refused",
    )
    if not ended:
        return Sign(title, "good", found)
    return Sign(title, "warn", Text(f"{found.zh}；{ended} 条已过期", f"{found.en}; {ended} ended"))


def _registers(console: Console) -> Sign:
    title = Text("登记表快照", "Register snapshots")
    try:
        registers = console.overview()
    except LinkageError as error:
        return Sign(title, "bad", Text(error.zh, error.en))
    owned = set(console.keys.party.datasets)
    days = {dataset: _newest(registers.files, dataset) for dataset in sorted(owned)}
    missing = [dataset for dataset, day in days.items() if day is None]
    ages = {dataset: (console.answers.today - day).days for dataset, day in days.items() if day is not None}
    if missing:
        names = "、".join(missing)
        return Sign(title, "bad", Text(f"没有文件的数据集：{names}", f"datasets without a file: {', '.join(missing)}"))
    oldest = max(ages.values(), default=0)
    found = Text(
        f"{len(ages)} 个数据集，最旧的已 {oldest} 天", f"datasets: {len(ages)}; days since the oldest: {oldest}"
    )
    if registers.problems:
        count = len(registers.problems)
        return Sign(title, "warn", Text(f"{found.zh}；{count} 个文件没有采用", f"{found.en}; {count} files not taken"))
    return Sign(title, "warn" if oldest > OLD_DAYS else "good", found)


def _newest(files: Sequence[RegisterFile], dataset: str) -> date | None:
    return max((file.period.as_of for file in files if dataset in file.preset.datasets), default=None)
