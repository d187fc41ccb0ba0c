"""Erase what is left of a round and say so, signed: rows, maps, map keys (design §3.9)."""

from __future__ import annotations

import contextlib
import logging

from linkage.errors import NotFoundError
from linkage.keys.canonical import JSON
from linkage.keys.signing import Signed
from linkage.owner.office import Office, stored_warrant
from linkage.owner.participation import OwnRound, Participation, Step
from linkage.owner.trail import AuditTrail
from linkage.warrant import LABEL_DELETION, DeletionStatement, utc_text

log = logging.getLogger(__name__)


def erase_round(office: Office, round_id: str) -> DeletionStatement | None:
    """Delete our data of a round; return the signed-for statement, or None when there was nothing to state.

    Safe to repeat after a crash: files that are gone already are stated all the same. Raises NotFoundError.
    """
    found = office.book.round(round_id)
    if found is None:
        raise NotFoundError("没有这个轮次", "there is no such round")
    if found.statement:
        return DeletionStatement.from_bytes(Signed.parse(found.statement).body)
    uploads = office.book.uploads(round_id)
    items = [f"population:{u.population}:{u.content_digest.hex()}" for u in uploads.values()]
    items += [f"map:{population}" for population in uploads]
    facts: dict[str, JSON] = {"round": round_id, "warrant": found.digest.hex(), "items": sorted(items)}
    office.trail.note("data.deleted", facts)
    _drop_files(office, found)
    values: dict[str, object] = {"step": Step.ENDED, "consents": b"", "erase": True}
    statement = None
    if items:
        statement = DeletionStatement(
            version=DeletionStatement.VERSION,
            round_id=round_id,
            warrant_digest=found.digest.hex(),
            party=office.id,
            items=tuple(sorted(items)),
            deleted_at=utc_text(office.clock()),
        )
        values["statement"] = office.sign(LABEL_DELETION, statement.to_bytes())
    office.book.update(round_id, **values)
    log.info("round %s: our data are erased (%d items)", round_id, len(items))
    return statement


def end_forgotten(book: Participation, trail: AuditTrail, round_id: str, error: NotFoundError) -> None:
    """End a round that the coordinator, restored from an old backup, does not know: nobody can go on."""
    trail.note("round.state", {"round": round_id, "state": "FAILED", "reason": error.en})
    book.update(round_id, state="FAILED", reason=str(error), erase=True)


def _drop_files(office: Office, found: OwnRound) -> None:
    for spec in stored_warrant(found).populations:
        place = office.place(found.round_id, spec.id)
        if spec.owner == office.id and place.folder.exists():
            place.drop_rows()
            place.drop_map()
    folder = office.state / "rounds" / found.round_id
    if folder.exists():
        for left in folder.iterdir():
            left.unlink()
        with contextlib.suppress(OSError):
            folder.rmdir()
