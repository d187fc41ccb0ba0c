"""verify: recompute one log, or several against each other's checkpoints."""

from __future__ import annotations

import argparse
from pathlib import Path

from linkage.audit.manifests import require_manifest
from linkage.audit.reading import log_folders
from linkage.audit.verify import LogReport, verify_log, verify_logs
from linkage.errors import KeyMaterialError
from linkage.keys.signing import VerifyKey


def run(args: argparse.Namespace) -> int:
    """Verify with one party's key, or with the manifest; 1 when a log has a fault."""
    logs = list(log_folders(args.log))
    if args.key:
        reports = [verify_log(path, VerifyKey.from_text(args.key)) for path in logs]
    elif args.manifest:
        reports = verify_logs(logs, require_manifest(args.manifest, args.fingerprint))
    else:
        raise KeyMaterialError("须给出 --manifest 或 --key", "give --manifest or --key")
    for path, report in zip(logs, reports, strict=True):
        _print(path, report)
    return 0 if all(report.is_sound for report in reports) else 1


def _print(path: Path, report: LogReport) -> None:
    mark = "✓ 完好 | sound" if report.is_sound else "✗ 有问题 | FAULT"
    print(f"{mark}: {path.name} {report.origin}")
    rows = [
        ("条目", "entries", f"{report.entries}"),
        ("已签条目", "signed entries", f"{report.signed_entries}"),
        ("检查点", "checkpoints", f"{report.checkpoints}"),
        ("与他方所存检查点核对", "compared with checkpoints that others kept", f"{report.witnesses}"),
        ("起止", "from – to", f"{report.first_time or '–'} … {report.last_time or '–'}"),
        ("根", "root", report.root.hex()),
    ]
    for zh, en, value in rows:
        print(f"  {zh} | {en}: {value}")
    if report.fault is not None:
        where = "" if report.fault.index is None else f"[{report.fault.index}] "
        print(f"  {where}{report.fault.zh} | {report.fault.en}")
