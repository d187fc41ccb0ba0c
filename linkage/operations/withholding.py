"""Take out of a configuration and of a log whatever might name a person or open a door; keep what is listed here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

# The only texts of a configuration that are told; all others might be a name, a path, an account or a password.
TOLD: Final = frozenset(
    {"listen", "coordinator", "metrics", "log_format", "today", "as_of", "every", "expires", "models", "may", "preset"}
)
WITHHELD: Final = "（已去除 withheld）"
TEXT_LINE: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00 [A-Z]+ [\w.]+: ")
LINE_KEYS: Final = {"time", "level", "logger", "event", "exception"}
LONG_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])\d{7,}[Xx]?(?![0-9A-Za-z])")


def told_config(value: object, key: str = "") -> object:
    """Return a configuration's tables with only numbers, switches and the texts that may be told."""
    if isinstance(value, Mapping):
        return {str(name): told_config(inner, str(name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [told_config(inner, key) for inner in value]
    if isinstance(value, (bool, int, float)) or (isinstance(value, str) and (not value or key in TOLD)):
        return value
    if key == "database" and isinstance(value, str):
        return f"{value.split(':', 1)[0].split('+', 1)[0]}:{WITHHELD}"
    return WITHHELD


def told_line(line: str) -> str:
    """Return a log line that our own formats wrote, long numbers taken out; anything else is withheld."""
    return LONG_NUMBER.sub("<number>", line) if TEXT_LINE.match(line) or _is_event(line) else WITHHELD


def _is_event(line: str) -> bool:
    try:
        found = json.loads(line)
    except ValueError:
        return False
    return isinstance(found, dict) and set(found) <= LINE_KEYS
