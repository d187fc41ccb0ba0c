"""What the machine gives: a folder of our own, room on the disk, a durable write, optional packages."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from linkage.operations.finding import Finding, fault, good, warning

LITTLE_BYTES: Final = 2 << 30  # Below this a person should look,
LEAST_BYTES: Final = 256 << 20  # below this logs and databases will soon fail.
OTHERS: Final = 0o077
KEPT_PRIVATE: Final = ("keys", "keys/*.key", "keys/*.sealed")
PRIVATE_IN_OPEN: Final = ("audit", "rounds", "*.db", "*.db-wal", "*.db-shm", "accounts.json", "session")


def check_permissions(state: Path, passphrase_file: Path | None = None) -> Iterator[Finding]:
    """Look whether what is private in the state folder is this account's alone: by the folder's mode, or its own."""
    if not state.is_dir():
        hint = "运行 init，或核对配置里的 state", "run init, or look at `state` in the configuration"
        yield fault("permissions", "没有状态目录", "there is no state folder", hint=hint)
        return
    is_open = bool(state.stat().st_mode & OTHERS)
    found = [path for kind in KEPT_PRIVATE + (PRIVATE_IN_OPEN if is_open else ()) for path in state.glob(kind)]
    if passphrase_file is not None and passphrase_file.exists():
        found.append(passphrase_file)
    for path in found:
        mode = path.stat().st_mode & 0o777
        if mode & OTHERS:
            wanted = 700 if path.is_dir() else 600
            hint = f"chmod {wanted} {path.name}；若他人可能已读过，应换密钥", f"chmod {wanted} {path.name}"
            zh, en = f"{path.name} 对其他用户开放（{mode:04o}）", f"{path.name} is open to others ({mode:04o})"
            yield fault("permissions", zh, en, hint=hint)
    if is_open:
        hint = f"chmod 700 {state.name}", f"`chmod 700 {state.name}`"
        yield warning("permissions", f"{state.name} 对其他用户可见", f"{state.name} can be listed by others", hint=hint)
    strangers = [path for path in found if path.stat().st_uid not in (os.geteuid(), 0)]
    for path in strangers:
        hint = "用运行服务的系统用户执行 doctor", "run doctor as the system user that runs the service"
        zh, en = f"{path.name} 属于另一个系统用户", f"{path.name} belongs to another system user"
        yield fault("permissions", zh, en, hint=hint)
    yield good("permissions", f"查看了 {len(found)} 处", f"looked at {len(found)}")


def check_disk(folder: Path, *, least: int = LEAST_BYTES) -> Iterator[Finding]:
    """Look how much room is left where the state lies, and whether a write there is durable."""
    usage = shutil.disk_usage(folder)
    free = usage.free
    zh, en = f"剩余 {free / 2**30:.1f} GiB", f"{free / 2**30:.1f} GiB free"
    hint = "清理磁盘或换更大的盘；磁盘写满后本程序停止答复", "make room: with a full disk this program answers nothing"
    if free < least:
        yield fault("disk", zh, en, hint=hint)
    elif free < max(LITTLE_BYTES, 2 * least):
        yield warning("disk", zh, en, hint=hint)
    else:
        yield good("disk", zh, en)
    yield from _try_write(folder)


def _try_write(folder: Path) -> Iterator[Finding]:
    probe = folder / f".doctor-{secrets.token_hex(6)}"
    try:
        descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, bytes(4096))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
            probe.unlink()
    except OSError as error:
        hint = "检查挂载方式、权限和配额", "look at the mount, the permissions and the quota"
        zh, en = f"状态目录无法写入（{error.strerror}）", f"the state folder cannot be written ({error.strerror})"
        yield fault("disk", zh, en, hint=hint)


def check_packages(check: str, names: tuple[str, ...]) -> Iterator[Finding]:
    """Look whether optional packages are there."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        hint = (
            "用离线安装目录重装，或 pip install 'linkage[casefiles]'；不识别扫描件可不装",
            "install from the offline folder or `pip install 'linkage[casefiles]'`; not needed without scans",
        )
        zh, en = f"未安装：{'、'.join(missing)}", f"not installed: {', '.join(missing)}"
        yield warning(check, zh, en, hint=hint)
    else:
        yield good(check, "可选组件齐全", "the optional packages are there")
