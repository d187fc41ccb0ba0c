"""Run the whole ceremony at once on one machine: for demonstrations, tests and very small consortia.

One person then holds every key for a moment, which the real ceremony avoids; keys/README.md says how.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from linkage.errors import InputError
from linkage.keys.consortium_steps import (
    deal_secret,
    load_ceremony,
    make_consortium,
    new_ca,
    new_officer,
    sign_consortium,
    sign_csr,
)
from linkage.keys.files import make_folder, read_public
from linkage.keys.manifest import Manifest, Role
from linkage.keys.officers import Officers
from linkage.keys.party_steps import import_secret, install, new_party
from linkage.keys.store import keys_folder
from linkage.keys.tls import Identity

OFFICER_NAME = "ceremony-officer"


@dataclass(frozen=True, slots=True)
class PartySpec:
    """Say which party to make."""

    id: str
    name: str
    role: Role
    datasets: tuple[str, ...] = ()


def quickstart(
    out: Path,
    *,
    consortium: str,
    parties: Sequence[PartySpec],
    now: datetime,
    random_bytes: Callable[[int], bytes],
    days: int = 30,
    schema_digests: Sequence[str] = (),
    server_names: Sequence[str] = (),
) -> Manifest:
    """Make <out>/<party>/keys/ for every party, and <out>/ceremony/ with CA, officer and the public folder."""
    if any(party.id == "ceremony" for party in parties):
        raise InputError("单位 id 不能用 ceremony", "a party cannot be called ceremony")
    ceremony = out / "ceremony"
    make_folder(ceremony)
    public, ca = ceremony / "consortium", ceremony / "ca"
    new_ca(ca, name=f"{consortium} CA", now=now, days=max(days, 3650))
    officer = new_officer(ceremony / "officer", name=OFFICER_NAME)
    officers = Officers((officer.officer,), 1)
    cards = [
        new_party(out / party.id, party_id=party.id, name=party.name, role=party.role, datasets=party.datasets)
        for party in parties
    ]
    make_consortium(
        public,
        consortium=consortium,
        cards=cards,
        officers=officers,
        ca=read_public(ca / "ca.crt"),
        schema_digests=schema_digests,
        now=now,
    )
    sign_consortium(public, officer)
    sealed = deal_secret(public, out=ceremony / "secrets", officers=[officer], now=now, random_bytes=random_bytes)
    for party in parties:
        sign_csr(
            ca,
            keys_folder(out / party.id) / "tls.csr",
            identity=Identity(consortium, party.role, party.id),
            out=public / "certificates" / f"{party.id}.crt",
            now=now,
            days=days,
            server_names=server_names if party.role == "coordinator" else (),
        )
        install(out / party.id, public, now=now, fingerprint=officers.fingerprint)
        if party.id in sealed.blobs:
            import_secret(out / party.id, ceremony / "secrets" / f"secret-{sealed.epoch.number}.{party.id}.sealed")
    return load_ceremony(public)
