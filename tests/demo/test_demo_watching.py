from __future__ import annotations

import logging

import pytest

from linkage.demo.watching import AGENCY_LINE, NODE_LINE, newest, round_states
from linkage.operations.logs import TextLines

ROUND = "0123456789abcdef" * 2


def logged(name: str, text: str, level: int = logging.INFO) -> str:
    """Return the line that a node writes."""
    return TextLines().format(logging.LogRecord(name, level, "file.py", 1, text, (), None))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("linkage.owner.events", f"round {ROUND}: CONSENTED ", "CONSENTED"),
        ("agency_node.desk", f"round {ROUND}: policy says so", "policy says so"),
        ("linkage.owner.work", "encode: 90/90, 637/s, 0 s left", "encode: 90/90, 637/s, 0 s left"),
    ],
)
def test_an_agency_says_in_its_log_what_it_does(name: str, text: str, said: str) -> None:
    lines = [logged(name, text), logged("linkage.owner.work", "something odd", logging.WARNING), "ready"]

    assert newest(lines, AGENCY_LINE) == said


def test_the_last_line_counts() -> None:
    lines = [f"t INFO round {ROUND}: CONSENTED", "t INFO upload: 1/2", "warning"]

    assert newest(lines, AGENCY_LINE) == "upload: 1/2"


def test_the_lines_of_a_library_say_nothing_about_the_procuratorate() -> None:
    lines = [logged("linkage.owner.events", f"round {ROUND}: READY"), logged("recordlinkage", "indexing")]

    assert newest(lines, NODE_LINE) == "READY"


def test_the_states_of_a_round_come_in_order_with_their_details() -> None:
    lines = [f"{ROUND} PROPOSED   SX-1,SX-2 已上传 0/3", "错误：", f"{ROUND} MATCHING   SX-1,SX-2 已上传 3/3 dibao 1/9"]

    assert round_states(lines) == [("PROPOSED", "已上传 0/3"), ("MATCHING", "已上传 3/3 dibao 1/9")]
