"""Lay out a consortium on disk: keys for everyone, then a configuration and a policy for each program.

<root>/<party>/ is a party's own folder: keys/ (made by `linkage keys quickstart`), its configuration, policy and state.
No party's configuration names another party's folder; the register folders stay where they are and are only read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from linkage.demo.parties import COORDINATOR, PROCURATORATE, Office
from linkage.errors import ConfigError

PURPOSE = "司法救助线索筛查"
REQUESTING, APPROVING, OPERATOR = "检察官甲", "检察官乙", "值班员"
RULE = "司法救助线索筛查"
RELEASED = ("status", "category", "kind", "grade", "health", "start", "given_on")
LAST_DAY = "2099-12-31"
WHOLE = 100  # Percent: much of a made-up county's registers are people of its cases, unlike a real one's.
Table = tuple[str, Mapping[str, object]]
TAGS: dict[str, tuple[str, ...]] = {
    "dibao": ("DIBAO",),
    "dibian": ("DIBIAN",),
    "tekun": ("TEKUN",),
    "child": ("CHILD_O", "CHILD_F", "CHILD_D"),
    "social_aided": ("SOCIAL_AIDED",),
    "disabled": ("DIS12", "DIS34"),
    "monitor": ("MONITOR_1", "MONITOR_2", "MONITOR_3"),
    "card": ("CARD",),
    "women": ("WOMAN",),
    "chunlei": ("CHUNLEI",),
    "worker": ("WORKER",),
    "medaid": ("MEDAID",),
    "veteran": ("VET",),
    "youfu": ("YOUFU",),
    "vulnerable": ("VULN",),
    "eduaid": ("EDUAID",),
    "enforcement_creditor": ("ENF_UNPAID",),
    "enforcement_debtor": ("ENF_UNPAID",),
    "bereaved": ("BEREAVED",),
    "aided_court": ("JUD_AIDED",),
    "aided_police": ("JUD_AIDED",),
    "aided_justice": ("JUD_AIDED",),
}


@dataclass(frozen=True, slots=True)
class County:
    """What the demo must know of a county's data: the day they refer to, and what counts as local."""

    folder: Path
    today: str = ""
    local_names: tuple[str, ...] = ()
    local_prefixes: tuple[str, ...] = ()


def read_county(folder: Path) -> County:
    """Read a county's manifest.json; without one the data count as of today. Raises ConfigError."""
    file = folder / "manifest.json"
    if not file.exists():
        return County(folder)
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        prefixes = data.get("number_prefixes", {})
        name = str(data.get("county", "")).split(" ")[0].rpartition("市")[2].rstrip("县区")
        return County(
            folder,
            today=str(data.get("today", "")),
            local_names=(name,) if name else (),
            local_prefixes=tuple(f"{prefix}:{years}" for prefix, years in prefixes.items()),
        )
    except (ValueError, AttributeError):
        raise ConfigError("manifest.json 格式不正确", "manifest.json is malformed") from None


def write_coordinator(root: Path, *, port: int = 0) -> Path:
    """Write the coordinator's configuration; with port 0 it picks a free one and says which."""
    head: dict[str, object] = {"state": ".", "listen": f"127.0.0.1:{port}"}
    tables: list[Table] = [("coordinator", head), ("times", {"tick_seconds": 1})]
    return _write(root / COORDINATOR / "coordinator.toml", tables)


def write_agency(root: Path, office: Office, county: County, *, endpoint: str, by_hand: bool) -> Path:
    """Write an agency's configuration and a policy that allows exactly the demo's purpose."""
    folder = root / office.id
    _write(folder / "policy.toml", _policy(office, by_hand=by_hand))
    head: dict[str, object] = {
        "state": ".",
        "coordinator": endpoint,
        "data": str(office.register),
        "policy": "policy.toml",
        "operators": [OPERATOR],
        "today": county.today,
    }
    return _write(folder / "agency.toml", [("agency", head)])


def write_procuratorate(root: Path, county: County, *, endpoint: str) -> Path:
    """Write the procuratorate's configuration with two officers of different duties."""
    small = {"min_anchor_rows": 20, "min_register_rows": 1, "max_rows": 5_000_000, "max_result_rows": 200_000}
    small["max_share"] = WHOLE
    tables: list[Table] = [
        ("node", {"state": ".", "coordinator": endpoint}),
        ("cases", {"folder": str(county.folder / "procuratorate"), "as_of": county.today}),
        ("screening", small),
    ]
    if county.local_prefixes:
        local = {"names": list(county.local_names), "prefixes": list(county.local_prefixes)}
        tables.append(("locality", local))
    duties = {REQUESTING: ["request", "confirm", "reidentify", "release", "refer"], APPROVING: ["approve", "confirm"]}
    tables += [("[officers]", {"name": name, "may": may}) for name, may in duties.items()]
    return _write(root / PROCURATORATE / "procuratorate.toml", tables)


def _policy(office: Office, *, by_hand: bool) -> list[Table]:
    datasets = list(office.datasets)
    rule: dict[str, object] = {
        "name": RULE,
        "requesters": [PROCURATORATE],
        "purposes": [PURPOSE],
        "models": ["*"],
        "datasets": datasets,
        "fields": ["name", "id", "birth", "sex", "address", "phone"],
        "tags": sorted({tag for dataset in datasets for tag in TAGS[dataset]}),
        "changes": True,
        "context": "enforcement_debtor" in datasets,
        "min_rows": 1,  # A made-up county of a few thousand people has registers of a few rows.
        "min_anchor_rows": 20,
        "max_share": WHOLE,
        "mode": "operator" if by_hand else "auto",
        "valid_until": LAST_DAY,
    }
    release: dict[str, object] = {
        "name": "核实救助条件",
        "requesters": [PROCURATORATE],
        "datasets": datasets,
        "fields": list(RELEASED),
        "mode": "auto",
        "valid_until": LAST_DAY,
    }
    return [("[allow]", rule), ("[release]", release)]


def _write(file: Path, tables: Iterable[Table]) -> Path:
    """Write TOML; a value is a text, a number, a truth or a list of texts, and JSON writes all of them as TOML does."""
    lines: list[str] = []
    for name, values in tables:
        lines.append(f"[{name}]")
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
