"""A department of our own hands a person over: a clue like any other, once, with who and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from procuratorate_node.clues import CANDIDATE
from procuratorate_node.command import main, parser
from procuratorate_node.config import load_config
from procuratorate_node.handovers import MODEL, REASONS
from procuratorate_node.node import open_node
from tests.procuratorate_node.conftest import LI
from tests.procuratorate_node.test_command import TOML


@pytest.fixture
def file(cases: Path, consortium: Path, tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "keys").symlink_to(consortium / "procuratorate" / "keys")
    path = tmp_path / "procuratorate.toml"
    path.write_text(TOML, "utf-8")
    return path


def hand_over(file: Path, case: str, party: str, *more: str) -> int:
    words = ("--department", "刑事检察部", "--reason", "low-income", "--by", "甲")
    return main(["--config", str(file), "handover", "add", case, party, *words, *more])


def test_a_handed_over_party_is_a_candidate_clue_with_masked_facts(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hand_over(file, "c1", "D1", "--note", "无固定收入") == 0
    clue_id = capsys.readouterr().out.strip()
    clue = open_node(load_config(file)).book.get(clue_id)

    assert (clue.model, clue.case_number, clue.status, clue.tags, clue.links) == (MODEL, "c1", CANDIDATE, (), ())
    assert clue.facts["charge"] == "故意伤害" and clue.facts["role"] == "被害人"
    assert main(["--config", str(file), "handover", "list"]) == 0
    listed = capsys.readouterr().out
    assert listed.split() == [clue_id, "c1", "[candidate]", "刑事检察部", "low-income", "疑似低收入", "无固定收入"]
    log = (file.parent / "state" / "audit" / "entries.jsonl").read_text("utf-8")
    assert log.count("clue.handed-over") == 1 and LI not in log and "李晓梅" not in log + listed


def test_handed_over_twice_it_is_one_clue_with_the_first_reason(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hand_over(file, "c1", "D1") == 0 and hand_over(file, "c1", "D1", "--note", "再次") == 0
    first, second = capsys.readouterr().out.split()

    assert first == second
    assert main(["--config", str(file), "handover", "list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize(
    ("case", "party", "said"),
    [("c1", "D9", "no such party"), ("c3", "D7", "masked"), ("c3", "D5", "dead"), ("c1", "D2", "suspect")],
)
def test_who_is_unknown_masked_dead_or_a_suspect_is_not_handed_over(
    file: Path, case: str, party: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hand_over(file, case, party) == 1
    assert said in capsys.readouterr().err
    assert open_node(load_config(file)).book.list() == []


def test_a_note_with_a_personal_number_is_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hand_over(file, "c1", "D1", "--note", f"证件号 {LI}") == 1
    assert LI not in capsys.readouterr().err
    assert open_node(load_config(file)).book.list() == []


def test_the_command_offers_every_reason_there_is() -> None:
    for reason in REASONS:
        words = ["handover", "add", "c1", "D1", "--department", "x", "--reason", reason, "--by", "甲"]
        assert parser().parse_args(words).reason == reason
