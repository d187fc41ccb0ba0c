"""The documents parties sign about a round: warrant, decision, deletion statement (design §3).

Each has one canonical JSON form (sorted keys, no spaces, UTF-8, no floats); everything later refers to the SHA-256 of
the warrant's canonical bytes. Times are ISO 8601 in UTC with seconds ("2026-10-31T08:00:00Z").
Unknown and missing keys are errors; all faults of a document are reported at once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import ClassVar, Literal, Self, TypeVar

from linkage.errors import WarrantError
from linkage.plan import SetPlan, parse_plan

LABEL_WARRANT = "warrant"
LABEL_DECISION = "decision"
LABEL_DELETION = "deletion"
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
HEX32 = re.compile(r"[0-9a-f]{64}")
ROUND_ID = re.compile(r"[0-9a-f]{32}")
MAX_ANCHOR_SETS = 32
T = TypeVar("T")


def utc_text(moment: datetime) -> str:
    """Return the document form of a moment: UTC, whole seconds, "Z"."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_utc(text: str) -> datetime:
    """Read the document form of a moment. Raises WarrantError."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if utc_text(moment) != text:  # Such times are compared as texts too.
            raise ValueError
        return moment
    except ValueError:
        raise WarrantError("时间格式应为 2026-10-31T08:00:00Z", "a time must look like 2026-10-31T08:00:00Z") from None


@dataclass(frozen=True, slots=True)
class PopulationSpec:
    """Name the rows one owner encodes: a dataset, a snapshot and a closed filter.

    `snapshot` is "latest" or "YYYYMM"; `classes` keeps rows having one of these class tags ([] = all); `active_only`
    drops rows whose status says they ended; `change` is "", "gained" or "lost": only people in `snapshot` but not in
    `change_since`, or the reverse, found locally by the owner. `context` asks for a token of the row's case number,
    and a link then needs an equal one. `payload` asks for the sealed payload. `anchor` marks the requester's own rows.
    """

    id: str
    owner: str
    dataset: str
    title: str
    snapshot: str = "latest"
    classes: tuple[str, ...] = ()
    active_only: bool = True
    change: Literal["", "gained", "lost"] = ""
    change_since: str = ""
    context: bool = False
    payload: bool = False
    anchor: bool = False


@dataclass(frozen=True, slots=True)
class ModelWarrant:
    """One screening model inside a warrant: which anchors it asks about and the set plan."""

    id: str
    version: int
    title: str
    digest: str  # hex SHA-256 of the model file
    anchors: str  # name of the anchor set whose members are asked about
    plan: SetPlan


@dataclass(frozen=True, slots=True)
class Limits:
    """Bound the round: least rows on each side, most rows per population, most anchors in the result.

    `max_share` is the most of one population's rows, in percent, that the result may link; 20 rows are always allowed.
    """

    min_anchor_rows: int
    min_register_rows: int
    max_rows: int
    max_result_rows: int
    max_share: int = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """How many people one population is asked about, and how many of them this dataset was not asked about before."""

    population: str
    people: int
    new: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """The requester's signed word on how its people overlap with those of its own earlier rounds (decision 0050).

    `rounds` are all rounds it signed within `days`; every count in `asked` is 0 or at least `least`. `commitment` is
    the hex SHA-256 over the keyed fingerprints of the people, which the requester's auditor can open. Days 0 = none.
    Reveals to the parties of the round how many people each population is asked about.
    """

    days: int = 0
    least: int = 0
    rounds: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
    commitment: str = ""

    def of(self, population: str) -> Asked:
        """Return what is said about one population; nobody where nothing is said."""
        return next((a for a in self.asked if a.population == population), Asked(population, 0, 0))


@dataclass(frozen=True, slots=True)
class RoundWarrant:
    """What the requester asks, why, by whom approved; see design §3.1. `recipient_key` is base64 (HPKE public)."""

    version: int
    round_id: str
    consortium: str
    requester: str
    purpose: str
    legal_basis: tuple[str, ...]
    reference: str
    approved_by: tuple[str, ...]
    models: tuple[ModelWarrant, ...]
    populations: tuple[PopulationSpec, ...]
    anchor_sets: tuple[str, ...]  # position = bit of the scope column
    schema_id: str
    schema_digest: str
    epoch: int
    kcv: str
    limits: Limits
    recipient_key: str
    issued_at: str
    expires_at: str
    overlap: Overlap = Overlap()

    VERSION: ClassVar[int] = 1

    def __post_init__(self) -> None:
        faults = list(_warrant_faults(self))
        if faults:
            raise WarrantError(f"委托书不合规则：{'；'.join(faults)}", f"the warrant breaks rules: {'; '.join(faults)}")

    def to_bytes(self) -> bytes:
        """Return the canonical JSON."""
        data = asdict(self)
        data["models"] = [asdict(m) | {"plan": m.plan.to_json()} for m in self.models]
        return _canonical(data)

    @property
    def digest(self) -> bytes:
        """Return the 32-byte SHA-256 everything else refers to."""
        return hashlib.sha256(self.to_bytes()).digest()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Parse canonical bytes. Raises WarrantError for anything else."""
        data = _parse(body)
        models = data.get("models")
        populations = data.get("populations")
        if not isinstance(models, list) or not isinstance(populations, list):
            raise _malformed("models/populations")
        data["models"] = tuple(_build(ModelWarrant, m, plan=parse_plan) for m in models)
        data["populations"] = tuple(_build(PopulationSpec, p, classes=_texts) for p in populations)
        data["limits"] = _build(Limits, data.get("limits"))
        data["overlap"] = _build(Overlap, data.get("overlap"), rounds=_texts, asked=_asked)
        warrant = _build(cls, data, legal_basis=_texts, approved_by=_texts, anchor_sets=_texts)
        if warrant.to_bytes() != body:
            raise _malformed("canonical form")
        return warrant

    @property
    def owners(self) -> tuple[str, ...]:
        """Return every owner that must consent, the requester included, sorted."""
        return tuple(sorted({p.owner for p in self.populations}))

    def population(self, population_id: str) -> PopulationSpec:
        for spec in self.populations:
            if spec.id == population_id:
                return spec
        raise WarrantError(f"委托书里没有群体 {population_id}", f"the warrant has no population {population_id}")

    @property
    def anchor_population(self) -> PopulationSpec:
        return next(p for p in self.populations if p.anchor)


def _warrant_faults(w: RoundWarrant) -> list[str]:
    faults: list[str] = []
    if w.version != RoundWarrant.VERSION:
        faults.append(f"version {w.version}")
    if not ROUND_ID.fullmatch(w.round_id):
        faults.append("round_id")
    if not w.purpose.strip() or not w.legal_basis:
        faults.append("purpose/legal_basis empty")
    if len(set(w.approved_by)) < 2:
        faults.append("approved_by needs two different people")
    if any(p.change not in ("", "gained", "lost") for p in w.populations):
        faults.append("change")
    if not HEX32.fullmatch(w.schema_digest) or any(not HEX32.fullmatch(m.digest) for m in w.models):
        faults.append("digest")
    ids = [p.id for p in w.populations]
    if len(set(ids)) != len(ids) or any(not NAME.fullmatch(i) for i in ids):
        faults.append("population ids")
    anchors = [p for p in w.populations if p.anchor]
    if len(anchors) != 1 or anchors[0].owner != w.requester:
        faults.append("exactly one anchor population of the requester")
    if not w.models or len({m.id for m in w.models}) != len(w.models):
        faults.append("models")
    if not 1 <= len(w.anchor_sets) <= MAX_ANCHOR_SETS or len(set(w.anchor_sets)) != len(w.anchor_sets):
        faults.append("anchor_sets")
    known = {p.id for p in w.populations if not p.anchor} | {f"@{s}" for s in w.anchor_sets}
    for model in w.models:
        if model.anchors not in w.anchor_sets or not set(model.plan.leaves()) <= known:
            faults.append(f"model {model.id}: unknown population or anchor set")
    if parse_utc(w.issued_at) >= parse_utc(w.expires_at):
        faults.append("expires_at is not after issued_at")
    if not 0 <= w.limits.max_share <= 100:
        faults.append("max_share")
    return faults + _overlap_faults(w)


def _overlap_faults(w: RoundWarrant) -> list[str]:
    said = w.overlap
    if said == Overlap():
        return []
    faults: list[str] = []
    if said.days < 1 or said.least < 1 or not HEX32.fullmatch(said.commitment):
        faults.append("overlap")
    if len(set(said.rounds)) != len(said.rounds) or not all(ROUND_ID.fullmatch(r) for r in said.rounds):
        faults.append("overlap rounds")
    if sorted(a.population for a in said.asked) != sorted(p.id for p in w.populations if not p.anchor):
        faults.append("overlap must name every population once")
    if any(a.new > a.people or any(0 < n < said.least or n < 0 for n in (a.people, a.new)) for a in said.asked):
        faults.append("overlap: fewer people than it promises")
    return faults


@dataclass(frozen=True, slots=True)
class Decision:
    """An owner's answer to a warrant. `nonce` is 32 fresh bytes in hex when approving, "" when refusing."""

    version: int
    round_id: str
    warrant_digest: str
    owner: str
    decision: Literal["approve", "refuse"]
    nonce: str
    reason: str
    decided_by: str  # "policy" or the operator's name in the owner's office
    decided_at: str

    VERSION: ClassVar[int] = 1

    def __post_init__(self) -> None:
        approved = self.decision == "approve"
        if self.version != self.VERSION or self.decision not in ("approve", "refuse"):
            raise _malformed("decision")
        if bool(HEX32.fullmatch(self.nonce)) != approved or not HEX32.fullmatch(self.warrant_digest):
            raise _malformed("nonce/warrant_digest")
        if not approved and not self.reason.strip():
            raise WarrantError("拒绝必须写明理由", "a refusal must give a reason")

    def to_bytes(self) -> bytes:
        return _canonical(asdict(self))

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        return _build(cls, _parse(body))


@dataclass(frozen=True, slots=True)
class DeletionStatement:
    """A party's signed word that a round's data are gone: what, how many bytes, with which digests."""

    version: int
    round_id: str
    warrant_digest: str
    party: str
    items: tuple[str, ...]  # "population:<id>:<content digest hex>", "result:<digest hex>", "map:<population>"
    deleted_at: str

    VERSION: ClassVar[int] = 1

    def to_bytes(self) -> bytes:
        return _canonical(asdict(self))

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        return _build(cls, _parse(body), items=_texts)


def _canonical(data: object) -> bytes:
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _malformed(what: str) -> WarrantError:
    return WarrantError(f"文书格式不正确：{what}", f"malformed document: {what}")


def _parse(body: bytes) -> dict[str, object]:
    try:
        data = json.loads(body)
        _canonical(data)  # What cannot be written again, such as half a character, is not read either.
    except (ValueError, RecursionError):
        raise _malformed("JSON") from None
    if not isinstance(data, dict):
        raise _malformed("object")
    return data


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise _malformed("list of texts")
    return tuple(value)


def _asked(value: object) -> tuple[Asked, ...]:
    if not isinstance(value, list):
        raise _malformed("asked")
    return tuple(_build(Asked, part) for part in value)


def _build(cls: type[T], data: object, **convert: Callable[[object], object]) -> T:
    """Build a frozen dataclass from a mapping with exactly its fields, checking scalar types."""
    if not isinstance(data, Mapping):
        raise _malformed(cls.__name__)
    wanted = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]
    if set(data) != set(wanted):
        raise _malformed(f"{cls.__name__}: {sorted(set(data) ^ set(wanted))}")
    values = {k: convert[k](v) if k in convert else v for k, v in data.items()}
    for name, field in wanted.items():
        expected = {"str": str, "int": int, "bool": bool}.get(str(field.type))
        value = values[name]
        if expected is not None and type(value) is not expected:
            raise _malformed(f"{cls.__name__}.{name}")
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise _malformed(f"{cls.__name__}.{name}")
    return cls(**values)
