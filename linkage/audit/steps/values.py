"""check-value: is this the value an entry commits to? erase-salt: make that impossible for good."""

from __future__ import annotations

import argparse
import sys

from linkage.audit.commitment import Salts, fits
from linkage.audit.entry import parse_entry
from linkage.audit.journal import read_lines
from linkage.audit.log import ENTRIES
from linkage.errors import AuditError, InputError
from linkage.keys.canonical import parse_canonical_json

SUBJECT = "subject"
MAX_VALUE_BYTES = 1 << 20


def run(args: argparse.Namespace) -> int:
    """Hold a value from standard input, canonical JSON, against an entry's commitment; 1 when it is another.

    The value is read from standard input so that it stands in no command line. Raises AuditError, NotFoundError.
    """
    value = sys.stdin.buffer.read(MAX_VALUE_BYTES).strip()
    try:
        parse_canonical_json(value)
    except InputError:
        raise InputError(
            '内容应为规范 JSON，如 [["案号","行"]]', 'the value must be canonical JSON such as [["case","row"]]'
        ) from None
    commitment = _commitment(args)
    same = fits(commitment, value, Salts(args.salts).salt_of(commitment))
    print("✓ 就是这一条所指 | this is what the entry speaks of" if same else "✗ 不是 | it is not")
    return 0 if same else 1


def run_erase(args: argparse.Namespace) -> int:
    """Erase the salts of these commitments; the log is not touched."""
    gone = Salts(args.salts).erase(*args.commitment)
    print(f"已销毁 {gone} 个盐，日志不变 | {gone} salts erased, the log is unchanged")
    return 0 if gone == len(set(args.commitment)) else 1


def _commitment(args: argparse.Namespace) -> str:
    path = args.log / ENTRIES if args.log.is_dir() else args.log
    for index, line in enumerate(read_lines(path)):
        if index == args.index:
            found = parse_entry(line).facts.get(SUBJECT)
            if isinstance(found, str):
                return found
            break
    raise AuditError("这一条没有承诺", "this entry holds no commitment")
