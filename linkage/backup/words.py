"""What the three programs' backup commands say, and the arguments they take."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # What a command line can tell, it tells without loading these.
    from linkage.audit.restart import Restart
    from linkage.backup.manifest import BackupManifest
    from linkage.backup.restoring import Restored

COMMANDS: Final = {
    "backup": "备份，服务可在运行 | make a backup; the service may run",
    "verify-backup": "检验备份 | prove a backup",
    "restore": "恢复到空目录，服务须停止 | restore into an empty state; the service must be stopped",
    "accept-restart": "接受他方日志重新开始的声明 | accept that another party's log began again",
}


def add_backup_commands(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the four commands with `add(name, help)`."""
    made = {name: add(name, text) for name, text in COMMANDS.items()}
    for name in ("backup", "verify-backup", "restore"):
        made[name].add_argument("folder", type=Path, metavar="FOLDER", help="备份目录 | the backup's folder")
    made["accept-restart"].add_argument("file", type=Path, metavar="FILE", help="声明文件 | the statement")
    for name in ("restore", "accept-restart"):
        made[name].add_argument("--by", required=True, help="经办人 | who does it")
    made["restore"].add_argument("--reason", required=True, help="原因，各方可见 | why; every party reads it")


def show_backup(found: BackupManifest) -> int:
    print(f"备份完好 | sound: {found.program} {found.party} {found.made_at}")
    print(f"  文件 files {len(found.files)}，日志 log entries {found.log_size}，摘要 digest {found.digest}")
    return 0


def show_restored(found: Restored) -> int:
    print(f"已恢复 {found.manifest.made_at} 的备份；审计日志从此重新开始，未完成的轮次已作废")
    print(f"restored the backup of {found.manifest.made_at}; the audit log begins again, open rounds have failed")
    print(f"请把这份声明交给每个单位，由其运行 accept-restart：{found.statement.name}")
    print(f"hand this statement to every party; each runs accept-restart: {found.statement}")
    return 0


def show_accepted(found: Restart) -> int:
    print(f"已接受 {found.party} 的日志自 {found.stamp} 重新开始（备份时间 {found.backup_at}，原因：{found.reason}）")
    print(f"accepted: the log of {found.party} began again at {found.stamp}, from the backup of {found.backup_at}")
    return 0
