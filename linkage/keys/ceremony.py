"""Make a linkage secret in memory and hand every owner its sealed copy; nothing else ever leaves this file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from linkage.errors import KeyMaterialError
from linkage.keys.kcv import SECRET_BYTES, key_check_value, secret_commitment, secret_info
from linkage.keys.manifest import Epoch, Manifest
from linkage.keys.times import utc_text


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """Hold an epoch's public facts and one sealed blob per owner id."""

    epoch: Epoch
    blobs: Mapping[str, bytes]


def make_secret(manifest: Manifest, *, epoch: int, random_bytes: Callable[[int], bytes]) -> SealedSecret:
    """Draw 32 bytes and seal them to each agency and procuratorate; never to coordinator or reviewer.

    Raises KeyMaterialError when the epoch exists already or nobody owns a register.
    """
    if any(known.number == epoch for known in manifest.epochs):
        raise KeyMaterialError(f"第 {epoch} 期链接密钥已经有了", f"epoch {epoch} exists already")
    if not manifest.owners:
        raise KeyMaterialError("清单里没有数据持有单位", "the manifest has no data owner")
    secret = random_bytes(SECRET_BYTES)
    facts = Epoch(epoch, key_check_value(secret, epoch), secret_commitment(secret, epoch), "active")
    blobs = {
        party.id: party.hpke_key.seal(secret, info=secret_info(manifest.consortium, epoch, party.id))
        for party in manifest.owners
    }
    return SealedSecret(facts, blobs)


def next_epoch(manifest: Manifest) -> int:
    """Return the number after the highest one."""
    return max((epoch.number for epoch in manifest.epochs), default=0) + 1


def with_epoch(manifest: Manifest, epoch: Epoch, *, now: datetime) -> Manifest:
    """Return the manifest's next version with this epoch active and all earlier ones retired."""
    retired = tuple(replace(known, status="retired") for known in manifest.epochs)
    return replace(manifest, version=manifest.version + 1, issued=utc_text(now), epochs=(*retired, epoch))
