"""The command line: what it prints, what it refuses, and that it says the same to every operator."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agency_node.command import main
from agency_node.decisions import DecisionState
from agency_node.policy_file import load_policy
from tests.agency_node.conftest import write_register


@pytest.fixture
def folder(agency: Any, consortium: Path) -> Path:
    """Return an agency's folder with keys, configuration and the register."""
    shutil.copytree(consortium / "civil" / "keys", agency.folder / "keys")
    text = (
        '[agency]\nstate = "."\ncoordinator = "localhost:1"\ndata = "register"\noperators = ["值班员甲"]\n'
        'today = "2026-10-31"\n'
    )
    (agency.folder / "agency.toml").write_text(text, "utf-8")
    return Path(agency.folder)


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*words: str) -> tuple[int, str, str]:
        code = main([*words, "--config", str(folder / "agency.toml")])
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def waiting(agency: Any) -> Any:
    """Return a verified warrant that waits for an operator."""
    agency.write_policy(agency.config.policy.read_text("utf-8").replace('mode = "auto"', 'mode = "operator"'))
    verified = agency.town.verified(agency.town.warrant())
    agency.open()[0].decide(verified)
    return verified


def test_the_command_line_tells_what_it_can_without_loading_anything_heavy() -> None:
    program = (
        "import sys\nfrom agency_node.command import main\ncode = main(['--help'])\n"
        "print(code, sorted(m for m in ('grpc', 'numpy', 'sqlalchemy', 'cryptography') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.stdout.splitlines()[-1] == "0 []" and "preview" in done.stdout


@pytest.mark.parametrize("words", [[], ["no-such-command"], ["approve"], ["referral-update", "ab", "LATER"]])
def test_a_wrong_command_line_is_two(words: list[str]) -> None:
    assert main(words) == 2


def test_rounds_and_preview_show_what_is_asked(run: Any, waiting: Any) -> None:
    code, out, _ = run("rounds")
    assert code == 0 and waiting.round_id in out and "WAITING" in out and "procuratorate" in out

    code, out, _ = run("preview", waiting.round_id[:10])
    assert code == 0 and "谁来问" in out and "现在的行数 rows now：30" in out


def test_an_operator_approves_by_name(run: Any, waiting: Any, agency: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agency_node.actions.now_utc", lambda: agency.town.moment)
    code, _, _ = run("approve", waiting.round_id, "--by", "值班员甲")

    found = agency.open()[2].find(waiting.round_id)
    assert (code, found.state, found.decided_by) == (0, DecisionState.APPROVED, "值班员甲")
    assert run("approve", waiting.round_id, "--by", "值班员甲")[0] == 1


def test_a_stranger_may_not_decide(run: Any, waiting: Any, agency: Any) -> None:
    code, _, err = run("approve", waiting.round_id, "--by", "路人")

    assert code == 1 and "operators" in err
    assert agency.open()[2].find(waiting.round_id).state is DecisionState.WAITING


@pytest.mark.parametrize("reason", ["", "  ", "查 110105194912310" + "02X", "x" * 300])
def test_a_reason_every_party_reads_must_be_there_and_name_nobody(run: Any, waiting: Any, reason: str) -> None:
    code, _, err = run("refuse", waiting.round_id, "--by", "值班员甲", "--reason", reason)

    assert code == 1 and "reason" in err and "110105" not in err


def test_a_refusal_keeps_its_reason(run: Any, waiting: Any, agency: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agency_node.actions.now_utc", lambda: agency.town.moment)
    code, _, _ = run("refuse", waiting.round_id, "--by", "值班员甲", "--reason", "材料\n不全")

    assert (code, agency.open()[2].find(waiting.round_id).reason) == (0, "材料 不全")


def test_datasets_and_status_show_the_office(run: Any, waiting: Any) -> None:
    code, out, _ = run("datasets")
    assert code == 0 and "dibao" in out and "202610" in out

    code, out, _ = run("status")
    assert code == 0 and "民政局" in out and "waiting：1" in out


def test_empty_inboxes_are_shown_as_such(run: Any) -> None:
    assert run("releases")[0] == run("referrals")[0] == 0
    assert run("release-approve", "ab", "--by", "值班员甲")[0] == 1
    assert run("referral-update", "ab", "DONE", "--by", "值班员甲")[0] == 1


def test_checking_a_file_shows_counts_and_no_cell(run: Any, folder: Path, name_of: Callable[[int], str]) -> None:
    code, out, _ = run("check", str(folder / "register" / "低保对象_202610.csv"))

    assert code == 0 and "30" in out and [i for i in range(30) if name_of(i) in out] == []


def test_init_writes_a_configuration_and_rules_that_wait_for_operators(
    tmp_path: Path, consortium: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node, data = tmp_path / "node", tmp_path / "files"
    shutil.copytree(consortium / "civil" / "keys", node / "keys")
    write_register(data, 30)
    words = ["init", str(node), "--data", str(data), "--operator", "值班员甲", "--today", "2026-10-31"]

    assert main(words) == 0
    rules = load_policy(node / "policy.toml").allow
    assert [(sorted(r.datasets), sorted(r.requesters), r.mode) for r in rules] == [
        (["dibao"], ["procuratorate"], "operator")
    ]
    assert "30" in capsys.readouterr().out
    assert main(words) == 1  # What is there is not overwritten.


def test_init_without_keys_writes_rules_that_allow_nothing_yet(tmp_path: Path) -> None:
    write_register(tmp_path / "files", 30)

    assert main(["init", str(tmp_path / "node"), "--data", str(tmp_path / "files"), "--today", "2026-10-31"]) == 0
    assert load_policy(tmp_path / "node" / "policy.toml").allow == ()


def test_a_missing_register_folder_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "node"), "--data", str(tmp_path / "none")]) == 1
    assert "error:" in capsys.readouterr().err


def test_without_an_officer_nothing_is_approved(run: Any, waiting: Any) -> None:
    code, _, err = run("approve", waiting.round_id)

    assert (code, "who acts" in err) == (1, True)
