"""Hold what the repository itself promises: no private keys, no traces of a machine, small files, full pins."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
IGNORED = {".git", ".venv", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", "build", "dist", "demo-out"}
MAX_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_POSITIONAL = 4
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "handler", "misc"}
PRIVATE_SUFFIXES = {".pem", ".key", ".p12", ".pfx", ".secret", ".share"}
PRIVATE_BLOCK = re.compile(r"-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----\s*[A-Za-z0-9+/=]{16}")
REGISTRY = re.compile(r"https?://[^ \"]*(/simple(/|\"|$)|\.whl)", re.MULTILINE)
PIN = re.compile(r"^[a-z0-9._-]+(\[[a-z,]+\])?==[^ ]+ \\$", re.IGNORECASE)


def tracked_files() -> list[Path]:
    """Return what git holds or would add; without git, everything that is not a tool's own folder."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True)
        names = [Path(os.fsdecode(name)) for name in done.stdout.split(b"\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
    kept = [name for name in names if not IGNORED & set(name.parts) and "__pycache__" not in name.parts]
    return sorted(ROOT / name for name in kept if (ROOT / name).is_file())


def texts() -> dict[Path, str]:
    found = {}
    for path in tracked_files():
        try:
            found[path.relative_to(ROOT)] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


@pytest.fixture(scope="module")
def sources() -> dict[Path, str]:
    """Return the text of every Python file we wrote ourselves."""
    return {path: text for path, text in texts().items() if path.suffix == ".py" and "_pb2" not in path.name}


def test_no_file_is_a_private_key() -> None:
    assert [str(path) for path in tracked_files() if path.suffix.lower() in PRIVATE_SUFFIXES] == []
    assert [str(path) for path, text in texts().items() if PRIVATE_BLOCK.search(text)] == []


def test_a_private_key_would_be_noticed() -> None:
    assert PRIVATE_BLOCK.search("-----BEGIN EC PRIVATE" + " KEY-----\nMHcCAQEEIIGqyk8v0m2s\n")


def test_the_key_folder_holds_public_documents_only() -> None:
    kinds = {path.suffix or path.name for path in (ROOT / "keys").rglob("*") if path.is_file()}

    assert kinds <= {".md", ".toml", ".gitignore", ".gitkeep"}


def test_no_text_names_a_place_on_some_machine() -> None:
    traces = {str(ROOT) + "/", str(ROOT.parent) + "/", str(Path.home()) + "/"} - {"//", "/tmp/"}
    homes = re.compile(r"(?<![\w.])/(home|Users)/[a-z]\w*/|/" + "root/")
    hits = [str(path) for path, text in texts().items() if homes.search(text) or any(t in text for t in traces)]

    assert hits == []


def test_no_text_names_a_package_registry() -> None:
    assert [str(path) for path, text in texts().items() if REGISTRY.search(text)] == []


def test_no_source_file_is_longer_than_the_house_allows(sources: dict[Path, str]) -> None:
    assert {str(path) for path, text in sources.items() if text.count("\n") > MAX_LINES} == set()


def test_no_function_is_longer_than_the_house_allows(sources: dict[Path, str]) -> None:
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path, text in sources.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    ]

    assert long == []


def test_no_function_takes_more_positional_parameters_than_the_house_allows(sources: dict[Path, str]) -> None:
    many = []
    for path, text in sources.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                names = [a.arg for a in node.args.posonlyargs + node.args.args if a.arg not in ("self", "cls")]
                decorators = [ast.unparse(d) for d in node.decorator_list]
                kernel = any("jit" in d or "intrinsic" in d for d in decorators)  # Numba has no keywords.
                if len(names) > MAX_POSITIONAL and not kernel and path.parts[0] != "tests":
                    many.append(f"{path}:{node.lineno} {node.name}")

    assert many == []


def test_no_module_has_a_name_that_says_nothing(sources: dict[Path, str]) -> None:
    assert [str(path) for path in sources if {path.stem, *path.parts[:-1]} & VAGUE_NAMES] == []


def test_test_folders_are_no_packages() -> None:
    assert [str(path) for path in (ROOT / "tests").rglob("__init__.py")] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_with_hashes_and_names_no_place(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[^ #\n])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())

    assert [entry.split("\n")[0] for entry in entries if not PIN.match(entry.split("\n")[0])] == []
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"index|find-links|://", text)


def test_both_requirement_files_agree() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[\w.-]+==[^ ]+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))

    assert pins("requirements.txt") - pins("requirements-dev.txt") == set()


def test_the_ci_script_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_linkage_unit_has_one_name_in_chinese() -> None:
    other = "协调" + "方"

    assert [str(path) for path, text in texts().items() if other in text] == []
