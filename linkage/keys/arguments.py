"""The words of `linkage keys`."""

from __future__ import annotations

import argparse
from pathlib import Path

from linkage.keys.custody import add_custody_steps
from linkage.keys.manifest import ROLES

CERTIFICATE_DAYS = 7
CA_DAYS = 1830


def parser() -> argparse.ArgumentParser:
    """Return the parser; `step` names the subcommand."""
    top = argparse.ArgumentParser(
        prog="linkage keys",
        description="密钥与仪式：先看 keys/README.md | keys and the ceremony: read keys/README.md first",
        allow_abbrev=False,
    )
    steps = top.add_subparsers(dest="step", required=True, metavar="STEP")
    _party_steps(steps)
    _ceremony_steps(steps)
    _secret_steps(steps)
    add_custody_steps(lambda name, text: _step(steps, name, text))
    _quickstart(steps)
    return top


Steps = argparse._SubParsersAction  # argparse has no public name for what add_subparsers returns.


def _step(steps: Steps[argparse.ArgumentParser], name: str, text: str) -> argparse.ArgumentParser:
    step = steps.add_parser(name, help=text, description=text, allow_abbrev=False)
    step.add_argument(
        "--passphrase-file", type=Path, action="append", default=[], metavar="FILE",
        help="私钥文件的口令，权限 0600，可重复 | passphrase of private files, mode 0600, repeatable",
    )  # fmt: skip
    step.add_argument("--passphrase-fd", type=int, metavar="N", help="从文件描述符读口令 | read it from a descriptor")
    return step


def _party_steps(steps: Steps[argparse.ArgumentParser]) -> None:
    new = _step(steps, "new-party", "生成单位的三种密钥与卡片 | make a party's keys and card")
    new.add_argument("folder", type=Path, metavar="FOLDER", help="单位的状态目录 | the party's state folder")
    new.add_argument("--id", required=True)
    new.add_argument("--name", required=True, help="单位中文名 | the office's name")
    new.add_argument("--role", required=True, choices=ROLES)
    new.add_argument("--dataset", action="append", default=[], help="数据集 id，可重复 | dataset id, repeatable")
    csr = _step(steps, "csr", "换发证书：生成新密钥与申请 | renewal: new TLS key and signing request")
    csr.add_argument("folder", type=Path, metavar="FOLDER")
    install = _step(steps, "install", "核验并安装联合体清单与证书 | verify and install manifest and certificate")
    install.add_argument("folder", type=Path, metavar="FOLDER")
    install.add_argument("--consortium", type=Path, required=True, metavar="DIR")
    install.add_argument("--certificate", type=Path, help="默认 DIR/certificates/<id>.crt")
    install.add_argument("--fingerprint", default="", help="首次安装：主持人指纹 | first time: officers' fingerprint")
    secret = _step(steps, "import-secret", "核验并导入封装的链接密钥 | check and import the sealed linkage secret")
    secret.add_argument("folder", type=Path, metavar="FOLDER")
    secret.add_argument("file", type=Path, metavar="FILE")
    for name, text in (
        ("check", "检查权限、签名、到期与校验值 | check permissions, signatures, expiry and check values"),
        ("show", "列出公开信息 | list what is here, no secrets"),
    ):
        _step(steps, name, text).add_argument("folder", type=Path, metavar="FOLDER")


def _ceremony_steps(steps: Steps[argparse.ArgumentParser]) -> None:
    ca = _step(steps, "new-ca", "生成签发机构 | make the consortium's CA")
    ca.add_argument("folder", type=Path, metavar="FOLDER")
    ca.add_argument("--name", default="linkage CA")
    ca.add_argument("--days", type=int, default=CA_DAYS)
    sign = _step(steps, "sign-csr", "为某一身份签发证书 | certify a request for one identity")
    sign.add_argument("ca", type=Path, metavar="CA-FOLDER")
    sign.add_argument("request", type=Path, metavar="CSR")
    sign.add_argument("--consortium", required=True, metavar="ID")
    sign.add_argument("--id", required=True)
    sign.add_argument("--role", required=True, choices=ROLES)
    sign.add_argument("--out", type=Path, required=True)
    sign.add_argument("--days", type=int, default=CERTIFICATE_DAYS)
    sign.add_argument("--server-name", action="append", default=[], help="仅链接单元 | coordinator only; repeatable")
    officer = _step(steps, "new-officer", "生成主持人密钥 | make an officer's key")
    officer.add_argument("folder", type=Path, metavar="FOLDER")
    officer.add_argument("--name", required=True)
    make = _step(steps, "make-consortium", "汇总卡片为清单 | gather the cards into a manifest")
    make.add_argument("out", type=Path, metavar="OUT")
    make.add_argument("--id", required=True)
    make.add_argument("--card", type=Path, action="append", required=True, metavar="party.toml")
    make.add_argument("--officer", type=Path, action="append", required=True, metavar="officer.toml")
    make.add_argument("--threshold", type=int, help="需几位主持人签名，默认全部 | how many must sign, default all")
    make.add_argument("--schema-digest", action="append", default=[], metavar="HEX")
    make.add_argument("--ca", type=Path, required=True, metavar="ca.crt")
    card = _step(steps, "replace-card", "单位换了密钥：换上新卡片 | a party has new keys: put its new card in")
    card.add_argument("consortium", type=Path, metavar="DIR")
    card.add_argument("--card", type=Path, required=True, metavar="party.toml")
    card.add_argument("--officer", type=Path, action="append", required=True, metavar="FOLDER")
    sign = _step(steps, "sign-consortium", "主持人对清单与吊销名单签名 | an officer signs manifest and revocations")
    sign.add_argument("consortium", type=Path, metavar="DIR")
    sign.add_argument("--officer", type=Path, required=True, metavar="FOLDER")
    revoke = _step(steps, "revoke", "吊销单位或证书 | revoke a party or a certificate")
    revoke.add_argument("consortium", type=Path, metavar="DIR")
    which = revoke.add_mutually_exclusive_group(required=True)
    which.add_argument("--party", metavar="ID")
    which.add_argument("--certificate", type=Path, metavar="CRT")
    revoke.add_argument("--reason", required=True)
    revoke.add_argument("--since", default="", help="默认现在 | default now (2026-10-31T08:00:00Z)")
    revoke.add_argument("--officer", type=Path, action="append", required=True, metavar="FOLDER")


def _secret_steps(steps: Steps[argparse.ArgumentParser]) -> None:
    for name, text in (
        ("make-secret", "生成第一期链接密钥并封给各数据方 | make the first linkage secret, sealed to each owner"),
        ("rotate-secret", "启用新一期，旧期停用 | make the next epoch's secret, retire the others"),
    ):
        step = _step(steps, name, text)
        step.add_argument("--consortium", type=Path, required=True, metavar="DIR")
        step.add_argument("--out", type=Path, required=True, metavar="DIR")
        step.add_argument("--epoch", type=int)
        step.add_argument("--officer", type=Path, action="append", default=[], metavar="FOLDER")


def _quickstart(steps: Steps[argparse.ArgumentParser]) -> None:
    quick = _step(steps, "quickstart", "一步完成整个仪式（演示用） | the whole ceremony at once, for demonstrations")
    quick.add_argument("out", type=Path, metavar="OUT")
    quick.add_argument("--id", required=True)
    quick.add_argument("--party", action="append", required=True, metavar="id:name:role[:dataset,dataset]")
    quick.add_argument("--days", type=int, default=30)
    quick.add_argument("--schema-digest", action="append", default=[], metavar="HEX")
    quick.add_argument("--server-name", action="append", default=[])
