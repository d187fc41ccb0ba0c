from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("program", ["linkage.main", "agency_node.command", "procuratorate_node.command"])
def test_no_program_leaves_its_memory_in_a_core_file(program: str) -> None:
    code = (
        "import resource\nmost = resource.getrlimit(resource.RLIMIT_CORE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (most, most))\n"
        f"from {program} import main\nmain(['--help'])\nprint('core', resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "core (0, 0)"
