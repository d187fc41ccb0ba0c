"""Find a text file's encoding by trying, strictly and in a fixed order; say where each attempt failed.

Order: UTF-16 when its mark is there, UTF-8 with mark, UTF-8, GB18030. Nothing is guessed from letter frequencies: a
file that fits none is refused with the row and byte column at which each failed.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from linkage.errors import InputError

CHUNK_BYTES = 1 << 20
ATTEMPTS = ("utf-8", "gb18030")


def find_encoding(path: Path) -> str:
    """Return the codec name that decodes the whole file. Raises InputError. Reads the file once, in chunks."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        attempts: tuple[str, ...] = ("utf-16",)
    elif start.startswith(codecs.BOM_UTF8):
        attempts = ("utf-8-sig",)
    else:
        attempts = ATTEMPTS
    failures = []
    for name in attempts:
        offset = _first_failure(path, name)
        if offset is None:
            return name
        failures.append((name, *_position(path, offset)))
    where_zh = "；".join(f"{n.upper()} 在第 {row} 行第 {column} 字节" for n, row, column in failures)
    where_en = "; ".join(f"{n.upper()} at row {row}, byte {column}" for n, row, column in failures)
    raise InputError(
        f"{path.name} 的编码无法识别，失败处：{where_zh}",
        f"no encoding fits {path.name}; failed: {where_en}",
        hint_zh="在该行检查是否混入了另一种编码，或在 Excel 中另存为“CSV UTF-8”",
        hint_en="look for text of another encoding in that row, or save the file again as “CSV UTF-8”",
    )


def _first_failure(path: Path, encoding: str) -> int | None:
    """Return the byte offset of the first undecodable byte, or None."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK_BYTES)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as exc:
                return offset - pending + exc.start
            if not chunk:
                return None
            offset += len(chunk)


def _position(path: Path, offset: int) -> tuple[int, int]:
    """Return the 1-based row and byte column of an offset."""
    row, column, left = 1, offset, offset
    with path.open("rb") as file:
        while left > 0:
            chunk = file.read(min(CHUNK_BYTES, left))
            newlines = chunk.count(b"\n")
            if newlines:
                row += newlines
                column = left - 1 - chunk.rfind(b"\n")
            left -= len(chunk)
    return row, column + 1
