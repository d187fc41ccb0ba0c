from __future__ import annotations

from pathlib import Path

import pytest

from linkage.operations.settings import Operations, parse_operations


def test_everything_is_off_by_default() -> None:
    faults: list[str] = []

    assert parse_operations({}, Path("base"), faults) == Operations() == Operations(None, "text", None)
    assert faults == []


def test_a_full_section_is_read() -> None:
    faults: list[str] = []
    table = {"metrics": "[::1]:9464", "log_format": "json", "log_file": "log/node.log", "log_bytes": 65536}

    assert parse_operations(table, Path("base"), faults) == Operations(
        ("::1", 9464), "json", Path("base/log/node.log"), 65536
    )
    assert faults == []


@pytest.mark.parametrize(
    "table",
    [
        {"metrics": "0.0.0.0:9464"},
        {"metrics": "192.0.2.7:9464"},
        {"metrics": "127.0.0.1"},
        {"metrics": "127.0.0.1:99999"},
        {"metrics": "node.example:9464"},
        {"metrics": 9464},
        {"log_format": "xml"},
        {"log_bytes": 1},
        {"log_files": 0},
        {"log_files": True},
        {"log_level": "DEBUG"},
        "text",
    ],
)
def test_a_faulty_section_is_refused(table: object) -> None:
    faults: list[str] = []
    parse_operations(table, Path("base"), faults)

    assert len(faults) == 1
