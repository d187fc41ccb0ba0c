"""The figures of a period: right, hidden where small, and not to be had back from another table."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from linkage.keys.canonical import canonical_json, parse_canonical_json
from procuratorate_node.cluework.checks import Check
from procuratorate_node.config import Config
from procuratorate_node.governance.clue_figures import VERDICTS, clue_tables
from procuratorate_node.governance.key_figures import key_figures, published_figures
from procuratorate_node.governance.report import Report, make_report
from procuratorate_node.governance.rows import AwardRow, BudgetRow, ClueRow, LetterRow, Period, Rows, SupervisionRow
from procuratorate_node.governance.table import TOTAL, Cell, Table
from procuratorate_node.governance.titles import titled, titles_of
from procuratorate_node.governance.workbook import write_workbook

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
DAY = date(2026, 5, 4)


def clue(verdict: str = "confirmed", **changes: object) -> ClueRow:
    row = ClueRow("SX-1", "刑事", "red", "A", "closed", verdict, ("DIBAO",), DAY, Check("yes", "yes", "yes"))
    return replace(row, **changes)  # type: ignore[arg-type]


def award(amount: int = 10_000, **changes: object) -> AwardRow:
    row = AwardRow("SX-1", "故意伤害", "criminal_injury", 3, "审查起诉", ("DIBAO",), Decimal(amount), DAY, 1, DAY, DAY)
    return replace(row, **changes)  # type: ignore[arg-type]


def letter(state: str = "DONE", **changes: object) -> LetterRow:
    return replace(LetterRow("referral", "civil", "低保", state, DAY, DAY), **changes)  # type: ignore[arg-type]


def report(rows: Rows, below: int = 5, period: Period = YEAR) -> Report:
    return make_report(rows, period, below=below)


def table(found: Report, code: str) -> Table:
    return next(t for t in found.tables if t.code == code)


def line(found: Report, code: str, label: str) -> tuple[Cell, ...]:
    return next(n for n in table(found, code).lines if str(n[0]).startswith(label))[1:]


def test_precision_is_what_people_confirmed_of_what_they_decided() -> None:
    rows = [*[clue()] * 28, *[clue("rejected")] * 6, *[clue("open")] * 5]

    assert line(report(Rows(rows)), "clues_by_model", "SX-1") == (28, 6, 5, 39, "82.4")
    assert line(report(Rows(rows)), "clues_by_class", "DIBAO") == (28, 6, 5, 39, "82.4")


def test_a_precision_that_rests_on_a_hidden_count_is_hidden() -> None:
    rows = [*[clue()] * 28, clue("rejected"), *[clue("open")] * 7]

    assert line(report(Rows(rows)), "clues_by_model", "SX-1") == (28, None, None, 36, None)
    assert line(report(Rows(rows)), "key_figures", "准确率")[0] is None


def test_money_by_group_hides_the_smallest_other_group_beside_a_small_one() -> None:
    awards = [award(tags=(tag,)) for tag in ["DIBAO"] * 20 + ["DIS12"] * 3 + ["WOMAN"] * 7]
    found = table(report(Rows(awards=awards)), "aided_by_group")

    assert found.lines == (
        ("DIBAO", 20, Decimal(200_000), Decimal(10_000)),
        ("DIS12", None, None, None),
        ("WOMAN", None, None, None),
        (TOTAL, 30, Decimal(300_000), Decimal(10_000)),
    )


def test_the_median_of_days_from_clue_to_payment() -> None:
    awards = [award(paid=DAY + timedelta(days=n)) for n in (5, 6, 7, 8, 40)]
    few = [award(paid=DAY + timedelta(days=n)) for n in (5, 6)]

    assert line(report(Rows(awards=awards)), "key_figures", "线索到支付")[0] == Decimal(7)
    assert line(report(Rows(awards=few)), "key_figures", "线索到支付")[0] is None


def test_the_spread_within_peers_shows_no_single_amount() -> None:
    awards = [award(n) for n in (8_000, 10_000, 10_000, 10_000, 12_000, 30_000)]

    assert line(report(Rows(awards=awards)), "spread", "criminal_injury / 3") == (
        6,
        Decimal(10_000),
        Decimal(1_500),
        "80",
    )


def test_growth_is_against_the_same_days_of_the_year_before() -> None:
    last = [award(decided=DAY.replace(year=2025)) for _ in range(10)]
    now = [award(17_000) for _ in range(10)]

    assert line(report(Rows(awards=[*last, *now])), "key_figures", "金额同比")[0] == "+70.0"
    assert line(report(Rows(awards=now)), "key_figures", "金额同比")[0] == "–"


def test_a_fund_used_by_a_few_is_hidden_and_by_many_shown() -> None:
    budget = BudgetRow(2026, Decimal(500_000), Decimal(50_000), Decimal(150_000), 12)

    shown = line(report(Rows(budgets=[budget])), "budget", "2026")
    assert shown == (Decimal(500_000), Decimal(50_000), Decimal(150_000), Decimal(300_000), "40.0")
    few = replace(budget, awards=2)
    assert line(report(Rows(budgets=[few])), "budget", "2026") == (Decimal(500_000), None, None, None, None)


def test_referrals_are_counted_by_unit_help_and_state() -> None:
    letters = [*[letter()] * 9, *[letter("REFUSED")] * 6, *[letter(about="就业", receiver="hrss")] * 8]
    found = report(Rows(letters=letters))

    assert table(found, "referrals_by_unit").columns[1:3] == ("DONE", "REFUSED")
    assert line(found, "referrals_by_unit", "civil") == (9, 6, 15)
    assert line(found, "referrals_by_service", "就业") == (8, 0, 8)
    assert line(found, "key_figures", "转介办结")[0] == 17


def test_only_the_period_is_counted() -> None:
    rows = Rows([clue(found=date(2025, 12, 31)), clue(found=None)], [award(decided=date(2027, 1, 1))], [])

    assert line(report(rows, below=1), "key_figures", "线索 clues")[0] == 0
    assert line(report(rows, below=1), "key_figures", "救助案件")[0] == 0


def test_the_year_before_a_leap_day_ends_on_the_28th() -> None:
    assert Period(date(2024, 2, 29), date(2024, 3, 31)).year_before() == Period(date(2023, 2, 28), date(2023, 3, 31))


def test_every_published_figure_stands_beside_ours() -> None:
    found = table(report(Rows(awards=[award()] * 42), below=5), "comparison")

    rows = {"GY-F-1", "GY-F-2", "GY-F-3", "GY-F-4", "GY-F-5", "YQ-0-1", "YQ-F-1", "YQ-F-2", "YQ-F-3", "YQ-F-4"}
    assert set(found.rows) == rows | {"YQ-F-5", "PA-F-1", "SX-F-1", "SX-F-2", "WD-F-1", "WD-F-2", "SC-F-1"}
    assert len(found.lines) == len(published_figures())
    assert [n[3] for n in found.lines if n[1] == "YQ-F-2"] == [42, Decimal(420_000)]


def test_the_two_questions_on_other_offices_are_counted() -> None:
    asked = Check("yes", "yes", "yes", helped="no", searched="yes")
    found = report(Rows([clue(check=asked)] * 6 + [clue(check=Check(person="yes"))] * 5 + [clue(check=None)] * 9))

    assert line(found, "checks", "行政机关及时帮扶") == (0, 6, 5, 11)
    assert line(found, "checks", "法院穷尽财产调查") == (6, 0, 5, 11)
    assert line(found, "key_figures", "人工核查")[0] == 11


def test_those_helped_before_judgment_are_counted_apart() -> None:
    awards = [*[award()] * 9, *[award(stage="审查逮捕")] * 6, *[award(stage="已判决")] * 12]

    assert line(report(Rows(awards=awards)), "key_figures", "诉讼中救助")[0] == 15
    few = [*awards, award(stage="不起诉")]
    assert line(report(Rows(awards=few)), "key_figures", "诉讼中救助")[0] is None


def test_governance_elements_are_counted_over_all_clues_that_show_them() -> None:
    rows = [clue(elements=("wages", "road-hazard"))] * 6 + [clue("rejected", elements=("wages",))] * 5

    assert line(report(Rows(rows)), "governance_elements", "wages")[:2] == (6, 5)
    assert [n[0] for n in table(report(Rows(rows)), "governance_elements").lines] == ["road-hazard", "wages"]


def test_letters_of_suggestion_are_told_from_referrals_and_releases() -> None:
    letters = [*[letter()] * 6, *[letter(kind="suggestion", answered=None)] * 7, *[letter(kind="release")] * 9]
    found = report(Rows(letters=letters))

    assert line(found, "letters", "suggestion") == (0, 7, 7)
    assert [line(found, "key_figures", t)[0] for t in ("转介和建议函", "社会救助建议函")] == [13, 7]


def test_the_supervision_lane_shows_what_was_recovered_where_enough_recovered() -> None:
    lane = [SupervisionRow("CLOSED", DAY, Decimal(100_000))] * 6 + [SupervisionRow("ADVISED", DAY)] * 6

    assert line(report(Rows(lane=lane)), "supervision", "执行到位金额") == (Decimal(600_000),)
    assert line(report(Rows(lane=lane[4:])), "supervision", "执行到位金额") == (None,)
    assert line(report(Rows(lane=lane)), "key_figures", "监督线索")[0] == 12


def test_money_that_others_gave_is_counted_by_band() -> None:
    letters = [letter(band="1000至5000元")] * 5 + [letter(band="1万至5万元")] * 8

    assert line(report(Rows(letters=letters)), "relieved", "1万至5万元") == (8, 8)


def test_units_services_and_peer_groups_stand_under_their_titles_and_unknown_codes_for_themselves(
    config: Config,
) -> None:
    letters = [letter(receiver="womens_federation", about="women-care")] * 9 + [
        letter(receiver="z", about="z-help")
    ] * 9
    found = report(Rows(letters=letters, awards=[award()] * 9))
    shown = titled(found, titles_of(config))
    labels = {t.code: [str(n[0]) for n in t.lines] for t in shown.tables}

    assert labels["referrals_by_unit"] == ["妇女联合会 | women's federation", "z", TOTAL]
    assert labels["referrals_by_service"][0] == "妇女关爱和家庭调解 | care for women and family mediation"
    assert labels["spread"] == ["刑事致伤致残／重伤、死亡 | injury or disability by crime / serious injury or death"]
    assert [t.lines for t in shown.tables if t.code == "letters"] == [
        t.lines for t in found.tables if t.code == "letters"
    ]


CLUES = st.builds(
    clue,
    st.sampled_from(VERDICTS),
    model=st.sampled_from(["SX-1", "PA"]),
    colour=st.sampled_from(["red", ""]),
    grade=st.sampled_from("AB"),
    phase=st.sampled_from(["closed", "review"]),
)


@settings(max_examples=60)
@given(st.lists(CLUES, min_size=5, max_size=40))
def test_verdicts_hidden_in_one_table_are_not_to_be_had_from_another(rows: list[ClueRow]) -> None:
    tables = [t for t in clue_tables(rows, 5) if t.code not in ("checks", "clues_by_class", "governance_elements")]
    ours = key_figures(Rows(rows), Rows(), 5)
    # What anybody can read of the three verdicts' totals, from every table and the key figures together.
    known: list[dict[int, int]] = [
        {at: cell for at, cell in enumerate(t.lines[-1][1:4]) if isinstance(cell, int)} for t in tables
    ]
    if isinstance(ours["confirmed"], int):
        known.append({0: ours["confirmed"]})
    read = dict(itertools.chain.from_iterable(k.items() for k in known))
    truth = [sum(r.verdict == v for r in rows) for v in VERDICTS]

    assert all(not 0 < n < 5 for n in read.values())
    if any(0 < n < 5 for n in truth):
        assert len(read) <= 1, "with the total of all, two of three verdicts would give the third"


@pytest.fixture
def full() -> Report:
    verdicts = ("confirmed", "rejected", "open")
    clues = [clue(v, model=m) for v in verdicts for m in ("SX-1", "PA", "WD-3") for _ in range(6)]
    awards = [award(10_000 + n, decided=DAY + timedelta(days=20 * n)) for n in range(12)]
    budget = BudgetRow(2026, Decimal(500_000), Decimal(0), Decimal(120_000), 12)
    return report(Rows(clues, awards, [letter()] * 9, [budget]))


def test_the_workbook_holds_every_table_and_draws_real_charts(full: Report, tmp_path: Path) -> None:
    write_workbook(full, tmp_path / "figures.xlsx")

    book = load_workbook(tmp_path / "figures.xlsx")
    assert len(book.sheetnames) == len(full.tables) + 1
    charts = {sheet.title: sheet._charts for sheet in book.worksheets if sheet._charts}  # type: ignore[attr-defined]
    assert {"各模型线索", "各月救助", "资金使用进度", "各单位转介"} <= set(charts)
    (chart,) = charts["各模型线索"]
    assert [s.val.numRef.f for s in chart.series] == [f"'各模型线索'!${c}$3:${c}$5" for c in "BCD"]
    sheet = book["各模型线索"]
    assert [c.value for c in sheet[3]] == ["PA", 6, 6, 6, 18, 50]


def test_a_hidden_figure_is_a_mark_in_the_sheet_and_null_in_json(tmp_path: Path) -> None:
    found = report(Rows([*[clue()] * 9, clue("rejected"), *[clue("open")] * 8]))
    write_workbook(found, tmp_path / "figures.xlsx")

    sheet = load_workbook(tmp_path / "figures.xlsx")["各模型线索"]
    assert [c.value for c in sheet[3]] == ["SX-1", 9, "＊", "＊", 18, "＊"]
    body = json.dumps(found.to_json(), ensure_ascii=False)
    lines = next(t["lines"] for t in json.loads(body)["tables"] if t["code"] == "clues_by_model")
    assert lines[0] == ["SX-1", 9, None, None, 18, None]


def test_the_json_is_canonical_and_the_same_for_the_same_rows(full: Report) -> None:
    body = canonical_json(json.loads(json.dumps(full.to_json())))

    assert parse_canonical_json(body) == full.to_json() and "故意伤害" in body.decode()
