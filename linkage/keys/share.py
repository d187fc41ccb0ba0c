"""One printed share of a secret: what it belongs to, its value, and a checksum against slips of the pen.

Text form, one `name value` a line, hex in groups of four, so that it can be printed, read out and typed in again:

    linkage/v1/share
    kind linkage-secret | officer-key
    subject <consortium id | officer's key id>
    epoch <n>, 0 for an officer's key
    check <key check value, 16 hex>
    set <8 random bytes of one splitting>
    threshold <m>
    count <n>
    number <1 to n>
    value <32 bytes>
    sum <first 4 bytes of SHA-256 of the lines above>
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from linkage.errors import KeyMaterialError, LinkageError
from linkage.keys import gf256
from linkage.keys.kcv import is_equal, key_check_value
from linkage.keys.signing import SigningKey

VERSION = "linkage/v1/share"
SECRET, OFFICER = "linkage-secret", "officer-key"
VALUE_BYTES = 32
SHAPES = {
    "kind": f"{SECRET}|{OFFICER}",
    "subject": r"[a-z0-9][a-z0-9-]{0,62}",
    "epoch": r"0|[1-9][0-9]{0,6}",
    "check": r"[0-9a-f]{16}",
    "set": r"[0-9a-f]{16}",
    "threshold": r"[1-9][0-9]{0,2}",
    "count": r"[1-9][0-9]{0,2}",
    "number": r"[1-9][0-9]{0,2}",
    "value": r"[0-9a-f]{64}",
    "sum": r"[0-9a-f]{8}",
}
GROUPED = ("check", "set", "value", "sum")


@dataclass(frozen=True, slots=True)
class Share:
    """Hold one share; its 32 secret bytes are left out of `repr`."""

    kind: str
    subject: str
    epoch: int
    check: str
    set_id: str
    threshold: int
    count: int
    number: int
    value: bytes

    def to_text(self) -> str:
        """Return the printed form. Reveals the share."""
        body = self._body()
        return body + f"sum {_grouped(_sum(body))}\n"

    def _body(self) -> str:
        lines = [
            VERSION,
            f"kind {self.kind}",
            f"subject {self.subject}",
            f"epoch {self.epoch}",
            f"check {_grouped(self.check)}",
            f"set {_grouped(self.set_id)}",
            f"threshold {self.threshold}",
            f"count {self.count}",
            f"number {self.number}",
            f"value {_grouped(self.value.hex())}",
        ]
        return "\n".join(lines) + "\n"

    def __repr__(self) -> str:
        return f"Share({self.kind} {self.subject} {self.epoch}, set {self.set_id}, {self.number}/{self.count})"


def check_value(kind: str, secret: bytes, epoch: int) -> str:
    """Return what may be said of a secret: the linkage secret's check value, or the officer's key id."""
    return key_check_value(secret, epoch) if kind == SECRET else SigningKey.from_raw(secret).key_id


def make_shares(
    secret: bytes,
    *,
    kind: str,
    subject: str,
    epoch: int,
    threshold: int,
    count: int,
    random_bytes: Callable[[int], bytes],
) -> tuple[Share, ...]:
    """Split 32 bytes into `count` shares of which `threshold` are needed. Raises KeyMaterialError for other numbers."""
    if not 2 <= threshold <= count <= gf256.MAX_SHARES:
        raise KeyMaterialError(
            "份数应为 2 ≤ 需要几份 ≤ 共几份 ≤ 255", "the numbers must be 2 <= threshold <= shares <= 255"
        )
    facts = Share(
        kind, subject, epoch, check_value(kind, secret, epoch), random_bytes(8).hex(), threshold, count, 1, secret
    )
    values = gf256.split(secret, threshold=threshold, count=count, random_bytes=random_bytes)
    shares = tuple(replace(facts, number=number, value=value) for number, value in values.items())
    if combine(shares) != secret:
        raise KeyMaterialError("分份后自检失败", "the shares do not give the secret back")
    return shares


def combine(shares: Sequence[Share]) -> bytes:
    """Return the 32 secret bytes, or refuse: too few, of different sets, damaged, or another check value.

    Shares beyond the threshold are checked too. Raises KeyMaterialError; a wrong secret is never returned.
    """
    _refuse_mixed(shares)
    given: dict[int, bytes] = {}
    for share in shares:
        if given.setdefault(share.number, share.value) != share.value:
            raise KeyMaterialError(
                f"有两份都标为第 {share.number} 份，内容却不同", f"two different shares are both number {share.number}"
            )
    first, numbers = shares[0], sorted(given)
    if len(given) < first.threshold:
        raise KeyMaterialError(
            f"份数不足：需要 {first.threshold} 份不同的，只有 {len(given)} 份（第 {'、'.join(map(str, numbers))} 份）",
            f"too few shares: {first.threshold} different ones are needed, got {len(given)} "
            f"(number {', '.join(map(str, numbers))})",
            hint_zh="请其他保管人带来各自的一份",
            hint_en="ask the other custodians for theirs",
        )
    used = {number: given[number] for number in numbers[: first.threshold]}
    secret = gf256.interpolate(used)
    if any(gf256.interpolate(used, at=number) != value for number, value in given.items()):
        raise _wrong()
    if not is_equal(_check_or_refuse(first, secret), first.check):
        raise _wrong()
    return secret


def parse_share(text: str) -> Share:
    """Read the printed form; case and spaces do not matter. Raises KeyMaterialError naming every faulty line."""
    lines = [line.split() for line in text.lower().splitlines() if line.strip()]
    if not lines or lines[0] != [VERSION]:
        raise KeyMaterialError("不是密钥分份，或版本不对", "not a share, or of another version")
    found: dict[str, str] = {}
    faults = []
    for name, *words in lines[1:]:
        value = ("" if name in GROUPED else " ").join(words)
        if name in found or name not in SHAPES or not re.fullmatch(SHAPES[name], value):
            faults.append(name if name in SHAPES else "?")
        found[name] = value
    faults += [name for name in SHAPES if name not in found]
    if faults:
        raise KeyMaterialError(
            f"分份中这些行缺失、重复或写错：{'、'.join(faults)}",
            f"these lines of the share are missing, repeated or miswritten: {', '.join(faults)}",
        )
    return _checked(found)


def _checked(found: dict[str, str]) -> Share:
    share = Share(
        kind=found["kind"],
        subject=found["subject"],
        epoch=int(found["epoch"]),
        check=found["check"],
        set_id=found["set"],
        threshold=int(found["threshold"]),
        count=int(found["count"]),
        number=int(found["number"]),
        value=bytes.fromhex(found["value"]),
    )
    if _sum(share._body()) != found["sum"]:
        raise KeyMaterialError(
            "分份的校验和不符：抄写或录入有误",
            "the share's checksum differs: it was copied or typed in wrongly",
            hint_zh="对照纸面逐组核对",
            hint_en="compare it with the paper group by group",
        )
    if not 2 <= share.threshold <= share.count <= gf256.MAX_SHARES or not 1 <= share.number <= share.count:
        raise KeyMaterialError("分份的编号或门限不合理", "the share's number or threshold is impossible")
    if (share.kind == SECRET) == (share.epoch == 0):
        raise KeyMaterialError("分份的期号与种类不符", "the share's epoch does not fit its kind")
    return share


def _refuse_mixed(shares: Sequence[Share]) -> None:
    if not shares:
        raise KeyMaterialError("没有给出任何一份", "no share was given")
    sets = {(s.kind, s.subject, s.epoch, s.check, s.set_id, s.threshold, s.count, len(s.value)) for s in shares}
    if len(sets) > 1:
        names = "; ".join(sorted({f"{s.subject} {s.epoch} {s.set_id}" for s in shares}))
        raise KeyMaterialError(
            f"这些分份不是同一次分出来的：{names}",
            f"these shares are not of one splitting: {names}",
            hint_zh="只能合并期号与 set 相同的分份",
            hint_en="only shares of one epoch and one set can be combined",
        )


def _check_or_refuse(share: Share, secret: bytes) -> str:
    try:
        return check_value(share.kind, secret, share.epoch)
    except LinkageError:
        raise _wrong() from None


def _wrong() -> KeyMaterialError:
    return KeyMaterialError(
        "合并结果与校验值不符：其中有一份被改动过；没有输出任何密钥",
        "the result does not fit the check value: a share was altered; no secret was written",
        hint_zh="换用其他保管人的分份再试",
        hint_en="try again with other custodians' shares",
    )


def _grouped(text: str) -> str:
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def _sum(body: str) -> str:
    return hashlib.sha256(body.encode("ascii")).hexdigest()[:8]
