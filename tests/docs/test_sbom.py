from __future__ import annotations

import json
from pathlib import Path

import pytest

from docs.sbom.__main__ import main
from docs.sbom.components import Installed, Pin, Rules, faults, licence_of, parse_pins

RULES = Rules(frozenset({"MIT", "Apache-2.0", "LLVM-exception"}), {"MIT License": "MIT"}, {"tree": "GPL-3.0-or-later"})
HASHES = ("ab" * 32,)


def told(licence: str, *, name: str = "tree", runtime: bool = False, hashes: tuple[str, ...] = HASHES) -> list[str]:
    facts = Installed("1.0", licence, ())
    return faults([Pin(name, "1.0", hashes)], frozenset({name} if runtime else ()), RULES, lambda _: facts)


@pytest.mark.parametrize("licence", ["MIT", "MIT OR Apache-2.0", "(Apache-2.0 WITH LLVM-exception)"])
def test_allowed_licences_pass(licence: str) -> None:
    assert told(licence, runtime=True) == []


@pytest.mark.parametrize("licence", ["", "AGPL-3.0-only", "MIT AND AGPL-3.0-only", "GPL-3.0-or-later"])
def test_other_licences_are_told(licence: str) -> None:
    assert told(licence, runtime=True) == [f"tree: licence {licence or 'unknown'} is not allowed"]


def test_what_the_tests_alone_use_may_have_the_licence_named_for_it() -> None:
    assert told("GPL-3.0-or-later") == []
    assert told("AGPL-3.0-only") != [] and told("GPL-3.0-or-later", name="other") != []


def test_a_missing_hash_version_or_package_is_told() -> None:
    assert told("MIT", hashes=()) == ["tree: no hash"]
    pin = Pin("tree", "2.0", HASHES)
    assert faults([pin], frozenset(), RULES, lambda _: Installed("1.0", "MIT", ())) != []
    assert faults([pin], frozenset(), RULES, lambda _: None) != []


def test_loose_licence_names_are_read_by_the_table() -> None:
    assert licence_of(Installed("1", "", ("MIT License",)), RULES) == "MIT"
    assert licence_of(Installed("1", "", ("Freeware",)), RULES) == ""


def test_a_line_that_is_no_pin_is_refused() -> None:
    text = f"A[x]==1.0 ; python_version < '3' \\\n  --hash=sha256:{HASHES[0]}\n"
    assert parse_pins(text) == [Pin("a", "1.0", HASHES)]
    with pytest.raises(ValueError, match="not a pinned"):
        parse_pins("numpy>=2\n")


def test_this_installation_passes_and_gives_the_same_bill_twice(tmp_path: Path) -> None:
    assert [main([str(tmp_path / name)]) for name in ("a", "b")] == [0, 0]
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    made = json.loads((tmp_path / "a").read_text("utf-8"))
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    scopes = {component["name"]: component["scope"] for component in made["components"]}
    assert (scopes["cryptography"], scopes["pymerkle"]) == ("required", "optional")
    assert all(component["licenses"] and component["properties"] for component in made["components"])
