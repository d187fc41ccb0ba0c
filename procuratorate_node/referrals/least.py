"""Take exactly the fields a service may send, from the case files and from what an officer adds; nothing else (GY-P-1).

The catalogue's `least` bounds everything: a field that is not in it cannot be added. What the guards withhold is left
out whatever the catalogue says (C4 no. 8), and the referral tells the unit why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from linkage.errors import InputError
from linkage.owner.referrals import MAX_TEXT, REFERRED
from procuratorate_node.casework import Casework
from procuratorate_node.clues import Clue
from procuratorate_node.referrals.catalogue import Guards, Need, Service
from procuratorate_node.referrals.subject import Subject
from procuratorate_node.reidentify import particulars

OF_THE_PERSON: Final = ("name", "sex", "birth", "id_number", "address", "phone")
NO_HOME_CONTACT: Final = (
    "不得联系或前往家庭住址：加害人可能同住 | do not contact or visit the home: the offender may live there"
)


@dataclass(frozen=True, slots=True)
class Least:
    """What would be sent: values by field, the fields that nothing fills, and cautions for the unit."""

    values: Mapping[str, str] = field(repr=False)
    missing: tuple[str, ...]
    cautions: tuple[str, ...]


def least_of(
    clue: Clue, number: int, service: Service, *, need: Need, work: Casework, given: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the values of the service's fields that are known; what an officer gave wins. Raises NotFoundError."""
    file = work.read.file
    wanted = [name for name in OF_THE_PERSON if name in service.least]
    known = dict(particulars(clue, file, work.facts.person_of, number=number, names=wanted))
    judgments = file.judgment_references(clue.case_number)
    facts = {
        "need": f"{need.title}：{service.title}",
        "case_number": clue.case_number,
        "judgment": "、".join(judgments),
        "harm": clue.facts.get("harm", ""),
    }
    found = {**facts, **known, **given}
    return {name: found[name] for name in service.least if found.get(name)}


def known_fields(clue: Clue, number: int, service: Service, *, need: Need, work: Casework) -> frozenset[str]:
    """Return which of the service's fields the case file knows, without their values. Raises NotFoundError."""
    return frozenset(least_of(clue, number, service, need=need, work=work, given={}))


def choose(
    values: Mapping[str, str], service: Service, *, guards: Guards, subject: Subject, without: tuple[str, ...] = ()
) -> Least:
    """Leave out what the guards withhold and what the officer leaves out. Raises InputError when nothing is left."""
    unknown = sorted(set(without) - set(service.least))
    if unknown:
        raise _not_of_the_service(unknown, service)
    at_home = subject.kind in guards.no_home_contact
    dropped = {*without, *(guards.withheld if at_home else ())}
    kept = {name: value for name, value in values.items() if name not in dropped}
    missing = tuple(name for name in service.least if name not in dropped and name not in kept)
    if not kept:
        raise InputError("没有可以提供的字段", "there is no field left to send")
    return Least(kept, missing, (NO_HOME_CONTACT,) if at_home else ())


def parse_given(texts: list[str], service: Service) -> dict[str, str]:
    """Read FIELD=VALUE as an officer typed them. Raises InputError, which never quotes a value."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not value.strip() or len(value) > MAX_TEXT:
            raise InputError("补充的字段应写成 字段=内容", "fields are given as FIELD=VALUE")
        found[name.strip()] = value.strip()
    unknown = sorted(set(found) - set(service.least))
    if unknown:
        raise _not_of_the_service([n for n in unknown if n in REFERRED] or ["?"], service)
    return found


def titles(names: tuple[str, ...]) -> str:
    """Return field names for people."""
    return "、".join(f"{REFERRED[n][0]} {n}" for n in names)


def _not_of_the_service(names: list[str], service: Service) -> InputError:
    listed, allowed = "、".join(names), "、".join(service.least)
    return InputError(
        f"这项服务不得发送字段 {listed}；只有：{allowed}",
        f"this service may not send {listed}; it has {allowed} only",
        hint_zh="需要更多字段时由会签单位修改转介目录",
        hint_en="the signatories change the catalogue where a service needs more",
    )
