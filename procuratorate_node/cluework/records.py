"""The tables of clue work in node.db: where each clue stands, every step, the verdicts of the human check.

No table holds a name, a number or an address of a person acted on; free texts are refused when they look like one.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from procuratorate_node.store import METADATA

CLUE_WORK: Final = sa.Table(
    "clue_work",
    METADATA,
    sa.Column("clue_id", sa.String(16), primary_key=True),
    sa.Column("found_at", sa.String(20), nullable=False),  # When the first round brought it.
    sa.Column("since", sa.String(20), nullable=False),  # When it came into its phase; deadlines run from here.
    sa.Column("officer", sa.Text, nullable=False),
    sa.Column("deferred_until", sa.String(10), nullable=False),
    sa.Column("watched", sa.Boolean, nullable=False),  # A case of a special kind (PA-V-4).
    sa.Column("needs", sa.Text, nullable=False),  # JSON list of need codes
    sa.Column("elements", sa.Text, nullable=False, server_default="[]"),  # JSON list of governance elements (WD-D-3)
    sa.Column("explained", sa.Boolean, nullable=False, server_default=sa.true()),  # Was a refusal explained? (PA-N-2)
)
sa.Index("clue_work_by_officer", *(CLUE_WORK.c[name] for name in ("officer", "clue_id", "watched")))
CLUE_STEPS: Final = sa.Table(
    "clue_steps",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("clue_id", sa.String(16), nullable=False, index=True),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("phase", sa.String(16), nullable=False),  # After the step.
    sa.Column("by", sa.Text, nullable=False),  # An officer, or a round's id.
    sa.Column("at", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)
CLUE_CHECKS: Final = sa.Table(
    "clue_checks",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("clue_id", sa.String(16), nullable=False, index=True),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("grade", sa.String(1), nullable=False),  # As it was when it was checked.
    sa.Column("round_id", sa.String(32), nullable=False),
    sa.Column("person", sa.String(8), nullable=False),  # yes, no, unsure: is it a real person?
    sa.Column("link", sa.String(8), nullable=False),  # Is it the right person in the register?
    sa.Column("facts", sa.String(8), nullable=False),  # Do the facts of the case hold?
    sa.Column("helped", sa.String(8), nullable=False),  # Did the administration help at once? (WD-K-6)
    sa.Column("searched", sa.String(8), nullable=False),  # Did the court search all property? (WD-K-6)
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.String(20), nullable=False),
)
