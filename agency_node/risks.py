"""How much an attacker finds in our own encodings: measured before anything leaves, kept by snapshot and schema.

A policy with a [risk] table refuses whatever was not measured, or was found too open. What the figures rest on are the
rows of a whole dataset; a warrant that asks for some of them shows an attacker no more.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from agency_node.policy import Evaluation
from agency_node.policy_rules import RiskRule
from agency_node.rows import PopulationFacts
from agency_node.store import AGENCY, METADATA
from linkage.database.migrating import bring_forward
from linkage.owner.choice import Refuse
from linkage.owner.database import reading
from linkage.warrant import RoundWarrant

RISKS = sa.Table(
    "agency_risks",
    METADATA,
    sa.Column("dataset", sa.String(64), primary_key=True),
    sa.Column("as_of", sa.String(10), primary_key=True),
    sa.Column("schema_digest", sa.String(64), primary_key=True),
    sa.Column("found", sa.Text, nullable=False),  # JSON: attack → share found
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("measured_at", sa.String(20), nullable=False),
)
Fault = tuple[str, str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one snapshot under one schema: attack → share of people found, on so many people."""

    dataset: str
    as_of: str
    schema_digest: str
    found: Mapping[str, float]
    people: int
    measured_at: str


class Risks:
    """Keep the newest figures of every snapshot and schema."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        bring_forward(engine, AGENCY)

    def put(self, measured: Measured) -> None:
        key = (RISKS.c.dataset == measured.dataset) & (RISKS.c.as_of == measured.as_of)
        key &= RISKS.c.schema_digest == measured.schema_digest
        values = {name: getattr(measured, name) for name in Measured.__slots__} | {"found": json.dumps(measured.found)}
        with self._engine.begin() as connection:
            connection.execute(RISKS.delete().where(key))
            connection.execute(RISKS.insert().values(values))

    def find(self, dataset: str, as_of: str, schema_digest: str) -> Measured | None:
        key = (RISKS.c.dataset == dataset) & (RISKS.c.as_of == as_of) & (RISKS.c.schema_digest == schema_digest)
        with reading(self._engine) as connection:
            row = connection.execute(RISKS.select().where(key)).mappings().first()
        return None if row is None else _measured(row)

    def all(self) -> tuple[Measured, ...]:
        """Return all figures, the newest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(RISKS.select().order_by(RISKS.c.measured_at.desc())).mappings().all()
        return tuple(_measured(row) for row in rows)


def _measured(row: Mapping[Any, Any]) -> Measured:
    return Measured(**{**row, "found": json.loads(row["found"])})


def hold_to_risk(
    found: Evaluation,
    warrant: RoundWarrant,
    rule: RiskRule | None,
    *,
    facts: Mapping[str, PopulationFacts],
    risks: Risks,
    owner: str,
) -> Evaluation:
    """Return the policy's answer, or a refusal naming every dataset that is not measured or too open."""
    if rule is None or isinstance(found.choice, Refuse):
        return found
    faults = [
        (f"数据集 {spec.dataset}：{zh}", f"dataset {spec.dataset}: {en}")
        for spec in warrant.populations
        if spec.owner == owner and spec.id in facts
        for zh, en in _faults(rule, risks.find(spec.dataset, facts[spec.id].as_of, warrant.schema_digest), spec.dataset)
    ]
    if not faults:
        return found
    unique = list(dict.fromkeys(faults))
    return Evaluation(Refuse(f"{'；'.join(f[0] for f in unique)} | {'; '.join(f[1] for f in unique)}", "policy"))


def _faults(rule: RiskRule, measured: Measured | None, dataset: str) -> Iterator[Fault]:
    if measured is None:
        yield (
            f"这一快照还没有做风险测评，先运行 agency-node risk {dataset}",
            f"this snapshot's risk is not measured; run agency-node risk {dataset} first",
        )
        return
    for attack, limit in rule.limits().items():
        share = measured.found.get(attack, 1.0)
        if share > limit:
            yield (
                f"风险测评 {attack} 为 {share:.2%}，上限 {limit:.2%}",
                f"risk {attack} is {share:.2%}, at most {limit:.2%} is allowed",
            )


def drawn(items: Iterable[T], count: int, *, seed: int) -> list[T]:
    """Return `count` of the items, every one equally likely, without holding the others (reservoir sampling)."""
    rng = random.Random(seed)
    kept: list[T] = []
    for place, item in enumerate(items):
        if place < count:
            kept.append(item)
        elif (at := rng.randrange(place + 1)) < count:
            kept[at] = item
    return kept
