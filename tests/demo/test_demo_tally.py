from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from linkage.demo.tally import Sent, clue_table, party_table, tally_clues, tally_sent

CLUES = """model,case_no,party_row,verdict,grade,tags
SX-1,case-1,r1,yes,A,DIBAO
SX-1,case-2,r2,cannot-tell,E,DIBAO
YQ-M4,case-3,r3,yes,,
"""


def written(tmp_path: Path) -> Path:
    file = tmp_path / "clues.csv"
    file.write_text(CLUES, encoding="utf-8-sig")
    return file


def test_clues_are_counted_by_model_verdict_and_grade(tmp_path: Path) -> None:
    first, second = tally_clues(written(tmp_path), ["SX-1", "YQ-M4"])

    assert (first.model, first.clues, dict(first.verdicts)) == ("SX-1", 2, {"yes": 1, "cannot-tell": 1})
    assert (dict(first.grades), dict(second.grades)) == ({"A": 1, "E": 1}, {"-": 1})


def test_a_model_without_clues_is_still_listed(tmp_path: Path) -> None:
    found = tally_clues(written(tmp_path), ["WD-3", "SX-1", "YQ-M4"])

    assert [(t.model, t.clues) for t in found] == [("WD-3", 0), ("SX-1", 2), ("YQ-M4", 1)]


def test_what_a_party_sent_is_read_from_its_own_log_and_a_repeated_upload_counts_once(tmp_path: Path) -> None:
    log = tmp_path / "entries.jsonl"
    facts = [("dibao", 10, 3900), ("dibao", 10, 3900), ("child", 2, 780)]
    lines = [{"kind": "upload.begun", "facts": {"population": p, "rows": r, "bytes": b}} for p, r, b in facts]
    lines.append({"kind": "upload.sealed", "facts": {"population": "dibao"}})
    log.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")

    assert tally_sent(log) == Sent(2, 12, 4680)


def test_the_tables_show_sums_and_peaks(tmp_path: Path) -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=120)
    console.print(clue_table(tally_clues(written(tmp_path), ["SX-1"])))
    console.print(party_table({"court": Sent(1, 1200, 468000)}, {"court": 204800, "coordinator": 102400}))

    assert all(text in screen.getvalue() for text in ("SX-1", "468,000", "200", "100"))
