"""What the three files of the warning have in common: a head, a digest, one way to be refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from linkage.errors import ConfigError
from procuratorate_node.relief.table_file import wrong_setting


@dataclass(frozen=True, slots=True)
class Head:
    """Name a file. `version` is raised by whoever edits it."""

    id: str
    version: int
    title: str
    title_en: str = ""

    def __post_init__(self) -> None:
        if not self.id.strip() or not self.title.strip() or self.version < 1:
            raise wrong_setting("id and title are texts, version starts at 1")


def shipped(name: str) -> bytes:
    """Return the bytes of a file that comes with the program."""
    return resources.files("procuratorate_node.warning").joinpath(name).read_bytes()


def digest_of(content: bytes) -> str:
    """Return the hex SHA-256 that names a file's exact bytes."""
    return hashlib.sha256(content).hexdigest()


def wrong_file(name: str, faults: Iterable[str]) -> ConfigError:
    """Return the refusal of a whole file, with all that is wrong in it."""
    text = "; ".join(faults)
    return ConfigError(f"规则文件 {name} 有误：{text}", f"the rule file {name} is wrong: {text}")
