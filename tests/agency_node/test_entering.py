"""A record typed in by hand is read as part of the newest list; what names nobody is refused and nothing is kept."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agency_node.command import main
from agency_node.datasets import Registers
from agency_node.entering import FOLDER, enter_record, entered_files, parse_cells, titles_of
from agency_node.mapping import load_presets
from linkage.errors import InputError
from linkage.warrant import PopulationSpec

TODAY = date(2026, 11, 5)
VULNERABLE = load_presets()["vulnerable"]
WHO = {"困难对象姓名": "褚建平", "出生日期": "1950-02-03", "家庭住址": "某县石桥镇李坝村4组", "困难类别": "因案致困"}


def rows_of(folder: Path, state: Path) -> list[tuple[str, str]]:
    """Return (name, file) of every row of the vulnerable people, as a round would read them."""
    registers = Registers(folder, today=TODAY, datasets=("vulnerable",), entries=entered_files(state))
    spec = PopulationSpec("vulnerable", "township", "vulnerable", "弱势群体")
    return [(row.person.name, row.file) for row in registers.rows(spec)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = tmp_path / "register"
    data.mkdir()
    text = "姓名,身份证号(如有),现住址,困难类别,网格员\n蒋桂兰,,某县青塘镇吴寨村1组,空巢老人,某\n"
    (data / "困难弱势群体_202610.csv").write_text(text, "utf-8")
    return data


def test_a_record_is_part_of_the_newest_list(folder: Path, tmp_path: Path) -> None:
    assert enter_record(tmp_path, VULNERABLE, WHO, today=TODAY) == 1
    assert enter_record(tmp_path, VULNERABLE, WHO | {"困难对象姓名": "韩秋菊"}, today=TODAY) == 2

    assert [name for name, _ in rows_of(folder, tmp_path)] == ["褚建平", "韩秋菊", "蒋桂兰"]
    assert (tmp_path / FOLDER / "vulnerable.csv").stat().st_mode & 0o077 == 0
    assert sorted(p.name for p in folder.iterdir()) == ["困难弱势群体_202610.csv"]


def test_a_record_that_names_nobody_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        enter_record(tmp_path, VULNERABLE, {"困难类别": "空巢老人"}, today=TODAY)

    assert "nobody" in refused.value.en
    assert list((tmp_path / FOLDER).iterdir()) == [] and entered_files(tmp_path) == ()


def test_records_survive_a_preset_with_more_columns(tmp_path: Path) -> None:
    file = tmp_path / FOLDER / "vulnerable.csv"
    file.parent.mkdir()
    file.write_text("困难对象姓名,出生日期\n蒋桂兰,1949-01-01\n", "utf-8")

    assert enter_record(tmp_path, VULNERABLE, WHO, today=TODAY) == 2
    head, first, second = file.read_text("utf-8").splitlines()
    assert tuple(head.split(",")) == titles_of(VULNERABLE)
    assert first.startswith("蒋桂兰,") and "1949-01-01" in first and second.startswith("褚建平,")


def test_lines_are_columns_and_values_and_a_wrong_one_is_named_without_its_value() -> None:
    titles = titles_of(VULNERABLE)
    assert parse_cells(["困难对象姓名 = 褚建平\n", "\n", "家庭住址：某县"], titles) == {
        "困难对象姓名": "褚建平",
        "家庭住址": "某县",
    }

    for line in ("体重=70", "褚建平"):
        with pytest.raises(InputError) as refused:
            parse_cells(["困难类别=空巢老人", line], titles)
        assert "line 2" in refused.value.en and "褚" not in "".join(refused.value.lines())


def test_the_command_reads_the_record_from_its_input_and_notes_who_typed_it(
    agency: Any, consortium: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(consortium / "civil" / "keys", agency.folder / "keys")
    config = agency.folder / "agency.toml"
    config.write_text(
        '[agency]\nstate = "."\ncoordinator = "localhost:1"\ndata = "register"\noperators = ["值班员甲"]\n', "utf-8"
    )
    run: Callable[..., int] = lambda *words: main([*words, "--config", str(config)])  # noqa: E731

    monkeypatch.setattr("sys.stdin", io.StringIO("成员姓名=褚建平\n成员身份证号=\n成员出生日期=1950-02-03\n"))
    assert run("enter", "dibao", "--by", "值班员甲") == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("成员姓名=褚建平\n"))
    assert run("enter", "dibao", "--by", "过路人") == 1
    assert run("enter", "women", "--by", "值班员甲") == 1
    assert run("datasets") == 0

    assert "dibao" in capsys.readouterr().out
    entries = [json.loads(x) for x in (agency.folder / "audit" / "entries.jsonl").read_text("utf-8").splitlines()]
    assert [e["facts"] for e in entries if e["kind"] == "register.entered"] == [{"by": "值班员甲", "register": "dibao"}]
    assert "褚建平" not in (agency.folder / "audit" / "entries.jsonl").read_text("utf-8")


def test_an_offices_own_preset_adds_a_register_for_one_occasion(tmp_path: Path) -> None:
    (tmp_path / "presets").mkdir()
    own = (
        'id = "petition_2026"\ntitle = "专项：社会治理中心信访人"\nowner = "社会治理中心"\nnames = ["专项信访"]\n'
        'markers = ["matter"]\n[columns]\nmatter = ["信访事项"]\n[[role]]\ndataset = "petition_2026"\nrole = "person"\n'
        'title = "信访人"\ntag = "PETITION"\n[role.person]\nname = ["@name"]\n'
    )
    (tmp_path / "presets" / "petition_2026.toml").write_text(own, "utf-8")
    (tmp_path / "专项信访_202611.csv").write_text("姓名,身份证号,信访事项\n沈长河,,某事\n", "utf-8")

    registers = Registers(tmp_path, today=TODAY, datasets=("petition_2026",), config=tmp_path)
    rows = list(registers.rows(PopulationSpec("special", "centre", "petition_2026", "专项")))

    assert [(row.person.name, row.classes) for row in rows] == [("沈长河", ("PETITION",))]
