"""Find which of the pinned packages a machine needs to run the programs: the base and the extras, without the tests'.

The pins of requirements-dev.txt are the only source of versions and hashes; what belongs to the closure is read from
the metadata of what is installed here from those very pins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from importlib import metadata

from packaging.requirements import Requirement

EXTRAS = ("casefiles", "postgres")
ENTRY = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^\]]*\])?==[^\n]*(\n +[^\n]+)*", re.MULTILINE)
Requires = Callable[[str], Iterable[str]]


def normal(name: str) -> str:
    """Return a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def entries(requirements: str) -> dict[str, str]:
    """Return every pinned entry of a requirements file, hashes included, by normal name."""
    return {normal(found["name"]): found[0] for found in ENTRY.finditer(requirements)}


def installed_requires(name: str) -> Iterable[str]:
    """Return what an installed package says it requires."""
    return metadata.requires(name) or ()


def closure(roots: Iterable[str], requires: Requires = installed_requires) -> set[str]:
    """Return the normal names of everything these requirements lead to on this machine."""
    waiting, found = [Requirement(text) for text in roots], set[tuple[str, frozenset[str]]]()
    while waiting:
        current = waiting.pop()
        key = (normal(current.name), frozenset(current.extras))
        if key in found:
            continue
        found.add(key)
        inner = (Requirement(text) for text in requires(current.name))
        waiting += [r for r in inner if _applies(r, current.extras)]
    return {name for name, _ in found}


def _applies(requirement: Requirement, extras: Iterable[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def roots_of(project: Mapping[str, object]) -> list[str]:
    """Return what the [project] table of pyproject.toml needs, the extras that a node may use included."""
    base, optional = project["dependencies"], project["optional-dependencies"]
    assert isinstance(base, list) and isinstance(optional, dict)
    return [*base, *(text for extra in EXTRAS for text in optional[extra])]


def needed(requirements: str, roots: Iterable[str], requires: Requires = installed_requires) -> str:
    """Return the part of a requirements file that the roots need. Raises KeyError for a package without a pin."""
    pinned = entries(requirements)
    return "".join(pinned[name] + "\n" for name in sorted(closure(roots, requires)))
