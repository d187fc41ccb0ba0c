"""The example county as files: layout, sameness, truth."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from linkage.demo.county import Summary, generate_county
from linkage.demo.county.__main__ import main
from linkage.demo.county.agency_columns import registers
from linkage.demo.county.expected import MODELS
from linkage.demo.county.words import headers
from linkage.errors import ConfigError

Made = tuple[Path, Summary]
TRUTH = {
    "expected_clues.csv": "model case_no person party_rows tags colour extra party_ops link_ops link_rows level",
    "rows.csv": "file sheet row slot person household register tags active snapshot current row_id case_no ops",
    "persons.csv": "person household name sex birth id id_type old_id aliases ethnic death town village local_hukou "
    "father mother spouse",
    "households.csv": "household members town village",
    "compensation.csv": "case_no victim_row person charge compensation harm loss fault dead note",
    "pa_colours.csv": "case_no party_row person charge_model colour step H C G U K X already_aided tags",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    out = tmp_path_factory.mktemp("county")
    return out, generate_county(out, seed=4, population=3000)


def read(path: Path, sheet: str = "") -> list[list[str]]:
    """Return all physical rows of a file, cells as text."""
    if path.suffix == ".xlsx":
        book = CalamineWorkbook.from_path(path)
        rows = book.get_sheet_by_name(sheet or book.sheet_names[0]).to_python(skip_empty_area=False)
        return [[str(cell) for cell in row] for row in rows]
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    return list(csv.reader(text.splitlines()))


def records(path: Path) -> list[dict[str, str]]:
    rows = read(path)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_one_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path, repository: Path) -> None:
    """The hash seed differs between the two equal runs, so that no set's order may leak into a file."""
    for name, seed, hashed in (("one", 9, "1"), ("two", 9, "2"), ("other", 10, "1")):
        command = [sys.executable, "-m", "linkage.demo.county", str(tmp_path / name), "--seed", str(seed)]
        environment = {**os.environ, "PYTHONHASHSEED": hashed}
        subprocess.run(
            [*command, "--population", "600"], cwd=repository, env=environment, check=True, capture_output=True
        )
    one, two, other = (digests(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    tables = [{file for file in made if "/documents/" not in file} for made in (one, other)]
    assert tables[0] == tables[1]
    assert all(one[file] != other[file] for file in one if file.endswith(("parties.csv", "rows.csv")))


def test_the_error_profile_changes_the_records_but_not_the_truth(tmp_path: Path) -> None:
    for profile in ("clean", "harsh"):
        generate_county(tmp_path / profile, seed=9, population=600, profile=profile)
    clean, harsh = (records(tmp_path / name / "truth/rows.csv") for name in ("clean", "harsh"))
    shares = [sum(bool(row["ops"]) for row in rows) / len(rows) for rows in (clean, harsh)]
    assert shares[0] * 4 < shares[1]
    names = ("model", "case_no", "person", "tags")
    clues = [
        [tuple(row[name] for name in names) for row in records(tmp_path / profile / "truth/expected_clues.csv")]
        for profile in ("clean", "harsh")
    ]
    assert clues[0] == clues[1]


def test_every_register_file_is_there_with_its_header(made: Made) -> None:
    out, _ = made
    for register in registers().values():
        for file in register.files:
            book = CalamineWorkbook.from_path(out / file).sheet_names if file.endswith(".xlsx") else [""]
            for sheet in book:
                assert register.columns() in [row[: len(register.columns())] for row in read(out / file, sheet)[:4]], (
                    file
                )


def test_the_other_files_are_there_with_their_headers(made: Made) -> None:
    out, _ = made
    known = headers()
    for name in ("cases", "parties", "petitions", "judgments", "aided", "documents_index"):
        assert read(out / f"procuratorate/{name}.csv")[0] == known[name]
    for month in ("202609", "202610"):
        assert read(out / f"agencies/court/执行案件信息_{month}.csv")[0] == known["enforcement"]
    for name, header in TRUTH.items():
        assert read(out / "truth" / name)[0] == header.split()


def test_every_model_has_a_clue_and_the_manifest_counts_them(made: Made) -> None:
    out, summary = made
    told = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert all(summary.clues[model] >= 1 for model in MODELS)
    assert told["expected_clues"] == summary.clues
    counted = [row["model"] for row in records(out / "truth/expected_clues.csv")]
    assert {model: counted.count(model) for model in MODELS} == summary.clues


def test_the_manifest_counts_the_data_rows_of_every_file(made: Made) -> None:
    out, summary = made
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"] == dict(
        sorted(summary.files.items())
    )
    assert len(records(out / "procuratorate/parties.csv")) == summary.files["procuratorate/parties.csv"]


def test_a_row_without_error_shows_the_true_name_and_number(made: Made) -> None:
    out, _ = made
    people = {row["person"]: row for row in records(out / "truth/persons.csv")}
    tables: dict[tuple[str, str], list[list[str]]] = {}
    checked: set[str] = set()
    for truth in records(out / "truth/rows.csv"):
        place = (truth["file"], truth["sheet"])
        if truth["ops"]:
            continue
        if place not in tables:
            tables[place] = read(out / truth["file"], truth["sheet"])
        cells = tables[place][int(truth["row"]) - 1]
        person = people[truth["person"]]
        assert person["name"] in cells, (truth["file"], truth["row"], truth["slot"])
        assert person["id"] in cells, (truth["file"], truth["row"], truth["slot"])
        checked.add(truth["file"])
    assert len(checked) >= 30


def test_labelled_errors_are_there_to_see(made: Made) -> None:
    """A name label means another name is shown; a number label means another number."""
    out, _ = made
    people = {row["person"]: row for row in records(out / "truth/persons.csv")}
    parties = {row["当事人编号"]: row for row in records(out / "procuratorate/parties.csv")}
    names = {"homophone", "shape", "variant", "rare", "dot", "alias", "drop", "name_form"}
    numbers = {"id_missing", "id_mask", "id_15", "id_sub", "id_multi", "id_kin", "id_old", "id_form"}
    for truth in records(out / "truth/rows.csv"):
        if truth["slot"] != "party":
            continue
        ops, shown, person = set(truth["ops"].split(";")), parties[truth["row_id"]], people[truth["person"]]
        assert bool(ops & names) == (shown["姓名"] != person["name"])
        assert bool(ops & numbers) == (shown["证件号码"] != person["id"])


def test_a_victims_note_and_the_truth_name_the_same_rows(made: Made) -> None:
    out, _ = made
    parties = {row["当事人编号"]: row for row in records(out / "procuratorate/parties.csv")}
    states = records(out / "truth/compensation.csv")
    assert {row["compensation"] for row in states} == {"FULL", "PARTIAL", "NOT", "UNKNOWN"}
    assert all(parties[row["victim_row"]]["赔偿情况"] == row["note"] for row in states)
    told = json.loads((out / "truth/documents.json").read_text(encoding="utf-8"))
    by_papers = {v["victim_row"] for paper in told for v in paper["victims"]}
    noted = [row for row in states if row["compensation"] != "UNKNOWN"]
    assert all(row["note"] or row["victim_row"] in by_papers for row in noted)
    assert any(not row["note"] for row in noted)


def test_papers_say_in_their_own_words_what_the_truth_says_they_say(made: Made) -> None:
    out, _ = made
    told = json.loads((out / "truth/documents.json").read_text(encoding="utf-8"))
    kinds = {"询问笔录", "鉴定意见", "道路交通事故认定书", "起诉意见书", "起诉书", "刑事判决书", "谅解书"}
    index = read(out / "procuratorate/documents_index.csv")[1:]
    assert kinds == {paper["doc_type"] for paper in told}
    assert {".txt", ".docx"} == {Path(paper["file"]).suffix for paper in told}
    assert [row[1] for row in index] == [paper["file"].removeprefix("procuratorate/") for paper in told]
    assert all((out / paper["file"]).is_file() for paper in told)
    states = {row["victim_row"]: row["compensation"] for row in records(out / "truth/compensation.csv")}
    last = {v["victim_row"]: v["compensation"] for p in told if p["doc_type"] == "起诉意见书" for v in p["victims"]}
    assert last == {row: states[row] for row in last}


def test_relatives_point_at_a_victim_of_their_case(made: Made) -> None:
    out, _ = made
    parties = {row["当事人编号"]: row for row in records(out / "procuratorate/parties.csv")}
    kin = [row for row in parties.values() if row["角色"] == "近亲属"]
    assert kin
    for row in kin:
        victim = parties[row["关联被害人编号"]]
        assert (victim["案号"], victim["角色"]) == (row["案号"], "被害人")


def test_wrong_wishes_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        generate_county(tmp_path / "a", seed=1, population=10)
    with pytest.raises(ConfigError):
        generate_county(tmp_path / "a", seed=1, population=600, profile="wild")
    assert not (tmp_path / "a").exists()


def test_a_folder_that_holds_a_county_is_not_written_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wish = [str(tmp_path / "c"), "--population", "500", "--seed", "3"]
    assert main(wish) == 0
    before = digests(tmp_path / "c")
    assert main(wish) == 2
    assert digests(tmp_path / "c") == before
    assert "error:" in capsys.readouterr().err
