"""The commands, run as a person would, without a coordinator."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from linkage.owner.database import open_database
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.casework import load_casework
from procuratorate_node.clues import ClueBook, make_clue
from procuratorate_node.colour_table import shipped_colour_table
from procuratorate_node.command import main
from procuratorate_node.config import load_config
from procuratorate_node.export import SCORE_HEADINGS
from procuratorate_node.painting import paint_rows
from procuratorate_node.store import Store
from tests.procuratorate_node.conftest import LI, TODAY
from tests.procuratorate_node.test_clues_and_opening import FOUND

TOML = """
[node]
state = "state"
coordinator = "localhost:1"
[cases]
folder = "cases"
as_of = "2026-10-31"
[screening]
min_asked = 1
[[officers]]
name = "甲"
may = ["request", "confirm", "reidentify"]
[[officers]]
name = "乙"
may = ["approve"]
"""


@pytest.fixture
def file(cases: Path, consortium: Path, tmp_path: Path) -> Path:
    """Write a configuration whose state has real keys."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "keys").symlink_to(consortium / "procuratorate" / "keys")
    path = tmp_path / "procuratorate.toml"
    path.write_text(TOML, "utf-8")
    return path


def run(file: Path, *words: str) -> int:
    return main(["--config", str(file), *words])


def seed(file: Path) -> str:
    """Put one clue into the node's database; return its id."""
    config = load_config(file)
    clue = make_clue(FOUND, load_casework(config, today=TODAY).facts, locality=None)
    ClueBook(Store(open_database(config.place))).take_round("r1", ["SX-1"], [clue])
    return clue.clue_id


def test_init_writes_a_configuration_that_loads_and_is_never_overwritten(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path / "new")]) == 0
    assert load_config(tmp_path / "new" / "procuratorate.toml").officers
    assert (tmp_path / "new" / "state").stat().st_mode & 0o077 == 0
    assert main(["init", str(tmp_path / "new")]) == 1


def test_models_are_listed_checked_and_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[model]\nid = 'X'\n", "utf-8")

    assert run(tmp_path / "none.toml", "models", "list") == 0
    assert len(capsys.readouterr().out.splitlines()) == 22, "fifteen of the systems, six campaigns, one search"
    assert run(tmp_path / "none.toml", "models", "show", "YQ-M3") == 0
    assert "已开展社会救助人员" in capsys.readouterr().out
    assert run(tmp_path / "none.toml", "models", "check", str(bad)) == 1


def test_import_reports_counts_and_writes_the_rejects(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "cases" / "cases.csv").open("a", encoding="utf-8") as target:
        target.write("c9,火星案件,盗窃,,,,,,\n")

    assert run(file, "import", "--rejects", str(tmp_path / "rejects.csv")) == 0

    said = capsys.readouterr().out
    assert "category unknown word: 1" in said and "李晓梅" not in said
    assert "5,category,unknown word,no" in (tmp_path / "rejects.csv").read_text("utf-8-sig")


def test_a_request_needs_two_officers_with_the_right_duties(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("screen", "request", "--models", "SX-1,SX-2", "--reference", "专项一", "--by")
    assert run(file, *asked, "乙") == 1
    assert run(file, *asked, "甲") == 0
    round_id = capsys.readouterr().out.strip()

    assert run(file, "screen", "run", round_id) == 1
    assert run(file, "screen", "approve", round_id, "--by", "甲") == 1
    assert run(file, "screen", "approve", round_id[:8], "--by", "乙") == 0
    assert run(file, "screen", "approve", round_id, "--by", "乙") == 1
    assert run(file, "screen", "run", round_id) == 0
    assert run(file, "rounds") == 0
    assert f"{round_id} APPROVED" in capsys.readouterr().out
    assert run(file, "cancel", round_id, "--by", "甲", "--reason", "不再需要") == 0
    assert run(file, "rounds") == 0
    assert "CANCELLED" in capsys.readouterr().out


def test_a_clue_goes_from_list_to_name(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clue = seed(file)

    assert run(file, "clues", "list", "--model", "SX-1") == 0
    assert run(file, "clues", "show", clue) == 0
    said = capsys.readouterr().out
    assert "故意伤害" in said and "李晓梅" not in said and LI not in said
    assert run(file, "reidentify", "request", clue, "--by", "甲", "--reason", "核实") == 1
    assert run(file, "clues", "confirm", clue, "--by", "甲") == 0
    capsys.readouterr()
    assert run(file, "reidentify", "request", clue, "--by", "甲", "--reason", "核实") == 0
    opening = capsys.readouterr().out.strip()
    assert run(file, "reidentify", "approve", opening, "--by", "甲") == 1
    assert "李晓梅" not in capsys.readouterr().out
    assert run(file, "reidentify", "approve", opening, "--by", "乙") == 0
    assert "name=李晓梅" in capsys.readouterr().out


def test_a_lowered_colour_is_listed_with_the_trees_own_and_shown_with_every_step(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = load_config(file)
    facts = load_casework(config, today=TODAY).facts
    row = replace(FOUND, model="PA", case="c3", rows=(RowRef(Source.PARTIES, "c3", "D6"),), grade="D")
    painted = paint_rows([row], facts, shipped_colour_table(), coloured=frozenset({"PA"}))
    clues = [make_clue(r, facts, locality=None) for r in painted]
    ClueBook(Store(open_database(config.place))).take_round("r1", ["PA"], clues)

    assert run(file, "clues", "list") == 0
    assert "yes/D orange(red) DIBAO" in capsys.readouterr().out
    assert run(file, "clues", "show", clues[0].clue_id) == 0
    said = capsys.readouterr().out
    assert "预警颜色：orange" in said and "判定颜色：red" in said and "第 5 步" in said and "周志强" not in said


def test_exports_are_masked_and_the_score_format_has_its_columns(file: Path, tmp_path: Path) -> None:
    seed(file)

    assert run(file, "export", str(tmp_path / "list.csv")) == 0
    assert run(file, "export", str(tmp_path / "list.xlsx")) == 0
    assert run(file, "export", "--score", str(tmp_path / "score.csv")) == 0
    assert run(file, "export", str(tmp_path / "list.pdf")) == 1

    text = (tmp_path / "list.csv").read_text("utf-8-sig")
    assert "故意伤害" in text and "李晓梅" not in text
    sheet = load_workbook(tmp_path / "list.xlsx").active
    assert sheet is not None and sheet.max_row == 2
    with (tmp_path / "score.csv").open(encoding="utf-8-sig") as source:
        assert list(csv.DictReader(source)) == [
            dict(zip(SCORE_HEADINGS, ("SX-1", "c1", "D1", "yes", "A", "DIBAO", ""), strict=True))
        ]


@pytest.mark.parametrize("words", [(), ("unknown",), ("screen",), ("screen", "request")])
def test_a_wrong_command_line_is_two(words: tuple[str, ...]) -> None:
    assert main(list(words)) == 2


def test_check_names_every_fault(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(file, "check") == 1

    said = capsys.readouterr().out
    assert "SX-4: 不能查询" in said and "chunlei" in said and "coordinator" in said


def test_a_standing_order_is_asked_for_approved_listed_and_stopped(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order = '[[standing]]\nid = "monthly"\nmodels = ["SX-1"]\nreference = "常态"\nevery = "month"\n'
    file.write_text(TOML + order + "expires = 2099-12-31\nmax_rounds = 12\n", "utf-8")

    assert run(file, "standing", "approve", "monthly", "--by", "乙") == 1
    assert run(file, "standing", "request", "monthly", "--by", "甲") == 0
    assert run(file, "standing", "approve", "monthly", "--by", "甲") == 1
    assert run(file, "standing", "approve", "monthly", "--by", "乙") == 0
    capsys.readouterr()
    assert run(file, "standing", "list") == 0
    assert "轮次 rounds 0/12" in capsys.readouterr().out
    assert run(file, "standing", "show", "monthly") == 0
    assert run(file, "standing", "stop", "monthly", "--by", "甲") == 0
    assert run(file, "standing", "request", "weekly", "--by", "甲") == 1


def test_a_search_says_why_it_is_refused_and_names_nobody(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("search", "c1", "D1", "--reason", "移送线索核实", "--by")
    file.write_text(TOML.replace('"reidentify"]', '"reidentify", "search"]'), "utf-8")

    assert run(file, *asked, "乙") == 1
    assert run(file, *asked, "甲") == 1
    said = capsys.readouterr().err
    assert "fewer than 200" in said and "李晓梅" not in said
    assert run(file, "searches") == 0
