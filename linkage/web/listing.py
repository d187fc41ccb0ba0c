"""Long tables in pages: which part of how many rows, sorted by what; both stand in the query as codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlencode

SIZE: Final = 50
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a table. `number` begins at 1; `sort` is one of the sorts the page offers."""

    query: Mapping[str, str]
    total: int
    number: int
    size: int
    sort: str
    descending: bool

    @classmethod
    def of(cls, query: Mapping[str, str], *, total: int, sorts: Sequence[str] = ("",), size: int = SIZE) -> Listing:
        """Read page and sort of a query; what is not offered falls back to the first."""
        asked = query.get("sort", "")
        sort = asked.removeprefix("-")
        known = sort in sorts
        last = max(1, -(-total // size))
        number = int(query["page"]) if query.get("page", "").isdecimal() and len(query["page"]) < 9 else 1
        return cls(
            query=query,
            total=total,
            number=min(max(number, 1), last),
            size=size,
            sort=sort if known else sorts[0],
            descending=known and asked.startswith("-"),
        )

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def start(self) -> int:
        """Return how many rows stand before this page."""
        return (self.number - 1) * self.size

    def part(self, rows: Sequence[T]) -> Sequence[T]:
        """Return this page's rows out of all."""
        return rows[self.start : self.start + self.size]

    def link(self, **changes: str) -> str:
        """Return the query with these values changed; an empty one is left out."""
        values = {**self.query, **changes}
        return "?" + urlencode({name: value for name, value in values.items() if value})

    def link_sorted(self, sort: str) -> str:
        """Return the link that sorts by this column, the other way round when it is sorted so already."""
        again = sort == self.sort and not self.descending
        return self.link(sort=f"-{sort}" if again else sort, page="")
