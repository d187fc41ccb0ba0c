"""Decide on every call who calls and whether that role may; a refusal is an audit entry before it is an answer.

The identity is the one URI SAN of the peer's certificate (SPIFFE X509-SVID rule), checked against the manifest and the
deny-list each time, because a connection may outlive both.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import grpc

from linkage.errors import PermissionRefused, TransportError
from linkage.keys.canonical import JSON
from linkage.keys.manifest import Party, Role
from linkage.rpc.around import AroundCalls
from linkage.rpc.leaves import leaf_of
from linkage.rpc.limits import CALLS_PER_PARTY

Record = Callable[[str, Mapping[str, JSON]], object]
Authenticate = Callable[[bytes], Party]  # DER or PEM certificate in, party out, or PermissionRefused.

OWNERS: Final[frozenset[Role]] = frozenset({"agency", "procuratorate"})
REQUESTERS: Final[frozenset[Role]] = frozenset({"procuratorate"})
ALLOWED: Final[Mapping[str, frozenset[Role]]] = {
    "Check": OWNERS,
    "Watch": OWNERS,
    "ProposeRound": REQUESTERS,
    "DecideRound": OWNERS,
    "CancelRound": REQUESTERS,
    "GetRound": OWNERS,
    "BeginUpload": OWNERS,
    "GetUpload": OWNERS,
    "AppendChunk": OWNERS,
    "SealUpload": OWNERS,
    "FetchResult": REQUESTERS,
    "AcceptResult": REQUESTERS,
    "StateDeletion": OWNERS,
    "RequestRelease": REQUESTERS,
    "AnswerRelease": OWNERS,
    "SendReferral": REQUESTERS,
    "UpdateReferral": OWNERS,
    "ExchangeCheckpoint": OWNERS,
    "WitnessCheckpoints": OWNERS,
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Say who calls: the manifest's party, and the caller's last audit leaf (32 bytes, or b"" for an empty log)."""

    party: Party
    peer_leaf: bytes

    @property
    def id(self) -> str:
        return self.party.id


class KnownContext:
    """Stand in for a ServicerContext whose caller is known; everything else passes through."""

    __slots__ = ("_context", "caller")

    def __init__(self, context: grpc.ServicerContext, caller: Caller) -> None:
        self._context = context
        self.caller = caller

    def __getattr__(self, name: str) -> object:
        return getattr(self._context, name)


def caller_of(context: grpc.ServicerContext) -> Caller:
    """Return who calls. Raises PermissionRefused when no identity interceptor ran."""
    if not isinstance(context, KnownContext):
        raise PermissionRefused("调用方身份未经核验", "the caller's identity was not checked")
    return context.caller


def certificate_of(context: grpc.ServicerContext) -> bytes:
    """Return the peer's PEM certificate. Raises PermissionRefused when TLS gave none or several."""
    found = list(context.auth_context().get("x509_pem_cert", ()))
    if len(found) != 1:
        raise PermissionRefused("没有客户端证书", "there is no client certificate")
    return bytes(found[0])


class Shares:
    """Count the calls each party has open, so that none holds more than its share."""

    def __init__(self, most: int = CALLS_PER_PARTY) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._open: Counter[str] = Counter()

    @contextmanager
    def hold(self, party: str) -> Iterator[None]:
        """Count one call while it lasts. Raises TransportError beyond the share: a moment later it is free again."""
        with self._lock:
            if self._open[party] >= self._most:
                raise TransportError(
                    f"本单位同时最多 {self._most} 个调用，稍后自动再试",
                    f"at most {self._most} calls of one party at one time; tried again soon",
                )
            self._open[party] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[party] -= 1


def identify(authenticate: Authenticate, record: Record) -> AroundCalls:
    """Return the interceptor that admits a call or refuses it, in the log first."""
    shares = Shares()

    @contextmanager
    def known(method: str, context: grpc.ServicerContext) -> Iterator[grpc.ServicerContext]:
        named = ""
        try:
            party = authenticate(certificate_of(context))
            named = party.id
            admit(method, party.role)
            caller = Caller(party, leaf_of(context.invocation_metadata()))
        except PermissionRefused as refusal:
            record("call.refused", {"method": method, "party": named, "reason": refusal.en})
            raise
        with shares.hold(party.id):
            yield KnownContext(context, caller)  # type: ignore[misc]

    return AroundCalls(known)


def admit(method: str, role: Role) -> None:
    """Return when the role may call the method. Raises PermissionRefused; unknown methods are refused to all."""
    if role not in ALLOWED.get(method, frozenset()):
        raise PermissionRefused(f"角色 {role} 无权调用 {method}", f"role {role} may not call {method}")
