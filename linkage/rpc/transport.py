"""The seam under a party's client: how one call reaches the linkage unit, over the network or in carried files.

`linkage.rpc.network` calls at once; `linkage.owner.courier` writes the call into a file and knows the answer when the
coordinator's file has come back. Calls are idempotent, so whoever asks again gets the answer to the first asking.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from google.protobuf.message import Message

from linkage.errors import TransportError


class Deferred(TransportError):
    """The call waits for a file to be carried there and back; trying again at once would change nothing."""


class Transport(Protocol):
    """Bring single calls to the linkage unit. Errors are the unit's own, or TransportError when no answer came."""

    def call(self, method: str, request: Message, seconds: float) -> object: ...

    def stream(self, method: str, request: Message, seconds: float) -> Iterator[object]: ...

    def is_under_way(self, method: str, request: Message) -> bool:
        """Tell whether this very call was accepted for carrying before: what it announces stands in the log already."""

    def close(self) -> None: ...
