"""Open the linkage secret, which data owners alone hold: the coordinator may not import this file."""

from __future__ import annotations

from pathlib import Path

from linkage.errors import EncodingError
from linkage.keys.kcv import is_equal, key_check_value, secret_info
from linkage.keys.manifest import Manifest
from linkage.keys.sealing import RecipientKey
from linkage.keys.store import PartyKeys, read_sealed_secret


class LinkageSecret:
    """Hold 32 secret bytes of one epoch; `repr` shows epoch and check value only, and it is never pickled."""

    __slots__ = ("_key", "epoch", "kcv")

    def __init__(self, key: bytes, epoch: int) -> None:
        self.kcv = key_check_value(key, epoch)
        self.epoch = epoch
        self._key = key

    def key_bytes(self) -> bytes:
        """Return the 32 bytes. Reveals the secret: for HKDF's input only."""
        return self._key

    def __repr__(self) -> str:
        return f"LinkageSecret(epoch={self.epoch}, kcv={self.kcv})"

    def __reduce__(self) -> str:
        raise TypeError("a linkage secret is not pickled")


def open_linkage_secret(
    sealed: bytes, private: RecipientKey, *, consortium: str, party: str, epoch: int, expected_kcv: str
) -> LinkageSecret:
    """Unseal an owner's copy. Raises KeyMaterialError when it does not open, EncodingError for another check value."""
    secret = LinkageSecret(private.open(sealed, info=secret_info(consortium, epoch, party)), epoch)
    if not is_equal(secret.kcv, expected_kcv):
        raise EncodingError(
            f"第 {epoch} 期链接密钥的校验值不符：应为 {expected_kcv}，实为 {secret.kcv}",
            f"check value of epoch {epoch} differs: expected {expected_kcv}, got {secret.kcv}",
            hint_zh="向主持人重新领取本期的封装密钥，再运行 linkage keys import-secret",
            hint_en="ask the officers for this epoch's sealed secret and run `linkage keys import-secret`",
        )
    return secret


def load_linkage_secret(
    folder: Path, epoch: int, private: RecipientKey, expected_kcv: str, *, consortium: str, party: str
) -> LinkageSecret:
    """Read keys/secret-<epoch>.sealed of a party's state folder and unseal it.

    Raises KeyMaterialError when it is missing, readable by others or not ours; EncodingError for another check value.
    """
    sealed = read_sealed_secret(folder, epoch)
    return open_linkage_secret(
        sealed, private, consortium=consortium, party=party, epoch=epoch, expected_kcv=expected_kcv
    )


def load_party_secret(keys: PartyKeys, epoch: int | None = None) -> LinkageSecret:
    """Open the secret of an epoch (the active one by default) with the party's own keys and manifest."""
    manifest: Manifest = keys.manifest
    found = manifest.active_epoch if epoch is None else manifest.epoch(epoch)
    return load_linkage_secret(
        keys.folder,
        found.number,
        keys.recipient,
        found.kcv,
        consortium=manifest.consortium,
        party=keys.party.id,
    )
