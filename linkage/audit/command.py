"""`linkage audit …`: verify, reconcile, read and hand out logs. Needs public material only."""

from __future__ import annotations

import argparse
import json
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from linkage.audit.entry import Entry, parse_entry
from linkage.audit.journal import read_lines
from linkage.audit.log import ENTRIES
from linkage.audit.verify import LogReport, verify_log, verify_logs
from linkage.errors import AuditError, KeyMaterialError
from linkage.keys.files import read_public_text
from linkage.keys.manifest import FILE, Manifest, parse_manifest
from linkage.keys.officers import Officers
from linkage.keys.signing import VerifyKey
from linkage.keys.store import OFFICERS, SIGNATURES


def main(argv: list[str]) -> int:
    """Run one step; 0 is sound, 1 a fault (raises LinkageError too), 2 a wrong command line."""
    try:
        args = _parser().parse_args(argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    return STEPS[args.step](args)


def load_reviewer_manifest(path: Path, fingerprint: str = "") -> Manifest:
    """Read consortium.toml with the .sig and officers.toml beside it.

    `fingerprint` is the officers' fingerprint as told in person; without it the caller must show the one found.
    Raises KeyMaterialError, SignatureError.
    """
    folder = path if path.is_dir() else path.parent
    officers = Officers.from_text(read_public_text(folder / OFFICERS))
    if fingerprint and fingerprint != officers.fingerprint:
        raise KeyMaterialError("主持人指纹不符", f"the officers' fingerprint differs: found {officers.fingerprint}")
    text, signatures = read_public_text(folder / FILE), read_public_text(folder / SIGNATURES)
    return parse_manifest(text, signatures, officers=officers)


def _verify(args: argparse.Namespace) -> int:
    if args.key:
        reports = [verify_log(path, VerifyKey.from_text(args.key)) for path in args.log]
    elif args.manifest:
        manifest = load_reviewer_manifest(args.manifest, args.fingerprint)
        found = manifest.officers.fingerprint
        if not args.fingerprint:
            print(f"请当面核对主持人指纹 | compare the officers' fingerprint in person: {found}")
        reports = verify_logs(args.log, manifest)
    else:
        raise KeyMaterialError("须给出 --manifest 或 --key", "give --manifest or --key")
    for path, report in zip(args.log, reports, strict=True):
        _print_report(path, report)
    return 0 if all(report.is_sound for report in reports) else 1


def _print_report(path: Path, report: LogReport) -> None:
    mark = "✓ 完好 | sound" if report.is_sound else "✗ 有问题 | FAULT"
    print(f"{mark}: {path.name} {report.origin}")
    rows = [
        ("条目", "entries", f"{report.entries}"),
        ("已签条目", "signed entries", f"{report.signed_entries}"),
        ("检查点", "checkpoints", f"{report.checkpoints}"),
        ("他方见证", "kept by peers", f"{report.witnesses}"),
        ("起止", "from – to", f"{report.first_time or '–'} … {report.last_time or '–'}"),
        ("根", "root", report.root.hex()),
    ]
    for zh, en, value in rows:
        print(f"  {zh} | {en}: {value}")
    if report.fault is not None:
        where = "" if report.fault.index is None else f"[{report.fault.index}] "
        print(f"  {where}{report.fault.zh} | {report.fault.en}")


def _show(args: argparse.Namespace) -> int:
    chosen = list(_chosen(args.log, kind=args.kind, round_id=args.round))
    shown = chosen[-args.limit :] if args.limit else chosen
    print(_row("序号 index", "时间 time (UTC)", "事项 kind", "内容 facts"))
    for entry in shown:
        facts = "  ".join(f"{key}={_value(value)}" for key, value in sorted(entry.facts.items()))
        print(_row(str(entry.index), entry.time, entry.kind, facts))
    print(f"共 {len(chosen)} 条，显示 {len(shown)} 条 | {len(chosen)} entries, {len(shown)} shown")
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
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _row(index: str, time: str, kind: str, facts: str) -> str:
    return f"{_padded(index, 11)} {_padded(time, 21)} {_padded(kind, 24)} {facts}"


def _padded(text: str, width: int) -> str:
    """Fill up to a width counted in terminal columns, where a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return text + " " * max(0, width - taken)


def _export(args: argparse.Namespace) -> int:
    source = _entries(args.log).parent
    try:
        args.out.mkdir(parents=True)
        shutil.copyfile(source / ENTRIES, args.out / ENTRIES)
        for name in ("checkpoints", "peers"):
            if (source / name).is_dir():
                shutil.copytree(source / name, args.out / name)
        for name in (FILE, SIGNATURES, OFFICERS) if args.manifest else ():
            shutil.copyfile(_folder(args.manifest) / name, args.out / name)
    except OSError as error:
        raise AuditError("导出失败", f"the export failed: {error.strerror}") from None
    print(f"已导出到 {args.out.name}，可交审查人 | exported to {args.out.name} for the reviewer")
    return 0


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _entries(log: Path) -> Path:
    path = log / ENTRIES if log.is_dir() else log
    if not path.exists():
        raise AuditError(f"这里没有 {ENTRIES}", f"there is no {ENTRIES} here")
    return path


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="linkage audit", description="审计日志 | audit logs: verify, show, export", allow_abbrev=False
    )
    steps = top.add_subparsers(dest="step", required=True, metavar="STEP")
    verify = steps.add_parser("verify", help="重算并核对；多个日志互相对照 | recompute; compare several")
    verify.add_argument("log", type=Path, nargs="+", metavar="LOG")
    verify.add_argument("--manifest", type=Path, metavar="consortium.toml")
    verify.add_argument("--fingerprint", default="", help="主持人指纹 | the officers' fingerprint")
    verify.add_argument("--key", default="", help="或：单位签名公钥 base64 | or: the party's public signing key")
    show = steps.add_parser("show", help="逐条列出 | list the entries")
    show.add_argument("log", type=Path, metavar="LOG")
    show.add_argument("--kind", default="", help="事项，如 round 或 round.proposed")
    show.add_argument("--round", default="", help="轮次编号 | round id")
    show.add_argument("--limit", type=int, default=200, help="最多显示最近几条，0 为全部 | newest entries, 0 for all")
    export = steps.add_parser("export", help="复制给审查人 | copy a log for the reviewer")
    export.add_argument("log", type=Path, metavar="LOG")
    export.add_argument("out", type=Path, metavar="OUT")
    export.add_argument("--manifest", type=Path, metavar="consortium.toml")
    return top


STEPS: Mapping[str, Callable[[argparse.Namespace], int]] = {"verify": _verify, "show": _show, "export": _export}
