"""Keep this process's memory out of core dumps."""

from __future__ import annotations

import resource


def forbid_core_dumps() -> None:
    """Set RLIMIT_CORE to 0, hard limit too: neither this process nor its children leave their memory in a file.

    A kernel whose core_pattern is a pipe may pass the dump on all the same; SECURITY.md says what to do about that.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
