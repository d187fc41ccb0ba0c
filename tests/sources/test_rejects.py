"""The reject report names rows and reasons, opens in spreadsheet programs, and holds no cell."""

from __future__ import annotations

import csv
from pathlib import Path

from linkage.sources.rejects import report_path, write_rejects
from linkage.sources.table import Reject, RejectReason


def test_report_lists_rows_and_counts(tmp_path: Path) -> None:
    path = report_path(tmp_path / "名册.csv")
    found = [Reject("名册.csv", "", 7, RejectReason.RAGGED), Reject("名册.csv", "一", 0, RejectReason.SHEET_HIDDEN)]
    assert write_rejects(path, found) == {RejectReason.RAGGED: 1, RejectReason.SHEET_HIDDEN: 1}
    assert path.name == "名册.csv.rejects.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[1][:5] == ["名册.csv", "", "7", "", "RAGGED"]
    assert lines[2][:5] == ["名册.csv", "一", "", "", "SHEET_HIDDEN"]


def test_report_goes_to_the_named_folder(tmp_path: Path) -> None:
    assert report_path(Path("只读") / "a.xlsx", tmp_path) == tmp_path / "a.xlsx.rejects.csv"
