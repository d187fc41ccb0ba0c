"""One clue from candidate to paid and closed, by the commands a person types, over the real store, keys and log."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from linkage.owner.database import open_database
from linkage.warrant import utc_text
from procuratorate_node.casework import load_casework
from procuratorate_node.clues import ClueBook, make_clue
from procuratorate_node.cluework.deadlines import local_day
from procuratorate_node.command import main
from procuratorate_node.config import load_config
from procuratorate_node.store import Store
from tests.procuratorate_node.conftest import LI, TODAY
from tests.procuratorate_node.relief.conftest import MET
from tests.procuratorate_node.test_clues_and_opening import FOUND

TOML = """
[node]
state = "state"
coordinator = "localhost:1"
[cases]
folder = "cases"
as_of = "2026-10-31"
[work]
region = "example"
hidden_below = 1
[[officers]]
name = "甲"
may = ["assign", "confirm", "reidentify", "award"]
[[officers]]
name = "乙"
may = ["approve"]
roles = ["chief_prosecutor"]
"""
PERSONAL = ("李晓梅", LI, "14100000001", "钟桥")


@pytest.fixture
def file(cases: Path, consortium: Path, tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "keys").symlink_to(consortium / "procuratorate" / "keys")
    path = tmp_path / "procuratorate.toml"
    path.write_text(TOML, "utf-8")
    return path


class Desk:
    """Type commands and read what they print."""

    def __init__(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.file, self.capsys, self.said = file, capsys, ""

    def __call__(self, *words: str, code: int = 0) -> str:
        assert main(["--config", str(self.file), *words]) == code, self.capsys.readouterr()
        found = self.capsys.readouterr()
        self.said += found.out + found.err
        return found.out + found.err


@pytest.fixture
def desk(file: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(file, capsys)


@pytest.fixture
def clue(file: Path) -> str:
    """Put one clue, found now, into the node's store; return its id."""
    config = load_config(file)
    found = make_clue(FOUND, load_casework(config, today=TODAY).facts, locality=None)
    store = Store(open_database(config.place))
    ClueBook(store).take_round("r1", ["SX-1"], [found], at=utc_text(datetime.now(UTC)))
    return found.clue_id


def identify(desk: Desk, clue: str) -> None:
    assert "assign an officer" in desk("clues", "todo")
    desk("clues", "assign", "--model", "SX-1", "--status", "candidate", "--to", "甲", "--by", "甲")
    desk("clues", "note", clue, "已联系村委会核实", "--by", "甲")
    assert "不得写入" in desk("clues", "note", clue, f"身份证 {LI}", "--by", "甲", code=1)
    desk("clues", "check", clue, "--person", "yes", "--link", "yes", "--facts", "yes", "--helped", "no", "--by", "甲")
    desk("clues", "needs", clue, "--needs", "GY-N-2,GY-N-3", "--by", "甲")
    desk("clues", "needs", clue, "--needs", "gold", "--by", "甲", code=1)
    said = desk("clues", "show", clue)
    assert "民政救济 → 民政局 dibao 最低生活保障（已在册" in said and "审查起诉、起诉：" in said
    assert "review" in desk("clues", "list", "--officer", "甲", "--grade", "A")
    assert "does not allow" in desk("clues", "follow", clue, "--by", "甲", "--reason", "回访", code=1)
    desk("clues", "confirm", clue, "--by", "甲", "--reason", "已核对案卷")
    opening = desk("reidentify", "request", clue, "--by", "甲", "--reason", "告知救助权利").strip()
    named = desk("reidentify", "approve", opening, "--by", "乙")
    assert "李晓梅" in named
    desk.said = desk.said.replace(named, "")


def propose(desk: Desk, clue: str, facts: Path, today: str) -> str:
    desk("award", "draft", clue, str(facts), "--day", today)
    desk("award", "draft", clue, str(facts), "--day", today, code=1)
    filled = facts.read_text("utf-8").replace("[facts]", '[facts]\nfault = "none"\ntier = "serious"')
    for code, answer in MET.items():
        filled = filled.replace(f'{code} = "unknown"', f'{code} = "{answer}"')
    facts.write_text(filled, "utf-8")
    desk("award", "budget", "--year", today[:4], "--set", "200000", "--by", "乙", "--reason", "年度预算")
    asked = ("award", "propose", clue, "--facts", str(facts), "--day", today, "--by", "甲")
    award = desk(*asked).splitlines()[-1]
    assert re.fullmatch(r"[0-9a-f]{12}", award)
    assert "does not allow" in desk(*asked, code=1)
    return award


def pay(desk: Desk, award: str, today: str) -> None:
    assert "may not 'approve'" in desk("award", "decide", award, "--by", "甲", code=1)
    above = ("--amount", "60000", "--reason-amount", "需长期治疗", "--by", "乙")
    assert "approval missing for local" in desk("award", "decide", award, *above, code=1)
    assert "8,000" in desk("award", "decide", award, "--by", "乙")
    desk("award", "pay", award, "--on", today, "--by", "甲")
    assert "paid 8,000" in desk("award", "budget")


def figures(desk: Desk, folder: Path, today: str) -> None:
    said = desk("governance", "show", "--table", "key_figures")
    assert "救助金额 money, yuan\t8000" in said and "准确率 precision %\t100.0" in said
    desk("governance", "export", str(folder / "figures.xlsx"))
    desk("governance", "export", str(folder / "figures.json"))
    desk("governance", "export", str(folder / "figures.pdf"), code=1)
    assert "SX-1" in desk("governance", "show", "--table", "aided_by_model", "--from", today, "--to", today)
    assert "before it begins" in desk("governance", "show", "--from", today, "--to", "2020-01-01", code=1)


def test_a_clue_walks_from_candidate_to_paid_and_closed(desk: Desk, clue: str, file: Path, tmp_path: Path) -> None:
    today, state = local_day(datetime.now(UTC)).isoformat(), load_config(file).state
    identify(desk, clue)
    award = propose(desk, clue, tmp_path / "facts.toml", today)
    pay(desk, award, today)
    assert "award-paid" in desk("clues", "list", "--status", "award-paid")
    desk("clues", "follow", clue, "--by", "甲", "--reason", "已回访，生活改善")
    desk("clues", "close", clue, "--by", "甲", "--reason", "办结")

    steps = [line.split()[2] for line in desk("clues", "history", clue).splitlines()]
    assert steps == [
        *("found", "assign", "note", "check", "note", "confirm", "opening-asked", "identify"),
        *("propose", "decide", "pay", "follow", "close"),
    ]
    assert desk("clues", "todo") == ""
    assert "8000" in desk("award", "list") and "paid 8000" in desk("award", "show", award)
    figures(desk, tmp_path, today)
    desk("export", str(tmp_path / "list.xlsx"))
    cells = [c for row in load_workbook(tmp_path / "list.xlsx").worksheets[0].values for c in row]
    assert "closed" in cells
    kept = desk.said + (tmp_path / "figures.json").read_text("utf-8") + "".join(map(str, cells))
    kept += (state / "audit" / "entries.jsonl").read_text("utf-8")
    assert not any(text in kept for text in PERSONAL)
    database = b"".join(p.read_bytes() for p in state.glob("node.db*"))
    assert not any(text.encode() in database for text in PERSONAL)
