"""What the three files of the warning have in common: a head, a digest, one way to be opened and to be refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources

from linkage.errors import ConfigError, InputError
from procuratorate_node.relief.grammar import parse_document, unknown_sections


@dataclass(frozen=True, slots=True)
class Head:
    """Name a file. `version` is raised by whoever edits it."""

    id: str
    version: int
    title: str
    title_en: str = ""

    def __post_init__(self) -> None:
        if not self.id.strip() or not self.title.strip() or self.version < 1:
            raise wrong_entry("id and title are texts, version starts at 1")


def shipped(name: str) -> bytes:
    """Return the bytes of a file that comes with the program."""
    return resources.files("procuratorate_node.warning").joinpath(name).read_bytes()


def digest_of(content: bytes) -> str:
    """Return the hex SHA-256 that names a file's exact bytes."""
    return hashlib.sha256(content).hexdigest()


def open_file(content: bytes, sections: tuple[str, ...], *, name: str) -> tuple[Mapping[str, object], list[str]]:
    """Return a file's sections and the faults of its outline. Raises ConfigError where it cannot be parsed."""
    try:
        data = parse_document(content, name=name)
    except InputError as error:
        raise ConfigError(error.zh, error.en) from None
    return data, unknown_sections(data, sections)


def wrong_file(name: str, faults: Iterable[str]) -> ConfigError:
    """Return the refusal of a whole file, with all that is wrong in it."""
    text = "; ".join(faults)
    return ConfigError(f"规则文件 {name} 有误：{text}", f"the rule file {name} is wrong: {text}")


def wrong_entry(text: str) -> ConfigError:
    """Return the refusal of one entry; it becomes part of the file's."""
    return ConfigError(text, text)
