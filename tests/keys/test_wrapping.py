from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agency_node.config import load_config as agency_config
from linkage.coordinator.config import load_config as coordinator_config
from linkage.errors import KeyMaterialError
from linkage.keys.files import write_file
from linkage.keys.keyring import KEYRING, Configured, Keyring
from linkage.keys.store import load_party_keys
from linkage.keys.wrapping import Wrapping, check_passphrase, parse_wrapped
from linkage.main import main
from procuratorate_node.config import load_config as procuratorate_config

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW = "four unrelated words here", "五个 不相干 的词 连在 一起 写成一行"
CHEAP = Wrapping(b"s" * 16, memory=32, passes=1, lanes=1)


def run(*words: str | Path) -> int:
    return main(["keys", *map(str, words)])


def never(prompt: str) -> str:
    raise AssertionError(prompt)


@pytest.fixture(autouse=True)
def empty_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(KEYRING, "ask", never)
    KEYRING.forget()
    yield
    KEYRING.forget()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wrapped") / "county"
    parties = ("--party", "hub:政法委:coordinator", "--party", "mz:民政局:agency:low")
    assert run("quickstart", out, "--id", "county", *parties, "--schema-digest", "ab" * 32) == 0
    return out


@pytest.fixture
def county(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "county")


def file_of(folder: Path, name: str, passphrase: str) -> Path:
    write_file(folder / name, f"{passphrase}\n".encode(), mode=0o600)
    return folder / name


def wrapped(county: Path) -> Path:
    """Wrap the agency's files under OLD and return the passphrase file; the process has forgotten it afterwards."""
    old = file_of(county, "old", OLD)
    assert run("wrap", county / "mz", "--new-passphrase-file", old) == 0
    KEYRING.forget()
    return old


def test_wrapped_keys_load_with_their_passphrase_alone(county: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clear = {p.name: p.read_bytes() for p in (county / "mz" / "keys").glob("*.key")}
    before = load_party_keys(county / "mz").signing.key_id
    old = wrapped(county)
    for name, content in clear.items():
        assert content not in (county / "mz" / "keys" / name).read_bytes()
        assert (county / "mz" / "keys" / name).read_bytes().startswith(b"linkage/v1/wrapped argon2id m=65536,t=3,p=4 ")
    assert run("check", county / "mz", "--passphrase-file", old) == 0
    assert "tls.key、signing.key、hpke.key" in capsys.readouterr().out
    assert load_party_keys(county / "mz").signing.key_id == before
    KEYRING.forget()
    wrong = file_of(county, "wrong", "four unrelated words there")
    assert run("check", county / "mz", "--passphrase-file", wrong) == 1
    assert "passphrase is wrong" in capsys.readouterr().out
    assert run("unwrap", county / "mz", "--passphrase-file", old) == 0
    assert clear == {p.name: p.read_bytes() for p in (county / "mz" / "keys").glob("*.key")}


def test_the_passphrase_is_asked_once_for_all_files(county: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrapped(county)
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return OLD

    monkeypatch.setattr(KEYRING, "ask", answer)
    load_party_keys(county / "mz")
    load_party_keys(county / "mz")
    assert len(asked) == 1


def test_a_changed_passphrase_opens_and_the_old_one_no_longer(county: Path) -> None:
    old, new = wrapped(county), file_of(county, "new", NEW)
    words = ("--passphrase-file", old, "--new-passphrase-file", new)
    assert run("change-passphrase", county / "mz", *words) == 0
    KEYRING.forget()
    assert run("check", county / "mz", "--passphrase-file", old) == 1
    KEYRING.forget()
    assert run("check", county / "mz", "--passphrase-file", new) == 0


def test_renewal_in_a_wrapped_folder_writes_no_key_in_the_clear(county: Path) -> None:
    old = wrapped(county)
    assert run("csr", county / "mz", "--passphrase-file", old) == 0
    assert (county / "mz" / "keys" / "tls-next.key").read_bytes().startswith(b"linkage/v1/wrapped ")
    public = county / "ceremony" / "consortium"
    who = ("--consortium", "county", "--id", "mz", "--role", "agency", "--out", public / "certificates" / "mz.crt")
    assert run("sign-csr", county / "ceremony" / "ca", county / "mz" / "keys" / "tls.csr", *who) == 0
    assert run("install", county / "mz", "--consortium", public) == 0
    assert (county / "mz" / "keys" / "tls.key").read_bytes().startswith(b"linkage/v1/wrapped ")
    load_party_keys(county / "mz")


def test_officer_ca_and_share_files_are_wrapped_too(county: Path, tmp_path: Path) -> None:
    words: tuple[str | Path, ...] = ("--threshold", "2", "--shares", "2", "--out", tmp_path / "shares")
    assert run("split-secret", county / "mz", *words) == 0
    shares = sorted((tmp_path / "shares").iterdir())
    ceremony, old = county / "ceremony", file_of(county, "old", OLD)
    for target in (ceremony / "ca", ceremony / "officer", shares[0]):
        assert run("wrap", target, "--new-passphrase-file", old) == 0
    KEYRING.forget()
    words = ("--party", "mz", "--reason", "drill", "--officer", ceremony / "officer", "--passphrase-file", old)
    assert run("revoke", ceremony / "consortium", *words) == 0
    words = ("--consortium", ceremony / "consortium", "--out", tmp_path / "sealed")
    assert run("combine-shares", *shares, *words) == 0


def test_a_process_without_terminal_says_what_to_do_and_takes_a_descriptor(county: Path) -> None:
    wrapped(county)
    program = [sys.executable, "-m", "linkage.main", "keys", "check", str(county / "mz")]

    def start(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([*program, *words], input=stdin, capture_output=True, cwd=ROOT, start_new_session=True)

    refused = start()
    assert refused.returncode == 1 and "no terminal to ask" in refused.stdout.decode()
    assert start("--passphrase-fd", "0", stdin=f"{OLD}\n".encode()).returncode == 0


CONFIGS: dict[str, tuple[Callable[[Path], Configured], str]] = {
    "agency": (agency_config, '[agency]\ncoordinator = "h:1"\ndata = "d"\npassphrase_file = "old"\n'),
    "coordinator": (coordinator_config, '[coordinator]\nstate = "s"\npassphrase_file = "old"\n'),
    "procuratorate": (
        procuratorate_config,
        '[node]\nstate = "s"\ncoordinator = "h:1"\npassphrase_file = "old"\n[cases]\nfolder = "c"\n',
    ),
}


@pytest.mark.parametrize("program", CONFIGS)
def test_each_node_takes_the_passphrase_from_the_file_its_configuration_names(county: Path, program: str) -> None:
    old = wrapped(county)
    load, text = CONFIGS[program]
    (county / "node.toml").write_text(text, "utf-8")
    assert load(county / "node.toml").passphrase_file == old
    load_party_keys(county / "mz")
    old.chmod(0o644)
    KEYRING.forget()
    load(county / "node.toml")
    with pytest.raises(KeyMaterialError, match="open to other users"):
        load_party_keys(county / "mz")


@given(st.binary(max_size=60), st.data())
def test_a_changed_line_never_opens(content: bytes, data: st.DataObject) -> None:
    key = CHEAP.key_from(OLD)
    line = CHEAP.wrap(key, content, bytes)  # Zeros: what is drawn must not depend on chance.
    assert parse_wrapped(line).open(key) == content
    place, char = data.draw(st.integers(0, len(line) - 2)), data.draw(st.sampled_from(b"Aa0/ ,="))
    assume(char != line[place])
    changed = line[:place] + bytes([char])
    try:
        found = parse_wrapped(changed + line[place + 1 :])
    except KeyMaterialError:
        return
    assert found.open(found.wrapping.key_from(OLD) if found.wrapping.memory < 4096 else bytes(32)) is None


def test_a_line_costlier_than_any_node_makes_is_refused_before_it_costs() -> None:
    dear = Wrapping(b"s" * 16, memory=2**24)
    line = dear.wrap(bytes(32), b"x", os.urandom)
    with pytest.raises(KeyMaterialError, match="damaged"):
        parse_wrapped(line)


@pytest.mark.parametrize("passphrase", ["", "short", "aaaaaaaaaaaaaaaa"])
def test_a_poor_passphrase_is_refused(passphrase: str) -> None:
    with pytest.raises(KeyMaterialError):
        check_passphrase(passphrase)


def test_a_keyring_shows_and_pickles_nothing() -> None:
    ring = Keyring(never)
    ring.offer(OLD)
    assert repr(ring) == "Keyring()"
    with pytest.raises(TypeError):
        ring.__reduce__()
