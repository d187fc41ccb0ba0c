"""Papers speak for the rows of their case: the latest wins, empty cells are filled, newcomers are added once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from procuratorate_node.casefiles.case_papers import CasePapers, read_dates
from procuratorate_node.casefiles.states import paper_states, states_of
from procuratorate_node.cases.preset import standard_preset
from procuratorate_node.cases.reading import read_cases
from procuratorate_node.cases.records import CaseFile, Compensation
from procuratorate_node.casework import Reading, with_papers
from procuratorate_node.compensation import compensation_states
from tests.procuratorate_node.casefiles.conftest import AS_OF, write_word
from tests.procuratorate_node.conftest import PARTY_HEADING, write_table


@pytest.fixture
def folder(cases: Path) -> Path:
    """Give case c1 two victims without a note and a folder for papers."""
    rows = ["D1,c1,被害人,李晓梅,女,,,,,,,,否,,,", "D2,c1,被害人,吴大海,男,,,,,,,,否,,,"]
    write_table(cases / "parties.csv", PARTY_HEADING, rows)
    (cases / "documents" / "c1").mkdir(parents=True)
    return cases


def read(folder: Path) -> tuple[CaseFile, CasePapers]:
    file = read_cases(folder, standard_preset()).file
    filled, papers = with_papers(file, folder, cache=None, as_of=AS_OF, reading=Reading(scans=False))
    return filled.file, papers


def states(folder: Path) -> dict[str, Compensation]:
    return {ref.row: s for ref, s in paper_states(states_of(*read(folder))).items()}


def put(folder: Path, name: str, text: str, *, encoding: str = "utf-8") -> None:
    (folder / "documents" / "c1" / name).write_bytes(text.encode(encoding))


def index(folder: Path, **dates: str) -> None:
    lines = [f"c1,documents/c1/{name.replace('_', '.')},{day}" for name, day in dates.items()]
    write_table(folder / "documents_index.csv", "案号,文件,入卷日期", lines)


def test_each_victim_gets_the_sentences_about_him(folder: Path) -> None:
    put(folder, "1.txt", "起诉书\n钱多多致李晓梅受伤。\n赔偿款已全部付清。\n又殴打吴大海。\n至今未赔偿。\n2026年1月5日")

    assert states(folder) == {"D1": Compensation.FULL, "D2": Compensation.NOT}


def test_a_later_paper_overrides_an_earlier_one_and_a_silent_one_does_not(folder: Path) -> None:
    put(folder, "1.txt", "询问笔录\n被询问人：李晓梅\n问：对方赔偿了吗？\n答：没有。\n2026年1月5日", encoding="gb18030")
    agreed = ("和解协议", "乙方：李晓梅", "赔偿款当日付清，乙方已收讫。", "2026年2月1日")
    write_word(folder / "documents" / "c1" / "2.docx", *agreed)
    put(folder, "3.txt", "鉴定意见\n被鉴定人李晓梅，损伤属轻伤二级。\n2026年3月1日")

    assert states(folder) == {"D1": Compensation.FULL}
    index(folder, **{"1_txt": "2026-05-01", "2_docx": "2026-02-01"})
    assert states(folder) == {"D1": Compensation.NOT}


def test_papers_of_one_day_that_contradict_each_other_are_a_conflict(folder: Path) -> None:
    put(folder, "1.txt", "谅解书\n被害人：李晓梅\n赔偿款已全部收到。\n2026年2月1日")
    put(folder, "2.txt", "询问笔录\n被询问人：李晓梅\n问：对方赔偿了吗？\n答：一分钱没给。\n2026年2月1日")

    assert states(folder) == {"D1": Compensation.CONFLICT}


def test_a_note_of_full_payment_against_a_paper_that_says_nothing_was_paid_is_a_conflict(folder: Path) -> None:
    rows = ["D1,c1,被害人,李晓梅,女,,,,,,,,否,,,已全部赔偿到位"]
    write_table(folder / "parties.csv", PARTY_HEADING, rows)
    put(folder, "1.txt", "起诉书\n钱多多殴打被害人李晓梅，至今未赔偿李晓梅。\n2026年2月1日")
    file, papers = read(folder)

    found = compensation_states(file, paper_states(states_of(file, papers)))

    assert list(found.values()) == [Compensation.CONFLICT]


def test_what_a_court_orders_is_not_what_was_paid(folder: Path) -> None:
    put(folder, "1.txt", "刑事判决书\n钱多多致李晓梅受伤。\n判决如下：\n钱多多赔偿李晓梅30000元，已全部付清")

    assert states(folder) == {}


def test_unreadable_papers_are_listed_with_their_reason_not_guessed(folder: Path) -> None:
    (folder / "documents" / "c1" / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    (folder / "documents" / "c1" / "bad.docx").write_bytes(b"PK\x03\x04 broken")
    put(folder, "1.txt", "李晓梅尚未获得赔偿")

    _, papers = read(folder)

    assert (papers.read, {(a.name, a.fault.value) for a in papers.aside}) == (
        1,
        {("documents/c1/bad.docx", "damaged"), ("documents/c1/old.doc", "unknown-form")},
    )


def test_the_index_gives_dates(folder: Path) -> None:
    write_table(folder / "documents_index.csv", "案号,文件,入卷日期", ["c1,documents/c1/1.txt,2026-01-05", "c1,x,某日"])

    assert read_dates(folder) == {"documents/c1/1.txt": date(2026, 1, 5)}


def test_empty_cells_are_filled_and_filled_cells_stay(folder: Path) -> None:
    put(
        folder,
        "1.txt",
        "询问笔录\n被询问人：李晓梅　性别：男　出生日期：1989年2月1日\n"
        "身份证件种类及号码：居民身份证 327024198902010047\n"
        "现住址：柳湾镇何湾村3组9号\n问：伤情如何？\n答：鉴定为轻伤一级。",
    )

    file, _ = read(folder)
    (row,) = [p for p in file.parties if p.ref.row == "D1"]

    assert (row.person.sex, row.person.birth, row.person.id_number) == ("女", "1989-02-01", "327024198902010047")
    assert (row.person.address, row.harm) == ("柳湾镇何湾村3组9号", "轻伤一级")


def test_a_victim_in_no_table_is_added_once_and_a_masked_one_never(folder: Path) -> None:
    put(
        folder,
        "1.txt",
        "起诉书\n钱多多殴打被害人郑小川（男，1990年1月2日出生）、被害人张某某（女，40岁），致郑小川轻伤二级。",
    )
    put(folder, "2.txt", "刑事判决书\n钱多多殴打被害人郑小川（男，1990年1月2日出生），致郑小川轻伤二级。")

    file, papers = read(folder)
    added = [p for p in file.parties if p.entry == "案卷文书"]

    assert [(p.person.name, p.role, p.harm, p.person.birth) for p in added] == [
        ("郑小川", "被害人", "轻伤二级", "1990-01-02")
    ]
    assert all("张某" not in p.person.name for p in file.parties)
    assert [p.masked for p in papers.by_case["c1"][0].facts.victims] == [False, True]


def test_a_homophone_of_a_row_is_that_row_and_nobody_new(folder: Path) -> None:
    put(folder, "1.txt", "起诉书\n钱多多殴打被害人李小梅（女，35岁），至今未赔偿李小梅。")

    file, _ = read(folder)

    assert [p.ref.row for p in file.parties] == ["D1", "D2"]
    assert states(folder)["D1"] is Compensation.NOT


def test_kin_of_a_dead_victim_are_added_with_their_relation(folder: Path) -> None:
    put(
        folder,
        "1.txt",
        "刑事附带民事判决书\n附带民事诉讼原告人李国平，男，1960年3月4日出生，住柳湾镇何湾村，系被害人李晓梅之父。\n"
        "经审理查明：\n钱多多驾车与被害人李晓梅（女，殁年35岁）发生碰撞，致李晓梅当场死亡。",
    )

    file, _ = read(folder)
    (kin,) = [p for p in file.parties if p.role == "近亲属"]

    assert (kin.person.name, kin.relation, kin.about) == ("李国平", "父", "D1")
    assert next(p for p in file.parties if p.ref.row == "D1").dead
