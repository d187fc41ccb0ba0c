from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from linkage.errors import InputError
from linkage.operations.bundle import HELD, Source, diagnose, parts_of
from linkage.operations.doctor import Place
from linkage.operations.finding import good
from linkage.operations.settings import Operations
from linkage.operations.withholding import told_config, told_line

CONFIG = """
[node]
state = "state"
coordinator = "linkage.example:7443"
keep_days = 30
passphrase_file = "口令文件"
database = "postgresql+psycopg://linkage:hunter2@db.example/node"
[[officers]]
name = "张检察官"
may = ["request"]
"""
MARKS = ("口令文件", "hunter2", "张检察官", "李晓梅", "110105198001011234", "13800138000", "db.example")
LINES = (
    "2026-11-26T08:00:00.000+00:00 INFO linkage.owner.work: uploaded 40 rows",
    '{"time": "2026-11-26T08:00:00.000+00:00", "level": "INFO", "logger": "linkage.x", "event": "call 13800138000"}',
    "李晓梅,110105198001011234",
    "2026-11-26T08:00:00.000+00:00 INFO linkage.x: number 110105198001011234 seen",
)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    (tmp_path / "state" / "rounds").mkdir(parents=True)
    (tmp_path / "state" / "rounds" / "one").write_bytes(bytes(100))
    (tmp_path / "node.toml").write_text(CONFIG, "utf-8")
    (tmp_path / "node.log").write_text("\n".join(LINES) + "\n", "utf-8")
    with closing(sqlite3.connect(tmp_path / "state" / "node.db")) as made:
        made.execute("CREATE TABLE people (name TEXT)")
        made.executemany("INSERT INTO people VALUES (?)", [("李晓梅",)] * 3)
        made.commit()
    place = Place(tmp_path / "state", None, Operations(log_file=tmp_path / "node.log"))
    return Source(tmp_path / "node.toml", place, tmp_path / "state" / "node.db", [good("disk", "好", "ok")])


def test_the_bundle_tells_what_is_needed_and_nobody_s_name(source: Source) -> None:
    parts = parts_of(source)
    text = b"".join(parts.values()).decode("utf-8")

    assert set(parts) == set(HELD)
    assert [mark for mark in MARKS if mark in text] == []
    assert (
        json.loads(parts["config.json"])["node"] | {"keep_days": 30, "coordinator": "linkage.example:7443"}
        == (json.loads(parts["config.json"])["node"])
    )
    counts = json.loads(parts["counts.json"])
    assert counts["rows"] == {"people": 3}
    assert counts["folders"]["rounds"] == {"files": 1, "bytes": 100}
    assert json.loads(parts["versions.json"])["packages"]["SQLAlchemy"]
    assert "uploaded 40 rows" in parts["log.txt"].decode()


def test_without_a_file_the_contents_are_listed_and_nothing_is_written(
    source: Source, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))

    assert diagnose(source, None) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in HELD)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_written_bundle_is_private_and_never_overwrites(source: Source, tmp_path: Path) -> None:
    target = tmp_path / "bundle.zip"
    assert diagnose(source, target) == 0
    with zipfile.ZipFile(target) as packed:
        assert sorted(packed.namelist()) == sorted(HELD)
    assert target.stat().st_mode & 0o777 == 0o600

    with pytest.raises(InputError):
        diagnose(source, target)


def test_a_bundle_is_made_where_everything_is_broken(tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text("not = = toml", "utf-8")
    place = Place(tmp_path / "state", None, Operations(("127.0.0.1", 1), log_file=tmp_path / "none.log"))
    parts = parts_of(Source(tmp_path / "node.toml", place, tmp_path / "none.db", []))

    assert json.loads(parts["config.json"]) == {"unreadable": "TOMLDecodeError"}
    assert "unreadable" in json.loads(parts["counts.json"])["rows"]
    assert not (tmp_path / "none.db").exists()


def test_only_listed_texts_of_a_configuration_are_told() -> None:
    given = {"metrics": "127.0.0.1:9", "name": "张三", "may": ["approve"], "names": ["张三"], "today": "", "days": 3}
    told = told_config(given)

    assert isinstance(told, dict)
    assert {key: told[key] for key in ("metrics", "may", "today", "days")} == {
        "metrics": "127.0.0.1:9",
        "may": ["approve"],
        "today": "",
        "days": 3,
    }
    assert "张三" not in json.dumps(told, ensure_ascii=False)


@pytest.mark.parametrize("line", ["", "Traceback (most recent call last):", '{"time": "x", "name": "张三"}', "张三"])
def test_a_line_that_is_not_ours_is_withheld(line: str) -> None:
    assert "张三" not in told_line(line)
    assert "withheld" in told_line(line)
