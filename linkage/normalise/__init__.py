"""Turn cells as offices write them into one canonical person record (domain.md C1: names N1-N9, numbers D1-D8)."""

from linkage.normalise.person import (
    Birth,
    BirthPrecision,
    BirthSource,
    IdState,
    IdType,
    NameState,
    Person,
    RawPerson,
)
from linkage.normalise.record import clear_caches, normalise

__all__ = [
    "Birth",
    "BirthPrecision",
    "BirthSource",
    "IdState",
    "IdType",
    "NameState",
    "Person",
    "RawPerson",
    "clear_caches",
    "normalise",
]
