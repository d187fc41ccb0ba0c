"""The one command: every section says something, what is missing is said to be, finished sections survive."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as command
from benchmarks.environments import PEERS, Peers, make_peers, no_peers, requirement_file
from benchmarks.figures import Figure, Results, missing, table, value_of
from benchmarks.plot import curves, svg
from benchmarks.running import NotMeasured, Run, answer
from benchmarks.sizes import SIZES


@pytest.mark.slow
def test_a_smoke_run_measures_every_section_without_peers_and_without_failures(tmp_path: Path) -> None:
    out = tmp_path / "smoke.json"

    assert command.main(["--size", "smoke", "--out", str(out)]) == 0

    found = json.loads(out.read_text(encoding="utf-8"))
    figures = {name: section["figures"] for name, section in found["sections"].items()}
    notes = [row["note"] for rows in figures.values() for row in rows if row["value"] is None]
    assert list(figures) == list(command.SECTIONS)
    assert all(any(row["value"] is not None for row in rows) for name, rows in figures.items() if name != "large")
    assert [note for note in notes if "ended with" in note or "wrote no figures" in note] == []
    assert {peer["state"] for peer in found["peers"].values()} == {"absent"}
    assert value_of(found["sections"], "kernel", "settings with the pairs of the plain reference") == 8
    assert curves(found["sections"])["F1 at the default cut"]["ours"][0][1] > 0.9
    ElementTree.fromstring(out.with_suffix(".svg").read_text(encoding="utf-8"))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(SIZES["smoke"], no_peers("a test has none"), tmp_path)


def section(monkeypatch: pytest.MonkeyPatch, name: str, figures: object) -> None:
    monkeypatch.setitem(sys.modules, f"benchmarks.sections.{name}", SimpleNamespace(figures=figures))


def test_a_section_without_a_module_is_not_measured(run: Run) -> None:
    (one,) = command.measured("no_such_section", run)

    assert one.met == "not measured"


def test_a_section_that_breaks_keeps_what_it_had_and_never_tells_the_text_of_the_error(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Run) -> Iterator[Figure]:
        yield Figure("first", 1.0)
        raise ValueError("张三 110101199003070003")

    section(monkeypatch, "kernel", broken)

    first, rest = command.measured("kernel", run)

    assert (first.value, rest.value, rest.note) == (1.0, None, "it ended with ValueError")


def test_an_interrupted_run_keeps_finished_sections_and_a_later_one_adds_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: Run) -> Iterator[Figure]:
        yield Figure("half", 1.0)
        raise KeyboardInterrupt

    section(monkeypatch, "kernel", lambda _: [Figure("speed", 2.0, target=1.0)])
    section(monkeypatch, "encoding", stop)
    out = tmp_path / "found.json"

    command.main(["--size", "smoke", "--only", "kernel", "encoding", "--out", str(out)])

    assert list(json.loads(out.read_text(encoding="utf-8"))["sections"]) == ["kernel"]

    section(monkeypatch, "join", lambda _: [Figure("seconds", 3.0)])
    command.main(["--size", "smoke", "--only", "join", "--out", str(out)])

    assert list(json.loads(out.read_text(encoding="utf-8"))["sections"]) == ["kernel", "join"]


def test_figures_of_another_size_are_not_mixed_in(tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    Results(file, "smoke", started="", peers={}).add("kernel", [Figure("speed", 2.0)], seconds=1.0, measured="")

    assert Results(file, "full", started="", peers={}).sections == {}
    assert list(Results(file, "smoke", started="", peers={}).sections) == ["kernel"]


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("at least", 8.0, target=8.0), "yes"),
        (Figure("at least", 7.9, target=8.0), "no"),
        (Figure("at most", 1.3, target=1.3, at_least=False), "yes"),
        (Figure("at most", 1.4, target=1.3, at_least=False), "no"),
        (Figure("only told", 1.4), ""),
        (missing("absent", "why", target=1.0), "not measured"),
    ],
)
def test_a_figure_says_whether_its_target_is_met(figure: Figure, met: str) -> None:
    assert figure.met == met


def test_what_is_not_a_number_is_no_figure() -> None:
    with pytest.raises(ValueError, match="not a number"):
        Figure("speed", float("nan"))


def test_the_full_size_fails_on_a_missed_target_but_not_on_a_stretch(tmp_path: Path) -> None:
    results = Results(tmp_path / "found.json", "full", started="", peers={})
    results.add("county", [Figure("wished", 0.8, target=0.9, stretch=True)], seconds=1.0, measured="")

    assert command.tell(results) == 0

    results.add("join", [Figure("promised", 2.0, target=1.3, at_least=False)], seconds=1.0, measured="")

    assert command.tell(results) == 1
    assert "Targets: 0 met, 1 missed, 0 not measured." in "\n".join(table(results.sections))


@pytest.mark.parametrize("peer", PEERS)
def test_every_peer_has_pins_and_no_address(peer: str) -> None:
    lines = [line for line in requirement_file(peer).read_text(encoding="utf-8").splitlines() if line[:1] != "#"]

    assert lines
    assert [line for line in lines if "==" not in line and line != "setuptools<81"] == []
    assert not any(":" in line or "/" in line or line.startswith("-") for line in lines)


def test_a_peer_that_cannot_be_installed_is_absent_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.environments.subprocess.run", lambda *_, **__: SimpleNamespace(returncode=1))

    peers = make_peers(tmp_path, ["splink"])

    assert peers.pythons == {}
    assert "could not be installed" in peers.absent["splink"]
    assert peers.absent["duckdb"] == "not asked for"
    with pytest.raises(LookupError, match="splink is absent"):
        peers.python("splink")


def test_an_environment_with_the_same_pins_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def make(step: list[str], **_: object) -> SimpleNamespace:
        made.append(step)
        (tmp_path / "duckdb").mkdir(exist_ok=True)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr("benchmarks.environments.subprocess.run", make)

    first, second = make_peers(tmp_path, ["duckdb"]), make_peers(tmp_path, ["duckdb"])

    assert (first.pythons, len(made)) == (second.pythons, 2)


def test_a_peer_that_fails_says_the_kind_of_error_only() -> None:
    with pytest.raises(NotMeasured, match=r"^the program ended with 1 \(ValueError\)$"):
        answer([sys.executable, "-c", "raise ValueError('张三')"])


def test_an_absent_peer_is_not_measured(run: Run) -> None:
    with pytest.raises(NotMeasured, match="splink is absent: a test has none"):
        run.peer("splink", "splink_persons.py")


def test_the_plot_draws_both_sides_by_size(tmp_path: Path) -> None:
    rows = [
        Figure(f"{left:,} to {10 * left:,}: {who}, seconds", left / 1000 * weight).record()
        for left in (1000, 10_000)
        for who, weight in (("ours", 1), ("Splink", 3))
    ]
    sections = {"growth": {"figures": rows}}

    assert curves(sections)["seconds"] == {
        "ours": [(11_000, 1.0), (110_000, 10.0)], "Splink": [(11_000, 3.0), (110_000, 30.0)],
    }  # fmt: skip
    drawing = svg(sections)
    ElementTree.fromstring(drawing)
    assert drawing.count("<polyline") == 2
    assert drawing.count("not measured") == 2


def test_peers_describe_themselves_without_a_place(tmp_path: Path) -> None:
    told = Peers({"duckdb": tmp_path / "python"}, {"splink": "not asked for"}).describe()

    assert told["splink"] == {"state": "absent", "reason": "not asked for"}
    assert "duckdb==" in told["duckdb"]["pins"]
    assert str(tmp_path) not in json.dumps(told)
