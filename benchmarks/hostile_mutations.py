"""Mutations of documents and messages, for the hostile-peer tests and the long run of `benchmarks.hostile_suite`."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final

VALUES: Final[tuple[object, ...]] = (
    None, True, False, 0, -1, 1, 2**63, -(2**63), 10**400, 1.5, float("inf"), "", " ", "\0", "\ud800", "٣", "a" * 5000,
    "__class__", [], {}, [[]], [{}], {"": ""}, ["x"] * 40,
)  # fmt: skip


def mutated_bytes(rng: random.Random, body: bytes) -> bytes:
    """Return the bytes with one to four places flipped, cut, doubled or replaced."""
    found = bytearray(body)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(found) + 1)
        change = rng.randrange(5)
        if change == 0 and at < len(found):
            found[at] ^= 1 << rng.randrange(8)
        elif change == 1:
            del found[at : at + rng.randint(1, 40)]
        elif change == 2:
            found[at:at] = found[at : at + rng.randint(1, 40)]
        elif change == 3:
            found[at : at + 4] = rng.randbytes(rng.randint(0, 12))
        else:
            del found[at:]
    return bytes(found)


def mutated_lines(rng: random.Random, body: bytes) -> bytes:
    """Return a document of lines with one or two of them dropped, doubled, moved, or cut at a blank."""
    lines = body.split(b"\n")
    for _ in range(rng.randint(1, 2)):
        at, change = rng.randrange(len(lines)), rng.randrange(4)
        if change == 0 and len(lines) > 1:
            del lines[at]
        elif change == 1:
            lines.insert(rng.randrange(len(lines) + 1), lines[at])
        elif change == 2:
            lines.insert(rng.randrange(len(lines)), lines.pop(at))
        else:
            lines[at] = lines[at].partition(b" ")[0]
    return b"\n".join(lines)


def mutated_document(rng: random.Random, body: bytes) -> bytes:
    """Return a document changed in its bytes, its lines or its values, as its form allows."""
    change: Callable[[random.Random, bytes], bytes] = rng.choice((mutated_bytes, mutated_lines, mutated_json))
    try:
        return change(rng, body)
    except (ValueError, RecursionError):  # No JSON, or nested too deeply to be read here.
        return mutated_bytes(rng, body)


def mutated_json(rng: random.Random, body: bytes) -> bytes:
    """Return a JSON document with one value, key or list changed; canonical in form, so that parsers read on."""
    tree = json.loads(body)
    for _ in range(rng.randint(1, 2)):
        path: list[tuple[Any, Any]] = []
        node = tree
        while isinstance(node, (dict, list)) and node and rng.random() < 0.85:
            key = rng.choice(sorted(node)) if isinstance(node, dict) else rng.randrange(len(node))
            path.append((node, key))
            node = node[key]
        if not path:
            return json.dumps(rng.choice(VALUES)).encode()
        _change(rng, *path[-1])
    text = json.dumps(tree, sort_keys=True, ensure_ascii=rng.random() < 0.5, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _change(rng: random.Random, node: Any, key: Any) -> None:
    change = rng.randrange(6)
    if change == 0:
        del node[key]
    elif change == 1 and isinstance(node, list):
        node.append(node[key])
    elif change == 2 and isinstance(node, dict):
        node[str(rng.choice(("extra", "", "__init__")))] = deepcopy(rng.choice(VALUES))
    elif change == 3:
        node[key] = nested(rng.choice((5, 60, 400)), rng)
    else:
        node[key] = deepcopy(rng.choice(VALUES))


def nested(depth: int, rng: random.Random) -> Any:
    """Return a value nested so deep: lists, or the operators of a set plan."""
    kind: Callable[[Any], Any] = rng.choice((lambda x: [x], lambda x: {"all": [x]}, lambda x: {"none": [x]}))
    found: Any = "x"
    for _ in range(depth):
        found = kind(found)
    return found
