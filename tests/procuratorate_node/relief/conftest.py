"""Facts, tables and decided cases that the relief tests share; all invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from procuratorate_node.relief.facts import AmountFacts
from procuratorate_node.relief.history import DecidedCase
from procuratorate_node.relief.proposal import Proposal, propose
from procuratorate_node.relief.tables import TableSet, parse_tables, shipped_files, shipped_tables

DAY = date(2026, 11, 20)
FATAL = AmountFacts(
    region="example",
    decided_on=DAY,
    case_type="criminal_injury",
    charge="交通肇事罪",
    harm=3,
    fault="none",
    tier="serious",
    hardship=Decimal(8),
    tags=("DIBAO", "WOMAN", "DIS12"),
    award=Decimal(830000),
)
MET = {"scope-1": "yes", "scope-2": "yes", "art7-3": "yes", **{f"art8-{n}": "no" for n in range(1, 7)}}


def figures(benchmark: str = "1000", *, local_cap: str = "") -> bytes:
    """Return a region file with one benchmark and a wage of 8,000 yuan."""
    text = f"""
[figures]
id = "test"
version = 1
title_zh = "测试"
title_en = "test"
status = "adopted"
valid_from = 2020-01-01
source = "test"
[[regions]]
code = "example"
province = "p"
zh = "示例县"
en = "example county"
[[benchmarks]]
region = "example"
valid_from = 2020-01-01
amount = {benchmark}
source = "test"
[[wages]]
province = "p"
year = 2025
published = 2026-06-01
monthly = 8000
source = "test"
"""
    if local_cap:
        text += f'[[local_caps]]\nregion = "example"\nvalid_from = 2020-01-01\namount = {local_cap}\nsource = "test"\n'
    return text.encode()


def tables(benchmark: str = "1000", *, local_cap: str = "", changed: Mapping[str, str] | None = None) -> TableSet:
    """Return the shipped scale and rules, some text of them changed, with a region file of our own."""
    if benchmark == "shipped":
        return shipped_tables()
    files = {n: c for n, c in shipped_files().items() if not n.startswith("regions")}
    for old, new in (changed or {}).items():
        assert any(old in c.decode() for c in files.values())
        files = {n: c.decode().replace(old, new).encode() for n, c in files.items()}
    return parse_tables({**files, "regions-test.toml": figures(benchmark, local_cap=local_cap)})


def proposal(facts: AmountFacts = FATAL, table_set: TableSet | None = None, **answers: str) -> Proposal:
    """Return a proposal whose checklist is met but for the answers given, as art8_1="yes"."""
    own = {code.replace("_", "-"): answer for code, answer in answers.items()}
    return propose(facts, table_set or tables(), answers={**MET, **own})


def decided(amount: str, /, **other: object) -> DecidedCase:
    """Return a decided case like FATAL."""
    case = DecidedCase(date(2025, 5, 1), Decimal(amount), "criminal_injury", charge="交通肇事", harm=3, tier="serious")
    return replace(case, **other)  # type: ignore[arg-type]
