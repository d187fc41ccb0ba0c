"""The encoding schema: what every owner of a round must encode in exactly the same way, as a TOML file with a digest.

A schema is data: token kinds (which parts of a person are joined), what fills the filter, filter length l, diffusion
degree t, popcount window, availability flags, payload tags, and how the matcher decides. The filter is filled either by
kinds of grams with so many hashes each, or by fields whose grams share the field's hashes; the matcher decides either
by a fitted table or by the chance rule alone. Parties compare the SHA-256 of its canonical JSON before a row moves
(design §4). Unknown keys are errors; all faults are reported at once.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from linkage.encoded import PAYLOAD_SEALED_BYTES, RowLayout
from linkage.errors import ConfigError

HASHES = ("hmac-sha256", "hmac-sm3")
MAX_FLAGS = 16
MAX_TAGS = 32


@dataclass(frozen=True, slots=True)
class TokenKind:
    """Join `parts` of a person into one exact-match token. Kinds with one `tag` are compared with each other.

    A row without one of the parts, or of the parts `given`, has no such token. A kind `against` a tag is a witness: two
    rows that share it both have what is `given`, so if they share no token of that tag they disagree in it.
    """

    id: str
    tag: str
    parts: tuple[str, ...]
    given: tuple[str, ...] = ()
    against: str = ""


@dataclass(frozen=True, slots=True)
class GramKind:
    """Give every gram of one kind `hashes` positions in the filter."""

    id: str
    hashes: int


@dataclass(frozen=True, slots=True)
class FieldKind:
    """Give all grams of one field together `hashes` positions. Fields with one `tag` share their grams."""

    id: str
    tag: str
    grams: tuple[str, ...]
    hashes: int


@dataclass(frozen=True, slots=True)
class ChanceRule:
    """Link what lies nearer than chance explains; there is nothing to fit.

    `false_links` are accepted per row of the smaller side; `token_bonus`, a share of the filter's length, is how much
    farther two rows may lie that share a token.
    """

    false_links: float
    token_bonus: float


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """Hold the matcher's fitted rule: weights per feature name, and where the grades are cut.

    score = bias + Σ weight · feature (natural log odds that two rows are one person, given that they became
    candidates). `sure` and `near` cut grade D from E from W; `margin` is what the best row must lead the next by.
    """

    bias: float
    weights: Mapping[str, float]
    sure: float
    near: float
    wide: float
    margin: float
    false_links: float  # accepted false links per row of the smaller side, for the chance cut
    crowd: int

    def sure_among(self, rows: int) -> float:
        """Return `sure` for pairs without an equal number: in a larger register it rises with the logarithm of rows."""
        return self.sure + math.log(max(1.0, rows / self.crowd))


@dataclass(frozen=True, slots=True)
class EncodingSchema:
    """One parsed schema. `digest` is the hex SHA-256 of the canonical JSON of the whole file."""

    id: str
    version: int
    digest: str
    normalisation: str
    hash: Literal["hmac-sha256", "hmac-sm3"]
    filter_bits: int
    diffusion: int
    filter_popcount: tuple[int, int]
    tokens: tuple[TokenKind, ...]
    grams: Mapping[str, int]  # gram kind → hashes; empty where fields fill the filter
    flags: tuple[str, ...]
    tags: tuple[str, ...]
    fitted: DecisionTable | None
    fields: tuple[FieldKind, ...] = ()
    chance: ChanceRule | None = None

    @property
    def decision(self) -> DecisionTable:
        """Return the fitted table. Raises ConfigError for a schema that decides by the chance rule."""
        if self.fitted is None:
            raise ConfigError(f"编码方案 {self.id} 没有判定表", f"schema {self.id} has no decision table")
        return self.fitted

    def layout(self, payload: bool) -> RowLayout:
        """Return the row layout of an upload with or without sealed payload."""
        return RowLayout(len(self.tokens), self.filter_bits, PAYLOAD_SEALED_BYTES if payload else 0)

    def token_index(self, kind: str) -> int:
        """Return the column of a token kind. Raises ConfigError."""
        for index, token in enumerate(self.tokens):
            if token.id == kind:
                return index
        raise ConfigError(f"编码方案 {self.id} 没有令牌 {kind}", f"schema {self.id} has no token kind {kind}")


FILLINGS = ("gram", "field")  # A schema has one of the two.
KEYS: Mapping[str, frozenset[str]] = {
    "": frozenset({"schema", "filter", "token", "flags", "tags", "decision"}),
    "schema": frozenset({"id", "version", "normalisation", "hash"}),
    "filter": frozenset({"bits", "diffusion", "popcount"}),
    "token": frozenset({"id", "tag", "parts"}),
    "gram": frozenset({"id", "hashes"}),
    "field": frozenset({"id", "tag", "grams", "hashes"}),
    "decision": frozenset({"bias", "weights", "sure", "near", "wide", "margin", "false_links", "crowd"}),
}
WITNESS_KEYS = KEYS["token"] | {"given", "against"}
CHANCE_KEYS = frozenset({"rule", "false_links", "token_bonus"})


def parse_schema(text: str) -> EncodingSchema:
    """Read a schema file's text. Raises ConfigError listing every fault found."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"编码方案不是有效的 TOML：{exc}", f"the schema is not valid TOML: {exc}") from None
    faults = list(_key_faults(data))
    if not faults:
        faults = list(_value_faults(data))
    if faults:
        raise ConfigError(f"编码方案有错：{'；'.join(faults)}", f"faults in the schema: {'; '.join(faults)}")
    return _build(data)


def _key_faults(data: Mapping[str, object]) -> Iterable[str]:
    filling = [name for name in FILLINGS if name in data]
    if len(filling) != 1:
        yield f"one of {FILLINGS}"
    for section, keys in KEYS.items():
        if section in FILLINGS and section not in filling:
            continue
        allowed = keys | set(filling) if section == "" else keys
        part = data if section == "" else data.get(section)
        tables = part if isinstance(part, list) else [part]
        for table in tables:
            if not isinstance(table, Mapping):
                yield f"[{section}] missing"
                continue
            if section == "decision" and "rule" in table:
                allowed = CHANCE_KEYS
            elif section == "token":
                allowed = WITNESS_KEYS if "against" in table else keys
            if set(table) != allowed:
                yield f"[{section}] keys {sorted(set(table) ^ allowed)}"


def _value_faults(data: dict[str, dict[str, object]]) -> Iterable[str]:
    bits, window = data["filter"]["bits"], data["filter"]["popcount"]
    if data["schema"]["hash"] not in HASHES:
        yield f"hash must be one of {HASHES}"
    if data["decision"].get("rule", "chance") != "chance":
        yield "decision.rule must be chance, or absent for a fitted table"
    if not isinstance(bits, int) or bits < 64 or bits & (bits - 1):
        yield "filter.bits must be a power of two"
    if not (isinstance(window, list) and len(window) == 2 and 0 <= window[0] < window[1]):
        yield "filter.popcount must be [low, high]"
    if len(data["flags"]) > MAX_FLAGS or len(data["tags"]) > MAX_TAGS:
        yield f"at most {MAX_FLAGS} flags and {MAX_TAGS} tags"
    names = [str(t["id"]) for t in data["token"]]  # type: ignore[index]
    if len(set(names)) != len(names) or not all(re.fullmatch(r"[a-z0-9_]+", n) for n in names):
        yield "token ids"
    tags = {t["tag"] for t in data["token"] if "against" not in t}  # type: ignore[index]
    for token in data["token"]:
        if "against" in token and (token["against"] not in tags or token["tag"] in tags):  # type: ignore[index]
            yield f"token {token['id']}: against must name a tag, and its own tag must be another"  # type: ignore[index]


def _build(data: dict[str, dict[str, object]]) -> EncodingSchema:
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    head, shape, decision = data["schema"], data["filter"], dict(data["decision"])
    by_chance = decision.pop("rule", "") == "chance"
    return EncodingSchema(
        **head,  # type: ignore[arg-type]
        digest=hashlib.sha256(canonical).hexdigest(),
        filter_bits=int(shape["bits"]),  # type: ignore[call-overload]
        diffusion=int(shape["diffusion"]),  # type: ignore[call-overload]
        filter_popcount=tuple(shape["popcount"]),  # type: ignore[arg-type]
        tokens=tuple(
            TokenKind(t["id"], t["tag"], tuple(t["parts"]), tuple(t.get("given", ())), t.get("against", ""))  # type: ignore[index, attr-defined]
            for t in data["token"]
        ),
        grams={str(g["id"]): int(g["hashes"]) for g in data.get("gram", ())},  # type: ignore[index]
        flags=tuple(data["flags"]),
        tags=tuple(data["tags"]),
        fitted=None if by_chance else DecisionTable(**decision),  # type: ignore[arg-type]
        fields=tuple(
            FieldKind(f["id"], f["tag"], tuple(f["grams"]), int(f["hashes"]))  # type: ignore[index]
            for f in data.get("field", ())
        ),
        chance=ChanceRule(**decision) if by_chance else None,  # type: ignore[arg-type]
    )


@functools.cache
def load_schema(schema_id: str) -> EncodingSchema:
    """Load a schema that ships with the program, by id. Raises ConfigError."""
    if not re.fullmatch(r"[a-z0-9-]+", schema_id):
        raise ConfigError("编码方案名称不合规则", "not a schema id")
    file = resources.files("linkage").joinpath("schemas", f"{schema_id}.toml")
    if not file.is_file():
        raise ConfigError(f"没有编码方案 {schema_id}", f"there is no schema {schema_id}")
    return parse_schema(file.read_text(encoding="utf-8"))


def shipped_schemas() -> tuple[EncodingSchema, ...]:
    """Return every schema that ships with the program, by id."""
    files = resources.files("linkage").joinpath("schemas").iterdir()
    return tuple(load_schema(f.name[:-5]) for f in sorted(files, key=lambda f: f.name) if f.name.endswith(".toml"))
