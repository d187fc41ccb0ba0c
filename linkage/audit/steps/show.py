"""show: list a log's entries. copy: hand a log to the reviewer."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from linkage.audit.entry import Entry, parse_entry
from linkage.audit.journal import read_lines
from linkage.audit.log import ENTRIES
from linkage.audit.manifests import manifest_folder
from linkage.errors import AuditError
from linkage.keys.manifest import FILE
from linkage.keys.store import OFFICERS, SIGNATURES

DIGEST = re.compile("[0-9a-f]{64}")


def run(args: argparse.Namespace) -> int:
    """List the newest entries of a kind, or of a round."""
    chosen = list(_chosen(args.log, kind=args.kind, round_id=args.round))
    shown = chosen[-args.limit :] if args.limit else chosen
    print(_row("序号 index", "时间 time (UTC)", "事项 kind", "内容 facts"))
    for entry in shown:
        facts = "  ".join(f"{key}={_value(value)}" for key, value in sorted(entry.facts.items()))
        print(_row(str(entry.index), entry.time, entry.kind, facts))
    print(f"共 {len(chosen)} 条，显示 {len(shown)} 条 | {len(chosen)} entries, {len(shown)} shown")
    return 0


def run_copy(args: argparse.Namespace) -> int:
    """Copy a log's entries, checkpoints and what it keeps of its peers to a new folder, with the manifest if named."""
    source = _entries(args.log).parent
    try:
        args.out.mkdir(parents=True)
        shutil.copyfile(source / ENTRIES, args.out / ENTRIES)
        for name in ("checkpoints", "peers"):
            if (source / name).is_dir():
                shutil.copytree(source / name, args.out / name)
        for name in (FILE, SIGNATURES, OFFICERS) if args.manifest else ():
            shutil.copyfile(manifest_folder(args.manifest) / name, args.out / name)
    except OSError as error:
        raise AuditError("复制失败", f"the copy failed: {error.strerror}") from None
    print(f"已复制到 {args.out.name}，可交审查人 | copied to {args.out.name} for the reviewer")
    return 0


def _chosen(log: Path, *, kind: str, round_id: str) -> Iterator[Entry]:
    for line in read_lines(_entries(log)):
        entry = parse_entry(line)
        if kind and entry.kind != kind and not entry.kind.startswith(f"{kind}."):
            continue
        if round_id and round_id not in (entry.facts.get("round"), entry.facts.get("round_id")):
            continue
        yield entry


def _value(value: object) -> str:
    if isinstance(value, list) and len(value) > 1 and all(isinstance(v, str) and DIGEST.fullmatch(v) for v in value):
        return f"（{len(value)} 个摘要 digests）"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _row(index: str, time: str, kind: str, facts: str) -> str:
    return f"{_padded(index, 11)} {_padded(time, 21)} {_padded(kind, 24)} {facts}"


def _padded(text: str, width: int) -> str:
    """Fill up to a width counted in terminal columns, where a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return text + " " * max(0, width - taken)


def _entries(log: Path) -> Path:
    path = log / ENTRIES if log.is_dir() else log
    if not path.exists():
        raise AuditError(f"这里没有 {ENTRIES}", f"there is no {ENTRIES} here")
    return path
