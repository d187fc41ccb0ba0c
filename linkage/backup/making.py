"""Make a backup while the program runs: the database at one moment, then the log, which never knows less than it.

An entry is written before what it tells is committed, so a log copied later holds the entry of everything in the copied
database; entries about steps that were not committed yet are what a crash would have left, too.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Final

from linkage.audit.journal import read_lines
from linkage.audit.log import ENTRIES
from linkage.audit.merkle import CompactRange, leaf_hash
from linkage.audit.restart import FILE as RESTART
from linkage.backup.holdings import AUDIT, DATABASE, FILES, Holdings
from linkage.backup.manifest import FILE, BackupManifest, digest_of, sign_manifest
from linkage.database.copying import copy_out
from linkage.errors import ConfigError, LimitError
from linkage.keys.files import FOLDER, PRIVATE, make_folder, sync_folder, write_file
from linkage.keys.times import utc_text

NOTES: Final = ("checkpoints", "peers")


def make_backup(holdings: Holdings, target: Path, *, now: datetime) -> BackupManifest:
    """Write a new folder, mode 0700, complete or not there at all. Raises ConfigError, LimitError."""
    if target.exists():
        raise ConfigError("备份目录已经存在，不覆盖", "the folder of the backup exists and is not overwritten")
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        make_folder(part)
        copy_out(holdings.place, part / DATABASE, holdings.chains)
        size, root = _copy_log(holdings.audit, part / AUDIT)
        for name in holdings.found():
            _copy(holdings.state / name, part / FILES / name)
        found = BackupManifest(
            program=holdings.program,
            consortium=holdings.keys.manifest.consortium,
            party=holdings.keys.party.id,
            key=holdings.keys.party.signing_key.to_text(),
            made_at=utc_text(now),
            log_size=size,
            log_root=root.hex(),
            files={str(f.relative_to(part)): digest_of(f) for f in sorted(part.rglob("*")) if f.is_file()},
        )
        write_file(part / FILE, sign_manifest(found, holdings.keys.signing), mode=PRIVATE)
        part.rename(target)
        sync_folder(target.parent)
    except (OSError, sqlite3.Error) as error:
        kind = getattr(error, "strerror", "") or type(error).__name__
        raise LimitError(f"备份没有写完：{kind}", f"the backup was not written: {kind}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return found


def _copy_log(source: Path, target: Path) -> tuple[int, bytes]:
    """Copy a log that others append to; its checkpoints first, so that no checkpoint is over entries that lack."""
    for name in NOTES:
        for note in sorted((source / name).glob("*")) if (source / name).is_dir() else ():
            if not note.name.startswith("."):
                _copy(note, target / name / note.name)
    if (source / RESTART).exists():
        _copy(source / RESTART, target / RESTART)
    target.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    tree = CompactRange()
    descriptor = os.open(target / ENTRIES, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "wb") as copy:
        for line in read_lines(source / ENTRIES):
            tree.append(leaf_hash(line))
            copy.write(line + b"\n")
        copy.flush()
        os.fsync(copy.fileno())
    return tree.size, tree.root()


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    write_file(target, source.read_bytes(), mode=PRIVATE)
