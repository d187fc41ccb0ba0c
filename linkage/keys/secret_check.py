"""Check that a sealed copy of the linkage secret is ours and is the ceremony's, then forget what was opened."""

from __future__ import annotations

from linkage.errors import KeyMaterialError
from linkage.keys.kcv import is_equal, key_check_value, secret_commitment, secret_info
from linkage.keys.manifest import Epoch
from linkage.keys.store import PartyKeys


def check_sealed_secret(sealed: bytes, keys: PartyKeys, epoch: Epoch) -> None:
    """Return when the blob opens with the party's key and fits the manifest. Raises KeyMaterialError."""
    open_sealed_secret(sealed, keys, epoch)


def open_sealed_secret(sealed: bytes, keys: PartyKeys, epoch: Epoch) -> bytes:
    """Return the 32 bytes once they fit the manifest: for splitting alone. Raises KeyMaterialError."""
    info = secret_info(keys.manifest.consortium, epoch.number, keys.party.id)
    secret = keys.recipient.open(sealed, info=info)
    kcv, commitment = key_check_value(secret, epoch.number), secret_commitment(secret, epoch.number)
    if not is_equal(kcv, epoch.kcv) or not is_equal(commitment, epoch.commitment):
        raise KeyMaterialError(
            f"第 {epoch.number} 期链接密钥与清单不符：校验值应为 {epoch.kcv}",
            f"the secret is not the manifest's epoch {epoch.number}: expected check value {epoch.kcv}",
            hint_zh="可能装错了联合体或期号，或封装文件被调换；请向主持人核对",
            hint_en="it may be of another consortium or epoch, or exchanged on the way; ask the officers",
        )
    return secret


def epoch_of_sealed(sealed: bytes, keys: PartyKeys) -> Epoch:
    """Return the manifest's epoch this blob belongs to. Raises KeyMaterialError when it fits none."""
    for epoch in reversed(keys.manifest.epochs):
        try:
            check_sealed_secret(sealed, keys, epoch)
        except KeyMaterialError:
            continue
        return epoch
    raise KeyMaterialError(
        "这份封装密钥不属于清单里的任何一期，或不是封给本方的",
        "this sealed secret fits no epoch of the manifest, or is not sealed to this party",
        hint_zh="先用 linkage keys install 安装最新清单，再核对文件是否是本单位的",
        hint_en="install the newest manifest with `linkage keys install`, then check the file is this party's",
    )
