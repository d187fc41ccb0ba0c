"""The agency's configuration: one TOML file, one frozen Config, unknown keys are errors."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from agency_node.scan import FileEntry, parse_entries
from linkage.errors import ConfigError
from linkage.keys.keyring import with_passphrase
from linkage.operations.settings import Operations, parse_operations
from linkage.web.settings import WebSettings, parse_web

FILE = "agency.toml"
TEXTS = {"state": "state", "coordinator": "", "data": "", "policy": "policy.toml", "today": "", "passphrase_file": ""}
DEFAULT_MAP_DAYS = 30
PORT = 7451  # Of the console.


@dataclass(frozen=True, slots=True)
class Config:
    """Where everything of one agency lies. `state` holds keys/, audit/, rounds/ and node.db.

    `operators` may decide for the office. `today` is "" (the real day) or a fixed day for exercises with old files.
    """

    folder: Path
    state: Path
    coordinator: str
    data: Path
    policy: Path
    operators: tuple[str, ...] = ()
    keep_map_days: int = DEFAULT_MAP_DAYS
    today: str = ""
    entries: tuple[FileEntry, ...] = ()
    passphrase_file: Path | None = None
    operations: Operations = field(default_factory=Operations)
    web: WebSettings = field(default_factory=WebSettings)

    def day(self, real: date) -> date:
        """Return the day that registers and ages are seen on."""
        return date.fromisoformat(self.today) if self.today else real

    def require_operator(self, name: str) -> None:
        """Return when this person may decide. Raises ConfigError."""
        if name not in self.operators:
            raise ConfigError(
                "这个人不在 agency.toml 的 operators 名单里",
                "this person is not among the operators of agency.toml",
                hint_zh=f"把账户名写进 operators 后重启节点；现有：{'、'.join(self.operators) or '（无）'}",
                hint_en=f"add the account's name there and restart; now: {', '.join(self.operators) or '(none)'}",
            )


def load_config(file: Path) -> Config:
    """Read a configuration; relative paths are taken from the file's folder. Raises ConfigError."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            f"读不到配置文件 {file.name}",
            f"cannot read the configuration {file.name}",
            hint_zh="用 agency-node init 目录 --data 登记表目录 生成一份，或用 --config 指明位置",
            hint_en="`agency-node init FOLDER --data DIR` writes one; --config says where it lies",
        ) from None
    return with_passphrase(parse_config(text, file.parent))


def parse_config(text: str, folder: Path) -> Config:
    """Read a configuration's text, listing every fault. Raises ConfigError."""
    try:
        data = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"配置不是有效的 TOML：{exc}", f"the configuration is not valid TOML: {exc}") from None
    faults = [f"[{name}] unknown" for name in sorted(set(data) - {"agency", "file", "operations", "web"})]
    head = data.get("agency", {})
    if not isinstance(head, Mapping):
        faults.append("[agency] must be a table")
        head = {}
    faults += [f"agency.{k} unknown" for k in sorted(set(head) - {*TEXTS, "operators", "keep_map_days"})]
    texts = {key: head.get(key, default) for key, default in TEXTS.items()}
    faults += [f"agency.{key} must be a text" for key, value in texts.items() if not isinstance(value, str)]
    faults += [f"agency.{key} missing" for key in ("coordinator", "data") if not texts[key]]
    operators, days = head.get("operators", []), head.get("keep_map_days", DEFAULT_MAP_DAYS)
    if not isinstance(operators, list) or not all(isinstance(name, str) and name.strip() for name in operators):
        faults.append("agency.operators must be a list of names")
    if type(days) is not int or not 0 <= days <= 3650:
        faults.append("agency.keep_map_days must be a number of days")
    if isinstance(texts["today"], str) and texts["today"] and not _is_day(texts["today"]):
        faults.append("agency.today must be YYYY-MM-DD")
    operations = parse_operations(data.get("operations", {}), folder, faults)
    web = parse_web(data.get("web", {}), folder, faults, port=PORT)
    if faults:
        raise ConfigError(f"配置有错：{'；'.join(faults)}", f"faults in the configuration: {'; '.join(faults)}")
    return Config(
        folder=folder,
        state=folder / texts["state"],
        coordinator=texts["coordinator"],
        data=folder / texts["data"],
        policy=folder / texts["policy"],
        operators=tuple(operators),
        keep_map_days=days,
        today=texts["today"],
        entries=parse_entries(data["file"], base=folder) if "file" in data else (),
        passphrase_file=folder / texts["passphrase_file"] if texts["passphrase_file"] else None,
        operations=operations,
        web=web,
    )


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
