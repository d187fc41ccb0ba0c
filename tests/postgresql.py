"""A PostgreSQL server of the tests' own, from the system's binaries: own folder, unix socket only, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
UNPRIVILEGED = ("postgres", "nobody")  # The server refuses to run as root.
SETTINGS = ("fsync=off", "full_page_writes=off", "listen_addresses=", "max_connections=200", "shared_buffers=32MB")


@dataclass(slots=True)
class Server:
    """A running server; every `address` is an empty schema of its own."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=count)

    def address(self) -> str:
        name = f"s{next(self.numbers)}"
        with psycopg.connect(host=str(self.folder), user="linkage", dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        return f"postgresql://linkage@/postgres?host={self.folder}&options=-csearch_path%3D{name}"


def binaries() -> Path | None:
    """Return the folder with initdb and pg_ctl, or None."""
    found = shutil.which("initdb")
    return Path(found).parent if found else next((p for p in PLACES if (p / "initdb").exists()), None)


@contextmanager
def started(programs: Path) -> Iterator[Server]:
    """Run a server while the context lasts."""
    folder = Path(tempfile.mkdtemp(prefix="linkage-pg-"))
    user = next(name for name in UNPRIVILEGED if _exists(name)) if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user)
    cluster = str(folder / "data")

    def run(program: str, *arguments: str) -> None:
        _run([str(programs / program), "-D", cluster, *arguments], user, folder)

    try:
        run("initdb", "--auth=trust", "--username=linkage", "--encoding=UTF8", "--no-locale", "--no-sync")
        options = " ".join(f"-c {setting}" for setting in (*SETTINGS, f"unix_socket_directories={folder}"))
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield Server(folder)
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _run(command: Sequence[str], user: str | None, folder: Path) -> None:
    done = subprocess.run(command, user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)


def _exists(user: str) -> bool:
    try:
        return bool(pwd.getpwnam(user))
    except KeyError:
        return False
