"""serve."""

from __future__ import annotations

import argparse

from linkage.operations.logs import start_logging
from linkage.operations.settings import Operations
from procuratorate_node.workbench.serving import serve_workbench


def serve(asked: argparse.Namespace) -> int:
    """Serve the workbench's pages."""
    start_logging(Operations())  # To standard error: the log file is the daemon's.
    return serve_workbench(asked.config, port=asked.port)
