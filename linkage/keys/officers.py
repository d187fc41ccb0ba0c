"""The officers of the ceremony: who may sign the manifest and the revocation list, and how many must.

A party pins them in its own folder (officers.toml) on the day of the ceremony; everything later is checked against the
pinned set, never against what a document says about itself. The fingerprint is short enough to read out by telephone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from linkage.errors import InputError, KeyMaterialError, SignatureError
from linkage.keys.canonical import encode_base64, parse_base64
from linkage.keys.fields import Table, parse_toml, raise_faults, render_toml
from linkage.keys.signing import SigningKey, VerifyKey

FORMAT = "linkage/v1/officers"


@dataclass(frozen=True, slots=True)
class Officer:
    """Name one officer and the key that speaks for them."""

    name: str
    key: VerifyKey


@dataclass(frozen=True, slots=True)
class Officers:
    """Hold n different officers and the threshold m of them that must sign."""

    members: tuple[Officer, ...]
    threshold: int

    def __post_init__(self) -> None:
        keys = {member.key.public for member in self.members}
        names = {member.name for member in self.members}
        if not 1 <= self.threshold <= len(self.members) or len(keys) != len(self.members) or len(names) != len(keys):
            raise KeyMaterialError(
                "主持人须各不相同，门限须在 1 与人数之间",
                "officers must differ in name and key, and the threshold must lie between 1 and their number",
            )

    @property
    def fingerprint(self) -> str:
        """Return 32 hex digits over the threshold and the sorted keys."""
        digest = hashlib.sha256(b"linkage/v1/officers-fingerprint\0" + str(self.threshold).encode("ascii"))
        for public in sorted(member.key.public for member in self.members):
            digest.update(public)
        return digest.hexdigest()[:32]

    def signers_of(self, label: str, message: bytes, signatures: Sequence[str]) -> set[str]:
        """Return the names of the officers whose signature holds; foreign or bad lines count for nobody."""
        by_id = {member.key.key_id: member for member in self.members}
        found: set[str] = set()
        for line in signatures:
            key_id, _, text = line.partition(" ")
            member = by_id.get(key_id)
            if member is not None and _holds(member.key, text, label=label, message=message):
                found.add(member.name)
        return found

    def verify(self, label: str, message: bytes, signatures: Sequence[str]) -> None:
        """Return when at least m officers signed. Raises SignatureError."""
        count = len(self.signers_of(label, message, signatures))
        if count < self.threshold:
            raise SignatureError(
                f"有效的主持人签名 {count} 个，需要 {self.threshold} 个",
                f"{count} valid officer signatures, {self.threshold} needed",
                hint_zh="请其余主持人用 linkage keys sign-consortium 签名，并核对主持人指纹",
                hint_en="let the other officers sign with `linkage keys sign-consortium`; compare the fingerprint",
            )

    def to_text(self) -> str:
        """Return the TOML of officers.toml."""
        return render_toml({"format": FORMAT, "threshold": self.threshold}, [("officer", officer_rows(self))])

    @classmethod
    def from_text(cls, text: str, name: str = "officers.toml") -> Self:
        """Read officers.toml. Raises KeyMaterialError with every fault."""
        faults: list[str] = []
        table = Table(parse_toml(text, name), "", faults)
        if table.text("format") != FORMAT:
            table.fault("format", f"expected {FORMAT}")
        threshold = table.integer("threshold", 1, 100)
        members = read_officers(table)
        table.finish()
        raise_faults(faults, name)
        return cls(members, threshold)


def officer_rows(officers: Officers) -> list[Mapping[str, str]]:
    return [{"name": member.name, "key": member.key.to_text()} for member in officers.members]


def read_officers(table: Table) -> tuple[Officer, ...]:
    """Read [[officer]] tables; faults go to the table's list."""
    found: list[Officer] = []
    for row in table.tables("officer"):
        name, key = row.text("name"), row.built("key", VerifyKey.from_text)
        row.finish()
        if key is not None:
            found.append(Officer(name, key))
    return tuple(found)


def signature_line(key: SigningKey, *, label: str, message: bytes) -> str:
    """Return "key-id base64-signature"."""
    return f"{key.key_id} {encode_base64(key.sign(label, message))}"


def _holds(key: VerifyKey, text: str, *, label: str, message: bytes) -> bool:
    try:
        key.verify(label, message, parse_base64(text, length=64))
    except (SignatureError, InputError):
        return False
    return True
