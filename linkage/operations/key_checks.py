"""Keys and certificates as a doctor sees them: each certificate by itself, then everything together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from linkage.keys.describe import check
from linkage.keys.files import read_public
from linkage.keys.store import keys_folder, load_party_keys
from linkage.keys.tls import identity_of_certificate, is_due, parse_certificate, verify_certificate
from linkage.operations.finding import Finding, fault, good, warning
from linkage.schema import shipped_schemas

RENEW: Final = (
    "用 linkage keys csr 申请，交签发机构，再 linkage keys install 并重启",
    "`linkage keys csr`, have it signed, `linkage keys install`, restart",
)
ASK: Final = "运行 linkage keys check 状态目录 看明细", "`linkage keys check STATE` tells the details"


def check_certificates(state: Path, now: datetime) -> Iterator[Finding]:
    """Look at the days left, the chain and the one URI SAN of our certificate, even where the keys do not load."""
    place = keys_folder(state)
    for name, title in (("ca.crt", "签发机构证书 CA"), ("tls.crt", "本方证书 ours")):
        certificate = parse_certificate(read_public(place / name))
        left = certificate.not_valid_after_utc - now
        zh, en = f"{title}：还有 {left.days} 天", f"{name}: {left.days} days left"
        if left < timedelta():
            yield fault("certificate", f"{title} 已过期", f"{name} has expired", hint=RENEW)
        else:
            due = is_due(certificate, now)
            yield warning("certificate", zh, en, hint=RENEW) if due else good("certificate", zh, en)
    identity = identity_of_certificate(read_public(place / "tls.crt"))
    verify_certificate(read_public(place / "tls.crt"), read_public(place / "ca.crt"), now=now)
    yield good("certificate", f"身份 {identity.uri}，由本联合体签发", f"{identity.uri}, issued by this consortium")


def check_keys(state: Path, now: datetime) -> Iterator[Finding]:
    """Look at what `linkage keys check` looks at: signatures, pairs, check values of the secret, the deny-list."""
    items = check(state, now=now)
    for item in items:
        if item.fault:
            zh, _, en = item.fault.partition(" | ")
            yield fault("keys", f"{item.zh}：{zh}", f"{item.en}: {en or zh}", hint=ASK)
    values = [item.value for item in items if not item.fault and re.match(r"kcv ", item.value)]
    if not any(item.fault for item in items):
        kept = f": {'; '.join(values)}" if values else ""
        yield good("keys", f"{len(items)} 项相符{kept}", f"{len(items)} items agree{kept}")


def check_schemas(state: Path) -> Iterator[Finding]:
    """Look whether the consortium has agreed on encoding schemas that this version brings."""
    ours = {schema.digest: schema.id for schema in shipped_schemas()}
    agreed = load_party_keys(state).manifest.schema_digests
    known = [ours[digest] for digest in agreed if digest in ours]
    hint = (
        "各方须用同一版本；请主持人更新清单，或安装与清单相符的版本",
        "all parties need one version: renew the manifest, or install the version it agrees with",
    )
    if not known:
        yield fault("schema", "清单里没有本版本的编码方案", "the manifest has no schema of this version", hint=hint)
    else:
        yield good("schema", f"与清单相符：{'、'.join(known)}", f"agreed in the manifest: {', '.join(known)}")
