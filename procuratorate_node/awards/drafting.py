"""The officer's file of facts: a template that shows what the clue and the case say, and the merge of both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from linkage.errors import InputError
from procuratorate_node.relief.grammar import record_json, unknown_sections
from procuratorate_node.relief.history import DecidedCase
from procuratorate_node.relief.input_file import AmountInput, read_input
from procuratorate_node.relief.tables import Tables

SECTIONS: Final = ("facts", "points", "checklist")
FIXED: Final = ("region", "reference", "budget_left")
# What an officer must give where the file does not say it, with the choices.
ASKED: Final = ("case_type", "harm", "fault", "tier", "award", "paid")


@dataclass(frozen=True, slots=True)
class Draft:
    """A complete input and the names of the facts that the officer set otherwise than the case file."""

    given: AmountInput
    set_by_officer: tuple[str, ...]


def merge_facts(
    derived: Mapping[str, object], data: Mapping[str, object], *, name: str, history: Iterable[DecidedCase]
) -> Draft:
    """Return the derived facts overlaid with the officer's file or form. Raises InputError, never quoting a value."""
    if faults := unknown_sections(data, SECTIONS):
        raise InputError(f"事实文件 {name} 有误：{'；'.join(faults)}", f"{name} is wrong: {'; '.join(faults)}")
    own = data.get("facts", {})
    if not isinstance(own, Mapping):
        raise InputError(f"{name} 的 [facts] 应为一张表", f"[facts] of {name} must be a table")
    if fixed := sorted(set(own) & set(FIXED)):
        text = ", ".join(fixed)
        raise InputError(f"{text} 由系统填写，不得在文件中给出", f"{text} is set by the program and must not be given")
    body = {key: data[key] for key in SECTIONS if key in data}
    body |= {"facts": {**derived, **own}, "history": [record_json(c) for c in history]}
    changed = tuple(sorted(k for k, v in own.items() if str(v) != str(derived.get(k))))
    return Draft(read_input(body, name=name), changed)


def template(derived: Mapping[str, object], tables: Tables, *, clue_id: str) -> str:
    """Return a TOML file to fill in; what is known stands in it as a comment and need not be repeated."""
    return "\n".join(_lines(derived, tables, clue_id)) + "\n"


def _lines(derived: Mapping[str, object], tables: Tables, clue_id: str) -> Iterator[str]:
    choices: dict[str, Sequence[str]] = {
        "case_type": [k.code for k in tables.scale.case_types],
        "harm": ["0", "1", "2", "3"],
        "fault": [f.code for f in tables.scale.faults],
        "tier": [t.code for t in tables.scale.tiers],
        "award": ["元 yuan"],
        "paid": ["元 yuan"],
    }
    yield f"# 线索 {clue_id} 的救助金额事实。已注释的行来自线索和案卷，如与实际不符，去掉 # 并改正。"
    yield "# Facts for the amount. Lines behind # come from clue and case file; to state one otherwise, remove its #."
    yield "[facts]"
    for key, value in derived.items():
        if key not in FIXED:
            yield f"# {key} = {_toml(value)}"
    for key in ASKED:
        if key not in derived:
            yield f"# {key} =    # {' / '.join(choices[key])}"
    yield ""
    yield "# [[points]]    # 某一类别的追加系数 the add-on of one group"
    yield "# tag = "
    yield "# points = "
    yield ""
    yield "[checklist]    # yes / no / unknown"
    for item in tables.rules.items:
        yield f'{item.code} = "unknown"    # {item.zh} | {item.en}'


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)
