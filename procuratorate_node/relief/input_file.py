"""Read the file of facts that the command takes: TOML or JSON with a closed grammar. Values are never quoted back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from linkage.errors import InputError
from procuratorate_node.relief.facts import AmountFacts, Points
from procuratorate_node.relief.grammar import parse_document, read_record, read_records, record_json, unknown_sections
from procuratorate_node.relief.history import DecidedCase

SECTIONS = ("facts", "points", "checklist", "history")


@dataclass(frozen=True, slots=True)
class AmountInput:
    """What one file holds: the facts, the officer's answers by checklist code, decided cases."""

    facts: AmountFacts
    answers: Mapping[str, str]
    history: tuple[DecidedCase, ...]


def parse_input(content: bytes, *, name: str) -> AmountInput:
    """Parse a file; `name` stands in errors. Raises InputError with all faults."""
    return read_input(parse_document(content, name=name), name=name)


def read_input(data: Mapping[str, object], *, name: str) -> AmountInput:
    """Read a parsed file. Raises InputError with all faults."""
    faults = unknown_sections(data, SECTIONS)
    points = read_records(Points, data.get("points"), "points", faults)
    history = read_records(DecidedCase, data.get("history"), "history", faults)
    facts = read_record(AmountFacts, data.get("facts"), "facts", faults)
    answers = _answers(data.get("checklist", {}), faults)
    if facts is not None and points:
        try:
            facts = replace(facts, points=points)
        except InputError as error:
            faults.append(error.en)
    if faults or facts is None:
        text = "; ".join(faults)
        raise InputError(f"事实文件 {name} 有误：{text}", f"the file of facts {name} is wrong: {text}")
    return AmountInput(facts, answers, history)


def input_document(given: AmountInput) -> bytes:
    """Return the JSON that `parse_input` reads back to the same input; sums are texts, nothing is rounded."""
    facts = {name: value for name, value in record_json(given.facts).items() if name != "points"}
    points = [record_json(p) for p in given.facts.points]
    body: dict[str, object] = {"facts": facts, "points": points, "checklist": dict(given.answers)}
    return json.dumps(body | {"history": [record_json(c) for c in given.history]}, ensure_ascii=False).encode()


def _answers(found: object, faults: list[str]) -> dict[str, str]:
    """Return code → answer; what the codes and answers may be is the rules' business."""
    if not isinstance(found, Mapping) or not all(isinstance(v, str) for v in found.values()):
        faults.append("[checklist] must be a table of texts")
        return {}
    return {str(code): str(answer) for code, answer in found.items()}
