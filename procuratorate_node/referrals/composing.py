"""Compose the letter of a referral, and what is sealed to the unit. Pure: everything comes in, bytes go out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from linkage.owner.referrals import REFERRED, Letter, Referral
from procuratorate_node.letters.chinese import date_in_han, date_text
from procuratorate_node.letters.filling import Values
from procuratorate_node.letters.writing import Origin, write_letter
from procuratorate_node.referrals.catalogue import Service
from procuratorate_node.referrals.table import StoredReferral
from procuratorate_node.referrals.workplace import Particulars, Workplace
from procuratorate_node.working_days import local_moment

OF_THE_CASE: Final = ("need", "case_number", "judgment", "harm")  # Shown in a masked preview; they name nobody.


@dataclass(frozen=True, slots=True)
class Made:
    """Who makes a letter and when."""

    by: str
    at: datetime

    @property
    def day(self) -> date:
        return local_moment(self.at).date()


def due_day(place: Workplace, found: StoredReferral, made: Made) -> date:
    """Return the last working day for an answer to a referral that is sent now."""
    return place.calendar.after(made.day, found.days)


def number_text(place: Workplace, found: StoredReferral) -> str:
    """Return the letter's number; 〔〕 without one before approval."""
    template = place.templates.named(found.letter)
    if not found.letter_number:
        return "（待编号）"
    return template.numbered(place.config.office.mark, found.letter_year, found.letter_number)


def masked(person: Mapping[str, str]) -> dict[str, str]:
    """Return the same fields with 【title】 in place of every personal value."""
    return {n: v if n in OF_THE_CASE else f"【{REFERRED[n][0]}】" for n, v in person.items()}


def compose_letter(
    place: Workplace, found: StoredReferral, particulars: Particulars, made: Made, *, mask: bool
) -> bytes:
    """Return the .docx. Raises ConfigError for a template that does not fit."""
    person = masked(particulars.person) if mask else particulars.person
    service = place.catalogue.service(found.service)
    values = {
        "office": place.office,
        "number": number_text(place, found),
        "receiver": place.catalogue.unit(found.unit).title,
        "service": service.title,
        "need": place.catalogue.need(found.need).title,
        "basis": found.basis,
        "items": "、".join(found.items),
        "due": date_text(date.fromisoformat(found.due) if found.due else due_day(place, found, made)),
        "date": date_text(made.day),
        "date_han": date_in_han(made.day),
        "fields": "\n".join(f"{REFERRED[name][0]}：{value}" for name, value in person.items()),
        "note": "" if not particulars.note else "（略）" if mask else particulars.note,
        "cautions": "\n".join(c.partition(" | ")[0] for c in found.cautions),
        "asked_by": found.drafted_by,
        "approved_by": found.approved_by,
    }
    origin = Origin(place.office, made.by, made.at, found.referral_id[:12])
    return write_letter(place.templates, found.letter, Values(values), origin=origin, masked=mask)


def compose_referral(
    place: Workplace, found: StoredReferral, particulars: Particulars, *, due: date, letter: bytes
) -> Referral:
    """Return what is sealed to the unit. Raises LimitError for a letter that is too large."""
    service: Service = place.catalogue.service(found.service)
    number = number_text(place, found)
    return Referral(
        referral=found.referral_id,
        number=number,
        service=found.service,
        title=service.title,
        basis=found.basis,
        asked_by=found.drafted_by,
        approved_by=found.approved_by,
        expected=found.expected(due.isoformat()),
        person=particulars.person,
        cautions=found.cautions,
        note=particulars.note,
        letter=Letter(f"{number}.docx", letter),
    )
