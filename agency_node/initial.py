"""Write a new agency's configuration and a policy to start from, for the datasets its keys or files show."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from agency_node.config import FILE, Config, load_config
from agency_node.datasets import DatasetInfo, Registers
from agency_node.policy_file import parse_policy
from linkage.errors import ConfigError
from linkage.keys.files import PUBLIC, make_folder, write_file
from linkage.keys.store import load_party_keys
from linkage.schema import load_schema

PURPOSE = "司法救助线索筛查"
VALID_YEARS = 1
HEAD = """\
# 授权规则：没有写明允许的，一律拒绝；由 agency-node init 生成，请逐条核对。全部写法见 policy.example.toml。
# What may be encoded, for whom, for what; all else is refused. Made by `agency-node init`: go through every rule.
"""


def write_initial(
    folder: Path,
    *,
    data: Path,
    coordinator: str,
    operators: Sequence[str],
    requesters: Sequence[str],
    auto: bool,
    today: str,
) -> Config:
    """Make the folder and both files; files that are there are left alone. Raises ConfigError."""
    if (folder / FILE).exists():
        raise ConfigError(f"{FILE} 已存在，不覆盖", f"{FILE} exists and is not overwritten")
    if not data.is_dir():
        raise ConfigError(f"找不到登记表目录 {data.name}", f"the register folder {data.name} does not exist")
    folder.mkdir(parents=True, exist_ok=True)
    # A party's folder from the ceremony holds keys/ itself; a new one gets a private state folder.
    state = "." if (folder / "keys").is_dir() else "state"
    make_folder(folder / state)
    text = _config_text(state, data.resolve(), coordinator, operators=operators, today=today)
    write_file(folder / FILE, text.encode(), mode=PUBLIC)
    config = load_config(folder / FILE)
    if not config.policy.exists():
        rules = _policy_text(config, requesters=requesters, mode="auto" if auto else "operator")
        parse_policy(rules)
        write_file(config.policy, rules.encode(), mode=PUBLIC)
    return config


def _config_text(state: str, data: Path, coordinator: str, *, operators: Sequence[str], today: str) -> str:
    return "\n".join(
        (
            "# 数据单位节点的配置；各项含义见 config.example.toml | see config.example.toml",
            "[agency]",
            f"state = {_quoted(state)}",
            f"coordinator = {_quoted(coordinator)}",
            f"data = {_quoted(str(data))}",
            'policy = "policy.toml"',
            f"operators = {_list(operators)}",
            "keep_map_days = 30",
            f"today = {_quoted(today)}",
            "",
        )
    )


def _policy_text(config: Config, *, requesters: Sequence[str], mode: str) -> str:
    """Return one [[allow]] per dataset the files show; without a requester the rules stay commented out."""
    day = config.day(date.today())
    owned = None
    if (config.state / "keys").exists():
        keys = load_party_keys(config.state)
        owned = keys.party.datasets
        requesters = requesters or [p.id for p in keys.manifest.parties("procuratorate")]
    registers = Registers(config.data, today=day, datasets=owned, config=config.folder)
    until = date(day.year + VALID_YEARS, 12, 31)
    contexts = {d for file in registers.files if file.preset.context for d in file.preset.datasets}
    rules = [
        _rule(info, requesters, mode=mode, until=until, context=info.id in contexts) for info in registers.datasets()
    ]
    body = "\n".join(rules)
    if not requesters:
        body = "".join(f"# {line}\n" for line in body.splitlines())
    return HEAD + "\n" + body


def _rule(info: DatasetInfo, requesters: Sequence[str], *, mode: str, until: date, context: bool) -> str:
    known = set(load_schema("person-v1").tags)
    lines = (
        "[[allow]]",
        f"name = {_quoted(info.title or info.id)}",
        f"requesters = {_list(requesters)}",
        f"purposes = {_list([PURPOSE])}",
        'models = ["*"]',
        f"datasets = {_list([info.id])}",
        'fields = ["name", "id", "birth", "sex", "address", "phone"]',
        f"tags = {_list([tag for tag in info.tags if tag in known])}",
        "changes = true",
        f"context = {'true' if context else 'false'}",
        "min_rows = 20",
        "min_anchor_rows = 50",
        "per_day = 20",
        "per_30_days = 100",
        "min_asked = 20",
        "overlap_days = 90",
        "definitions = 8",
        "max_share = 20",
        "bucket = 25",
        f'mode = "{mode}"',
        f"valid_until = {_quoted(str(until))}",
        "",
    )
    return "\n".join(lines)


def _quoted(text: str) -> str:
    # A JSON string without escapes beyond its own is a TOML basic string.
    return json.dumps(text, ensure_ascii=False)


def _list(texts: Sequence[str]) -> str:
    return "[" + ", ".join(map(_quoted, texts)) + "]"
