"""The roles that every node has, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linkage.accounts.desk import AUDITOR, SECURITY, SYSTEM
from linkage.web.texts import Text

ADMINISTRATORS: Final[Mapping[str, Text]] = {
    SECURITY: Text("安全管理员", "security administrator"),
    SYSTEM: Text("系统管理员", "system administrator"),
    AUDITOR: Text("审计员", "auditor"),
}
