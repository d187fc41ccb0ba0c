"""Put a backup back into an empty state, so that nothing old passes for current.

The log begins again under a new origin with the statement that it does (linkage/audit/restart.py); what a database says
is open or owed is settled by `settle` before anybody may use it. Everything is prepared aside; it takes its place when
the database is about to be committed, so a restore that fails leaves the state as empty as it was.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.audit.restart import FILE as RESTART
from linkage.audit.restart import LABEL, Restart, keep_own
from linkage.backup.holdings import AUDIT, DATABASE, FILES, Holdings
from linkage.backup.manifest import BackupManifest
from linkage.backup.verifying import verify_backup
from linkage.database.copying import copy_in, is_empty
from linkage.errors import ConfigError
from linkage.keys.canonical import JSON
from linkage.keys.files import FOLDER, PRIVATE, PUBLIC, make_folder, sync_folder, write_file
from linkage.keys.signing import Signed

EMPTY: Final = (AUDIT, "rounds", "results")
ASIDE: Final = ".restoring"
Settle = Callable[[sa.Connection, AuditLog, datetime], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and the statement that the other parties must be shown."""

    manifest: BackupManifest
    restart: Restart
    statement: Path


def restore_backup(
    holdings: Holdings, backup: Path, settle: Settle, *, by: str, reason: str, now: datetime
) -> Restored:
    """Restore a verified backup. Raises ConfigError where there is any state already, InputError, AuditError."""
    found = verify_backup(holdings, backup)
    _require_empty(holdings)
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    restart = Restart(
        party=found.party,
        stamp=stamp,
        backup=found.digest,
        backup_at=found.made_at,
        old_size=found.log_size,
        old_root=found.log_root,
        by=by,
        reason=reason,
    )
    aside = holdings.state / ASIDE
    shutil.rmtree(aside, ignore_errors=True)
    make_folder(aside)
    try:
        signed = Signed.create(LABEL, restart.to_bytes(), signer=restart.party, key=holdings.keys.signing).to_json()
        statement = f"{restart.party}-{stamp}.{RESTART}"
        write_file(aside / statement, signed, mode=PUBLIC)
        _prepare_log(backup / AUDIT, aside, signed, stamp)
        _prepare_files(found, backup, aside)
        _bring_database(holdings, backup, restart, settle, now=now)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Restored(found, restart, holdings.state / statement)


def _require_empty(holdings: Holdings) -> None:
    left = [name for name in (*EMPTY, *holdings.files) if _has_content(holdings.state / name)]
    if not is_empty(holdings.place):
        left.append("database")
    if left:
        raise ConfigError(
            f"这里已有状态（{'、'.join(left)}），不覆盖",
            f"there is a state here already ({', '.join(left)}); it is not overwritten",
            hint_zh="只留 keys/ 和配置，其余移到别处保存（出过事的日志也是证据），再恢复",
            hint_en="leave keys/ and the configuration, move the rest away and keep it: a broken log is evidence too",
        )


def _has_content(place: Path) -> bool:
    return any(place.iterdir()) if place.is_dir() else place.exists()


def _prepare_log(old: Path, aside: Path, signed: bytes, stamp: str) -> None:
    """Keep the old log, and let the new one know what it is and what was accepted of others."""
    shutil.copytree(old, aside / f"{AUDIT}-before-{stamp}")
    peers = aside / AUDIT / "peers"
    make_folder(aside / AUDIT)
    make_folder(peers)
    keep_own(aside / AUDIT, signed)
    for accepted in sorted((old / "peers").glob(f"*.{RESTART}")):
        write_file(peers / accepted.name, accepted.read_bytes(), mode=PUBLIC)


def _prepare_files(found: BackupManifest, backup: Path, aside: Path) -> None:
    for name in found.files:
        if name.startswith(f"{FILES}/"):
            target = aside / Path(name).relative_to(FILES)
            target.parent.mkdir(mode=FOLDER, parents=True, exist_ok=True)
            write_file(target, (backup / name).read_bytes(), mode=PRIVATE)


def _bring_database(holdings: Holdings, backup: Path, restart: Restart, settle: Settle, *, now: datetime) -> None:
    keys, aside = holdings.keys, holdings.state / ASIDE
    origin = origin_of(keys.manifest.consortium, keys.party.id)

    def settle_and_take_place(connection: sa.Connection) -> None:
        with AuditLog.open(aside / AUDIT, origin=origin, signer=keys.signing, clock=lambda: now) as log:
            facts: dict[str, JSON] = {"backup": restart.backup, "backup_at": restart.backup_at}
            facts |= {"old_size": restart.old_size, "old_root": restart.old_root}
            log.append("log.restarted", facts | {"by": restart.by, "reason": restart.reason})
            settle(connection, log, now)
        for prepared in sorted(aside.iterdir()):
            prepared.rename(holdings.state / prepared.name)
        sync_folder(holdings.state)

    copy_in(backup / DATABASE, holdings.place, holdings.chains, settle_and_take_place)
