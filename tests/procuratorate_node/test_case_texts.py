"""Each colour with the words that led to it and where they stand; what a charge model says to mind; rules in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from linkage.plan import Verdict
from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.casework import Casework, load_casework
from procuratorate_node.clues import Clue, make_clue
from procuratorate_node.colour_table import LEXICON, make_colour_table, shipped_colour_table
from procuratorate_node.config import Config
from procuratorate_node.explaining import explained, rules_shown
from procuratorate_node.model import shipped_models
from procuratorate_node.outcome import ClueRow
from procuratorate_node.pages import kind_of, pages_of
from procuratorate_node.painting import colour_rows
from procuratorate_node.warning.file import shipped
from tests.procuratorate_node.conftest import TODAY

VICTIM = RowRef(Source.PARTIES, "c1", "D1")
FOUND = ClueRow("PA", "c1", "nobody", (VICTIM,), Verdict.YES, "A", ("DIBAO", "WOMAN"))


@pytest.fixture
def work(config: Config, cases: Path) -> Casework:
    """Give c1 a summary and two papers, one of two pages."""
    text = (cases / "cases.csv").read_text("utf-8")
    (cases / "cases.csv").write_text(
        text.replace("2025-12-30,审查起诉,,", "2025-12-30,审查起诉,,双方互殴，被害人在家务农"), "utf-8"
    )
    folder = cases / "documents" / "c1"
    folder.mkdir(parents=True)
    (folder / "李晓梅_询问笔录.txt").write_text(
        "询 问 笔 录\n问：家里情况？\n答：女儿申请了助学贷款。\f答：未取得谅解，还在住院。", "utf-8"
    )
    (folder / "甲_起诉书.txt").write_text("某县人民检察院\n起诉书\n被害人之母患尿毒症，长期透析。", "utf-8")
    return load_casework(config, today=TODAY)


def coloured(work: Casework, config: Config, row: ClueRow = FOUND) -> Clue:
    pages = pages_of(config.cases)
    (found,) = colour_rows([row], work.facts, shipped_colour_table(), coloured=frozenset({"PA"}), pages_of=pages)
    return make_clue(found, work.facts, locality=None)


def test_every_word_comes_with_paper_and_page(work: Casework, config: Config) -> None:
    """PA-M-2, PA-M-8, WD-R-6, acceptance of the colours: step, words, pages, tags."""
    clue = coloured(work, config)

    words = {tuple(w) for w in clue.colouring["words"]}  # type: ignore[attr-defined]
    assert {
        ("D", "务农", "务农", "案情摘要"),
        ("C", "助学贷款", "助学贷款", "文书1（询问笔录）第1页"),
        ("C", "住院", "住院", "文书1（询问笔录）第2页"),
        ("X", "谅解", "谅解", "文书1（询问笔录）第2页"),
        ("C", "重大疾病", "尿毒症", "文书2（起诉书）第1页"),
        ("+", "互殴", "互殴", "案情摘要"),
    } <= words
    assert clue.colouring["step"] == 12 and clue.tags == ("DIBAO", "WOMAN")
    assert len(clue.colouring["files"]) == 3  # type: ignore[arg-type]


def test_a_place_never_shows_a_file_name(work: Casework, config: Config) -> None:
    """File names often hold names of people."""
    assert "李晓梅" not in str(coloured(work, config).colouring)


def test_words_of_papers_are_shown_and_count_only_where_the_lexicon_says_so(work: Casework, config: Config) -> None:
    assert coloured(work, config).colouring["inputs"]["K"] == "1"  # type: ignore[index]
    text = (
        shipped("lexicon.toml")
        .decode()
        .replace('near = false\nread = ["summary"]', 'near = true\nread = ["summary", "papers"]', 1)
    )
    wide = make_colour_table({LEXICON: text.encode()})

    rows = list(colour_rows([FOUND], work.facts, wide, coloured=frozenset({"PA"}), pages_of=pages_of(config.cases)))

    assert rows[0].colouring is not None and rows[0].colouring.inputs["K"] == "4"


def test_a_charge_model_says_what_to_mind_and_which_registers_first(work: Casework, config: Config) -> None:
    """PA-M-1, WD-K-2."""
    lines = list(explained(coloured(work, config)))

    assert any("互殴：先核实本人过错（互殴）" in line for line in lines)
    assert "优先核对：DIBAO、WOMAN" in lines
    assert sum("依据文件" in line for line in lines) == 3


def test_a_stop_that_excludes_is_step_two_of_the_tree(work: Casework, config: Config) -> None:
    text = (
        shipped("charge_models.toml")
        .decode()
        .replace('effect = "check"\nnote = "互殴', 'effect = "exclude"\nnote = "互殴', 1)
    )
    table = make_colour_table({"charge-models": text.encode()})

    (row,) = colour_rows([FOUND], work.facts, table, coloured=frozenset({"PA"}))

    assert row.colouring is not None and (row.colouring.step, row.colouring.lane) == (2, "social")


def test_a_role_that_the_charge_model_does_not_match_gets_no_colour(work: Casework) -> None:
    text = shipped("charge_models.toml").decode().replace('roles = ["被害人", "近亲属"]', 'roles = ["近亲属"]', 1)
    table = make_colour_table({"charge-models": text.encode()})

    (row,) = colour_rows([FOUND], work.facts, table, coloured=frozenset({"PA"}))

    assert row.colouring is None


def test_every_clue_of_guanyuns_model_shows_its_three_rules(work: Casework) -> None:
    """GY-L-2, GY-M1-4, GY-M1-5, GY-M1-6."""
    (model,) = [m for m in shipped_models() if m.id == "GY-M1"]
    clue = make_clue(replace(FOUND, model="GY-M1"), work.facts, locality=None)

    one, two, three = (f"规则{part}" for part in rules_shown(model, clue).split("规则")[1:])
    assert one.startswith("规则一：无法通过诉讼获得有效赔偿——赔偿状态 NOT")
    assert "在册 DIBAO、WOMAN" in two
    assert "法院已司法救助人员、公安机关已司法救助人员、司法行政机关已救助人员：均未发现" in three
    shown = replace(clue, facts={**clue.facts, "rules": rules_shown(model, clue)})
    assert [line[:3] for line in explained(shown)][:3] == ["规则一", "规则二", "规则三"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("某县人民法院\n刑 事 判 决 书\n（2026）", "刑事判决书"),
        ("讯问笔录\n问：", "讯问笔录"),
        ("不起诉决定书", "不起诉决定书"),
        ("一张纸", "文书"),
        ("", "文书"),
    ],
)
def test_a_papers_kind_is_read_from_its_first_lines(text: str, kind: str) -> None:
    assert kind_of(text) == kind
