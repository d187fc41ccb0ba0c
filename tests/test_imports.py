"""Hold the layers of the design: who may import whom, read from the source, direct imports only."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ("linkage", "agency_node", "procuratorate_node")
AGENCY = (
    "errors accounts backup database schema encoded warrant keys normalise encode audit rpc courier sources owner "
    "memory operations web words"
)
TABLE: dict[str, str] = {
    "linkage": "",
    "linkage.errors": "",
    "linkage.schema": "errors encoded",  # A schema says how wide its rows are: RowLayout.
    "linkage.words": "",
    "linkage.encoded": "errors",
    "linkage.plan": "errors",
    "linkage.keys": "errors",
    "linkage.warrant": "errors plan",
    "linkage.jit": "",
    "linkage.memory": "",
    "linkage.risk": "errors schema normalise encode encoded",
    "linkage.normalise": "errors schema jit",
    "linkage.encode": "errors schema normalise encoded keys jit",
    "linkage.match": "errors schema encoded jit",
    "linkage.audit": "errors keys words",
    "linkage.accounts": "errors keys audit",
    "linkage.web": "errors accounts database keys audit words",
    "linkage.review": "errors accounts keys audit web words",
    "linkage.rpc": "errors encoded plan warrant audit keys",
    "linkage.operations": "errors schema keys audit rpc database",
    "linkage.database": "errors",
    "linkage.backup": "errors keys audit database",
    "linkage.courier": "errors keys rpc",
    "linkage.coordinator": "errors backup database schema encoded plan keys warrant match audit rpc courier operations",
    "linkage.sources": "errors",
    "linkage.owner": (
        "errors backup database schema encoded warrant keys normalise encode audit rpc courier sources operations words"
    ),
    "linkage.demo": "errors",
    "linkage.main": "errors memory",  # It loads the one part it was asked for by name.
    "agency_node": AGENCY + " risk",
    "procuratorate_node": AGENCY + " plan",
}
# What the linkage unit must have no path to, not even through others.
FORBIDDEN_AT_COORDINATOR = ("linkage.normalise", "linkage.encode", "linkage.sources", "linkage.owner", *PROGRAMS[1:])


def unit_of(module: str) -> str:
    """Return the table's entry a module belongs to; one that is not in the table stands for itself."""
    parts = module.split(".")
    for size in range(len(parts), 0, -1):
        name = ".".join(parts[:size])
        if name in TABLE and (name != "linkage" or module == "linkage"):
            return name
    return ".".join(parts[:2])


def imports_of(source: str) -> Iterator[str]:
    """Yield every imported module's full name, wherever in the file it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def faults_of(unit: str, source: str) -> list[str]:
    allowed = {f"linkage.{name}" for name in TABLE.get(unit, "").split()} | {unit, "linkage"}
    found = []
    for name in imports_of(source):
        ours = name.startswith(".") or name.split(".")[0] in PROGRAMS
        if ours and unit_of(name) not in allowed:
            found.append(name)
    return found


def source_files() -> list[Path]:
    return sorted(path for program in PROGRAMS for path in (ROOT / program).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_every_module_imports_only_what_its_layer_may() -> None:
    faults = {}
    for path in source_files():
        found = faults_of(unit_of(module_of(path)), path.read_text(encoding="utf-8"))
        if found:
            faults[str(path.relative_to(ROOT))] = found

    assert faults == {}


def test_every_module_belongs_to_a_layer_of_the_table() -> None:
    strangers = {unit_of(module_of(path)) for path in source_files()} - set(TABLE)

    assert strangers == set()


@pytest.mark.parametrize(
    ("unit", "source"),
    [
        ("linkage.coordinator", "from linkage.normalise.person import Person"),
        ("linkage.coordinator", "def late():\n    import linkage.encode.secret"),
        ("linkage.coordinator", "from linkage import encode"),
        ("linkage.match", "from linkage.normalise import person"),
        ("linkage.normalise", "from linkage.encode import rows"),
        ("linkage.demo", "from linkage.coordinator import service"),
        ("linkage.demo", "import agency_node.command"),
        ("agency_node", "from procuratorate_node.command import main"),
        ("agency_node", "from linkage.plan import SetPlan"),
        ("procuratorate_node", "from linkage.match.link import link"),
        ("linkage.errors", "from . import plan"),
    ],
)
def test_a_forbidden_import_is_noticed(unit: str, source: str) -> None:
    assert len(faults_of(unit, source)) == 1


@pytest.mark.parametrize(
    ("unit", "source"),
    [
        ("linkage.coordinator", "from linkage.match.link import link\nimport numpy"),
        ("linkage.demo", "from linkage.demo.county import people\nfrom linkage.errors import ConfigError"),
        ("procuratorate_node", "from linkage.plan import SetPlan"),
    ],
)
def test_an_allowed_import_passes(unit: str, source: str) -> None:
    assert faults_of(unit, source) == []


def test_the_running_coordinator_has_loaded_nothing_that_normalises_or_encodes() -> None:
    modules = [module_of(path) for path in source_files() if unit_of(module_of(path)) == "linkage.coordinator"]
    program = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        f"print(sorted(m for m in sys.modules if m.startswith({FORBIDDEN_AT_COORDINATOR!r}) "
        "and not m.startswith('linkage.encoded')))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
