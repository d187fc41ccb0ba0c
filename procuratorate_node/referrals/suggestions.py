"""Suggest services for one person of a clue: needs × services of the catalogue, each with its reason (WD-K-4, CAP-18).

A suggestion is never sent by itself. Where a screening did not ask a register, its tags are not absent but unknown, and
the suggestion says which registers to ask first. A unit the guards forbid is named with the reason, not left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from procuratorate_node.referrals.catalogue import MOST_AGE, Catalogue, Guards, Service, Trigger, Unit
from procuratorate_node.referrals.subject import Subject


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One service with the reasons for it, the datasets nobody asked, and why it may not be sent ("" = it may)."""

    service: Service
    unit: Unit
    why: tuple[str, ...]
    why_en: tuple[str, ...]
    unasked: tuple[str, ...]
    barred: str = ""


def suggest(catalogue: Catalogue, subject: Subject) -> tuple[Suggestion, ...]:
    """Return the services whose triggers hold, in the catalogue's order."""
    found = []
    for service in catalogue.services:
        triggers = [t for t in catalogue.triggers if t.service == service.code and _holds(t, subject)]
        if triggers:
            found.append(_suggestion(catalogue, service, triggers, subject))
    return tuple(found)


def bar(guards: Guards, unit: Unit, subject: Subject) -> tuple[str, str] | None:
    """Return why a person may not be referred to a unit, in both languages, None where he may (C4 no. 5)."""
    if not unit.field_visit:
        return None
    if subject.kind in guards.no_field_visit:
        return "此类案件不得推送给上门走访的单位", "cases of this kind are not referred to a unit that goes to the home"
    if subject.may_be_minor(guards.minor_age):
        return (
            "未成年人案件（或年龄不明）不得推送给上门走访的单位",
            "a minor's case, or a person of unknown age, is not referred to a unit that goes to the home",
        )
    return None


def _suggestion(catalogue: Catalogue, service: Service, triggers: Iterable[Trigger], subject: Subject) -> Suggestion:
    unit = catalogue.unit(service.unit)
    rows = list(triggers)
    absent = {tag for t in rows for tag in t.tags_none}
    unasked = tuple(
        r.dataset for r in catalogue.registers if absent & set(r.tags) and r.dataset not in subject.datasets
    )
    barred = bar(catalogue.guards, unit, subject)
    return Suggestion(
        service,
        unit,
        tuple(dict.fromkeys(t.why for t in rows)),
        tuple(dict.fromkeys(t.why_en for t in rows)),
        unasked,
        "" if barred is None else f"{barred[0]} | {barred[1]}",
    )


def _holds(trigger: Trigger, subject: Subject) -> bool:
    conditions = (
        not trigger.tags_any or bool(subject.tags & set(trigger.tags_any)),
        not subject.tags & set(trigger.tags_none),
        not trigger.roles or bool(set(trigger.roles) & set(subject.role.split("、"))),
        not trigger.compensation or subject.compensation in trigger.compensation,
        not trigger.kinds or subject.kind in trigger.kinds,
        subject.harm >= trigger.harm_from,
        _age_fits(trigger, subject),
        not trigger.sex or subject.sex == trigger.sex,
        not trigger.locality or subject.locality == trigger.locality,
        not trigger.words_any or any(word in subject.summary for word in trigger.words_any),
    )
    return all(conditions)


def _age_fits(trigger: Trigger, subject: Subject) -> bool:
    """Tell whether some possible age fits; of an unknown age a condition on the age does not hold."""
    if subject.ages is None:
        return trigger.age_from == 0 and trigger.age_below == MOST_AGE
    youngest, oldest = subject.ages
    return oldest >= trigger.age_from and youngest < trigger.age_below
