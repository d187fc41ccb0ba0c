"""The node's configuration: one TOML file, one frozen Config; unknown keys are errors, all faults at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Final

from linkage.database.address import parse_address
from linkage.errors import ConfigError, PermissionRefused
from linkage.keys.keyring import with_passphrase
from linkage.operations.settings import Operations, parse_operations
from linkage.owner.database import FILE as DATABASE_FILE
from linkage.web.settings import WebSettings, parse_web
from procuratorate_node.locality import Locality, parse_locality
from procuratorate_node.standing.order import StandingOrder, parse_standing

FILE: Final = "procuratorate.toml"
SECTIONS: Final = frozenset(
    {"node", "cases", "screening", "locality", "officers", "office", "standing", "work", "operations", "web"}
)
PORT: Final = 7452  # Of the workbench.
DUTIES: Final = (
    *("request", "approve", "assign", "confirm", "reidentify"),
    *("release", "refer", "supervise", "search", "award"),
)


@dataclass(frozen=True, slots=True)
class Officer:
    """A person who acts for our office, or approves for another, and what he or she may do.

    `roles` are those of the relief rules (chief_prosecutor …) that the person holds for approving amounts.
    """

    name: str
    may: tuple[str, ...]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Screening:
    """Bounds of rounds, of re-identification and of the search of one person.

    `min_asked` and `overlap_days`: see rounds/overlap.py. `search_min_people`: how many people the batch must have in
    which the one is hidden.
    """

    min_anchor_rows: int = 50
    min_register_rows: int = 20
    max_rows: int = 2_000_000
    max_result_rows: int = 20_000
    max_share: int = 20
    min_asked: int = 20
    overlap_days: int = 90
    opened_per_day: int = 20
    search_min_people: int = 200
    searches_per_day: int = 5


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """What letters and periods need; empty paths mean the shipped files, an empty name the one in the manifest.

    `mark` begins the numbers of letters, such as 云检; `letters` is a folder of the office's own .docx templates.
    """

    name: str = ""
    mark: str = "检"
    catalogue: Path | None = None
    letters: Path | None = None
    holidays: Path | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """Tables of clue work and of amounts; None means the shipped one. `region` is ours in the tables of amounts.

    Counts from 1 to `hidden_below` − 1 are not shown in the figures of governance.
    """

    region: str = ""
    deadlines: Path | None = None
    advice: Path | None = None
    elements: Path | None = None
    relief: Path | None = None
    hidden_below: int = 5


@dataclass(frozen=True, slots=True)
class Config:
    """`state` holds keys/, audit/, rounds/ and, without `database`, node.db; empty `preset`, `models`: the shipped."""

    state: Path
    coordinator: str
    cases: Path
    preset: Path | None = None
    models: Path | None = None
    as_of: date | None = None
    keep_days: int = 30
    screening: Screening = field(default_factory=Screening)
    locality: Locality = field(default_factory=Locality)
    officers: tuple[Officer, ...] = ()
    office: OfficeFacts = field(default_factory=OfficeFacts)
    standing: tuple[StandingOrder, ...] = ()
    work: Work = field(default_factory=Work)
    passphrase_file: Path | None = None
    operations: Operations = field(default_factory=Operations)
    web: WebSettings = field(default_factory=WebSettings)
    database: str = ""

    @property
    def place(self) -> Path | str:
        """Return where the database is: its address, or the file in the state folder."""
        return self.database or self.state / DATABASE_FILE

    def require(self, name: str, duty: str) -> None:
        """Raise PermissionRefused unless the named officer may do this."""
        if not any(o.name == name and duty in o.may for o in self.officers):
            raise PermissionRefused(
                f"经办人不在名单内，或无权“{duty}”",
                f"this officer is not listed, or may not '{duty}'",
                hint_zh="在配置的 [[officers]] 里登记",
                hint_en="list the officer under [[officers]] in the configuration",
            )

    def roster(self) -> dict[str, frozenset[str]]:
        """Return who holds which role of the relief rules."""
        roles = {role for o in self.officers for role in o.roles}
        return {role: frozenset(o.name for o in self.officers if role in o.roles) for role in roles}


def example_config() -> str:
    """Return the text of the example configuration."""
    return resources.files("procuratorate_node").joinpath("config.example.toml").read_text(encoding="utf-8")


def load_config(file: Path) -> Config:
    """Read a configuration; relative paths start at its folder. Raises ConfigError."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            f"读不到配置文件 {file.name}",
            f"cannot read the configuration {file.name}",
            hint_zh="用 procuratorate-node init 目录 生成一份",
            hint_en="`procuratorate-node init FOLDER` writes one",
        ) from None
    return with_passphrase(parse_config(text, file.parent))


def parse_config(text: str, base: Path) -> Config:
    """Read a configuration's text. Raises ConfigError listing every fault."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"配置不是有效的 TOML：{error}", f"the configuration is not valid TOML: {error}") from None
    faults = [f"[{k}] unknown" for k in sorted(set(data) - SECTIONS)]
    kinds = dict.fromkeys(("state", "coordinator", "database", "passphrase_file"), str)
    node = _table(data, "node", {"keep_days": int, **kinds}, faults)
    if node.get("database"):
        parse_address(str(node["database"]))
    texts = dict.fromkeys(("folder", "preset", "models", "as_of"), str)
    cases = _table(data, "cases", texts, faults)
    bounds = _table(data, "screening", {f.name: int for f in fields(Screening)}, faults)
    files = ("deadlines", "advice", "elements", "relief")
    work = _table(data, "work", {"region": str, "hidden_below": int} | dict.fromkeys(files, str), faults)
    if bounds.get("min_asked") == 0 or bounds.get("overlap_days") == 0 or int(str(bounds.get("max_share", 0))) > 100:
        faults.append("[screening] min_asked and overlap_days are at least 1, max_share is a percentage")
    faults += [f"[node] {k} is missing" for k in ("state", "coordinator") if not node.get(k)]
    if not cases.get("folder"):
        faults.append("[cases] folder is missing")
    office = _table(data, "office", {f.name: str for f in fields(OfficeFacts)}, faults)
    officers = _officers(data.get("officers", []), faults)
    locality = parse_locality(data.get("locality", {}), faults)
    standing = parse_standing(data.get("standing"), faults)
    operations = parse_operations(data.get("operations", {}), base, faults)
    as_of = _day(str(cases.get("as_of", "")), faults)
    web = parse_web(data.get("web", {}), base, faults, port=PORT)
    if faults:
        raise ConfigError(f"配置有误：{'；'.join(faults)}", f"the configuration is wrong: {'; '.join(faults)}")
    return Config(
        state=base / str(node["state"]),
        passphrase_file=base / str(node["passphrase_file"]) if node.get("passphrase_file") else None,
        coordinator=str(node["coordinator"]),
        database=str(node.get("database", "")),
        cases=base / str(cases["folder"]),
        preset=base / str(cases["preset"]) if cases.get("preset") else None,
        models=base / str(cases["models"]) if cases.get("models") else None,
        as_of=as_of,
        keep_days=int(str(node.get("keep_days", 30))),
        screening=Screening(**{k: int(str(v)) for k, v in bounds.items()}),
        locality=locality,
        officers=officers,
        office=_office(office, base),
        standing=standing,
        operations=operations,
        web=web,
        work=Work(
            region=str(work.get("region", "")),
            hidden_below=int(str(work.get("hidden_below", Work().hidden_below))),
            **{k: base / str(work[k]) for k in files if work.get(k)},
        ),
    )


def _office(table: Mapping[str, object], base: Path) -> OfficeFacts:
    texts = {name: str(table[name]) for name in ("name", "mark") if table.get(name)}
    paths = {name: base / str(table[name]) for name in ("catalogue", "letters", "holidays") if table.get(name)}
    return OfficeFacts(**texts, **paths)  # type: ignore[arg-type]  # Texts are texts, paths are paths.


def _table(data: Mapping[str, object], name: str, kinds: Mapping[str, type], faults: list[str]) -> Mapping[str, object]:
    table = data.get(name, {})
    if not isinstance(table, Mapping):
        faults.append(f"[{name}] must be a table")
        return {}
    for key, value in table.items():
        if key not in kinds:
            faults.append(f"[{name}] unknown key {key}")
        elif type(value) is not kinds[key] or (isinstance(value, int) and value < 0):
            faults.append(f"[{name}] {key} has a wrong value")
    return {k: v for k, v in table.items() if k in kinds}


def _day(text: str, faults: list[str]) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        faults.append("[cases] as_of is a day such as 2026-10-31")
        return None


def _officers(rows: object, faults: list[str]) -> tuple[Officer, ...]:
    found: list[Officer] = []
    for row in rows if isinstance(rows, list) else [None]:
        officer = _officer(row) if isinstance(row, Mapping) else None
        if officer is None:
            faults.append(f"[[officers]] needs name and may, of {', '.join(DUTIES)}; roles are texts")
        else:
            found.append(officer)
    if len({o.name for o in found}) != len(found):
        faults.append("[[officers]] names repeat")
    return tuple(found)


def _officer(row: Mapping[str, object]) -> Officer | None:
    name, may, roles = row.get("name"), row.get("may"), row.get("roles", [])
    if not isinstance(name, str) or not name.strip() or not isinstance(may, list) or not isinstance(roles, list):
        return None
    known = set(map(str, may)) <= set(DUTIES) and all(isinstance(r, str) and r for r in roles)
    return Officer(name, tuple(map(str, may)), tuple(roles)) if known and set(row) <= {"name", "may", "roles"} else None
