"""The commands, run as an officer would, without a coordinator: what is printed, written, refused, and never shown."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest

from linkage.owner.database import open_database
from linkage.plan import Verdict
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.casework import load_casework
from procuratorate_node.clues import ClueBook, make_clue
from procuratorate_node.command import main
from procuratorate_node.config import load_config
from procuratorate_node.outcome import ClueRow
from procuratorate_node.referrals.catalogue import load_catalogue
from procuratorate_node.referrals.worklist import Unmatched, UnmatchedTable
from procuratorate_node.store import Store
from tests.procuratorate_node.conftest import LI, TODAY
from tests.procuratorate_node.referrals.conftest import Bureau

TOML = """
[node]
state = "state"
coordinator = "localhost:1"
[cases]
folder = "cases"
as_of = "2026-10-31"
[office]
name = "示例县人民检察院"
mark = "示检"
[[officers]]
name = "甲"
may = ["confirm", "reidentify", "refer", "supervise"]
[[officers]]
name = "乙"
may = ["approve"]
"""


@pytest.fixture
def file(cases: Path, consortium: Path, tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "keys").symlink_to(consortium / "procuratorate" / "keys")
    path = tmp_path / "procuratorate.toml"
    path.write_text(TOML, "utf-8")
    return path


class Office:
    """Run commands and keep what they print."""

    def __init__(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.file, self._capsys = file, capsys

    def __call__(self, *words: str, code: int = 0) -> str:
        assert code == main(["--config", str(self.file), *words]), self._capsys.readouterr().err
        found = self._capsys.readouterr()
        return found.out if code == 0 else found.err

    def clue(self, model: str = "SX-1", case: str = "c1", row: str = "D1", *, opened: bool = True) -> str:
        config = load_config(self.file)
        facts = load_casework(config, today=TODAY).facts
        person = "" if model == "WD-3" else "p"
        found = ClueRow(model, case, person, (RowRef(Source.PARTIES, case, row),), Verdict.YES, "A", ())
        clue = make_clue(found, facts, locality=None)
        ClueBook(Store(open_database(config.place))).add(clue, "r1")
        self("clues", "confirm", clue.clue_id, "--by", "甲")
        if opened:
            opening = self("reidentify", "request", clue.clue_id, "--by", "甲", "--reason", "转介").strip()
            self("reidentify", "approve", opening, "--by", "乙")
        return clue.clue_id


@pytest.fixture
def office(file: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    return Office(file, capsys)


def test_a_referral_by_hand_from_suggestion_to_closed(office: Office, tmp_path: Path) -> None:
    clue = office.clue(opened=False)
    assert "medical-aid" in office("referral", "suggest", clue)  # Masked: no opening needed.
    assert "opened" in office("referral", "draft", clue, "--service", "charity", "--by", "甲", code=1)
    opening = office("reidentify", "request", clue, "--by", "甲", "--reason", "转介").strip()
    office("reidentify", "approve", opening, "--by", "乙")

    drafted = office("referral", "draft", clue, "--service", "charity", "--by", "甲", "--note", "急")
    referral = drafted.splitlines()[0]
    assert "letter by hand" in drafted and "李晓梅" not in drafted
    assert "示检救助转〔" in office("referral", "approve", referral[:8], "--by", "乙")
    assert "--letter FILE" in office("referral", "send", referral, "--by", "甲", code=1)
    letter = tmp_path / "letter.docx"
    assert "due 20" in office("referral", "send", referral, "--by", "甲", "--letter", str(letter))
    assert any("李晓梅" in p.text for p in docx.Document(str(letter)).paragraphs)
    assert letter.stat().st_mode & 0o777 == 0o600

    office("referral", "record", referral, "ACCEPTED", "--by", "甲")
    assert "已救助" in office("referral", "record", referral, "DONE", "--item", "没有", "--by", "甲", code=1)
    done = ("--item", "已救助", "--date", "2026-11-20", "--band", "1000元以下")
    office("referral", "record", referral, "DONE", *done, "--by", "甲")
    assert "still to verify：1" in office("referral", "verify")
    office("referral", "verify", referral, "--evidence", "已核对票据", "--by", "甲")
    office("referral", "close", referral, "--by", "甲")
    listed = office("referral", "list", "--state", "CLOSED")
    assert referral[:12] in listed and "已救助 2026-11-20 1000元以下" in listed


def test_showing_is_masked_until_it_is_asked_for_by_name(office: Office) -> None:
    referral = office("referral", "draft", office.clue(), "--service", "dibao", "--by", "甲").splitlines()[0]
    hidden = office("referral", "show", referral)
    assert "【姓名】" in hidden and "李晓梅" not in hidden and LI not in hidden
    assert "not listed" in office("referral", "show", referral, "--open", code=1)

    assert "李晓梅" in office("referral", "show", referral, "--open", "--by", "乙")
    log = (office.file.parent / "state" / "audit" / "entries.jsonl").read_text("utf-8")
    assert "referral.opened" in log and "李晓梅" not in log and LI not in log


def test_a_preview_is_written_once_and_names_nobody(office: Office, tmp_path: Path) -> None:
    referral = office("referral", "draft", office.clue(), "--service", "dibao", "--by", "甲").splitlines()[0]
    target = tmp_path / "preview.docx"
    office("referral", "letter", referral, str(target), "--masked", "--by", "甲")

    assert not any("李晓梅" in p.text for p in docx.Document(str(target)).paragraphs)
    assert "not overwritten" in office("referral", "letter", referral, str(target), "--by", "甲", code=1)


def test_the_catalogue_is_shown_written_and_checked(office: Office, tmp_path: Path) -> None:
    assert "civil_affairs  民政局" in office("referral", "catalogue")
    assert "least：姓名 name" in office("referral", "catalogue", "civil_affairs")
    own = tmp_path / "own.toml"
    office("referral", "catalogue", "--write", str(own))
    assert load_catalogue(own).digest == load_catalogue(None).digest
    own.write_text(own.read_text("utf-8").replace("days = 5", "days = -5"), "utf-8")
    assert "working days" in office("referral", "catalogue", "--check", str(own), code=1)
    assert "no such unit" in office("referral", "catalogue", "nobody", code=1)


def test_an_office_changes_a_letter_in_a_word_processor(office: Office, tmp_path: Path) -> None:
    office("letters", "export", str(tmp_path / "letters"))
    document = docx.Document(str(tmp_path / "letters" / "suggestion.docx"))
    document.add_paragraph("本院电话：12309")
    document.save(str(tmp_path / "letters" / "suggestion.docx"))
    office.file.write_text(TOML.replace("[office]", '[office]\nletters = "letters"'), "utf-8")
    assert "suggestion  社会救助建议函  本院模板 own" in office("letters", "list")

    referral = office("referral", "draft", office.clue(), "--service", "dibao", "--by", "甲").splitlines()[0]
    office("referral", "letter", referral, str(tmp_path / "own.docx"), "--by", "甲")
    assert any("12309" in p.text for p in docx.Document(str(tmp_path / "own.docx")).paragraphs)


def test_a_visited_person_becomes_a_clue(office: Office) -> None:
    config = load_config(office.file)
    table = UnmatchedTable(Store(open_database(config.place)).engine)
    table.take_round([Unmatched("c1", "D1", "parties", "p", "r1", 3, 2)], frozenset())
    assert "c1 D1  伤害 harm 3" in office("worklist", "list", "--state", "OPEN")
    clue = office("worklist", "visited", "c1", "D1", "--note", "困难属实", "--by", "甲").strip()
    office("worklist", "aided", "c1", "D1", "--note", "已决定救助", "--by", "甲")

    assert "GY-P-3" in office("clues", "show", clue)
    assert clue in office("worklist", "list", "--state", "AIDED")


def test_the_supervision_lane_from_clue_to_letter(office: Office, tmp_path: Path) -> None:
    clue = office.clue("WD-3", "c6", "D4", opened=False)
    assert f"{clue}  c6  confirmed  OPEN" in office("supervision", "list")
    office("supervision", "accept", clue, "--exhausted", "no", "--by", "甲")
    office("supervision", "draft", clue, "--finding", "未查询车辆登记", "--advice", "恢复执行", "--by", "甲")
    office("supervision", "approve", clue, "--by", "乙")
    office("supervision", "letter", clue, str(tmp_path / "advice.docx"), "--by", "甲")
    text = "\n".join(p.text for p in docx.Document(str(tmp_path / "advice.docx")).paragraphs)

    assert "（2026）江7425刑初9号" in text and "吴大海" not in text
    office("supervision", "answer", clue, "--recovered", "30000", "--reason", "已恢复执行", "--by", "甲")
    office("supervision", "close", clue, "--reason", "办结", "--by", "甲")
    assert "CLOSED" in office("supervision", "list")


def test_a_unit_whose_party_is_not_in_the_manifest_gets_letters_by_hand(bureau: Bureau) -> None:
    assert bureau.place.party_of(bureau.place.catalogue.unit("civil_affairs")) == "civil"
    assert bureau.place.party_of(bureau.place.catalogue.unit("housing")) == ""
