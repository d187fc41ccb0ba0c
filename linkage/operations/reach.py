"""The way to the coordinator, step by step: address, TCP, TLS, identity, its answer, its clock, its schemas."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from linkage.errors import ConfigError
from linkage.keys.store import PartyKeys, load_party_keys
from linkage.keys.times import Clock
from linkage.operations.finding import Finding, fault, good, warning
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import LinkageClient, connect
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.schema import shipped_schemas

SECONDS: Final = 5.0
SKEW: Final = timedelta(minutes=2)  # From here on certificates and deadlines are judged differently by the two sides.
WIRE: Final = (
    "检查防火墙是否放行到该主机该端口，以及链接单元是否在运行",
    "ask whether the firewall lets this host and port through, and whether the coordinator runs",
)
CLOCK: Final = "校准两边的系统时间（chrony 或 ntpd）", "set both system clocks (chrony or ntpd)"


def check_coordinator(endpoint: str, state: Path, clock: Clock) -> Iterator[Finding]:
    """Go the way to the coordinator and say how far it led. Raises LinkageError where it ends."""
    host, port = address_of(endpoint)
    try:
        with socket.create_connection((host, port), timeout=SECONDS):
            pass
    except OSError as error:
        why = error.strerror or type(error).__name__
        yield fault("coordinator", f"{endpoint} 连不上（{why}）", f"{endpoint} cannot be reached ({why})", hint=WIRE)
        return
    yield good("coordinator", f"{endpoint} 可以连通", f"{endpoint} answers on TCP")
    keys = load_party_keys(state, now=clock())
    with _asking(endpoint, keys, clock) as client:
        sent = clock()
        reply = client.check()
        middle = sent + (clock() - sent) / 2
    yield from _answer(reply)
    yield from check_clock(reply.now_ms, middle)


def address_of(endpoint: str) -> tuple[str, int]:
    """Return host and port of "host:port". Raises ConfigError."""
    host, _, port = endpoint.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigError("coordinator 应写成 主机:端口", "coordinator must be host:port")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _asking(endpoint: str, keys: PartyKeys, clock: Callable[[], datetime]) -> closing[LinkageClient]:
    client = connect(endpoint, keys, last_leaf=lambda: b"", backoff=Backoff(attempts=1), clock=clock)
    return closing(client)


def _answer(reply: pb.CheckReply) -> Iterator[Finding]:
    zh, en = "证书、身份相符", "certificate and identity are the coordinator's"
    if reply.status == "serving":
        yield good("coordinator", f"{zh}，正在服务", f"{en}; it serves")
    else:
        yield warning("coordinator", f"{zh}，正在停止", f"{en}; it is draining", hint=WIRE)
    ours = {schema.digest for schema in shipped_schemas()}
    if ours & set(reply.schema_digests):
        yield good("schema", "与链接单元相符", "agrees with the coordinator")
    else:
        hint = "两边须安装同一版本、同一清单", "both sides need the same version and manifest"
        yield fault("schema", "与链接单元没有共同的编码方案", "no schema in common with the coordinator", hint=hint)


def check_clock(theirs_ms: int, ours: datetime) -> Iterator[Finding]:
    """Compare the coordinator's clock, in milliseconds since 1970, with ours at the same moment."""
    if not theirs_ms:
        yield warning("clock", "链接单元是旧版本，不报时间", "the coordinator's older version does not tell its time")
        return
    apart = timedelta(milliseconds=theirs_ms) - timedelta(seconds=ours.timestamp())
    zh, en = (
        f"与链接单元相差 {apart.total_seconds():+.1f} 秒",
        f"{apart.total_seconds():+.1f} s from the coordinator's",
    )
    yield fault("clock", zh, en, hint=CLOCK) if abs(apart) > SKEW else good("clock", zh, en)
