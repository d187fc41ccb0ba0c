"""From register rows to rows to encode: only the allowed fields, only the allowed tags, and a way back to the row.

A row's reference is file, sheet, line and a digest of the person as read; it lives in the encrypted position map only.
By the digest a release notices that the file was exchanged since and another person stands in that line.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace

from agency_node.datasets import Registers
from agency_node.registers import RegisterRow
from linkage import words
from linkage.encode.payload import Payload
from linkage.errors import NotFoundError
from linkage.normalise import RawPerson
from linkage.normalise.references import fold_reference
from linkage.owner.choice import OwnerRow, OwnerRows
from linkage.warrant import PopulationSpec
from linkage.words import Words

# What a policy calls a field → what of a person it covers.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("name",),
    "id": ("id_number",),
    "birth": ("birth", "age"),
    "sex": ("sex",),
    "address": ("address", "town", "village"),
    "phone": ("phone",),
}
FIELD_TITLES: Words = {
    "name": words.FIELDS["name"],
    "id": words.FIELDS["id_number"],
    "birth": ("出生日期/年龄", "birth or age"),
    "sex": words.FIELDS["sex"],
    "address": words.FIELDS["address"],
    "phone": words.FIELDS["phone"],
}
DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class PopulationFacts:
    """What the office knows of one population before it decides: counts and names, no value.

    `rows` would be encoded now; `whole` is the snapshot's size when only its changes would be. `filled` counts, per
    policy field, the rows that have it. `tags` could stand in the payload.
    """

    rows: int
    whole: int
    filled: Mapping[str, int] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    as_of: str = ""
    rejects: int = 0


def count_population(registers: Registers, spec: PopulationSpec) -> PopulationFacts:
    """Read a population once and count. Raises NotFoundError, InputError."""
    filled: Counter[str] = Counter()
    rejects = rows = 0

    def reject(_: object) -> None:
        nonlocal rejects
        rejects += 1

    for row in registers.rows(spec, on_reject=reject):
        rows += 1
        filled.update(name for name, parts in FIELDS.items() if any(getattr(row.person, p) for p in parts))
    whole = rows
    if spec.change:
        whole = sum(1 for _ in registers.rows(replace(spec, change="", change_since="")))
    tags = next(info.tags for info in registers.datasets() if info.id == spec.dataset)
    return PopulationFacts(
        rows=rows,
        whole=whole,
        filled=dict(filled),
        tags=frozenset(spec.classes) or frozenset(tags),
        as_of=str(registers.as_of(spec)),
        rejects=rejects,
    )


def owner_rows(
    registers: Registers, spec: PopulationSpec, *, allowed: Collection[str], tags: Collection[str]
) -> OwnerRows:
    """Return the rows to encode, with nothing but the allowed fields; they are normalised while they are encoded."""
    shown = frozenset(tags) & frozenset(spec.classes or tags)
    return OwnerRows(_rows(registers, spec, allowed, shown), as_of=registers.as_of(spec))


def _rows(
    registers: Registers, spec: PopulationSpec, allowed: Collection[str], shown: frozenset[str]
) -> Iterator[OwnerRow]:
    hidden = hidden_parts(allowed)
    for row in registers.rows(spec):
        payload = None
        if spec.payload:
            payload = Payload(frozenset(row.classes) & shown, row.since, row.band)
        context = fold_reference(row.context) if spec.context else ""
        person = replace(row.person, **hidden) if hidden else row.person  # type: ignore[arg-type]  # All are texts.
        yield OwnerRow(reference_of(row), person, context=context, payload=payload)


def hidden_parts(allowed: Collection[str]) -> dict[str, str]:
    """Return the parts of a person that the policy does not name, each emptied."""
    kept = {part for name in allowed for part in FIELDS[name]} | {"age_on"}
    return {f.name: "" for f in fields(RawPerson) if f.name not in kept}


def reference_of(row: RegisterRow) -> bytes:
    """Return the bytes by which a row is found again."""
    return "\0".join((row.file, row.sheet, str(row.line), _digest(row.person))).encode()


def find_row(registers: Registers, reference: bytes, *, dataset: str) -> RegisterRow:
    """Return the row of a reference. Raises NotFoundError when it is gone or is about another person now."""
    if not reference:
        raise NotFoundError("这个位置不对应任何人", "this position is about nobody")
    file, sheet, line, digest = reference.decode().split("\0")
    row = registers.find(file, sheet, int(line), dataset=dataset)
    if _digest(row.person) != digest:
        raise NotFoundError(
            f"{file} 第 {line} 行在编码之后改动过", f"{file} row {line} has changed since it was encoded"
        )
    return row


def _digest(person: RawPerson) -> str:
    text = "\0".join((person.name, person.id_number, person.birth))
    return hashlib.sha256(b"linkage/v1/local-row\0" + text.encode()).digest()[:DIGEST_BYTES].hex()
