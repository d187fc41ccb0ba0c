"""lists classes / kinds / locality / cases / aside / file: the clues as the six systems list them, masked."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from procuratorate_node.clue_lists import Summary, by_case, by_class, by_kind, by_locality
from procuratorate_node.clues import GONE, Clue
from procuratorate_node.config import load_config
from procuratorate_node.node import Node, open_node


def classes(asked: argparse.Namespace) -> int:
    """Print one list per class of hardship (SX-0-2, SX-R-2): case, role, tag."""
    return _print_lists(asked, by_class)


def kinds(asked: argparse.Namespace) -> int:
    """Print the lists by kind of case with their counts (WD-D-1)."""
    return _print_lists(asked, by_kind)


def locality(asked: argparse.Namespace) -> int:
    """Print local people and outsiders apart (YQ-M4-5, YQ-M4-6)."""
    return _print_lists(asked, by_locality)


def _print_lists(asked: argparse.Namespace, split: Callable[[Iterable[Clue]], Mapping[str, list[Clue]]]) -> int:
    for name, clues in split(_standing_clues(open_node(load_config(asked.config)), asked.model)).items():
        print(f"== {name}（{len(clues)} 条 clues）")
        for clue in clues:
            role = clue.facts.get("role", "")
            print(f"{clue.clue_id} {clue.model} {clue.case_number} {role} {';'.join(clue.tags)} [{clue.status}]")
    return 0


def cases(asked: argparse.Namespace) -> int:
    """Print one line per case: people, tags, colours (PA-C-1, WD-R-4)."""
    for case, found in by_case(_standing_clues(open_node(load_config(asked.config)), asked.model)).items():
        print(f"{case} {_summary(found)}")
    return 0


def _summary(found: Summary) -> str:
    def counted(counts: Counter[str]) -> str:
        return " ".join(f"{name}={number}" for name, number in sorted(counts.items()))

    return f"{found.charge} 人数 people {found.people} {counted(found.tags)} {counted(found.colours)}".rstrip()


def aside(asked: argparse.Namespace) -> int:
    """Print who was found and has no colour; with a lane, whom to follow up or to refer for other help."""
    node = open_node(load_config(asked.config))
    for clue in node.set_aside.list(model=asked.model, lane=asked.lane):
        lane = str(clue.colouring.get("lane", "")) or "-"
        why = "；".join(clue.colour_reasons[:2])
        print(f"{clue.clue_id} {clue.model} {clue.case_number} {lane} {';'.join(clue.tags)} {why}")
    return 0


def file(asked: argparse.Namespace) -> int:
    """Print where a clue's case is read: its number, its system, its papers (WD-D-2)."""
    node = open_node(load_config(asked.config))
    clue = node.book.get(asked.clue)
    category = clue.facts.get("category", "")
    system = "网上信访信息系统" if category == "信访" else "检察业务应用系统"
    print(f"案号 case {clue.case_number}；在{system}查阅 | to be read there")
    print(f"人员 rows {'、'.join(row.row for row in clue.people or clue.rows)}")
    folder = node.config.cases / "documents" / clue.case_number
    papers = sorted(folder.iterdir()) if folder.is_dir() else []
    for number, paper in enumerate(papers, 1):
        print(f"文书{number} {paper}")
    return 0


def _standing_clues(node: Node, model: str) -> list[Clue]:
    return [clue for clue in node.book.list(model=model) if clue.change != GONE]
