"""One export is tried with titles and counts only, then kept whole in the node's state, or refused whole."""

from __future__ import annotations

import io
import os
from datetime import date
from pathlib import Path

import pytest

from agency_node.datasets import IMPORTED_MAPPING, Registers, office_presets
from agency_node.importing import (
    Choice,
    Trial,
    drop,
    drop_stale,
    imported_files,
    keep,
    receive,
    try_file,
    waiting_file,
)
from agency_node.scan import Shelf
from linkage.errors import ConfigError, InputError, NotFoundError

TODAY = date(2026, 11, 20)
TITLES = "成员姓名,成员身份证号,性别,低保证号"
ROW = "褚建平,11010519491231002X,男,D1"
MAPPED = Choice("dibao", "202611", {"name": "全名", "id_number": "公民号"})


def shelf(config: Path) -> Shelf:
    return Shelf.split(office_presets(config), ["dibao"])


def sent(state: Path, text: str, name: str = "低保名册202610.csv", *, encoding: str = "gb18030") -> str:
    return receive(state, name, io.BytesIO(text.encode(encoding)))


def tried(folder: Path, token: str, choice: Choice | None = None) -> Trial:
    file = waiting_file(folder, token)
    return try_file(file, choice or Choice(), shelf(folder), today=TODAY, rejects=folder / "rejects")


def kept(folder: Path, text: str, choice: Choice | None = None) -> Path:
    token, said = sent(folder, text), choice or Choice()
    trial = tried(folder, token, said)
    return keep(folder, folder, token, trial=trial, choice=said, shelf=shelf(folder))


def test_an_export_in_gb18030_is_recognised_dated_and_counted(tmp_path: Path) -> None:
    trial = tried(tmp_path, sent(tmp_path, f"{TITLES}\n{ROW}\n"))

    assert (trial.preset.id, trial.as_of, trial.fault) == ("dibao", date(2026, 10, 31), None)
    assert trial.report.datasets["dibao"].encodable == 1
    assert {c.field: c.title for c in trial.columns}["id_number"] == "成员身份证号"
    assert "褚建平" not in repr(trial) and "11010519491231002X" not in repr(trial)


def test_a_kept_file_is_private_and_read_beside_the_offices_own(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    file = kept(tmp_path, f"{TITLES}\n{ROW}\n")
    registers = Registers(tmp_path / "data", today=TODAY, datasets=["dibao"], entries=imported_files(tmp_path))

    assert file.name == "dibao.20261031.csv" and file.stat().st_mode & 0o777 == 0o600
    assert [info.snapshots for info in registers.datasets()] == [("202610",)]
    assert list((tmp_path / "data").iterdir()) == []


def test_a_newer_import_of_the_same_day_takes_the_place_of_the_older(tmp_path: Path) -> None:
    kept(tmp_path, f"{TITLES}\n{ROW}\n")
    kept(tmp_path, f"{TITLES}\n{ROW}\n{ROW}\n")

    assert [entry.source for entry in imported_files(tmp_path)] == [tmp_path / "imports" / "dibao.20261031.csv"]
    assert (tmp_path / "imports" / "dibao.20261031.csv").read_text("gb18030").count("褚建平") == 2


def test_a_file_with_a_tenth_of_its_rows_unusable_is_refused_whole(tmp_path: Path) -> None:
    token = sent(tmp_path, TITLES + "\n" + f"{ROW}\n" * 9 + ",,男,D2\n")
    trial = tried(tmp_path, token)

    assert trial.fault is not None and "10%" in trial.fault.zh
    with pytest.raises(InputError):
        keep(tmp_path, tmp_path, token, trial=trial, choice=Choice(), shelf=shelf(tmp_path))
    assert imported_files(tmp_path) == () and waiting_file(tmp_path, token).is_file()
    assert (tmp_path / "rejects" / "低保名册202610.csv.rejects.csv").read_text("utf-8-sig").count("NO_PERSON") == 1


def test_a_file_without_people_is_refused(tmp_path: Path) -> None:
    trial = tried(tmp_path, sent(tmp_path, f"{TITLES}\n"))

    assert trial.fault is not None


def test_columns_nobody_knows_are_chosen_and_remembered_beside_those_known(tmp_path: Path) -> None:
    text = "全名,公民号,性别,低保证号\n褚建平,11010519491231002X,男,D1\n"
    token = sent(tmp_path, text)
    with pytest.raises(InputError, match="缺少"):
        tried(tmp_path, token, Choice("dibao"))
    file = kept(tmp_path, text, MAPPED)

    assert file.name == "dibao.20261120.csv", "the running month is seen as of today"
    later = tried(tmp_path, sent(tmp_path, text, "低保202612.csv"), Choice("dibao", "202610"))
    assert later.report.datasets["dibao"].encodable == 1
    assert tried(tmp_path, sent(tmp_path, f"{TITLES}\n{ROW}\n")).fault is None, "older titles are known as before"


def test_two_imports_add_up_in_the_mapping(tmp_path: Path) -> None:
    kept(tmp_path, "全名,公民号,低保证号\n褚建平,11010519491231002X,D1\n", MAPPED)
    other = Choice("dibao", "202610", {"sex": "男女"})
    kept(tmp_path, "全名,公民号,男女,低保证号\n褚建平,11010519491231002X,男,D1\n", other)

    text = (tmp_path / IMPORTED_MAPPING).read_text("utf-8")
    assert text.count("[dibao]") == 1 and "全名" in text and "男女" in text


@pytest.mark.parametrize("name", ["x.exe", "x.docx", "x", ".csv", "..", "a/b/.hidden.csv"])
def test_only_tables_are_taken(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        sent(tmp_path, ROW, name)


@pytest.mark.parametrize("name", ["../../低保.csv", "C:\\Users\\x\\低保.csv", "/etc/低保.csv"])
def test_a_name_with_folders_stays_in_its_place(tmp_path: Path, name: str) -> None:
    file = waiting_file(tmp_path, sent(tmp_path, ROW, name))

    assert file.name == "低保.csv" and file.is_relative_to(tmp_path / "imports" / "waiting")


@pytest.mark.parametrize("token", ["", "..", "../waiting", "0" * 32, "0" * 31 + "/"])
def test_a_token_that_was_not_given_finds_nothing(tmp_path: Path, token: str) -> None:
    sent(tmp_path, ROW)

    with pytest.raises(NotFoundError):
        waiting_file(tmp_path, token)


def test_a_header_nobody_knows_is_refused_and_not_shown(tmp_path: Path) -> None:
    token = sent(tmp_path, f"{ROW}\n{ROW}\n")

    with pytest.raises(InputError) as caught:
        tried(tmp_path, token, Choice("dibao", "202610"))
    assert "褚建平" not in "".join(caught.value.lines())


@pytest.mark.parametrize("choice", [Choice("tekun"), Choice("", "someday"), Choice("dibao", "", {"shoe": "鞋"})])
def test_a_choice_that_does_not_exist_is_refused(tmp_path: Path, choice: Choice) -> None:
    with pytest.raises(ConfigError):
        tried(tmp_path, sent(tmp_path, f"{TITLES}\n{ROW}\n"), choice)


def test_what_is_dropped_or_forgotten_is_gone(tmp_path: Path) -> None:
    dropped, forgotten, fresh = (sent(tmp_path, ROW) for _ in range(3))
    drop(tmp_path, dropped)
    os.utime(waiting_file(tmp_path, forgotten).parent, (1000, 1000))
    drop_stale(tmp_path, now=1000 + 2 * 86400)

    assert [f.name for f in (tmp_path / "imports" / "waiting").iterdir()] == [fresh]
