"""consortium.toml: who belongs to the consortium, with which keys, which datasets, which schemas, which epochs.

The officers sign the exact bytes of the file under the label "manifest"; consortium.toml.sig has one line per officer,
"key-id base64". Versions only grow. An empty `certificates` list means any certificate of the consortium's CA that
carries the party's identity; otherwise only the listed ones are accepted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, cast

from linkage.errors import NotFoundError
from linkage.keys.fields import HEX32, LINE, NAME, Table, Value, parse_toml, raise_faults, render_toml
from linkage.keys.kcv import MAX_EPOCH
from linkage.keys.officers import Officers, officer_rows, read_officers
from linkage.keys.sealing import RecipientPublic
from linkage.keys.signing import VerifyKey
from linkage.keys.times import parse_utc

FORMAT = "linkage/v1/manifest"
LABEL = "manifest"
FILE = "consortium.toml"
Role = Literal["coordinator", "agency", "procuratorate", "reviewer"]
ROLES: tuple[Role, ...] = ("coordinator", "agency", "procuratorate", "reviewer")
OWNER_ROLES: tuple[Role, ...] = ("agency", "procuratorate")
ROLE = re.compile("|".join(ROLES))
STATUS = re.compile("active|retired")
KCV = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Party:
    """Describe one party by its public material. `certificates` are hex SHA-256 of DER."""

    id: str
    name: str
    role: Role
    signing_key: VerifyKey
    hpke_key: RecipientPublic
    certificates: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()

    @property
    def is_owner(self) -> bool:
        """Tell whether the party owns registers and therefore holds the linkage secret."""
        return self.role in OWNER_ROLES


@dataclass(frozen=True, slots=True)
class Epoch:
    """Name one linkage secret: number from 1, check value (16 hex), commitment (64 hex)."""

    number: int
    kcv: str
    commitment: str
    status: Literal["active", "retired"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Hold a consortium's agreed facts; the constructor refuses contradictions, all at once."""

    consortium: str
    version: int
    issued: str
    ca_fingerprint: str
    officers: Officers
    parties_all: tuple[Party, ...]
    schema_digests: tuple[str, ...] = ()
    epochs: tuple[Epoch, ...] = ()

    VERSION: ClassVar[int] = 1

    def __post_init__(self) -> None:
        raise_faults(_contradictions(self), FILE)

    def party(self, party_id: str) -> Party:
        """Return the party of that id. Raises NotFoundError."""
        for party in self.parties_all:
            if party.id == party_id:
                return party
        raise NotFoundError("清单里没有这个单位", "the manifest has no such party")

    def owner_of(self, dataset: str) -> Party:
        """Return the party that owns the dataset. Raises NotFoundError."""
        for party in self.parties_all:
            if dataset in party.datasets:
                return party
        raise NotFoundError(
            f"清单里没有单位拥有数据集 {dataset}", f"no party of the manifest owns the dataset {dataset}"
        )

    def parties(self, role: Role | None = None) -> tuple[Party, ...]:
        """Return the parties of a role, or all, in the manifest's order."""
        return tuple(party for party in self.parties_all if role in (None, party.role))

    @property
    def owners(self) -> tuple[Party, ...]:
        """Return the parties that hold the linkage secret."""
        return tuple(party for party in self.parties_all if party.is_owner)

    @property
    def coordinator(self) -> Party:
        return self.parties("coordinator")[0]

    def epoch(self, number: int) -> Epoch:
        """Return the epoch of that number. Raises NotFoundError."""
        for epoch in self.epochs:
            if epoch.number == number:
                return epoch
        raise NotFoundError(f"清单里没有第 {number} 期链接密钥", f"the manifest has no epoch {number}")

    @property
    def active_epoch(self) -> Epoch:
        """Return the one active epoch. Raises NotFoundError before the first ceremony."""
        for epoch in self.epochs:
            if epoch.status == "active":
                return epoch
        raise NotFoundError(
            "还没有启用的链接密钥",
            "no linkage secret is active yet",
            hint_zh="主持人先运行 linkage keys make-secret",
            hint_en="the officers run `linkage keys make-secret` first",
        )

    def to_text(self) -> str:
        """Return the TOML that officers sign; reading it back gives an equal manifest."""
        top: dict[str, Value] = {
            "format": FORMAT,
            "consortium": self.consortium,
            "version": self.version,
            "issued": self.issued,
            "ca_fingerprint": self.ca_fingerprint,
            "threshold": self.officers.threshold,
            "schema_digests": self.schema_digests,
        }
        epochs: list[Mapping[str, Value]] = [
            {"number": e.number, "kcv": e.kcv, "commitment": e.commitment, "status": e.status} for e in self.epochs
        ]
        return render_toml(
            top,
            [
                ("party", [_party_row(party) for party in self.parties_all]),
                ("epoch", epochs),
                ("officer", officer_rows(self.officers)),
            ],
        )

    @property
    def digest(self) -> bytes:
        """Return the 32-byte SHA-256 of the text."""
        return hashlib.sha256(self.to_text().encode("utf-8")).digest()


def parse_manifest(text: str, signatures_text: str, *, officers: Officers) -> Manifest:
    """Verify m of the pinned officers' signatures over the text, then read it.

    Raises SignatureError, or KeyMaterialError with every fault of the content.
    """
    officers.verify(LABEL, text.encode("utf-8"), signatures_text.splitlines())
    return parse_draft(text)


def parse_draft(text: str) -> Manifest:
    """Read a manifest nobody vouches for: for the ceremony's own steps only. Raises KeyMaterialError."""
    faults: list[str] = []
    table = Table(parse_toml(text, FILE), "", faults)
    if table.text("format") != FORMAT:
        table.fault("format", f"expected {FORMAT}")
    consortium = table.text("consortium", NAME)
    version = table.integer("version", 1, 10**9)
    issued = table.text("issued")
    table.built("issued", parse_utc)
    ca_fingerprint = table.text("ca_fingerprint", HEX32)
    threshold = table.integer("threshold", 1, 100)
    schema_digests = table.texts("schema_digests", HEX32)
    parties = tuple(party for row in table.tables("party") if (party := _read_party(row)) is not None)
    epochs = tuple(_read_epoch(row) for row in table.tables("epoch", required=False))
    members = read_officers(table)
    table.finish()
    raise_faults(faults, FILE)
    return Manifest(
        consortium=consortium,
        version=version,
        issued=issued,
        ca_fingerprint=ca_fingerprint,
        officers=Officers(members, threshold),
        parties_all=parties,
        schema_digests=schema_digests,
        epochs=epochs,
    )


def _read_party(row: Table) -> Party | None:
    party_id, name, role = row.text("id", NAME), row.text("name", LINE), row.text("role", ROLE)
    signing_key = row.built("signing_key", VerifyKey.from_text)
    hpke_key = row.built("hpke_key", RecipientPublic.from_text)
    certificates = row.texts("certificates", HEX32)
    datasets = row.texts("datasets", NAME)
    row.finish()
    if signing_key is None or hpke_key is None:
        return None
    return Party(party_id, name, cast("Role", role), signing_key, hpke_key, certificates, datasets)


def _read_epoch(row: Table) -> Epoch:
    number = row.integer("number", 1, MAX_EPOCH)
    kcv, commitment, status = row.text("kcv", KCV), row.text("commitment", HEX32), row.text("status", STATUS)
    row.finish()
    return Epoch(number, kcv, commitment, "active" if status == "active" else "retired")


def _party_row(party: Party) -> Mapping[str, Value]:
    return {
        "id": party.id,
        "name": party.name,
        "role": party.role,
        "signing_key": party.signing_key.to_text(),
        "hpke_key": party.hpke_key.to_text(),
        "certificates": party.certificates,
        "datasets": party.datasets,
    }


def _contradictions(manifest: Manifest) -> list[str]:
    faults: list[str] = []
    parties = manifest.parties_all
    for what, values in (
        ("party ids", [p.id for p in parties]),
        ("signing keys", [p.signing_key.key_id for p in parties]),
        ("HPKE keys", [p.hpke_key.key_id for p in parties]),
        ("datasets", [d for p in parties for d in p.datasets]),
        ("certificates", [c for p in parties for c in p.certificates]),
        ("epoch numbers", [str(e.number) for e in manifest.epochs]),
        ("check values", [e.kcv for e in manifest.epochs]),
    ):
        if len(set(values)) != len(values):
            faults.append(f"{what} occur twice")
    if sum(p.role == "coordinator" for p in parties) != 1:
        faults.append("exactly one coordinator is needed")
    if any(p.datasets and not p.is_owner for p in parties):
        faults.append("only an agency or a procuratorate owns datasets")
    if {p.signing_key.public for p in parties} & {o.key.public for o in manifest.officers.members}:
        faults.append("an officer's key is also a party's key")
    if sum(e.status == "active" for e in manifest.epochs) > 1:
        faults.append("more than one epoch is active")
    return faults
