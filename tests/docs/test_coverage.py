"""The coverage table is complete and honest: 242 rows, and nothing done without code and a test that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from docs.coverage.claims import DONE, Claim, Row, read_claims, read_rows
from docs.coverage.page import render_page
from linkage.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = ROOT.parent / "shared" / "domain.md"
LINE = re.compile(r"^\| ((?:GY|YQ|PA|SX|WD|SC|PR)-\S+) \|(.*)\|$", re.MULTILINE)
ROWS, CLAIMS = read_rows(), read_claims()


@cache
def defined_in(file: str) -> frozenset[str]:
    """Return the names of the test functions a file defines, at its top or in a class."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test_"))


def missing_tests(claims: dict[str, Claim]) -> list[str]:
    """Return (row, test) of every test named that does not exist."""
    named = [(claim.id, *test.partition("::")[::2]) for claim in claims.values() for test in claim.tests]
    return [f"{row}: {f}::{n}" for row, f, n in named if not (ROOT / f).is_file() or n not in defined_in(f)]


def test_there_are_242_rows_and_every_one_is_claimed_once() -> None:
    assert len(ROWS) == 242 and len({row.id for row in ROWS}) == 242
    assert {row.id for row in ROWS} ^ set(CLAIMS) == set()


def test_the_rows_are_those_of_the_domain_research() -> None:
    if not DOMAIN.is_file():
        pytest.skip("the domain research is not here")
    part_a = DOMAIN.read_text(encoding="utf-8").partition("## A8.")[0]
    lines = {m[1]: [cell.strip() for cell in m[2].split("|")] for m in LINE.finditer(part_a)}

    found = {key: Row(key, frozenset(cells[3]) - set(",/"), cells[0], cells[1]) for key, cells in lines.items()}

    assert {row.id: row for row in ROWS} == found


def test_what_is_done_names_code_and_tests_and_what_is_not_names_a_reason() -> None:
    # Claim.faults is asked for every claim while reading; here it is shown to notice each of them.
    assert Claim("X", DONE, how="so").faults() == ["X: code is missing", "X: tests is missing"]
    assert Claim("X", "out of reach").faults() == ["X: reason is missing"]
    assert Claim("X", "nearly").faults() != []
    assert [fault for claim in CLAIMS.values() for fault in claim.faults()] == []


def test_every_file_named_exists() -> None:
    assert [f"{c.id}: {path}" for c in CLAIMS.values() for path in c.code if not (ROOT / path).exists()] == []


def test_every_test_named_exists() -> None:
    assert missing_tests(CLAIMS) == []


def test_a_test_that_does_not_exist_is_noticed() -> None:
    here = "tests/docs/test_coverage.py"
    right = Claim("X", DONE, tests=(f"{here}::test_every_test_named_exists",))
    wrong = Claim("Y", DONE, tests=(f"{here}::test_no_such", "tests/no_such.py::test_x"))

    assert missing_tests({"X": right, "Y": wrong}) == [f"Y: {test}" for test in wrong.tests]


def test_a_row_of_work_that_a_program_can_do_is_never_left_to_people_without_a_word() -> None:
    silent = [row.id for row in ROWS if CLAIMS[row.id].status != DONE and len(CLAIMS[row.id].reason) < 20]

    assert silent == []


def test_the_page_is_the_one_the_data_give() -> None:
    assert (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8") == render_page(ROWS, CLAIMS)


def test_every_fault_of_a_claims_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[A-1]\nstatus = "done"\ncolour = 1\ncode = "x"\n[A-2]\nstatus = "no"\n', "utf-8")

    with pytest.raises(ConfigError) as caught:
        read_claims(tmp_path)

    assert all(word in caught.value.en for word in ("colour", "code is a list", "tests is missing", "A-2: status"))
