"""Who is in the demo's consortium: one agency per folder of the county, the procuratorate, the linkage unit."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from linkage.errors import ConfigError

COORDINATOR = "coordinator"
PROCURATORATE = "procuratorate"
CONSORTIUM = "demo-county"

# Party id (the folder's name) → name of the office, datasets it owns.
OFFICES: dict[str, tuple[str, tuple[str, ...]]] = {
    "civil_affairs": ("民政局", ("dibao", "dibian", "tekun", "child")),
    "social_assistance_centre": ("社会救助中心", ("social_aided",)),
    "disabled_federation": ("残疾人联合会", ("disabled",)),
    "rural_revitalisation": ("乡村振兴局", ("monitor", "card")),
    "womens_federation": ("妇女联合会", ("women", "chunlei")),
    "trade_union": ("总工会", ("worker",)),
    "medical_insurance": ("医疗保障局", ("medaid",)),
    "veterans": ("退役军人事务局", ("veteran", "youfu")),
    "township_grid": ("基层治理四平台", ("vulnerable",)),
    "health_commission": ("卫生健康委员会", ("bereaved",)),
    "education": ("教育局", ("eduaid",)),
    "court": ("人民法院", ("enforcement_creditor", "enforcement_debtor", "aided_court")),
    "public_security": ("公安局", ("aided_police",)),
    "justice_bureau": ("司法局", ("aided_justice",)),
}


@dataclass(frozen=True, slots=True)
class Office:
    """One agency of the demo: id, name, datasets and the folder with its register."""

    id: str
    name: str
    datasets: tuple[str, ...]
    register: Path

    def quickstart_text(self) -> str:
        return f"{self.id}:{self.name}:agency:{','.join(self.datasets)}"


def find_offices(county: Path) -> tuple[Office, ...]:
    """Return one office per folder in <county>/agencies. Raises ConfigError for a folder nobody knows."""
    folders = sorted(folder for folder in (county / "agencies").iterdir() if folder.is_dir())
    unknown = [folder.name for folder in folders if folder.name not in OFFICES]
    if unknown or not folders:
        raise ConfigError(f"不认识的单位文件夹：{unknown}", f"folders of unknown offices: {unknown}")
    return tuple(Office(folder.name, *OFFICES[folder.name], folder) for folder in folders)


def quickstart_arguments(out: Path, offices: Sequence[Office]) -> list[str]:
    """Return the words of `linkage keys quickstart` for the whole consortium."""
    texts = [
        f"{COORDINATOR}:县委政法委（链接单元）:coordinator",
        f"{PROCURATORATE}:县人民检察院:procuratorate:parties",
        *(office.quickstart_text() for office in offices),
    ]
    parties = [word for text in texts for word in ("--party", text)]
    schemas = [word for digest in schema_digests() for word in ("--schema-digest", digest)]
    return ["keys", "quickstart", str(out), "--id", CONSORTIUM, *parties, *schemas]


def schema_digests() -> list[str]:
    """Return the digests of the encoding schemas that this version ships: what the consortium agrees to."""
    files = (file for file in resources.files("linkage").joinpath("schemas").iterdir() if file.name.endswith(".toml"))
    parsed = (tomllib.loads(file.read_text(encoding="utf-8")) for file in files)
    texts = (json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":")) for data in parsed)
    return sorted(hashlib.sha256(text.encode()).hexdigest() for text in texts)
