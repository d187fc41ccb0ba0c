"""`linkage keys …`: the command line over the steps. Secrets come from files only, never from words or environment."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from linkage.errors import KeyMaterialError
from linkage.keys import consortium_steps as consortium
from linkage.keys import party_steps as party
from linkage.keys.arguments import parser
from linkage.keys.card import parse_card
from linkage.keys.custody import CUSTODY, offer_passphrases
from linkage.keys.describe import Item, check, describe
from linkage.keys.files import read_public, read_public_text
from linkage.keys.officers import Officers
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.keys.store import load_card
from linkage.keys.tls import Identity, fingerprint_of


def main(argv: list[str]) -> int:
    """Run one step; 0 is success, 1 a refused or failed step (raises LinkageError too), 2 a wrong command line."""
    try:
        args = parser().parse_args(argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    offer_passphrases(args)
    return (STEPS | CUSTODY)[args.step](args)


def _now() -> datetime:
    return datetime.now(UTC)


def _say(zh: str, en: str) -> None:
    print(f"{zh} | {en}")


def _new_party(args: argparse.Namespace) -> int:
    card = party.new_party(
        args.folder,
        party_id=args.id,
        name=args.name,
        role=party.parse_role(args.role),
        datasets=tuple(args.dataset),
    )
    _say(f"已生成密钥。单位卡片指纹：{card.fingerprint}", f"keys made; card fingerprint: {card.fingerprint}")
    _say("把 keys/party.toml 与 keys/tls.csr 交给主持人", "hand keys/party.toml and keys/tls.csr to the officers")
    return 0


def _csr(args: argparse.Namespace) -> int:
    path = party.new_csr(args.folder)
    _say(f"已生成新的证书申请 {path.name}", f"new signing request {path.name}")
    return 0


def _new_ca(args: argparse.Namespace) -> int:
    authority = consortium.new_ca(args.folder, name=args.name, now=_now(), days=args.days)
    fingerprint = fingerprint_of(authority.certificate)
    _say(f"签发机构指纹：{fingerprint}", f"CA fingerprint: {fingerprint}")
    return 0


def _sign_csr(args: argparse.Namespace) -> int:
    fingerprint = consortium.sign_csr(
        args.ca,
        args.request,
        identity=Identity(args.consortium, party.parse_role(args.role), args.id),
        out=args.out,
        now=_now(),
        days=args.days,
        server_names=args.server_name,
    )
    _say(f"已签发 {args.out.name}，指纹 {fingerprint}", f"issued {args.out.name}, fingerprint {fingerprint}")
    return 0


def _new_officer(args: argparse.Namespace) -> int:
    keys = consortium.new_officer(args.folder, name=args.name)
    _say(f"主持人密钥：{keys.signing.key_id}", f"officer's key: {keys.signing.key_id}")
    return 0


def _make_consortium(args: argparse.Namespace) -> int:
    members = tuple(consortium.parse_officer(read_public_text(path)) for path in args.officer)
    officers = Officers(members, args.threshold or len(members))
    cards = [parse_card(read_public_text(path)) for path in args.card]
    manifest = consortium.make_consortium(
        args.out,
        consortium=args.id,
        cards=cards,
        officers=officers,
        ca=read_public(args.ca),
        schema_digests=args.schema_digest,
        now=_now(),
    )
    for card in cards:
        _say(f"请核对 {card.id} 的卡片指纹：{card.fingerprint}", f"compare the card fingerprint of {card.id}")
    _say(f"主持人指纹：{officers.fingerprint}", f"officers' fingerprint: {officers.fingerprint}")
    _say(f"清单摘要：{manifest.digest.hex()}；尚未签名", f"manifest digest: {manifest.digest.hex()}; not signed yet")
    return 0


def _sign_consortium(args: argparse.Namespace) -> int:
    signed = consortium.sign_consortium(args.consortium, consortium.load_officer(args.officer))
    _say(f"已签名：{'、'.join(signed) or '无需再签'}", f"signed: {', '.join(signed) or 'nothing left to sign'}")
    return 0


def _replace_card(args: argparse.Namespace) -> int:
    card = parse_card(read_public_text(args.card))
    _say(f"请核对 {card.id} 新卡片的指纹：{card.fingerprint}", f"compare the new card's fingerprint of {card.id}")
    officers = [consortium.load_officer(folder) for folder in args.officer]
    manifest = consortium.replace_card(args.consortium, card, officers=officers, now=_now())
    number = manifest.version
    _say(f"清单第 {number} 版：签名后由各单位安装", f"manifest version {number}: sign it, then all install it")
    return 0


def _install(args: argparse.Namespace) -> int:
    manifest = party.install(
        args.folder, args.consortium, now=_now(), fingerprint=args.fingerprint, certificate=args.certificate
    )
    _say(
        f"已安装联合体 {manifest.consortium} 清单第 {manifest.version} 版",
        f"installed manifest {manifest.version} of {manifest.consortium}",
    )
    return 0


def _deal_secret(args: argparse.Namespace) -> int:
    sealed = consortium.deal_secret(
        args.consortium,
        out=args.out,
        officers=[consortium.load_officer(folder) for folder in args.officer],
        now=_now(),
        random_bytes=secrets.token_bytes,
        epoch=args.epoch,
        rotate=args.step == "rotate-secret",
    )
    number, kcv, count = sealed.epoch.number, sealed.epoch.kcv, len(sealed.blobs)
    _say(
        f"第 {number} 期链接密钥已封给 {count} 个单位，校验值 {kcv}",
        f"secret of epoch {number} sealed to {count} owners, kcv {kcv}",
    )
    _say("请其余主持人对新清单签名", "let the other officers sign the new manifest")
    return 0


def _import_secret(args: argparse.Namespace) -> int:
    number = party.import_secret(args.folder, args.file)
    _say(f"已导入第 {number} 期链接密钥", f"imported the linkage secret of epoch {number}")
    return 0


def _show(args: argparse.Namespace) -> int:
    _print_items(describe(args.folder))
    return 0


def _check(args: argparse.Namespace) -> int:
    load_card(args.folder)
    items = check(args.folder, now=_now())
    _print_items(items)
    return 1 if any(item.fault for item in items) else 0


def _print_items(items: list[Item]) -> None:
    for item in items:
        mark = "✗" if item.fault else "✓"
        print(f"{mark} {item.zh} | {item.en}: {item.value}" + (f"\n    {item.fault}" if item.fault else ""))


def _revoke(args: argparse.Namespace) -> int:
    found = consortium.revoke(
        args.consortium,
        party=args.party or "",
        certificate=_certificate_digest(args.certificate) if args.certificate else "",
        reason=args.reason,
        since=args.since,
        officers=[consortium.load_officer(folder) for folder in args.officer],
        now=_now(),
    )
    _say(
        f"吊销名单第 {found.version} 版，共 {len(found.entries)} 条；请各单位安装",
        f"revocation list {found.version} with {len(found.entries)} entries; every party installs it",
    )
    return 0


def _certificate_digest(path: Path) -> str:
    return fingerprint_of(read_public(path))


def _quickstart(args: argparse.Namespace) -> int:
    if args.out.exists() and any(args.out.iterdir()):
        raise KeyMaterialError("目标目录不是空的", "the target folder is not empty")
    specs = [PartySpec(*party.parse_party_spec(text)) for text in args.party]
    manifest = quickstart(
        args.out,
        consortium=args.id,
        parties=specs,
        now=_now(),
        random_bytes=secrets.token_bytes,
        days=args.days,
        schema_digests=args.schema_digest,
        server_names=args.server_name,
    )
    _say(
        f"联合体 {manifest.consortium} 已就绪：{len(specs)} 个单位，校验值 {manifest.active_epoch.kcv}",
        f"consortium {manifest.consortium} is ready: {len(specs)} parties, kcv {manifest.active_epoch.kcv}",
    )
    _say("仅供演示：一台机器见过所有私钥", "for demonstrations only: one machine has seen every private key")
    return 0


STEPS: dict[str, Callable[[argparse.Namespace], int]] = {
    "new-party": _new_party,
    "csr": _csr,
    "new-ca": _new_ca,
    "sign-csr": _sign_csr,
    "new-officer": _new_officer,
    "make-consortium": _make_consortium,
    "sign-consortium": _sign_consortium,
    "replace-card": _replace_card,
    "install": _install,
    "make-secret": _deal_secret,
    "rotate-secret": _deal_secret,
    "import-secret": _import_secret,
    "show": _show,
    "check": _check,
    "revoke": _revoke,
    "quickstart": _quickstart,
}
