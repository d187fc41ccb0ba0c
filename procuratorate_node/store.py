"""The node's own tables in node.db, beside those of the owner's part (linkage/owner/participation.py).

No table holds a name, a number or an address: rows of the case files are referred to by (source, case, row).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from linkage.database.migrating import Chain, bring_forward
from linkage.errors import NotFoundError
from linkage.owner.database import reading
from procuratorate_node.cases.records import RowRef, Source

METADATA: Final = sa.MetaData()
PROCURATORATE: Final = Chain("procuratorate", "procuratorate_node", head="0003")
ENDED: Final = ("CLOSED", "REFUSED", "EXPIRED", "FAILED", "CANCELLED")  # States that never change again.

REQUESTS = sa.Table(
    "screening_requests",
    METADATA,
    sa.Column("round_id", sa.String(32), primary_key=True),
    sa.Column("models", sa.Text, nullable=False),  # JSON list of ids
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("requested_at", sa.String(20), nullable=False),
    sa.Column("approved_by", sa.Text, nullable=False),
    sa.Column("approved_at", sa.String(20), nullable=False),
    sa.Column("envelope", sa.LargeBinary, nullable=False),  # The signed warrant, b"" before approval.
    sa.Column("wanted", sa.Boolean, nullable=False),  # Somebody said run.
    sa.Column("proposed", sa.Boolean, nullable=False),
    sa.Column("cancel_reason", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),  # JSON: clues by model, changes
    sa.Column("delivered_at", sa.String(20), nullable=False),
    sa.Column("fault", sa.Text, nullable=False),
)
ANCHORS = sa.Table(
    "screening_anchors",
    METADATA,
    sa.Column("round_id", sa.String(32), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("person", sa.String(16), nullable=False),
    sa.Column("context", sa.Text, nullable=False),
    sa.Column("case_number", sa.Text, nullable=False),
    sa.Column("scope", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.Text, nullable=False),  # JSON: set → [[source, case, row], …]
)
ASKED_PEOPLE = sa.Table(
    "screening_asked_people",
    METADATA,
    sa.Column("round_id", sa.String(32), primary_key=True),
    sa.Column("fingerprint", sa.LargeBinary(16), primary_key=True),  # Keyed; the key is in state/overlap.key.
    sa.Column("scope", sa.BigInteger, nullable=False),
)
CLUES = sa.Table(
    "clues",
    METADATA,
    sa.Column("clue_id", sa.String(16), primary_key=True),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("case_number", sa.Text, nullable=False),
    sa.Column("level", sa.String(8), nullable=False),
    sa.Column("rows", sa.Text, nullable=False),  # JSON: the rows the clue is about
    sa.Column("people", sa.Text, nullable=False),  # JSON: the rows of the persons who would be helped
    sa.Column("verdict", sa.String(12), nullable=False),
    sa.Column("grade", sa.String(1), nullable=False),
    sa.Column("tags", sa.Text, nullable=False),  # JSON list
    sa.Column("links", sa.Text, nullable=False),  # JSON: [[population, position, grade], …] of the newest round
    sa.Column("facts", sa.Text, nullable=False),  # JSON: masked case facts
    sa.Column("colouring", sa.Text, nullable=False),  # JSON: colour, step, reasons, inputs, table; {} without colours
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("change", sa.String(8), nullable=False),
    sa.Column("first_round", sa.String(32), nullable=False),
    sa.Column("last_round", sa.String(32), nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", sa.String(20), nullable=False),
    sa.Column("decision_reason", sa.Text, nullable=False),
)
OPENINGS = sa.Table(
    "openings",
    METADATA,
    sa.Column("opening_id", sa.String(16), primary_key=True),
    sa.Column("clue_id", sa.String(16), nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("requested_at", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("approved_by", sa.Text, nullable=False),
    sa.Column("approved_at", sa.String(20), nullable=False),
    sa.Column("persons", sa.Integer, nullable=False),
)
MESSAGES = sa.Table(
    "messages",
    METADATA,
    sa.Column("relay_id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),  # release
    sa.Column("clue_id", sa.String(16), nullable=False),
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("receiver", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),  # JSON: population and field names; never a value
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_at", sa.String(20), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("answer", sa.LargeBinary, nullable=False),  # The sealed envelope of the last answer.
    sa.Column("answered_at", sa.String(20), nullable=False),
)
RULE_FILES = sa.Table(
    "rule_files",
    METADATA,
    sa.Column("change_id", sa.String(16), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),  # Order of approval, 0 before.
    sa.Column("kind", sa.String(16), nullable=False),  # model, lexicon, tree, charge-models
    sa.Column("rule_key", sa.Text, nullable=False),  # A model's id, else the kind.
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("replaced", sa.LargeBinary, nullable=False),  # What was in force before, b"" where nothing was.
    sa.Column("effect", sa.Text, nullable=False),  # JSON: counts that were shown before it was asked for
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("requested_at", sa.String(20), nullable=False),
    sa.Column("approved_by", sa.Text, nullable=False),
    sa.Column("approved_at", sa.String(20), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
)
SET_ASIDE = sa.Table(
    "set_aside",
    METADATA,
    sa.Column("clue_id", sa.String(16), primary_key=True),  # The id it would have as a clue.
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("case_number", sa.Text, nullable=False),
    sa.Column("lane", sa.String(12), nullable=False),  # follow-up, social or ""
    sa.Column("clue", sa.Text, nullable=False),  # JSON of the clue it would be; references and masked facts only
    sa.Column("round_id", sa.String(32), nullable=False),
)
STANDING = sa.Table(
    "standing_orders",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # The order's canonical JSON, models with their digests.
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("requested_at", sa.String(20), nullable=False),
    sa.Column("approved_by", sa.Text, nullable=False),
    sa.Column("approved_at", sa.String(20), nullable=False),
    sa.Column("ended_by", sa.Text, nullable=False),
    sa.Column("ended_at", sa.String(20), nullable=False),
    sa.Column("refusal", sa.Text, nullable=False),  # Why the last due round did not start.
    sa.Column("looked_at", sa.String(20), nullable=False),  # The last due moment at which no case had moved on, or "".
)
STANDING_STAGES = sa.Table(
    "standing_stages",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("case_number", sa.Text, primary_key=True),
    sa.Column("stage", sa.Text, primary_key=True),
)
STANDING_RUNS = sa.Table(
    "standing_runs",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("due", sa.String(20), primary_key=True),
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("started_at", sa.String(20), nullable=False),
)
SEARCHES = sa.Table(
    "searches",
    METADATA,
    sa.Column("round_id", sa.String(32), primary_key=True),
    sa.Column("asked_row", sa.Text, nullable=False),  # JSON: the one row asked about
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_at", sa.String(20), nullable=False),
    sa.Column("people", sa.Integer, nullable=False),  # How many people the batch had when it was asked for.
    sa.Column("result", sa.Text, nullable=False),  # JSON of that one person's finding, "" before delivery
)


class Store:
    """Read and write the node's tables; every method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        bring_forward(engine, PROCURATORATE)

    def insert(self, table: sa.Table, values: Mapping[str, object] | Sequence[Mapping[str, object]]) -> None:
        if values:
            with self.engine.begin() as connection:
                connection.execute(table.insert(), values)

    def update(self, table: sa.Table, key: str, **values: object) -> None:
        """Set columns of the row whose first key column is `key`. Raises NotFoundError."""
        column = next(iter(table.primary_key.columns))
        with self.engine.begin() as connection:
            done = connection.execute(table.update().where(column == key).values(values))
        if not done.rowcount:
            raise not_found(key)

    def get(self, table: sa.Table, key: str) -> sa.RowMapping:
        """Return a row by its first key column. Raises NotFoundError."""
        column = next(iter(table.primary_key.columns))
        with reading(self.engine) as connection:
            row = connection.execute(table.select().where(column == key)).mappings().first()
        if row is None:
            raise not_found(key)
        return row

    def select(self, statement: sa.Select[tuple[object, ...]]) -> Sequence[sa.RowMapping]:
        with reading(self.engine) as connection:
            return connection.execute(statement).mappings().all()

    def delete(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> None:
        with self.engine.begin() as connection:
            connection.execute(table.delete().where(*where))


def not_found(key: str) -> NotFoundError:
    return NotFoundError(f"没有编号为 {key} 的记录", f"there is no record {key}")


def dump_refs(refs: Iterable[RowRef]) -> str:
    return json.dumps([[r.source.value, r.case, r.row] for r in refs], ensure_ascii=False)


def load_refs(text: str) -> tuple[RowRef, ...]:
    return tuple(RowRef(Source(source), case, row) for source, case, row in json.loads(text))
