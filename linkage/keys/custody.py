"""The steps of `linkage keys` about custodians' shares and passphrases."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable
from pathlib import Path

from linkage.errors import KeyMaterialError
from linkage.keys import share_steps, wrap_steps
from linkage.keys.card import parse_card
from linkage.keys.files import read_private, read_public_text
from linkage.keys.keyring import KEYRING, ask_terminal, passphrase_of, read_descriptor
from linkage.keys.share import SECRET, Share

AddStep = Callable[[str, str], argparse.ArgumentParser]


def add_custody_steps(add: AddStep) -> None:
    """Add the words of these steps."""
    split = add("split-secret", "把链接密钥分成 m-of-n 份 | split the linkage secret into m-of-n shares")
    split.add_argument("folder", type=Path, metavar="FOLDER", help="数据方的状态目录 | an owner's state folder")
    split.add_argument("--epoch", type=int, help="默认启用的一期 | default the active one")
    officer = add("split-officer", "把主持人私钥分成 m-of-n 份 | split an officer's key into m-of-n shares")
    officer.add_argument("folder", type=Path, metavar="FOLDER", help="主持人目录 | the officer's folder")
    for step in (split, officer):
        step.add_argument("--threshold", type=int, required=True, metavar="M", help="需要几份 | how many are needed")
        step.add_argument("--shares", type=int, required=True, metavar="N", help="共几份 | how many there are")
        step.add_argument("--out", type=Path, required=True, metavar="DIR")
        step.add_argument(
            "--custodian", type=Path, action="append", default=[], metavar="party.toml",
            help="封给各保管人的卡片，可重复 | seal each share to a custodian's card, repeatable",
        )  # fmt: skip
    opened = add("open-share", "保管人打开封给自己的一份 | a custodian opens the share sealed to him")
    opened.add_argument("folder", type=Path, metavar="FOLDER")
    opened.add_argument("file", type=Path, metavar="FILE")
    opened.add_argument("--out", type=Path, required=True, metavar="FILE.share")
    combine = add("combine-shares", "合并分份并重新封给各数据方 | combine shares, seal to the owners anew")
    combine.add_argument("file", type=Path, nargs="+", metavar="FILE.share")
    combine.add_argument("--consortium", type=Path, required=True, metavar="DIR")
    combine.add_argument("--out", type=Path, required=True, metavar="DIR")
    wrap = add("wrap", "用口令保护私钥文件 | put private files under a passphrase")
    change = add("change-passphrase", "更换口令 | put private files under another passphrase")
    unwrap = add("unwrap", "取消口令保护 | take the passphrase off")
    for step in (wrap, change, unwrap):
        step.add_argument("folder", type=Path, metavar="FOLDER|FILE.share")
    for step in (wrap, change):
        step.add_argument("--new-passphrase-file", type=Path, metavar="FILE", help="权限 0600 | mode 0600")
        step.add_argument("--new-passphrase-fd", type=int, metavar="N")


def offer_passphrases(args: argparse.Namespace) -> None:
    """Hand the passphrase files and descriptor named on the command line to the process's keyring."""
    for file in args.passphrase_file:
        KEYRING.offer_file(file)
    if args.passphrase_fd is not None:
        KEYRING.offer(read_descriptor(args.passphrase_fd))


def _say(zh: str, en: str) -> None:
    print(f"{zh} | {en}")


def _new_passphrase(args: argparse.Namespace) -> str:
    if args.new_passphrase_file:
        return passphrase_of(read_private(args.new_passphrase_file))
    if args.new_passphrase_fd is not None:
        return read_descriptor(args.new_passphrase_fd)
    first = ask_terminal("新口令 new passphrase: ")
    if ask_terminal("再输一次 once more: ") != first:
        raise KeyMaterialError("两次输入的口令不同", "the two passphrases differ")
    return first


def _split_secret(args: argparse.Namespace) -> int:
    return _deal(args, share_steps.split_secret(
        args.folder, epoch=args.epoch, threshold=args.threshold, count=args.shares, random_bytes=secrets.token_bytes
    ))  # fmt: skip


def _split_officer(args: argparse.Namespace) -> int:
    return _deal(args, share_steps.split_officer(
        args.folder, threshold=args.threshold, count=args.shares, random_bytes=secrets.token_bytes
    ))  # fmt: skip


def _deal(args: argparse.Namespace, shares: tuple[Share, ...]) -> int:
    cards = [parse_card(read_public_text(path)) for path in args.custodian]
    for path in share_steps.save_shares(args.out, shares, cards):
        print(path.name)
    first = shares[0]
    _say(
        f"分成 {first.count} 份，任意 {first.threshold} 份可合并；校验值 {first.check}，批次 {first.set_id}",
        f"{first.count} shares, any {first.threshold} of them suffice; check value {first.check}, set {first.set_id}",
    )
    _say("请逐份交给不同的人，然后从这台机器删除", "hand each to another person, then delete them from this machine")
    return 0


def _open_share(args: argparse.Namespace) -> int:
    share = share_steps.open_share(args.folder, args.file, args.out)
    _say(f"已打开第 {share.number} 份（共 {share.count} 份）", f"opened share {share.number} of {share.count}")
    return 0


def _combine(args: argparse.Namespace) -> int:
    shares = share_steps.load_shares(args.file)
    if shares[0].kind != SECRET:
        keys = share_steps.restore_officer(args.consortium, shares, args.out)
        _say(f"已恢复主持人密钥 {keys.signing.key_id}", f"the officer's key {keys.signing.key_id} is restored")
        return 0
    epoch, owners = share_steps.reseal_secret(args.consortium, shares, args.out)
    _say(
        f"第 {epoch.number} 期链接密钥已重新封给 {len(owners)} 个单位，校验值 {epoch.kcv}",
        f"secret of epoch {epoch.number} sealed anew to {len(owners)} owners, kcv {epoch.kcv}",
    )
    return 0


def _wrap(args: argparse.Namespace) -> int:
    wrap_steps.private_paths(args.folder)  # Whoever named a wrong folder is told before being asked.
    return _told(wrap_steps.wrap(args.folder, _new_passphrase(args), KEYRING, secrets.token_bytes))


def _unwrap(args: argparse.Namespace) -> int:
    return _told(wrap_steps.unwrap(args.folder, KEYRING))


def _change(args: argparse.Namespace) -> int:
    return _told(wrap_steps.change_passphrase(args.folder, lambda: _new_passphrase(args), KEYRING, secrets.token_bytes))


def _told(names: list[str]) -> int:
    listed = ", ".join(names) or "–"
    _say(f"已改写 {len(names)} 个文件：{listed}", f"rewrote {len(names)} files: {listed}")
    return 0


CUSTODY: dict[str, Callable[[argparse.Namespace], int]] = {
    "split-secret": _split_secret,
    "split-officer": _split_officer,
    "open-share": _open_share,
    "combine-shares": _combine,
    "wrap": _wrap,
    "unwrap": _unwrap,
    "change-passphrase": _change,
}
