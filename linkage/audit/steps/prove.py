"""prove: write one entry's offline bundle. check-proof: verify a bundle without the log."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime

from linkage.audit.manifests import require_manifest
from linkage.audit.note import parse_note
from linkage.audit.proof import parse_proof, policy_text, prove_entry, verify_proof
from linkage.errors import AuditError, KeyMaterialError
from linkage.keys.manifest import Manifest
from linkage.keys.signing import VerifyKey


def run(args: argparse.Namespace) -> int:
    """Write INDEX's .tlog-proof, and beside it the policy for foreign tools when the manifest is named."""
    proof = prove_entry(args.log, args.index)
    key = _key(args)
    proven = verify_proof(proof, key)
    try:
        args.out.write_text(proof.to_text(), encoding="utf-8", newline="")
        if isinstance(key, Manifest):
            witnesses = [party for party, _ in proven.cosigned]
            policy = policy_text(key, proven.origin.rpartition("/")[2], witnesses=witnesses)
            args.out.with_suffix(".policy").write_text(policy, encoding="utf-8", newline="")
    except OSError as error:
        raise AuditError("证明文件无法写入", f"the proof cannot be written: {error.strerror}") from None
    signatures = len(parse_note(proof.checkpoint).signatures)
    print(f"第 {args.index} 条的证明 → {args.out.name}（{signatures} 个签名）| proof written, {signatures} signatures")
    return 0


def run_check(args: argparse.Namespace) -> int:
    """Verify a bundle and print the entry it proves. Raises AuditError when it proves nothing."""
    try:
        text = args.proof.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise AuditError("证明文件无法读取", "the proof cannot be read") from None
    proven = verify_proof(parse_proof(text), _key(args))
    print(f"✓ 成立 | proven: {proven.origin} 第 {proven.entry.index} 条，共 {proven.size} 条 entries")
    for party, seconds in proven.cosigned:
        print(f"  见证 witness: {party} {datetime.fromtimestamp(seconds, UTC).isoformat()}")
    print(f"  {proven.entry.time} {proven.entry.kind} {json.dumps(dict(proven.entry.facts), ensure_ascii=False)}")
    return 0


def _key(args: argparse.Namespace) -> Manifest | VerifyKey:
    if args.key:
        return VerifyKey.from_text(args.key)
    if args.manifest is None:
        raise KeyMaterialError("须给出 --manifest 或 --key", "give --manifest or --key")
    return require_manifest(args.manifest, args.fingerprint)
