"""What a clue and its case already say about an amount; the officer supplies the rest or states it otherwise.

Register tags come from the round, of every confirmed clue of the same case (the family is helped together, SC-0-2).
Harm, urgency and hardship words come from the warning's tree, else harm from the injury the case file notes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from linkage.normalise.person import BirthPrecision
from linkage.normalise.record import normalise
from procuratorate_node.ages import age_at
from procuratorate_node.cases.records import CaseFile, Party
from procuratorate_node.cases.values import fold_cause
from procuratorate_node.clues import Clue
from procuratorate_node.relief.money import parse_yuan, plain
from procuratorate_node.relief.scale import Scale

# Domain C3: 3 death and grave injury, 2 light injury of the first degree, 1 below.
HARM: Final = {"死亡": 3, "重伤一级": 3, "重伤二级": 3, "轻伤一级": 2, "轻伤二级": 1, "轻微伤": 1}
MAJORITY: Final = 18


def derive_facts(
    clue: Clue, family: Iterable[Clue], file: CaseFile, scale: Scale, *, decided_on: date
) -> dict[str, object]:
    """Return facts by field name of AmountFacts, as JSON values; what nobody noted is left out."""
    found: dict[str, object] = {"decided_on": decided_on.isoformat(), "reference": clue.case_number}
    tags = {tag for one in (clue, *family) for tag in one.tags} & scale.tags()
    found["tags"] = sorted(tags)
    case = file.cases.get(clue.case_number)
    if case is not None:
        found["charge"] = case.cause
        kinds = {fold_cause(cause): kind.code for kind in scale.case_types for cause in kind.causes}
        found |= {"case_type": kinds[fold_cause(case.cause)]} if fold_cause(case.cause) in kinds else {}
    found |= _harm(clue) | _fault(clue, file, scale) | _award(clue, file)
    if clue.facts.get("compensation") == "NOT":
        found["paid"] = "0"
    if _minor(clue, file, decided_on):
        found["minor"] = True
    return found


def _harm(clue: Clue) -> dict[str, object]:
    inputs = clue.colouring.get("inputs")
    if isinstance(inputs, dict):
        return {"harm": int(inputs["H"]), "urgent": inputs["U"] == "1", "words": int(inputs["K"])}
    injury = clue.facts.get("harm", "")
    return {"harm": HARM[injury]} if injury in HARM else {}


def _fault(clue: Clue, file: CaseFile, scale: Scale) -> dict[str, object]:
    codes = {fault.zh: fault.code for fault in scale.faults}
    noted = {victim.fault for victim in _victims(clue, file) if victim.fault}
    found = {code for zh, code in codes.items() for text in noted if zh in text}
    return {"fault": found.pop()} if len(found) == 1 else {}


def _award(clue: Clue, file: CaseFile) -> dict[str, object]:
    sums = {j.awarded for j in file.judgments if j.case == clue.case_number and j.awarded is not None}
    # Two judgments with two sums: a person says which one counts.
    return {"award": plain(parse_yuan(f"{sums.pop():.2f}", what="award"))} if len(sums) == 1 else {}


def _minor(clue: Clue, file: CaseFile, day: date) -> bool:
    """Tell whether one of those who would be helped is surely under age on the day."""
    people = (p for p in (file.party(r.case, r.row) for r in clue.people) if p is not None)
    births = (normalise(p.person, as_of=day).birth for p in people)
    return any(
        b.precision is BirthPrecision.DAY and age_at(day, date(b.year_low, b.month, b.day)) < MAJORITY for b in births
    )


def _victims(clue: Clue, file: CaseFile) -> list[Party]:
    parties = (p for p in (file.party(r.case, r.row) for r in clue.people) if p is not None)
    return [v for v in map(file.victim_of, parties) if v is not None]
