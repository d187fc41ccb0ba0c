"""One reader for every file that may be changed: screening model, lexicon, tree, charge models (CAP-16, PA-M-1)."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from linkage.errors import ConfigError
from procuratorate_node.campaign import extended, parse_campaign, parse_models
from procuratorate_node.colour_table import CHARGE_MODELS, FILES, LEXICON, TREE, ColourTable, make_colour_table
from procuratorate_node.model import ScreeningModel, model_tables, parse_model
from procuratorate_node.warning.charge_models import parse_charge_models
from procuratorate_node.warning.file import shipped
from procuratorate_node.warning.lexicon import parse_lexicon
from procuratorate_node.warning.tree import parse_tree

MODEL: Final = "model"
SECTIONS: Final = {"model": MODEL, "lexicon": LEXICON, "tree": TREE, "charge_models": CHARGE_MODELS}


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file that was parsed without a fault. `key` names what it replaces: a model's id, or the kind itself."""

    kind: str
    key: str
    version: int
    title: str
    digest: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Library:
    """Everything in force: the models of the node, and the files that decide colours."""

    models: tuple[ScreeningModel, ...]
    table: ColourTable


def read_rule_file(content: bytes, *, name: str, bases: Sequence[ScreeningModel]) -> RuleFile:
    """Parse a file of any kind. `bases` are models that a campaign may extend. Raises ConfigError with all faults."""
    kind = kind_of(content, name=name)
    digest = hashlib.sha256(content).hexdigest()
    if kind == MODEL:
        model = _model(content, bases, name=name)
        return RuleFile(MODEL, model.id, model.version, model.title, digest, content)
    if kind == LEXICON:
        lexicon = parse_lexicon(content, name=name).head
        return RuleFile(kind, kind, lexicon.version, lexicon.title, digest, content)
    if kind == TREE:
        tree = parse_tree(content, name=name).head
        return RuleFile(kind, kind, tree.version, tree.title, digest, content)
    charges = parse_charge_models(content, name=name).head
    return RuleFile(kind, kind, charges.version, charges.title, digest, content)


def _model(content: bytes, bases: Sequence[ScreeningModel], *, name: str) -> ScreeningModel:
    if extended(content, name=name):
        return parse_campaign(content, {m.id: m for m in bases if not m.extends}, name=name)
    return parse_model(content, name=name)


def kind_of(content: bytes, *, name: str) -> str:
    """Return what kind of file this is, by its head. Raises ConfigError."""
    kinds = [kind for section, kind in SECTIONS.items() if section in model_tables(content, name=name)]
    if len(kinds) != 1:
        heads = "、".join(f"[{section}]" for section in SECTIONS)
        raise ConfigError(
            f"{name} 应有且只有一个文件头：{heads}", f"{name} needs exactly one of the heads {', '.join(SECTIONS)}"
        )
    return kinds[0]


def kind_named(rule: str) -> str:
    """Return the kind of file that a word names: a kind itself, else a model's id."""
    return rule if rule in FILES else MODEL


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The files in force: `base` are model files by file name, `active` the approved changes by (kind, key)."""

    base: Mapping[str, bytes] = field(repr=False)
    active: Mapping[tuple[str, str], bytes] = field(repr=False)

    def library(self) -> Library:
        """Return the files parsed. Raises ConfigError, also where a campaign no longer fits what it extends."""
        return _library(tuple(sorted(self.base.items())), tuple(sorted(self.active.items())))

    def changed(self, file: RuleFile) -> RuleSet:
        """Return the set with one file changed."""
        return RuleSet(self.base, {**self.active, (file.kind, file.key): file.content})

    def content(self, kind: str, key: str) -> bytes | None:
        """Return the bytes in force of a model or kind; None where there is none."""
        if (kind, key) in self.active:
            return self.active[kind, key]
        if kind != MODEL:
            return shipped(FILES[kind])
        return next((content for name, content in self.base.items() if _id_of(content, name) == key), None)


@functools.lru_cache(maxsize=4)
def _library(base: tuple[tuple[str, bytes], ...], active: tuple[tuple[tuple[str, str], bytes], ...]) -> Library:
    changed = {key: content for (kind, key), content in active if kind == MODEL}
    files = {name: content for name, content in base if _id_of(content, name) not in changed}
    models = parse_models(files | {f"{key}.toml": content for key, content in changed.items()})
    return Library(models, make_colour_table({kind: content for (kind, _), content in active if kind != MODEL}))


def _id_of(content: bytes, name: str) -> str:
    head = model_tables(content, name=name).get("model")
    return str(head.get("id", "")) if isinstance(head, Mapping) else ""
