"""Everything referrals work with, gathered once at the edge; and what one draft would send, sealed and opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from linkage.errors import KeyMaterialError, NotFoundError, RoundStateError
from linkage.keys.canonical import canonical_json, parse_canonical_json
from linkage.keys.store import PartyKeys
from linkage.owner.trail import AuditTrail
from procuratorate_node.clues import Clue, ClueBook
from procuratorate_node.colour_table import ColourTable
from procuratorate_node.config import Config
from procuratorate_node.letters.templates import Templates
from procuratorate_node.referrals.catalogue import Catalogue, Unit
from procuratorate_node.referrals.table import ReferralTable
from procuratorate_node.referrals.worklist import UnmatchedTable
from procuratorate_node.working_days import Calendar

INFO: Final = b"linkage/v1/referral-draft\0"


@dataclass(frozen=True, slots=True)
class Workplace:
    """One procuratorate's means. `was_opened` tells whether two officers opened a clue; `random_bytes` gives ids."""

    table: ReferralTable = field(repr=False)
    worklist: UnmatchedTable = field(repr=False)
    book: ClueBook = field(repr=False)
    was_opened: Callable[[str], bool] = field(repr=False)
    trail: AuditTrail = field(repr=False)
    keys: PartyKeys = field(repr=False)
    config: Config = field(repr=False)
    catalogue: Catalogue = field(repr=False)
    templates: Templates = field(repr=False)
    calendar: Calendar = field(repr=False)
    colours: ColourTable = field(repr=False)
    random_bytes: Callable[[int], bytes] = field(repr=False)

    @property
    def office(self) -> str:
        return self.config.office.name or self.keys.party.name

    def identified(self, clue_id: str) -> Clue:
        """Return a clue that was confirmed and opened to a name. Raises NotFoundError, RoundStateError."""
        clue = self.book.get(clue_id)
        if not clue.confirmed:
            raise RoundStateError("线索尚未确认", "the clue is not confirmed")
        if not self.was_opened(clue_id):
            raise RoundStateError(
                "转介前须先经批准还原身份",
                "the clue must be opened before a referral",
                hint_zh="procuratorate-node reidentify request",
                hint_en="`procuratorate-node reidentify request` asks for it",
            )
        return clue

    def party_of(self, unit: Unit) -> str:
        """Return the unit's id in the consortium, "" where it has no node and letters go by hand."""
        try:
            party = self.keys.manifest.party(unit.party) if unit.party else None
        except NotFoundError:
            party = None
        return unit.party if party is not None and party.role == "agency" else ""


@dataclass(frozen=True, slots=True, repr=False)
class Particulars:
    """What of one person a draft would send, with the officer's note. Nothing of it is shown by repr."""

    person: Mapping[str, str]
    note: str = ""

    def __repr__(self) -> str:
        return f"Particulars(fields={sorted(self.person)})"

    def seal(self, keys: PartyKeys, referral_id: str) -> bytes:
        """Return it sealed to our own key, bound to the referral."""
        content = canonical_json({"person": dict(self.person), "note": self.note})
        return keys.party.hpke_key.seal(content, info=INFO + referral_id.encode())


def open_particulars(keys: PartyKeys, referral_id: str, sealed: bytes) -> Particulars:
    """Open what `Particulars.seal` sealed. Raises KeyMaterialError."""
    content = parse_canonical_json(keys.recipient.open(sealed, info=INFO + referral_id.encode()))
    if not isinstance(content, dict) or not isinstance(content["person"], dict):
        raise KeyMaterialError("转介的封存内容损坏", "the sealed part of a referral is damaged")
    return Particulars({str(k): str(v) for k, v in content["person"].items()}, str(content["note"]))
