"""Lists answer from memory, and are never older than the files they show."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from agency_node.console.held import Ledger, Overview
from linkage.audit.entry import make_entry
from linkage.errors import AuditError

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAY = date(2026, 11, 20)


def write(file: Path, *kinds: str, start: int = 0) -> None:
    with file.open("ab") as out:
        for at, kind in enumerate(kinds, start=start):
            out.write(make_entry(at, NOW, kind, {"round": "r"}) + b"\n")


def test_a_ledger_holds_its_kinds_and_reads_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "entries.jsonl"
    ledger = Ledger(file, frozenset({"upload.sealed"}))
    assert ledger.entries() == ()
    write(file, "upload.sealed", "round.state")
    assert [entry.index for entry in ledger.entries()] == [0]
    write(file, "upload.sealed", "upload.begun", start=2)

    assert [entry.index for entry in ledger.entries()] == [0, 2]


def test_a_line_that_is_still_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "entries.jsonl"
    ledger = Ledger(file, frozenset({"upload.sealed"}))
    line = make_entry(0, NOW, "upload.sealed", {}) + b"\n"
    file.write_bytes(line[:20])
    assert ledger.entries() == ()
    file.write_bytes(line)

    assert len(ledger.entries()) == 1


def test_a_damaged_line_is_no_receipt(tmp_path: Path) -> None:
    file = tmp_path / "entries.jsonl"
    file.write_bytes(b'{"kind":"upload.sealed"}\n')

    with pytest.raises(AuditError):
        Ledger(file, frozenset({"upload.sealed"})).entries()


def test_files_are_looked_at_anew_when_one_comes_goes_or_changes_and_on_another_day(tmp_path: Path) -> None:
    looks: list[Any] = []

    def look() -> Any:
        looks.append(object())
        return looks[-1]

    overview = Overview([(tmp_path, "*.csv"), (tmp_path / "absent", "*")], look)
    assert overview.registers(DAY) is overview.registers(DAY)
    held = overview.registers(DAY)
    (tmp_path / "node.db").write_text("1")
    assert overview.registers(DAY) is held
    file = tmp_path / "a.csv"
    for change in (lambda: file.write_text("1"), lambda: os.utime(file, (1, 1)), file.unlink):
        before = overview.registers(DAY)
        change()
        assert overview.registers(DAY) is not before
    assert overview.registers(date(2026, 11, 21)) is not overview.registers(DAY)
