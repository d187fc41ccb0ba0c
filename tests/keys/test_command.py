from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from linkage.errors import KeyMaterialError, LinkageError
from linkage.keys.arguments import parser
from linkage.keys.store import load_party_keys
from linkage.main import main

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str) -> int:
    return main(["keys", *words])


def test_the_whole_ceremony_runs_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    t = str(tmp_path)
    assert run("new-party", f"{t}/mz", "--id", "mz", "--name", "民政局", "--role", "agency", "--dataset", "low") == 0
    assert run("new-party", f"{t}/hub", "--id", "hub", "--name", "政法委", "--role", "coordinator") == 0
    assert run("new-officer", f"{t}/o", "--name", "officer") == 0
    assert run("new-ca", f"{t}/ca") == 0
    cards = ["--card", f"{t}/mz/keys/party.toml", "--card", f"{t}/hub/keys/party.toml"]
    made = ["make-consortium", f"{t}/c", "--id", "county", *cards, "--officer", f"{t}/o/officer.toml"]
    assert run(*made, "--ca", f"{t}/ca/ca.crt", "--schema-digest", "ab" * 32) == 0
    assert run("sign-consortium", f"{t}/c", "--officer", f"{t}/o") == 0
    assert run("make-secret", "--consortium", f"{t}/c", "--out", f"{t}/s", "--officer", f"{t}/o") == 0
    for name, role in (("mz", "agency"), ("hub", "coordinator")):
        who = ["--consortium", "county", "--id", name, "--role", role, "--out", f"{t}/c/certificates/{name}.crt"]
        assert run("sign-csr", f"{t}/ca", f"{t}/{name}/keys/tls.csr", *who, "--days", "30") == 0
    capsys.readouterr()
    assert run("install", f"{t}/mz", "--consortium", f"{t}/c") == 1
    fingerprint = capsys.readouterr().err.split("in person: ")[1].split()[0]
    for name in ("mz", "hub"):
        assert run("install", f"{t}/{name}", "--consortium", f"{t}/c", "--fingerprint", fingerprint) == 0
    assert run("import-secret", f"{t}/mz", f"{t}/s/secret-1.mz.sealed") == 0
    assert [run("check", f"{t}/{name}") for name in ("mz", "hub")] == [0, 0]
    assert run("rotate-secret", "--consortium", f"{t}/c", "--out", f"{t}/s", "--officer", f"{t}/o") == 0
    assert run("revoke", f"{t}/c", "--party", "mz", "--reason", "遗失", "--officer", f"{t}/o") == 0
    assert run("install", f"{t}/mz", "--consortium", f"{t}/c") == 0
    assert run("check", f"{t}/mz") == 1
    assert "错误" not in capsys.readouterr().out


def test_quickstart_makes_every_party_ready(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parties = ["--party", "hub:政法委:coordinator", "--party", "mz:民政局:agency:low,orphan"]
    words = ["quickstart", str(tmp_path / "out"), "--id", "county", *parties, "--schema-digest", "ab" * 32]
    assert run(*words) == 0
    assert load_party_keys(tmp_path / "out" / "mz").manifest.owner_of("orphan").id == "mz"
    assert run(*words) == 1
    assert "hint" not in capsys.readouterr().out


@pytest.mark.parametrize("words", [["keys"], ["keys", "no-such-step"], ["keys", "show"], [], ["no-such-part"]])
def test_wrong_words_exit_with_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err != ""


def test_no_option_takes_a_secret() -> None:
    def options(at: argparse.ArgumentParser) -> list[str]:
        found = [o for action in at._actions for o in action.option_strings]
        for action in at._actions:
            if isinstance(action, argparse._SubParsersAction):
                found += [o for part in action.choices.values() for o in options(part)]
        return found

    found = [o for o in options(parser()) if any(w in o for w in ("secret", "key", "pass"))]
    assert not [o for o in found if not o.endswith(("-file", "-fd"))]


def test_keys_command_loads_neither_coordinator_nor_secret_loader() -> None:
    program = "import sys\nfrom linkage.main import main\nmain(['keys', '--help'])\nprint('|'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = done.stdout.split("\n")[-2].split("|")
    assert "linkage.keys.command" in loaded
    assert not [m for m in loaded if m.startswith(("linkage.coordinator", "linkage.encode", "linkage.audit", "numpy"))]


def test_errors_print_both_languages_and_a_hint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(tmp_path)) == 1
    shown = capsys.readouterr().err
    assert "错误：" in shown and "error: " in shown
    assert issubclass(KeyMaterialError, LinkageError)
