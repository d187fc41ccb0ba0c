"""Standing orders (GY-C-1, GY-C-3, SX-I-1, SC-P-3): which models, how often, until when, how many rounds at most.

An order stands in the node's configuration. What two officers approve is its canonical form with the digests of the
models, so that nothing about it can change without a new approval. Hours are Beijing time (UTC+8).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final, Literal

from linkage.errors import ConfigError
from procuratorate_node.model import ScreeningModel
from procuratorate_node.relief.grammar import read_records

LABEL: Final = b"linkage/v1/standing-order\0"
BEIJING: Final = timezone(timedelta(hours=8))
ID = re.compile(r"[a-z][a-z0-9-]{0,30}")
LAST_DAY: Final = 28  # A day that every month has.
MAX_ROUNDS: Final = 400
MAX_DAYS: Final = 400  # How far ahead an order may reach.


@dataclass(frozen=True, slots=True)
class StandingOrder:
    """One order. `day` of the month counts for `every = "month"` only; the order ends after the day `expires`.

    `every = "stage"`: looked at daily, and due when a case has newly reached a stage that its charge model names
    (PA-I-2, YQ-C-1).
    """

    id: str
    models: tuple[str, ...]
    reference: str
    every: Literal["month", "day", "stage"]
    expires: date
    max_rounds: int
    day: int = 1
    hour: int = 2

    def __post_init__(self) -> None:
        checks = (
            (bool(ID.fullmatch(self.id)), "id is lower-case letters, digits and hyphens"),
            (bool(self.models) and bool(self.reference.strip()), "models and reference must not be empty"),
            (self.every in ("month", "day", "stage"), "every is month, day or stage"),
            (1 <= self.day <= LAST_DAY, f"day is 1 to {LAST_DAY}"),
            (0 <= self.hour <= 23, "hour is 0 to 23"),
            (1 <= self.max_rounds <= MAX_ROUNDS, f"max_rounds is 1 to {MAX_ROUNDS}"),
        )
        if wrong := [fault for holds, fault in checks if not holds]:
            text = "; ".join(wrong)
            raise ConfigError(text, text)

    def body(self, models: Sequence[ScreeningModel]) -> bytes:
        """Return the canonical JSON that is approved: the order and the digests of its models."""
        data = asdict(self) | {
            "version": 1,
            "expires": self.expires.isoformat(),
            "models": [[m.id, m.digest] for m in models],
        }
        return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()

    def newest_due(self, now: datetime) -> datetime:
        """Return the newest moment of the schedule that is not after `now`."""
        local = now.astimezone(BEIJING)
        moment = local.replace(hour=self.hour, minute=0, second=0, microsecond=0)
        if self.every == "month":
            moment = moment.replace(day=self.day)
        if moment > local:
            monthly = self.every == "month"
            back = moment - timedelta(days=moment.day if monthly else 1)
            moment = back.replace(day=self.day) if monthly else back
        return moment

    def due(self, now: datetime, *, after: datetime) -> datetime | None:
        """Return what is due now: the newest moment, if it lies after `after` and the order has not ended.

        Of several moments missed while the node was down only the newest is due: one round catches up.
        """
        newest = self.newest_due(now)
        return newest if newest > after and newest.date() <= self.expires else None

    def ended(self, now: datetime) -> bool:
        return now.astimezone(BEIJING).date() > self.expires


def digest_of(body: bytes) -> str:
    """Return the hex SHA-256 that names an approved order."""
    return hashlib.sha256(LABEL + body).hexdigest()


def parse_standing(items: object, faults: list[str]) -> tuple[StandingOrder, ...]:
    """Read [[standing]] of the configuration, noting faults."""
    orders = read_records(_Written, items, "standing", faults)
    ids = [o.id for o in orders]
    if len(set(ids)) != len(ids):
        faults.append("[[standing]] ids repeat")
    made: list[StandingOrder] = []
    for number, written in enumerate(orders, 1):
        try:
            made.append(written.order())
        except ConfigError as error:
            faults.append(f"[standing {number}] {error.en}")
    return tuple(made)


@dataclass(frozen=True, slots=True)
class _Written:
    """An order as the configuration writes it."""

    id: str
    models: tuple[str, ...]
    reference: str
    every: str
    expires: date
    max_rounds: int
    day: int = 1
    hour: int = 2

    def order(self) -> StandingOrder:
        values: Mapping[str, object] = {name: getattr(self, name) for name in self.__slots__}
        return StandingOrder(**values)  # type: ignore[arg-type]
