"""Months from file names, snapshots of several files, and the choice among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from agency_node.datasets import Registers
from agency_node.registers import RegisterRow
from agency_node.scan import FileEntry, RegisterFile, parse_entries
from agency_node.snapshots import Period, choose_snapshot, period_of, previous_snapshot
from linkage.errors import ConfigError, NotFoundError
from linkage.sources.sql_source import SqlSource
from linkage.sources.table import Reject
from linkage.warrant import PopulationSpec

TODAY = date(2026, 10, 31)
WOMEN = ["姓名", "身份证号", "类别", "建档年度"]
CHILD = ["儿童姓名", "身份证号", "儿童类别"]


@pytest.mark.parametrize(
    ("name", "as_of", "exact"),
    [
        ("低保_202609.csv", date(2026, 9, 30), True),
        ("低保_20260915.csv", date(2026, 9, 15), True),
        ("低保2026年9月.csv", date(2026, 9, 30), True),
        ("低保2026年09月05日", date(2026, 9, 5), True),
        ("低保(2026-09)", date(2026, 9, 30), True),
        ("２０２６年２月", date(2026, 2, 28), True),
        ("学生资助_2026年秋", TODAY, False),
        ("学生资助_2025年秋", date(2026, 1, 31), False),
        ("学生资助_2026年春", date(2026, 7, 31), False),
        ("建档立卡_2020年底", date(2020, 12, 31), False),
        ("春蕾_2026", TODAY, False),
        ("春蕾2025年度", date(2025, 12, 31), False),
        ("2026年第三季度", date(2026, 9, 30), False),
        ("2026Q2", date(2026, 6, 30), False),
        ("2026年上半年", date(2026, 6, 30), False),
    ],
)
def test_month_is_read_from_the_name(name: str, as_of: date, exact: bool) -> None:
    assert period_of(name, today=TODAY) == Period(as_of, exact)


@pytest.mark.parametrize("name", ["低保名册", "名册_最终版2", "327425199604086927", "14101704388"])
def test_no_month_in_the_name(name: str) -> None:
    assert period_of(name, today=TODAY) is None


def test_running_month_ends_today() -> None:
    assert period_of("低保_202610", today=date(2026, 10, 12)) == Period(date(2026, 10, 12), True)


MONTHS = [Period(date(2026, 9, 30), True), Period(date(2026, 10, 31), True)]


@pytest.mark.parametrize(("wanted", "month"), [("latest", "202610"), ("202609", "202609")])
def test_snapshot_is_chosen(wanted: str, month: str) -> None:
    assert choose_snapshot(MONTHS, wanted, dataset="dibao") == month


def test_missing_snapshot_lists_what_there_is() -> None:
    with pytest.raises(NotFoundError, match="202609、202610"):
        choose_snapshot(MONTHS, "202601", dataset="dibao")
    with pytest.raises(NotFoundError):
        previous_snapshot(MONTHS, "202609", dataset="dibao")


def test_single_list_answers_for_later_months_only() -> None:
    single = [Period(date(2020, 12, 31), False)]
    assert choose_snapshot(single, "202610", dataset="card") == "202012"
    with pytest.raises(NotFoundError):
        choose_snapshot(single, "201912", dataset="card")


def put(path: Path, rows: Sequence[Sequence[object]]) -> None:
    if path.suffix == ".csv":
        path.write_text("\n".join(",".join(map(str, r)) for r in rows), encoding="utf-8")
        return
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(path)


def spec(dataset: str, **more: object) -> PopulationSpec:
    return PopulationSpec(id="p", owner="o", dataset=dataset, title="", **more)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path / "困难妇女名册_202609.csv", [WOMEN, ["甲", "", "单亲", "2025"], ["乙", "", "单亲", "2025"]])
    put(tmp_path / "困难妇女名册_202610.csv", [WOMEN, ["甲", "", "单亲", "2025"]])
    put(tmp_path / "困难妇女旧表_202610.xlsx", [["困难妇女"], WOMEN, ["丙", "", "单亲", "2026"]])
    put(tmp_path / "困难妇女名册_202610.csv.rejects.csv", [["文件", "行"]])
    put(tmp_path / "~$困难妇女名册_202610.xlsx", [["锁"]])
    put(tmp_path / "通讯录.csv", [["姓名", "电话"], ["丁", "1"]])
    return tmp_path


def test_files_of_one_month_are_one_list(folder: Path) -> None:
    registers = Registers(folder, today=TODAY)
    assert [r.person.name for r in registers.rows(spec("women"))] == ["甲", "丙"]
    assert [r.person.name for r in registers.rows(spec("women", snapshot="202609"))] == ["甲", "乙"]
    (info,) = registers.datasets()
    assert (info.id, info.snapshots, info.tags) == ("women", ("202609", "202610"), ("WOMAN",))


def test_unknown_file_is_a_problem_not_silence(folder: Path) -> None:
    assert [p.file for p in Registers(folder, today=TODAY).problems] == ["通讯录.csv"]


def test_row_is_found_again_for_a_release(folder: Path) -> None:
    registers = Registers(folder, today=TODAY)
    (row,) = (r for r in registers.rows(spec("women")) if r.person.name == "丙")
    assert registers.find(row.file, row.sheet, row.line, dataset="women") == row
    with pytest.raises(NotFoundError):
        registers.find(row.file, row.sheet, 999, dataset="women")
    with pytest.raises(NotFoundError):
        registers.find(row.file, row.sheet, row.line, dataset="dibao")


def test_class_and_status_filters(tmp_path: Path) -> None:
    rows = [[*CHILD, "状态"], ["甲", "1", "孤儿", "在享"], ["乙", "2", "困境儿童", "在享"], ["丙", "3", "孤儿", "停发"]]
    put(tmp_path / "儿童福利_202610.csv", rows)
    registers = Registers(tmp_path, today=TODAY)

    def names(**more: object) -> list[str]:
        return [r.person.name for r in registers.rows(spec("child", **more))]

    assert names() == ["甲", "乙"]
    assert names(classes=("CHILD_O",)) == ["甲"]
    assert names(classes=("CHILD_O",), active_only=False) == ["甲", "丙"]


def test_office_sees_only_registers_it_owns(tmp_path: Path) -> None:
    put(tmp_path / "低保边缘家庭_202610.csv", [["成员姓名", "成员身份证号", "状态"], ["甲", "1", "在享"]])
    registers = Registers(tmp_path, today=TODAY, datasets=["dibao"])
    assert not registers.files and len(registers.problems) == 1
    with pytest.raises(ConfigError, match="no preset for datasets"):
        Registers(tmp_path, today=TODAY, datasets=["nothing"])


def test_sheets_of_one_workbook_may_be_several_registers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for sheet, rows in (
        ("低保", [["姓名", "身份证号", "与户主关系"], ["甲", "1", "户主"]]),
        ("孤儿", [CHILD, ["乙", "2", "孤儿"]]),
    ):
        target = book.create_sheet(sheet)
        for row in rows:
            target.append(row)
    book.remove(book.worksheets[0])
    book.save(tmp_path / "民政数据_202610.xlsx")
    registers = Registers(tmp_path, today=TODAY)
    assert [d.id for d in registers.datasets()] == ["child", "dibao"]
    assert [(r.sheet, r.person.name) for r in registers.rows(spec("child"))] == [("孤儿", "乙")]


def test_month_is_read_from_the_title_when_the_name_has_none(tmp_path: Path) -> None:
    put(tmp_path / "困难妇女名册.xlsx", [["困难妇女名册（2026年8月）"], WOMEN, ["甲", "", "", ""]])
    assert Registers(tmp_path, today=TODAY).datasets()[0].snapshots == ("202608",)


def test_file_without_a_month_belongs_to_the_newest_list(tmp_path: Path) -> None:
    for name in ("困难妇女名册_202608.csv", "困难妇女名册_补充.csv"):
        put(tmp_path / name, [WOMEN, ["甲", "", "", ""]])
    assert len(list(Registers(tmp_path, today=TODAY).rows(spec("women")))) == 2


def test_entries_say_what_the_name_does_not(tmp_path: Path) -> None:
    put(tmp_path / "导出.csv", [["姓名", "身份证号"], ["甲", "1"]])
    entries = parse_entries([{"path": "导出.csv", "preset": "veteran", "as_of": "202607"}], base=tmp_path)
    registers = Registers(tmp_path, today=TODAY, entries=entries)
    assert [(d.id, d.snapshots) for d in registers.datasets()] == [("veteran", ("202607",))]
    assert not registers.problems


def test_database_entry_is_read(tmp_path: Path) -> None:
    data = [{"url": "sqlite:///x.db", "table": "t", "preset": "dibao", "password_file": "pw", "name": "库"}]
    (entry,) = parse_entries(data, base=tmp_path)
    assert isinstance(entry, FileEntry) and isinstance(entry.source, SqlSource)
    assert (entry.source.name, entry.source.password_file) == ("库", tmp_path / "pw")


def test_entry_faults_come_at_once(tmp_path: Path) -> None:
    data = [{"path": "a", "color": "x"}, {"preset": "dibao"}, {"url": "sqlite:///x"}, {"path": 3}]
    with pytest.raises(ConfigError) as refused:
        parse_entries(data, base=tmp_path)
    assert all(f in refused.value.en for f in ("color", "file[1]", "file[2]", "file[3]"))


def test_local_mapping_file_is_used(tmp_path: Path) -> None:
    put(tmp_path / "困难妇女_202610.csv", [["受访者", "证照", "建档年度"], ["甲", "1", "2026"]])
    assert not Registers(tmp_path, today=TODAY).files
    (tmp_path / "mapping.toml").write_text('[women]\nname = "受访者"\nid_number = "证照"\n', encoding="utf-8")
    assert [r.person.id_number for r in Registers(tmp_path, today=TODAY).rows(spec("women"))] == ["1"]


@pytest.mark.parametrize(("room", "reads"), [(100, 1), (1, 3)])
def test_small_files_are_read_once_and_big_ones_not_held(
    folder: Path, monkeypatch: pytest.MonkeyPatch, room: int, reads: int
) -> None:
    monkeypatch.setattr("agency_node.datasets.HELD_ROWS", room)
    opened: list[str] = []
    read = RegisterFile.rows

    def counted(self: RegisterFile) -> Iterator[RegisterRow | Reject]:
        opened.append(self.file)
        return read(self)

    monkeypatch.setattr(RegisterFile, "rows", counted)
    registers = Registers(folder, today=TODAY)
    wanted = spec("women", snapshot="202609")

    found = [list(registers.rows(wanted)) for _ in range(3)]

    assert found[0] and found[0] == found[1] == found[2]
    assert {opened.count(file) for file in opened} == {reads}


def test_a_register_read_in_part_only_is_read_whole_the_next_time(folder: Path) -> None:
    registers = Registers(folder, today=TODAY)
    wanted = spec("women", snapshot="202609")
    next(registers.rows(wanted))

    assert len(list(registers.rows(wanted))) == len(list(Registers(folder, today=TODAY).rows(wanted))) > 1
