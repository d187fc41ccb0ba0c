"""The offline folder's pure parts, and its installer's refusals. The whole rehearsal is `make test-offline`."""

from __future__ import annotations

import itertools
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import agency_node.command
import linkage.coordinator.command
import procuratorate_node.command
from deploy.offline.__main__ import CARRIED, SOURCES, target_options
from deploy.offline.folder import SUMS, requirements_of, sums_of
from deploy.offline.pins import closure, entries, installed_requires, needed, roots_of
from linkage.coordinator.config import Times

PINS = """alembic==1.20.1 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
psycopg[binary]==3.3.9 \\
    --hash=sha256:cc
pytest==9.1 \\
    --hash=sha256:dd
"""


def requires(name: str) -> list[str]:
    return {
        "a": ["b>=1", "tool; extra == 'dev'", "old; python_version < '3'"],
        "b": ["a", "c[fast]"],
        "c": ["d; extra == 'fast'", "e; extra == 'slow'"],
    }.get(name, [])


def test_the_closure_follows_extras_and_markers_and_ends() -> None:
    assert closure(["a"], requires) == {"a", "b", "c", "d"}


def test_every_pin_is_an_entry_with_all_its_hashes() -> None:
    assert entries(PINS)["alembic"].count("--hash") == 2
    assert set(entries(PINS)) == {"alembic", "psycopg", "pytest"}


def test_only_what_is_needed_is_taken_and_a_missing_pin_is_an_error() -> None:
    assert needed(PINS, ["psycopg[binary]"], lambda name: ()).startswith("psycopg[binary]==3.3.9")
    with pytest.raises(KeyError):
        needed(PINS, ["nowhere"], lambda name: ())


def test_the_project_s_own_pins_hold_everything_a_node_may_use(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    found = set(entries(needed((repository / "requirements-dev.txt").read_text("utf-8"), roots_of(project))))

    assert found >= set(entries((repository / "requirements.txt").read_text("utf-8")))
    assert {"rapidocr", "onnxruntime", "psycopg", "prometheus-client"} <= found
    assert not {"pytest", "mypy", "ruff"} & found


def test_what_an_absent_package_requires_is_an_error_and_not_nothing() -> None:
    with pytest.raises(ModuleNotFoundError):
        installed_requires("no-such-package-here")


def test_the_requirements_pin_exactly_the_files_of_the_folder() -> None:
    wheels = [("numpy-2.4.6-cp311-cp311-x.whl", "11"), ("numpy-2.4.6-cp312-cp312-x.whl", "22")]
    wheels.append(("six-1.17.0-py2.py3-none-any.whl", "33"))

    assert requirements_of(wheels) == ("numpy==2.4.6 --hash=sha256:11 --hash=sha256:22\nsix==1.17.0 --hash=sha256:33\n")


def test_two_versions_of_a_package_are_refused() -> None:
    with pytest.raises(ValueError, match="two versions of six"):
        requirements_of([("six-1.17.0-py3-none-any.whl", "1"), ("six-1.16.0-py3-none-any.whl", "2")])


def test_what_goes_along_is_there(repository: Path) -> None:
    assert all((repository / "deploy" / "offline" / name).is_file() for name in CARRIED)
    assert all((repository / name).exists() for name in SOURCES)


def test_another_machine_takes_wheels_of_its_glibc_and_older_ones() -> None:
    words = target_options("aarch64:3.12")
    platforms = [word for before, word in itertools.pairwise(words) if before == "--platform"]

    assert {"manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"} <= set(platforms)
    assert "manylinux_2_34_aarch64" not in platforms
    assert words[-4:] == ["--python-version", "3.12", "--implementation", "cp"]


@pytest.fixture
def folder(repository: Path, tmp_path: Path) -> Path:
    """Return a folder whose checksums agree but which no Python fits."""
    made = tmp_path / "offline"
    (made / "wheels").mkdir(parents=True)
    (made / "wheels" / "linkage-1-cp30-none-any.whl").write_bytes(b"wheel")
    (made / "VERSION").write_text("1\n", "utf-8")
    (made / "install.sh").write_bytes((repository / "deploy" / "offline" / "install.sh").read_bytes())
    (made / SUMS).write_text(sums_of(made), "utf-8")
    return made


def install(folder: Path, target: Path) -> tuple[int, str]:
    done = subprocess.run(["sh", str(folder / "install.sh"), str(target)], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_the_installer_refuses_a_changed_file_before_it_makes_anything(folder: Path, tmp_path: Path) -> None:
    (folder / "wheels" / "linkage-1-cp30-none-any.whl").write_bytes(b"whee1")
    code, said = install(folder, tmp_path / "target")

    assert code != 0 and "was changed" in said
    assert not (tmp_path / "target").exists()


def test_the_installer_refuses_a_missing_file(folder: Path, tmp_path: Path) -> None:
    (folder / "wheels" / "linkage-1-cp30-none-any.whl").unlink()

    assert install(folder, tmp_path / "target")[0] != 0


def test_the_installer_says_which_python_is_missing(folder: Path, tmp_path: Path) -> None:
    code, said = install(folder, tmp_path / "target")

    assert code != 0 and "a Python that fits" in said
    assert not (tmp_path / "target").exists()


USERS = {
    "linkage-coordinator": "linkage-coordinator",
    "agency-node": "agency-node",
    "agency-console": "agency-node",
    "procuratorate-node": "procuratorate-node",
    "procuratorate-workbench": "procuratorate-node",
}
HARDENED = {
    *("NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "LimitCORE=0"),
    *("CapabilityBoundingSet=", "RestrictSUIDSGID=yes", "UMask=0077", "StateDirectoryMode=0700"),
}


@pytest.mark.parametrize("name", USERS)
def test_a_service_file_gives_its_program_nothing_it_does_not_need(repository: Path, name: str) -> None:
    lines = (repository / "deploy" / "systemd" / f"{name}.service").read_text("utf-8").splitlines()

    assert set(lines) >= HARDENED
    assert f"User={USERS[name]}" in lines


def test_every_service_file_is_looked_at(repository: Path) -> None:
    assert {path.stem for path in (repository / "deploy" / "systemd").iterdir()} == set(USERS)


@pytest.mark.parametrize("name", USERS)
def test_a_service_starts_a_command_there_is(repository: Path, name: str) -> None:
    text = (repository / "deploy" / "systemd" / f"{name}.service").read_text("utf-8")
    (words,) = re.findall(r"^ExecStart=/opt/linkage/current/bin/(.*)$", text, re.MULTILINE)
    program, *rest = words.split()
    parser = {
        "linkage": linkage.coordinator.command.parser,
        "agency-node": agency_node.command.parser,
        "procuratorate-node": procuratorate_node.command.parser,
    }[program]()

    assert parser.parse_args(rest[1:] if program == "linkage" else rest).config.parent == Path("/etc/linkage")


@pytest.mark.parametrize("name", USERS)
def test_a_service_gets_longer_to_stop_than_the_program_takes_to_drain(repository: Path, name: str) -> None:
    text = (repository / "deploy" / "systemd" / f"{name}.service").read_text("utf-8")

    stop = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)

    assert [int(seconds) > Times().drain_seconds for seconds in stop] == [True]
