"""The agreements an office has signed (GY-O-1, YQ-O-1, PA-O-1, SX-O-1): which document allows whom what, until when.

They stand in agreements.toml beside the policy. Where that file is, nothing is encoded that no agreement in force
covers, whatever the policy allows: the agreement says that, the policy how. Without the file the policy stands alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from agency_node.policy import Evaluation
from agency_node.policy_file import tables_of
from linkage.errors import ConfigError
from linkage.owner.choice import Refuse
from linkage.warrant import PopulationSpec, RoundWarrant

FILE = "agreements.toml"


@dataclass(frozen=True, slots=True)
class Agreement:
    """One [[agreement]]: the signed document and what it covers. `document` is the SHA-256 of its scan, "-" if none."""

    number: str
    title: str
    signatories: frozenset[str]
    requesters: frozenset[str]
    purposes: frozenset[str]
    datasets: frozenset[str]
    signed: date
    valid_until: date
    document: str = "-"

    @property
    def label(self) -> str:
        return f"{self.title}（{self.number}）"

    def in_force(self, day: date) -> bool:
        return self.signed <= day <= self.valid_until

    def covers(self, warrant: RoundWarrant, spec: PopulationSpec) -> bool:
        """Tell whether requester, purpose and dataset are those of this agreement, whenever it ends."""
        named = warrant.requester in self.requesters and warrant.purpose in self.purposes
        return named and spec.dataset in self.datasets


def load_agreements(file: Path) -> tuple[Agreement, ...] | None:
    """Read the agreements; None when there is no such file. Raises ConfigError listing every fault."""
    try:
        data = tomllib.loads(file.read_text("utf-8").removeprefix("\ufeff"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        zh, en = f"读不到协议登记 {file.name}", f"cannot read the agreements {file.name}"
        raise ConfigError(f"{zh}：{error}", f"{en}: {error}") from None
    faults = [f"[{name}] unknown" for name in sorted(set(data) - {"agreement"})]
    found = tables_of(Agreement, data.get("agreement", []), "agreement", faults)
    numbers = [a.number for a in found]
    faults += [f"agreement {n} stands twice" for n in sorted({n for n in numbers if numbers.count(n) > 1})]
    faults += [f"agreement {a.number} ends before it is signed" for a in found if a.valid_until < a.signed]
    if faults:
        raise ConfigError(f"协议登记有错：{'；'.join(faults)}", f"faults in the agreements: {'; '.join(faults)}")
    return found


def hold_to_agreements(
    found: Evaluation, warrant: RoundWarrant, agreements: Sequence[Agreement] | None, *, owner: str, day: date
) -> Evaluation:
    """Return the policy's answer, refused where no agreement in force covers a population; its grants name theirs."""
    if agreements is None or isinstance(found.choice, Refuse):
        return found
    grants = dict(found.grants)
    for spec in (spec for spec in warrant.populations if spec.owner == owner):
        covering = [a for a in agreements if a.covers(warrant, spec)]
        valid = [a for a in covering if a.in_force(day)]
        if not valid:
            return Evaluation(Refuse(_reason(spec, covering), "policy"))
        grant = grants[spec.id]
        grants[spec.id] = replace(grant, rules=(*grant.rules, *(a.label for a in valid)))
    return replace(found, grants=grants)


def _reason(spec: PopulationSpec, covering: Sequence[Agreement]) -> str:
    if covering:
        ended = "、".join(f"{a.number}（至 {a.valid_until}）" for a in covering)
        numbers = ", ".join(f"{a.number} until {a.valid_until}" for a in covering)
        return f"数据集 {spec.dataset}：协议 {ended} 不在有效期 | dataset {spec.dataset}: not in force: {numbers}"
    zh, en = "没有会签文件覆盖该委托单位、目的和数据集", "no agreement covers this requester, purpose and dataset"
    return f"数据集 {spec.dataset}：{zh} | dataset {spec.dataset}: {en}"


def agreement_lines(agreements: Sequence[Agreement] | None, *, day: date) -> Iterator[str]:
    """Yield the agreements as an operator reads them."""
    if agreements is None:
        yield f"没有 {FILE}：只按授权规则决定 | no {FILE}: the policy alone decides"
    for found in agreements or ():
        state = "有效 in force" if found.in_force(day) else "不在有效期 not in force"
        yield f"{found.number}  {found.title}  {found.signed} 至 until {found.valid_until}  {state}"
        yield f"  会签单位 signed by：{'、'.join(sorted(found.signatories))}"
        yield f"  覆盖 covers：{'、'.join(sorted(found.datasets))}  目的 purposes：{'、'.join(sorted(found.purposes))}"
