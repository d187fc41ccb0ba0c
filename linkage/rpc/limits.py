"""Every number that bounds a call, and the gRPC options that make the transport keep to it (security §5).

* One message is at most 1 MiB of content plus 64 KiB of slack; larger things go in chunks.
* A caller sends half a MiB ahead of what was read, more only for a message of an allowed size: endless calls end there.
* Metadata are at most 8 KiB; compressed messages are refused (bombs); every call carries a deadline.
* A connection carries at most 16 streams, is dropped when idle for 5 minutes and renewed after an hour.
* TLS below 1.3 cannot be negotiated: see `require_tls13`.
"""

from __future__ import annotations

import os
from typing import Final

CONTENT_BYTES: Final = 1 << 20
MESSAGE_BYTES: Final = CONTENT_BYTES + (64 << 10)
CHUNK_BYTES: Final = CONTENT_BYTES  # Each is synced and logged by itself, so larger ones are faster.
AHEAD_BYTES: Final = CONTENT_BYTES // 2  # What a caller may send before we have looked at it; 4 MiB by default.
METADATA_BYTES: Final = 8 << 10
ENVELOPE_BYTES: Final = 512 << 10
MAX_STREAMS: Final = 16
IDLE_MS: Final = 300_000
AGE_MS: Final = 3_600_000
AGE_GRACE_MS: Final = 300_000
KEEPALIVE_MS: Final = 60_000
KEEPALIVE_TIMEOUT_MS: Final = 20_000
MIN_PING_MS: Final = 30_000
CALL_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 10.0  # For the handshake that fetches the coordinator's certificate.
SEAL_SECONDS: Final = 600.0  # Sealing checks and splits the whole upload before it answers.
FETCH_SECONDS: Final = 1800.0
WATCH_SECONDS: Final = 1800.0  # A watch stream ends by itself after this; the client opens the next one.
MAX_DEADLINE_SECONDS: Final = 7200.0
WATCHES_PER_PARTY: Final = 2  # The old stream of a party may outlive its successor for a moment.
CALLS_BESIDE_WATCHES: Final = 16
CALLS_PER_PARTY: Final = 8  # At one time, streams included: one party alone cannot use up the server's threads.

IDENTITY_ONLY: Final = 1  # Bit set of compression algorithms: bit 0 = none.
CIPHER_VARIABLE: Final = "GRPC_SSL_CIPHER_SUITES"
UNUSABLE_TLS12_SUITE: Final = "ECDHE-PSK-AES128-CBC-SHA"

Options = list[tuple[str, int]]


def require_tls13() -> None:
    """Make TLS 1.2 impossible in this process; call it before the first credentials are made.

    grpcio has no option for the lowest TLS version. Its only TLS 1.2 cipher list comes from an environment variable;
    naming one suite that needs a pre-shared key nobody has leaves the TLS 1.3 suites, which that list cannot touch.
    """
    os.environ[CIPHER_VARIABLE] = UNUSABLE_TLS12_SUITE


def server_options() -> Options:
    """Return the channel arguments of the coordinator's server."""
    return [
        *_both_sides(),
        ("grpc.max_concurrent_streams", MAX_STREAMS),
        ("grpc.http2.bdp_probe", 0),
        ("grpc.http2.lookahead_bytes", AHEAD_BYTES),
        ("grpc.max_connection_idle_ms", IDLE_MS),
        ("grpc.max_connection_age_ms", AGE_MS),
        ("grpc.max_connection_age_grace_ms", AGE_GRACE_MS),
        ("grpc.http2.min_ping_interval_without_data_ms", MIN_PING_MS),
        ("grpc.so_reuseport", 0),
    ]


def channel_options() -> Options:
    """Return the channel arguments of a party's channel. Retries are ours (`client.py`), not the transport's."""
    return [
        *_both_sides(),
        ("grpc.enable_retries", 0),
        ("grpc.max_reconnect_backoff_ms", 10_000),
        ("grpc.enable_http_proxy", 0),  # Its address comes from the environment; the coordinator is dialled directly.
    ]


def _both_sides() -> Options:
    return [
        ("grpc.max_receive_message_length", MESSAGE_BYTES),
        ("grpc.max_send_message_length", MESSAGE_BYTES),
        ("grpc.max_metadata_size", METADATA_BYTES),
        ("grpc.absolute_max_metadata_size", METADATA_BYTES),
        ("grpc.compression_enabled_algorithms_bitset", IDENTITY_ONLY),
        ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_MS),
    ]


def pool_size(parties: int) -> int:
    """Return the server's threads: every watch stream holds one for its whole life, so they grow with the parties."""
    return max(1, parties) * WATCHES_PER_PARTY + CALLS_BESIDE_WATCHES
