"""A party talks to its consortium's coordinator and to nobody else, whoever else has a certificate of the same CA."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest

from linkage.errors import KeyMaterialError, LinkageError, PermissionRefused, TransportError
from linkage.keys import revocation
from linkage.keys.consortium_steps import load_ca, load_officer
from linkage.keys.keyring import KEYRING
from linkage.keys.manifest import Role
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.keys.revocation import RevocationList, Revoked, sign_revocations
from linkage.keys.store import PartyKeys, load_party_keys
from linkage.keys.times import utc_text
from linkage.keys.tls import Identity, fingerprint_of, new_request, new_tls_key, sign_request, tls_key_to_pem
from linkage.keys.wrap_steps import wrap
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import LinkageClient, connect
from linkage.rpc.server import build_server
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.rpc.v1.linkage_pb2_grpc import LinkageUnitServicer


class Answering(LinkageUnitServicer):
    """Answer Check and nothing else."""

    def Check(self, request: pb.CheckRequest, context: grpc.ServicerContext) -> pb.CheckReply:
        return pb.CheckReply(status="serving")


@pytest.fixture
def town(tmp_path: Path) -> Path:
    parties = [PartySpec("coordinator", "链接单元", "coordinator"), PartySpec("civil", "民政局", "agency", ("dibao",))]
    quickstart(tmp_path, consortium="c", parties=parties, now=datetime.now(UTC), random_bytes=os.urandom)
    return tmp_path


def certified(town: Path, party: str, role: Role) -> PartyKeys:
    """Return the coordinator's keys with another certificate of the consortium's CA."""
    key, authority = new_tls_key(), load_ca(town / "ceremony" / "ca")
    request, who = new_request(key, party=party, role=role), Identity("c", role, party)
    certificate = sign_request(authority, request, who, now=datetime.now(UTC), days=3)
    return replace(load_party_keys(town / "coordinator"), tls_key=tls_key_to_pem(key), tls_certificate=certificate)


@contextmanager
def serving(keys: PartyKeys, civil: PartyKeys, *, port: int = 0) -> Iterator[int]:
    server, bound = build_server(
        Answering(),
        f"localhost:{port}",
        keys,
        authenticate=lambda certificate: civil.party,
        record=lambda kind, facts: None,
        last_leaf=lambda: b"",
    )
    server.start()
    try:
        yield bound
    finally:
        server.stop(0).wait()


@pytest.fixture
def client() -> Iterator[Callable[..., LinkageClient]]:
    """Return a maker of civil's clients."""
    with ExitStack() as stack:

        def make(keys: PartyKeys, port: int, *, ahead: timedelta = timedelta()) -> LinkageClient:
            once = Backoff(attempts=1, first=0.05, longest=0.1)
            clock = lambda: datetime.now(UTC) + ahead  # noqa: E731
            made = connect(f"localhost:{port}", keys, last_leaf=lambda: b"", backoff=once, clock=clock)
            return stack.enter_context(made)

        yield make


def test_the_coordinator_is_answered(town: Path, client: Callable[..., LinkageClient]) -> None:
    civil = load_party_keys(town / "civil")
    with serving(load_party_keys(town / "coordinator"), civil) as port:
        assert client(civil, port).check().status == "serving"


@pytest.mark.parametrize(
    ("party", "role", "error"),
    [
        ("civil", "agency", TransportError),  # Only the coordinator's certificate has server names.
        ("coordinator", "agency", TransportError),
        ("stranger", "coordinator", PermissionRefused),
        ("civil", "coordinator", PermissionRefused),
    ],
)
def test_another_certificate_of_the_same_authority_is_no_coordinator(
    town: Path, client: Callable[..., LinkageClient], party: str, role: Role, error: type[LinkageError]
) -> None:
    civil = load_party_keys(town / "civil")
    with serving(certified(town, party, role), civil) as port, pytest.raises(error) as caught:
        client(civil, port).check()

    assert "链接单元" in caught.value.zh and "coordinator" in caught.value.en


def test_an_agencys_request_gets_no_server_name(town: Path) -> None:
    key, authority = new_tls_key(), load_ca(town / "ceremony" / "ca")
    request = new_request(key, party="civil", role="agency")

    with pytest.raises(KeyMaterialError):
        who = Identity("c", "agency", "civil")
        sign_request(authority, request, who, now=datetime.now(UTC), days=3, server_names=["localhost"])


def test_a_revoked_coordinator_is_left_at_the_next_call(town: Path, client: Callable[..., LinkageClient]) -> None:
    civil, coordinator = load_party_keys(town / "civil"), load_party_keys(town / "coordinator")
    with serving(coordinator, civil) as port:
        caller = client(civil, port)
        caller.check()
        now = utc_text(datetime.now(UTC))
        entry = Revoked("", fingerprint_of(coordinator.tls_certificate), now, "stolen")
        signing = load_officer(town / "ceremony" / "officer").signing
        text = sign_revocations(RevocationList("c", 1, now, (entry,)).to_text(), signing)
        (town / "civil" / "keys" / revocation.FILE).write_text(text, "utf-8")

        with pytest.raises(PermissionRefused, match="revoked"):
            caller.check()


def test_an_expired_coordinator_is_refused(town: Path, client: Callable[..., LinkageClient]) -> None:
    civil = load_party_keys(town / "civil")
    with (
        serving(load_party_keys(town / "coordinator"), civil) as port,
        pytest.raises(PermissionRefused, match="expired"),
    ):
        client(civil, port, ahead=timedelta(days=31)).check()


def test_a_renewed_certificate_is_followed_after_the_break(town: Path, client: Callable[..., LinkageClient]) -> None:
    civil = load_party_keys(town / "civil")
    with serving(load_party_keys(town / "coordinator"), civil) as port:
        caller = client(civil, port)
        caller.check()
    with pytest.raises(TransportError):
        caller.check()
    with serving(certified(town, "coordinator", "coordinator"), civil, port=port):
        assert caller.check().status == "serving"


def test_a_party_whose_private_files_are_wrapped_connects_and_leaves_no_key_in_the_clear(
    town: Path, client: Callable[..., LinkageClient]
) -> None:
    wrap(town / "civil", "四个 不相干的 词 马厩", KEYRING, os.urandom)
    try:
        civil = load_party_keys(town / "civil")
        with serving(load_party_keys(town / "coordinator"), civil) as port:
            assert client(civil, port).check().status == "serving"
    finally:
        KEYRING.forget()
    assert [path.name for path in (town / "civil").rglob("*.key") if civil.tls_key in path.read_bytes()] == []
