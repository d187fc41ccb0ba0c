"""Keep what was read from papers, by the digest of the file, so that a second import is fast and a broken one resumes.

One SQLite file in the node's state folder, readable by its owner only: it holds texts of case files in clear. Texts
(slow: OCR) and facts (quick) are kept apart; each under the digest of the programs that made it, so that new rules
read the old texts again and nothing else.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from procuratorate_node.casefiles.faults import Fault

FILE: Final = "papers.db"
READERS: Final = ("reading.py", "ocr.py")
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, size INTEGER, changed INTEGER, digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS texts (
    digest TEXT, reader TEXT, pages TEXT NOT NULL, fault TEXT NOT NULL, PRIMARY KEY (digest, reader));
CREATE TABLE IF NOT EXISTS facts (
    digest TEXT, rules TEXT, facts TEXT NOT NULL, PRIMARY KEY (digest, rules));
"""


@functools.cache
def reader_mark() -> str:
    """Return the mark of the programs and extras that turn files into text."""
    extras = [name for name in ("pypdfium2", "rapidocr", "onnxruntime") if importlib.util.find_spec(name) is not None]
    return _digest_of([Path(__file__).parent / name for name in READERS], "+".join(extras))


@functools.cache
def rules_mark() -> str:
    """Return the mark of the programs that turn text into facts."""
    here = Path(__file__).parent
    return _digest_of(
        [*sorted(here.glob("*.py")), here.parent / "compensation.py", here.parent / "payment_words.py"], ""
    )


def _digest_of(files: Sequence[Path], extra: str) -> str:
    total = hashlib.sha256(extra.encode())
    for file in files:
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:16]


class PaperCache:
    """Look up and keep texts and facts. One process writes; every `keep` is durable when it returns."""

    def __init__(self, path: Path | None) -> None:
        """Open or make the cache; None keeps it in memory. A damaged file is thrown away: it can be made again."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._path = path
        self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if self._path is None or isinstance(error, sqlite3.OperationalError):
                raise
            self._path.write_bytes(b"")
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path or ":memory:", timeout=30)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.executescript(SCHEMA)
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db

    def close(self) -> None:
        self._db.close()

    def digest(self, path: Path) -> str:
        """Return the digest of an unchanged file seen before (same path, size and time of change), else ""."""
        seen = path.stat()
        row = self._one(
            "SELECT digest FROM files WHERE path=? AND size=? AND changed=?", str(path), seen.st_size, seen.st_mtime_ns
        )
        return row[0] if row else ""

    def saw(self, path: Path, digest: str) -> None:
        seen = path.stat()
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO files VALUES (?,?,?,?)", (str(path), seen.st_size, seen.st_mtime_ns, digest)
            )

    def text(self, digest: str) -> tuple[str, str]:
        """Return (pages, fault) kept for a digest, both "" where nothing is."""
        row = self._one("SELECT pages, fault FROM texts WHERE digest=? AND reader=?", digest, reader_mark())
        return (row[0], row[1]) if row else ("", "")

    def keep_text(self, digest: str, pages: str, fault: Fault | None) -> None:
        with self._db:
            self._db.execute("DELETE FROM texts WHERE digest=?", (digest,))
            self._db.execute(
                "INSERT INTO texts VALUES (?,?,?,?)", (digest, reader_mark(), pages, fault.value if fault else "")
            )

    def facts(self, digest: str, asked: str) -> str:
        """Return the facts kept for a digest under today's rules and what was asked, "" where none are."""
        row = self._one("SELECT facts FROM facts WHERE digest=? AND rules=?", digest, rules_mark() + asked)
        return row[0] if row else ""

    def keep_facts(self, digest: str, asked: str, facts: str) -> None:
        with self._db:
            self._db.execute("DELETE FROM facts WHERE digest=? AND rules NOT LIKE ?", (digest, rules_mark() + "%"))
            self._db.execute("INSERT OR REPLACE INTO facts VALUES (?,?,?)", (digest, rules_mark() + asked, facts))

    def _one(self, query: str, *values: object) -> tuple[str, ...] | None:
        with closing(self._db.execute(query, values)) as cursor:
            row: tuple[str, ...] | None = cursor.fetchone()
            return row
