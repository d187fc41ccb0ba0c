"""The agency node's doctor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from agency_node.agreements import FILE as AGREEMENTS
from agency_node.agreements import load_agreements
from agency_node.config import Config, load_config
from agency_node.daemon import now_utc, open_registers
from agency_node.policy_file import load_policy
from linkage.keys.store import load_party_keys
from linkage.operations.bundle import Source
from linkage.operations.doctor import Place, common_checks, owner_checks, read_config
from linkage.operations.finding import Checks, Finding, examine, fault, good, of_error, warning
from linkage.operations.record_checks import check_database
from linkage.owner.database import FILE

OLD_MONTHS: Final = 2  # A snapshot that is older was probably forgotten: registers are exported monthly.


def checks_of(file: Path) -> tuple[Finding, Checks]:
    """Return how the configuration is, and everything else to look at."""
    config, first = read_config(load_config, file)
    place = Place.of(config, file)
    common = [*common_checks(place, now_utc), ("database", lambda: check_database(place.state / FILE))]
    if config is None:
        return first, common
    return first, [
        *common,
        *owner_checks(config.coordinator, place, now_utc),
        ("registers", lambda: check_registers(config)),
        ("policy", lambda: check_policy(config)),
        ("agreements", lambda: check_agreements(config)),
    ]


def bundle_source(file: Path) -> Source:
    """Return what a diagnostic bundle is made from."""
    config, first = read_config(load_config, file)
    place = Place.of(config, file)
    return Source(file, place, place.state / FILE, [first, *examine(checks_of(file)[1])])


def check_registers(config: Config) -> Iterator[Finding]:
    """Look at the register files: which are taken, how old the newest snapshot is, which dataset has none."""
    if config.today:
        zh, en = f"配置里固定了日期 {config.today}", f"the configuration fixes the day {config.today}"
        yield warning("registers", zh, en, hint=("仅供演练；正式运行请留空", "for exercises: leave it empty"))
    keys, today = load_party_keys(config.state), config.day(now_utc().date())
    registers = open_registers(config, keys, now_utc)
    found = {info.id: info for info in registers.datasets()}
    for dataset in keys.party.datasets:
        if dataset not in found:
            hint = (
                "把导出的文件放进登记表目录，再看 agency-node datasets",
                "put its export into the folder; see datasets",
            )
            yield fault("registers", f"{dataset}：没有文件", f"{dataset}: no file", hint=hint)
            continue
        newest = found[dataset].snapshots[-1]
        age = months_between(newest, today)
        zh, en = f"{dataset}：最新快照 {newest}", f"{dataset}: newest snapshot {newest}"
        if age > OLD_MONTHS:
            hint = "导出新的登记表", "export the register again"
            yield warning("registers", f"{zh}，已过 {age} 个月", f"{en}, {age} months old", hint=hint)
        else:
            yield good("registers", zh, en)
    for problem in registers.problems:
        yield of_error("registers", problem.error)


def months_between(snapshot: str, today: date) -> int:
    """Return how many months a snapshot such as "202610" lies back."""
    return (today.year - int(snapshot[:4])) * 12 + today.month - int(snapshot[4:6])


def check_policy(config: Config) -> Iterator[Finding]:
    """Look whether the policy is well-formed and allows anything."""
    policy = load_policy(config.policy)
    allowed = len(policy.allow)
    if not allowed:
        hint = f"按 policy.example.toml 写 {config.policy.name}", f"write {config.policy.name} by policy.example.toml"
        yield warning("policy", "一律拒绝：没有规则", "everything is refused: no rule allows anything", hint=hint)
    else:
        releases = len(policy.release)
        yield good("policy", f"{allowed} 条规则，{releases} 条调取规则", f"{allowed} rules, {releases} for releases")


def check_agreements(config: Config) -> Iterator[Finding]:
    """Look whether there are agreements in force, where the office keeps them."""
    found = load_agreements(config.policy.with_name(AGREEMENTS))
    if found is None:
        yield good("agreements", "未使用", "not used")
        return
    day = config.day(now_utc().date())
    number = sum(agreement.in_force(day) for agreement in found)
    zh, en = f"{number}/{len(found)} 份有效", f"{number} of {len(found)} in force"
    hint = "续签后改 agreements.toml", "renew them and edit agreements.toml"
    yield good("agreements", zh, en) if number else warning("agreements", zh, en, hint=hint)
