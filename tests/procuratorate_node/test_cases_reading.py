"""Reading the procuratorate's folder: aliases, encodings, and a report of everything that cannot be used."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from linkage.errors import ConfigError, InputError
from procuratorate_node.cases.preset import parse_preset, standard_preset
from procuratorate_node.cases.reading import read_cases
from procuratorate_node.cases.values import fold_cause, parse_date, parse_money, parse_yes_no
from tests.procuratorate_node.conftest import PARTY_HEADING, write_table

STANDARD = standard_preset()


def test_a_folder_is_read_into_records(cases: Path) -> None:
    read = read_cases(cases, STANDARD)
    file = read.file

    assert (len(file.cases), len(file.parties), len(file.aided)) == (3, 7, 2)
    assert file.cases["c1"].cause == "故意伤害" and file.cases["c2"].judgment == "（2026）江7425刑初9号"
    assert {p.ref.row for p in file.parties if file.is_probe(p)} == {"D1", "D3", "D6"}
    assert read.rejects == ()


def test_an_age_refers_to_the_day_of_the_event(cases: Path) -> None:
    party = read_cases(cases, STANDARD).file.party("c1", "D1")

    assert party is not None and party.person.age_on == date(2025, 12, 30)


def test_what_cannot_be_used_is_reported_and_nothing_is_dropped_silently(cases: Path) -> None:
    write_table(
        cases / "parties.csv",
        PARTY_HEADING,
        [
            "D1,c1,被害人,李晓梅,女,,昨天,,,,,,否,轻伤二级,很多,尚未赔偿",
            "D1,c1,被害人,李晓梅,女,,,,,,,,,,,",
            "D2,c9,被害人,王小二,男,,,,,,,,,,,",
            "D3,c1,路人,王小三,男,,,,,,,,,,,",
            "D4,c1,被害人,,男,,,,,,,,,,,",
            "D5,c1,受害人,赵小四,男,,,,,,,,,,,",
        ],
    )

    read = read_cases(cases, STANDARD)

    assert [p.ref.row for p in read.file.parties] == ["D1", "D5"]
    found = {(r.row, r.column, r.reason, r.kept) for r in read.rejects}
    assert found == {
        (2, "loss", "unreadable", True),
        (3, "row", "repeated", False),
        (4, "case", "no such case", False),
        (5, "role", "unknown word", False),
        (6, "name", "empty", False),
    }


def test_other_headings_order_and_encoding_are_understood(cases: Path) -> None:
    (cases / "cases.csv").write_bytes(
        "某院案件登记表\n案件阶段,部门受案号,罪名,案件类型,发案日期\n已判决,c1,盗窃罪,刑事检察,2026年1月5日\n".encode(
            "gb18030"
        )
    )

    case = read_cases(cases, STANDARD).file.cases["c1"]

    assert (case.category, case.cause, case.stage, case.happened) == ("刑事", "盗窃", "已判决", date(2026, 1, 5))


@pytest.mark.parametrize("missing", ["cases.csv", "parties.csv"])
def test_a_folder_without_cases_or_parties_is_an_error(cases: Path, missing: str) -> None:
    (cases / missing).unlink()

    with pytest.raises(InputError, match=missing.split(".")[0]):
        read_cases(cases, STANDARD)


def test_a_table_without_a_needed_heading_names_the_heading(cases: Path) -> None:
    write_table(cases / "parties.csv", "当事人编号,案号,姓名", ["D1,c1,李晓梅"])

    with pytest.raises(InputError, match="角色"):
        read_cases(cases, STANDARD)


@pytest.mark.parametrize("cell", ["2026-01-05", "20260105", "2026.1.5", "2026/1/5", "2026年1月5日", "2026-01-05 08:30"])
def test_every_usual_form_of_a_date_is_read(cell: str) -> None:
    assert parse_date(cell) == date(2026, 1, 5)


@pytest.mark.parametrize("cell", ["", "2026-13-05", "去年", "20260230"])
def test_what_is_no_date_is_not_read_as_one(cell: str) -> None:
    assert parse_date(cell) is None


@pytest.mark.parametrize(
    ("cell", "yuan"), [("3100", 3100), ("3,100.50元", 3100.5), ("1.2万元", 12000), ("￥500", 500), ("若干", None)]
)
def test_sums_are_in_yuan(cell: str, yuan: float | None) -> None:
    assert parse_money(cell) == yuan


def test_yes_no_and_causes_are_folded() -> None:
    assert (parse_yes_no("是"), parse_yes_no(" 否 "), parse_yes_no("不详")) == (True, False, None)
    assert fold_cause(" 生命权、身体权、健康权 纠纷") == "生命权、身体权、健康权纠纷" and fold_cause("盗窃罪") == "盗窃"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[preset]\nid='x'\n", "cases"),
        ("[preset]\nid='x'\n[cases]\nfiles=[]\n", "exactly"),
        ("[preset]\nid='x'\n[others]\n", "others"),
        ("[preset", "TOML"),
    ],
)
def test_a_wrong_preset_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        parse_preset(text)
