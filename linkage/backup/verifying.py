"""Prove a backup before it is needed: signed by us, every file as it was, the log and the database whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from linkage.audit.verify import verify_log
from linkage.backup.holdings import AUDIT, DATABASE, Holdings
from linkage.backup.manifest import FILE, BackupManifest, digest_of, load_manifest
from linkage.errors import ConfigError, InputError


def verify_backup(holdings: Holdings, folder: Path) -> BackupManifest:
    """Return the manifest of a backup that is whole and of this party. Raises InputError, ConfigError."""
    keys = holdings.keys
    found = load_manifest(folder, key=keys.party.signing_key)
    ours = (holdings.program, keys.manifest.consortium, keys.party.id)
    if (found.program, found.consortium, found.party) != ours:
        raise ConfigError("这是另一个程序或单位的备份", "this is the backup of another program or party")
    there = {str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file()} - {FILE}
    if wrong := sorted(there ^ set(found.files)):
        raise InputError(f"备份缺少或多出文件：{wrong[0]}", f"the backup lacks or has more files: {wrong[0]}")
    if wrong := [name for name, digest in sorted(found.files.items()) if digest_of(folder / name) != digest]:
        raise InputError(f"备份文件已损坏：{wrong[0]}", f"a file of the backup is damaged: {wrong[0]}")
    _require_log(folder, found, holdings)
    with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro&immutable=1", uri=True)) as database:
        if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise InputError("备份里的数据库不完整", "the database of the backup is not whole")
    return found


def _require_log(folder: Path, found: BackupManifest, holdings: Holdings) -> None:
    if not (folder / AUDIT / "checkpoints").is_dir():
        return  # A log so young that nobody has signed it; its file has the digest that was signed.
    report = verify_log(folder / AUDIT, holdings.keys.manifest)
    if not report.is_sound or (report.entries, report.root.hex()) != (found.log_size, found.log_root):
        raise InputError("备份里的审计日志不完整", "the audit log of the backup is not whole")
