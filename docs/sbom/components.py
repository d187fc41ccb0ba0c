"""Say the pinned requirements and what is installed as CycloneDX 1.6; the same pins give the same bytes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[a-z,]+\])?==([^ ;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
IDENTIFIER = re.compile(r"[A-Za-z0-9.+-]+")
OPERATORS = {"AND", "OR", "WITH"}


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of a requirements file: name, version and the SHA-256 of every file pip may take for it."""

    name: str
    version: str
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """Which licences are allowed, how loose names are read, and what the tests alone may use."""

    allowed: frozenset[str]
    names: Mapping[str, str]
    tests_only: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installed package says of itself: version, licence expression, loose licence names by preference."""

    version: str
    expression: str
    names: tuple[str, ...]


def parse_rules(text: str) -> Rules:
    data = tomllib.loads(text)
    return Rules(frozenset(data["allowed"]), data["names"], data["tests_only"])


def parse_pins(text: str) -> list[Pin]:
    """Return the pins of a requirements file in order of name. Raises ValueError for a line that is no pin."""
    pins = []
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    for line in filter(str.strip, joined.splitlines()):
        found = PIN.match(line)
        if not found:
            raise ValueError(f"not a pinned requirement: {line[:60]}")
        pins.append(Pin(found[1].lower(), found[2], tuple(HASH.findall(line))))
    return sorted(pins, key=lambda pin: pin.name)


def installed(name: str) -> Installed | None:
    """Ask the running environment about a package; None when it is not there."""
    try:
        found = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    kinds = [c.split("::")[-1].strip() for c in found.get_all("Classifier") or [] if c.startswith("License ::")]
    first_line = (found.get_all("License") or [""])[0].strip().splitlines()[:1]
    return Installed(found["Version"], (found.get_all("License-Expression") or [""])[0], (*kinds, *first_line))


def licence_of(facts: Installed, rules: Rules) -> str:
    """Return an SPDX expression, or "" when nothing known is said."""
    if facts.expression:
        return facts.expression
    for name in facts.names:
        if name in rules.names:
            return rules.names[name]
        if name and identifiers(name) <= rules.allowed:
            return name
    return ""


def identifiers(expression: str) -> set[str]:
    """Return every licence an expression names; of alternatives too, so that each must be allowed."""
    return set(IDENTIFIER.findall(expression)) - OPERATORS


def faults(
    pins: list[Pin], runtime: frozenset[str], rules: Rules, ask: Callable[[str], Installed | None] = installed
) -> list[str]:
    """Return what is wrong with each pin: no hash, not installed, another version, a licence not allowed."""
    found = []
    for pin in pins:
        if not pin.hashes:
            found.append(f"{pin.name}: no hash")
        facts = ask(pin.name)
        if facts is None or facts.version != pin.version:
            found.append(f"{pin.name}: {pin.version} is pinned, {facts.version if facts else 'nothing'} installed")
            continue
        licence = licence_of(facts, rules)
        excused = pin.name not in runtime and rules.tests_only.get(pin.name) == licence
        if not licence or not (excused or identifiers(licence) <= rules.allowed):
            found.append(f"{pin.name}: licence {licence or 'unknown'} is not allowed")
    return found


def bill(
    pins: list[Pin],
    runtime: frozenset[str],
    rules: Rules,
    *,
    version: str,
    ask: Callable[[str], Installed | None] = installed,
) -> dict[str, object]:
    """Return a CycloneDX 1.6 document; packages outside the base installation have the scope `optional`."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "linkage",
                "name": "linkage",
                "version": version,
                "licenses": [{"expression": "Apache-2.0"}],
            }
        },
        "components": [_component(pin, pin.name in runtime, rules, ask(pin.name)) for pin in pins],
    }


def _component(pin: Pin, required: bool, rules: Rules, facts: Installed | None) -> dict[str, object]:
    purl = f"pkg:pypi/{re.sub('[._]+', '-', pin.name)}@{pin.version}"
    licence = licence_of(facts, rules) if facts else ""
    return {
        "type": "library",
        "bom-ref": purl,
        "name": pin.name,
        "version": pin.version,
        "purl": purl,
        "scope": "required" if required else "optional",
        "licenses": [{"expression": licence}] if licence else [],
        "properties": [{"name": "linkage:accepted-file-sha256", "value": value} for value in pin.hashes],
    }


def read(root: Path) -> tuple[list[Pin], frozenset[str], Rules]:
    """Return all pins, the names of the base installation, and the rules of a checkout."""
    runtime = frozenset(pin.name for pin in parse_pins((root / "requirements.txt").read_text("utf-8")))
    pins = parse_pins((root / "requirements-dev.txt").read_text("utf-8"))
    return pins, runtime, parse_rules((Path(__file__).parent / "licences.toml").read_text("utf-8"))
