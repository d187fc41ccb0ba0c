"""serve."""

from __future__ import annotations

import argparse
import logging

from procuratorate_node.workbench.serving import serve_workbench


def serve(asked: argparse.Namespace) -> int:
    """Serve the workbench's pages."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    return serve_workbench(asked.config, port=asked.port)
