"""Split a key between custodians and put it together again; the whole secret never touches the disk.

A share file is <kind>-<epoch>-<number>.share, mode 0600: the printed form, or that text sealed to a custodian's card.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from linkage.errors import KeyMaterialError
from linkage.keys import sealing
from linkage.keys.card import PartyCard
from linkage.keys.consortium_steps import OfficerKeys, load_ceremony, load_officer, save_officer
from linkage.keys.files import PRIVATE, make_folder, write_file
from linkage.keys.kcv import is_equal, secret_commitment, secret_info
from linkage.keys.keyring import KEYRING
from linkage.keys.manifest import Epoch
from linkage.keys.officers import Officer
from linkage.keys.secret_check import open_sealed_secret
from linkage.keys.share import OFFICER, SECRET, Share, combine, make_shares, parse_share
from linkage.keys.signing import SigningKey
from linkage.keys.store import load_card, load_party_keys, load_recipient, read_sealed_secret

SHARE_INFO = b"linkage/v1/share\0"


def split_secret(
    folder: Path, *, epoch: int | None, threshold: int, count: int, random_bytes: Callable[[int], bytes]
) -> tuple[Share, ...]:
    """Split the linkage secret an owner holds (the active epoch's by default). Raises KeyMaterialError."""
    keys = load_party_keys(folder)
    found = keys.manifest.active_epoch if epoch is None else keys.manifest.epoch(epoch)
    secret = open_sealed_secret(read_sealed_secret(folder, found.number), keys, found)
    return make_shares(
        secret,
        kind=SECRET,
        subject=keys.manifest.consortium,
        epoch=found.number,
        threshold=threshold,
        count=count,
        random_bytes=random_bytes,
    )


def split_officer(
    folder: Path, *, threshold: int, count: int, random_bytes: Callable[[int], bytes]
) -> tuple[Share, ...]:
    """Split an officer's signing key. Raises KeyMaterialError."""
    signing = load_officer(folder).signing
    return make_shares(
        signing.to_raw(),
        kind=OFFICER,
        subject=signing.key_id,
        epoch=0,
        threshold=threshold,
        count=count,
        random_bytes=random_bytes,
    )


def save_shares(out: Path, shares: Sequence[Share], custodians: Sequence[PartyCard]) -> list[Path]:
    """Write each share to its own file, sealed to the custodian of the same place when custodians are given.

    Raises KeyMaterialError when their number differs from the shares' or a file is there already.
    """
    if custodians and len({card.id for card in custodians}) != len(shares):
        raise KeyMaterialError(
            f"共 {len(shares)} 份，应有同样多位不同的保管人",
            f"there are {len(shares)} shares: name as many different custodians",
        )
    make_folder(out)
    owners = [card.id for card in custodians] or [""] * len(shares)
    paths = [out / _file_name(share, owner) for share, owner in zip(shares, owners, strict=True)]
    if any(path.exists() for path in paths):
        raise KeyMaterialError("目标目录里已有同名分份，不覆盖", "there are shares of that name; not overwritten")
    for index, (share, path) in enumerate(zip(shares, paths, strict=True)):
        text = share.to_text().encode("ascii")
        card = custodians[index] if custodians else None
        content = card.hpke_key.seal(text, info=SHARE_INFO + card.id.encode("ascii")) if card else text
        write_file(path, content, mode=PRIVATE)
    return paths


def open_share(folder: Path, file: Path, out: Path) -> Share:
    """Open a share sealed to this party's card and write its printed form, mode 0600. Raises KeyMaterialError."""
    card = load_card(folder)
    text = load_recipient(folder).open(KEYRING.read(file), info=SHARE_INFO + card.id.encode("ascii"))
    share = parse_share(text.decode("ascii", "replace"))
    _refuse_existing(out)
    write_file(out, share.to_text().encode("ascii"), mode=PRIVATE)
    return share


def load_shares(files: Sequence[Path]) -> list[Share]:
    """Read share files, wrapped ones with their passphrase. Raises KeyMaterialError naming the file."""
    return [_load(file) for file in files]


def reseal_secret(consortium: Path, shares: Sequence[Share], out: Path) -> tuple[Epoch, list[str]]:
    """Combine shares, check them against the signed manifest and seal the secret to every owner anew.

    Returns the epoch and the owners. Raises KeyMaterialError, and then writes nothing.
    """
    manifest = load_ceremony(consortium)
    secret = combine(shares)
    first = shares[0]
    if first.kind != SECRET or first.subject != manifest.consortium:
        raise KeyMaterialError(
            "这些分份不是本联合体链接密钥的", "these shares are not of this consortium's linkage secret"
        )
    epoch = manifest.epoch(first.epoch)
    if not is_equal(secret_commitment(secret, epoch.number), epoch.commitment):
        raise KeyMaterialError("合并结果与清单的承诺值不符", "the result does not fit the manifest's commitment")
    make_folder(out)
    for party in manifest.owners:
        info = secret_info(manifest.consortium, epoch.number, party.id)
        sealed = party.hpke_key.seal(secret, info=info)
        write_file(out / f"secret-{epoch.number}.{party.id}.sealed", sealed, mode=PRIVATE)
    return epoch, [party.id for party in manifest.owners]


def restore_officer(consortium: Path, shares: Sequence[Share], out: Path) -> OfficerKeys:
    """Combine an officer's shares and write the officer's folder again. Raises KeyMaterialError."""
    signing = SigningKey.from_raw(combine(shares))
    members = load_ceremony(consortium).officers.members
    known = next((member for member in members if member.key == signing.verify_key), None)
    if known is None:
        raise KeyMaterialError("清单里没有这位主持人", "the manifest has no officer with this key")
    keys = OfficerKeys(Officer(known.name, known.key), signing)
    save_officer(out, keys)
    return keys


def _load(file: Path) -> Share:
    content = KEYRING.read(file)
    if content.startswith(sealing.MARKER):
        raise KeyMaterialError(
            f"{file.name} 仍是封装的", f"{file.name} is still sealed",
            hint_zh="保管人先在自己的机器上运行 linkage keys open-share",
            hint_en="its custodian opens it first with `linkage keys open-share`",
        )  # fmt: skip
    try:
        return parse_share(content.decode("ascii", "replace"))
    except KeyMaterialError as error:
        raise KeyMaterialError(
            f"{file.name}：{error.zh}", f"{file.name}: {error.en}", hint_zh=error.hint_zh, hint_en=error.hint_en
        ) from None


def _file_name(share: Share, owner: str) -> str:
    stem = f"secret-{share.epoch}" if share.kind == SECRET else f"officer-{share.subject}"
    return f"{stem}-{share.number}{'.' + owner if owner else ''}.share" + (".sealed" if owner else "")


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise KeyMaterialError(f"{path.name} 已存在，不覆盖", f"{path.name} exists already and is not overwritten")
