"""A PostgreSQL server of the tests' own, from the system's binaries: own folder, unix socket only, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql

PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
UNPRIVILEGED = ("postgres", "nobody")  # The server refuses to run as root.
# A killed server may leave a page half written; what it gave the system outlives it, synced or not.
SETTINGS = ("fsync=off", "full_page_writes=on", "listen_addresses=", "max_connections=200", "shared_buffers=32MB")


@dataclass(slots=True)
class Server:
    """A server in a folder of its own; every `address` is an empty schema."""

    folder: Path
    programs: Path
    user: str | None
    numbers: Iterator[int] = field(default_factory=count)

    def run(self, program: str, *arguments: str) -> None:
        _run([str(self.programs / program), "-D", str(self.folder / "data"), *arguments], self.user, self.folder)

    def start(self) -> None:
        options = " ".join(f"-c {setting}" for setting in (*SETTINGS, f"unix_socket_directories={self.folder}"))
        self.run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, mode: Literal["fast", "immediate"] = "immediate") -> None:
        self.run("pg_ctl", "-w", "-m", mode, "stop")

    def kill(self) -> None:
        """SIGKILL every process of the server and wait until they are gone."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        others = [int(pid) for pid in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
        for pid in (first, *others):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(_is_alive(pid) for pid in (first, *others)):
            time.sleep(0.01)
        # Where nobody collects the dead, as in a container, the next server would take this one for alive.
        for lock in (self.folder / "data" / "postmaster.pid", *self.folder.glob(".s.PGSQL.*.lock")):
            lock.unlink()

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
    server = Server(folder, programs, user)
    try:
        server.run("initdb", "--auth=trust", "--username=linkage", "--encoding=UTF8", "--no-locale", "--no-sync")
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


CLAIMS = """
    FROM pg_locks WHERE locktype = 'advisory'
    AND objid = (hashtext('linkage service ' || current_schema())::bigint & 4294967295)::oid AND granted = %s
"""


def claims(address: str, *, granted: bool = True) -> int:
    """Return how many services have a schema's claim, or wait for it."""
    with psycopg.connect(address) as connection:
        return len(connection.execute(f"SELECT pid {CLAIMS}".encode(), [granted]).fetchall())


def end_claim(address: str) -> None:
    """Have the server end the connection that holds a schema's claim, as a restart would."""
    with psycopg.connect(address) as connection:
        ended = connection.execute(f"SELECT pg_terminate_backend(pid, 5000) {CLAIMS}".encode(), [True])
        assert ended.fetchall() == [(True,)]


def hand_over_claim(address: str) -> None:
    """End the claim of who has it as soon as another service waits for it, which then has it."""
    for _ in range(500):
        if claims(address, granted=False):
            end_claim(address)
            return
        time.sleep(0.02)


def _run(command: Sequence[str], user: str | None, folder: Path) -> None:
    done = subprocess.run(command, user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)


def _is_alive(pid: int) -> bool:
    """Tell whether a process still runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _exists(user: str) -> bool:
    try:
        return bool(pwd.getpwnam(user))
    except KeyError:
        return False
