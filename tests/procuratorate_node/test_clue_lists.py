"""The clues as the six systems list them: one list per class, per kind of case, one line per case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from procuratorate_node.cases.records import RowRef, Source
from procuratorate_node.clue_lists import by_case, by_class, by_kind, by_locality
from procuratorate_node.clues import Clue
from tests.procuratorate_node.test_command import file, run, seed

__all__ = ["file"]


def clue(key: str, case: str, rows: str, tags: str, *, kind: str = "刑事", colour: str = "") -> Clue:
    refs = tuple(RowRef(Source.PARTIES, case, row) for row in rows.split())
    facts = {"category": kind, "charge": "诈骗"}
    colouring = {"colour": colour} if colour else {}
    return Clue(key, "PA", case, "person", refs, refs, "yes", "A", tuple(tags.split()), (), facts, colouring=colouring)


CLUES = [
    clue("1", "k1", "D1", "DIBAO DIS12", colour="red"),
    clue("2", "k1", "D2", "CHILD_D", colour="orange"),
    clue("3", "k2", "D3", "WORKER", kind="信访"),
    clue("4", "k3", "D4", "", kind="民事"),
    clue("5", "k1", "D2", "WOMAN", colour="yellow"),
]


def test_there_is_one_list_per_class_and_a_person_of_two_classes_stands_in_both() -> None:
    """SX-0-2, SX-R-2: two bases, four comparisons."""
    lists = {name: [c.clue_id for c in found] for name, found in by_class(CLUES).items()}

    assert list(lists.values()) == [["1"], ["2"], ["1"], ["3", "4", "5"]]


def test_criminal_civil_administrative_and_petition_clues_are_listed_apart() -> None:
    """WD-D-1."""
    assert {k: len(v) for k, v in by_kind(CLUES).items()} == {"刑事": 3, "民事": 1, "行政": 0, "信访": 1}


def test_local_people_and_outsiders_are_listed_apart() -> None:
    """YQ-M4-5, YQ-M4-6."""
    told = [
        replace(c, facts={**c.facts, "locality": place})
        for c, place in zip(CLUES, ("本地", "外来", "", "本地"), strict=False)
    ]

    lists = {name: [c.clue_id for c in found] for name, found in by_locality([*told, CLUES[4]]).items()}

    assert lists == {"本地": ["1", "4"], "外来": ["2"], "不明": ["3"]}


def test_a_case_is_summed_up_and_a_person_found_twice_counts_once() -> None:
    """PA-C-1: one case, many victims."""
    summary = by_case(CLUES)["k1"]

    assert (summary.charge, summary.people) == ("诈骗", 2)
    assert summary.tags == {"DIBAO": 1, "DIS12": 1, "CHILD_D": 1}
    assert summary.colours == {"red": 1, "orange": 1}


def test_the_way_back_to_the_file_names_case_and_papers(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """WD-D-2."""
    folder = file.parent / "cases" / "documents" / "c1"
    folder.mkdir(parents=True)
    (folder / "01_起诉书.txt").write_text("起诉书", "utf-8")
    key = seed(file)

    assert run(file, "lists", "file", key) == 0
    said = capsys.readouterr().out
    assert "案号 case c1" in said and "01_起诉书.txt" in said and "检察业务应用系统" in said
    assert run(file, "lists", "classes") == 0
    assert "原建档立卡与低收入人员（1 条" in capsys.readouterr().out
    assert run(file, "lists", "kinds", "--model", "SX-1") == 0
    assert run(file, "lists", "cases") == 0
    assert run(file, "lists", "aside") == 0
    assert "李晓梅" not in capsys.readouterr().out
