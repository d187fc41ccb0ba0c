"""amount show, json, benchmark: figures and rules only; nothing of a person is read from the file or printed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from linkage.errors import InputError
from procuratorate_node.awards.preparing import own_tables
from procuratorate_node.cases.reading import read_cases
from procuratorate_node.casework import load_preset
from procuratorate_node.config import load_config
from procuratorate_node.relief.calibration import calibrate
from procuratorate_node.relief.history import DecidedCase, from_aided
from procuratorate_node.relief.input_file import AmountInput, parse_input
from procuratorate_node.relief.money import grouped
from procuratorate_node.relief.proposal import Proposal, propose
from procuratorate_node.relief.report import proposal_json
from procuratorate_node.relief.scale import CalibrationRule
from procuratorate_node.relief.wording import explain


def show(asked: argparse.Namespace) -> int:
    """Print the amount with every term in both languages."""
    proposal = _proposal(asked)
    for line in explain(proposal):
        print(f"{line.zh} | {line.en}")
    print(f"摘要 digest: {proposal.digest}")
    return 0


def as_json(asked: argparse.Namespace) -> int:
    print(json.dumps(proposal_json(_proposal(asked)), ensure_ascii=False, indent=2))
    return 0


def benchmark(asked: argparse.Namespace) -> int:
    """Print the benchmark that the file's decided cases support on its day of decision."""
    given, tables = _input(asked.file), own_tables(asked.tables)
    day = given.facts.decided_on
    print_calibration(given.history, day, tables.on(day, region=given.facts.region).scale.calibration)
    return 0


def print_calibration(cases: Iterable[DecidedCase], day: date, rule: CalibrationRule) -> None:
    found = calibrate(cases, until=day, rule=rule)
    print(f"期间 period {found.since} – {found.until}")
    print(f"期内案件 cases {found.in_window}，不可用 unusable {found.unusable}，离群 outliers {found.outliers}")
    print(f"采用 used {found.used}，平均金额 mean amount {grouped(found.mean_amount)}")
    print(
        f"平均倍数 mean multiplier {found.mean_multiplier}，含离群值的基准 with outliers {grouped(found.plain_ratio)}"
    )
    print(f"中间一半 middle half {grouped(found.lower_quartile)}–{grouped(found.upper_quartile)}")
    print(f"基准金额 benchmark {grouped(found.benchmark)} 元 yuan ({grouped(found.exact)})")


def _proposal(asked: argparse.Namespace) -> Proposal:
    given, tables = _input(asked.file), own_tables(asked.tables)
    history = list(given.history)
    if asked.own_cases:
        config = load_config(asked.config)
        scale = tables.on(given.facts.decided_on, region=given.facts.region).scale
        history += from_aided(read_cases(config.cases, load_preset(config)).file.aided, scale)
    return propose(given.facts, tables, answers=given.answers, history=history)


def _input(file: Path) -> AmountInput:
    try:
        content = file.read_bytes()
    except OSError:
        raise InputError(f"读不到文件 {file.name}", f"cannot read {file.name}") from None
    return parse_input(content, name=file.name)
