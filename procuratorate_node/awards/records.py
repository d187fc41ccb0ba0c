"""The tables of awards in node.db. Sums are decimal texts in yuan; nothing names a person who is helped."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from procuratorate_node.store import METADATA

AWARDS: Final = sa.Table(
    "awards",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("award_id", sa.String(16), nullable=False, unique=True),
    sa.Column("clue_id", sa.String(16), nullable=False, index=True),
    sa.Column("case_number", sa.Text, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("inputs", sa.LargeBinary, nullable=False),  # JSON of relief.input_file: facts, answers, peers
    sa.Column("set_by_officer", sa.Text, nullable=False),  # JSON list of fields the officer set otherwise
    sa.Column("digest", sa.String(64), nullable=False),  # Of the proposal
    sa.Column("report", sa.Text, nullable=False),  # JSON of relief.report, as it was shown
    sa.Column("proposed_amount", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("proposed_at", sa.String(20), nullable=False),
    sa.Column("year", sa.Integer, nullable=False),  # The budget year: that of the decision
    sa.Column("amount", sa.Text, nullable=False),
    sa.Column("approved_digest", sa.String(64), nullable=False),
    sa.Column("reasons", sa.Text, nullable=False),  # JSON
    sa.Column("decided_case", sa.Text, nullable=False),  # JSON of relief.history, "" before the decision
    sa.Column("ended_by", sa.Text, nullable=False),  # Who decided or refused
    sa.Column("ended_at", sa.String(20), nullable=False),
    sa.Column("refusal", sa.Text, nullable=False),
    sa.Column("paid_on", sa.String(10), nullable=False),
    sa.Column("paid_by", sa.Text, nullable=False),
)
APPROVALS: Final = sa.Table(
    "award_approvals",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("award_id", sa.String(16), nullable=False, index=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("given_on", sa.String(10), nullable=False),
    sa.Column("up_to", sa.Text, nullable=False),
    sa.Column("ground", sa.Text, nullable=False),
    sa.Column("proposal", sa.String(64), nullable=False),
)
BUDGETS: Final = sa.Table(
    "award_budgets",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("amount", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.String(20), nullable=False),
)
