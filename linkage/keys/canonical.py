"""One byte form for everything that is signed or stored: canonical JSON and strict base64.

Rules: sorted keys, no spaces, UTF-8, no escapes beyond JSON's own, integers of at most 64 bits, no floats, no NaN, no
duplicate keys. A text that is not its own canonical form is refused, so one meaning has one digest.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias

from linkage.errors import InputError

JSON: TypeAlias = "str | int | bool | Sequence[JSON] | Mapping[str, JSON] | None"
MAX_INTEGER = 2**63 - 1
MAX_DEPTH = 32


def canonical_json(value: JSON) -> bytes:
    """Return the canonical UTF-8 bytes. Raises InputError for floats, foreign types and lone surrogates."""
    _check(value, 0)
    return _dump(value)


def parse_canonical_json(body: bytes) -> JSON:
    """Read canonical bytes and only those. Raises InputError."""
    try:
        value: JSON = _DECODER.decode(body.decode("utf-8"))
        same = _dump(value) == body
    except (ValueError, RecursionError):
        raise _malformed("JSON") from None
    if not same:
        raise _malformed("the bytes are not their own canonical form")
    return value


def encode_base64(data: bytes) -> str:
    """Return standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def parse_base64(text: str, *, length: int | None = None) -> bytes:
    """Read standard base64: no blanks, no stray characters, no spare bits. Raises InputError."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raise _malformed("base64") from None
    if encode_base64(data) != text:
        raise _malformed("base64 with spare bits")
    if length is not None and len(data) != length:
        raise _malformed(f"expected {length} bytes, got {len(data)}")
    return data


def _dump(value: JSON) -> bytes:
    try:
        return _ENCODER.encode(value).encode("utf-8")
    except (ValueError, TypeError, RecursionError):
        raise _malformed("not expressible as canonical JSON") from None


def _check(value: object, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _malformed(f"nested deeper than {MAX_DEPTH}")
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise _malformed("an integer beyond 64 bits")
    elif isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise _malformed("a key that is not text")
        for part in value.values():
            _check(part, depth + 1)
    elif isinstance(value, (list, tuple)):
        for part in value:
            _check(part, depth + 1)
    else:
        raise _malformed(f"a value of type {type(value).__name__}")


def _no_float(_: str) -> NoReturn:
    raise _malformed("a number that is not an integer")


def _integer(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > MAX_INTEGER:
        raise _malformed("an integer beyond 64 bits")
    return int(text)


def _object(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _malformed("a key twice")
    return found


def _malformed(what: str) -> InputError:
    return InputError(f"文书不是规范格式：{what}", f"not in canonical form: {what}")


# Made once: json.loads and json.dumps with options build a new reader or writer on every call.
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), check_circular=False)
_DECODER = json.JSONDecoder(
    parse_float=_no_float, parse_int=_integer, parse_constant=_no_float, object_pairs_hook=_object
)
