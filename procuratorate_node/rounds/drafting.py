"""Draft the warrant of a round from compiled models, the manifest and the configuration."""

from __future__ import annotations

from datetime import datetime, timedelta

from linkage.keys.store import PartyKeys
from linkage.schema import EncodingSchema
from linkage.warrant import Limits, RoundWarrant, utc_text
from procuratorate_node.compile import CompiledRound
from procuratorate_node.config import Screening

SCHEMA_ID = "person-v1"


def draft_warrant(
    compiled: CompiledRound,
    keys: PartyKeys,
    schema: EncodingSchema,
    *,
    round_id: str,
    reference: str,
    approved_by: tuple[str, str],
    bounds: Screening,
    now: datetime,
) -> RoundWarrant:
    """Return the warrant. `reference` is the case or campaign. Raises WarrantError, NotFoundError."""
    epoch = keys.manifest.active_epoch
    return RoundWarrant(
        version=RoundWarrant.VERSION,
        round_id=round_id,
        consortium=keys.manifest.consortium,
        requester=keys.party.id,
        purpose=compiled.purpose,
        legal_basis=compiled.legal_basis,
        reference=reference,
        approved_by=approved_by,
        models=tuple(m.warrant() for m in compiled.models),
        populations=compiled.populations,
        anchor_sets=tuple(compiled.sets),
        schema_id=schema.id,
        schema_digest=schema.digest,
        epoch=epoch.number,
        kcv=epoch.kcv,
        limits=Limits(
            bounds.min_anchor_rows,
            bounds.min_register_rows,
            bounds.max_rows,
            bounds.max_result_rows,
            max_share=bounds.max_share,
        ),
        recipient_key=keys.recipient.public.to_text(),
        issued_at=utc_text(now),
        expires_at=utc_text(now + timedelta(days=compiled.expiry_days)),
    )
