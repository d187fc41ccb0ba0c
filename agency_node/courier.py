"""courier import, export, status: take part in rounds by carried files, without any connection."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from agency_node.config import load_config
from agency_node.daemon import open_node
from linkage.owner.courier.session import CourierSession
from linkage.owner.courier.steps import STEPS, alone


def run(step: str, arguments: argparse.Namespace) -> int:
    """Run one step."""
    return STEPS[step](arguments, _session(arguments))


@contextmanager
def _session(arguments: argparse.Namespace) -> Iterator[CourierSession]:
    config = load_config(arguments.config)
    with alone(config.state):
        node = open_node(config, connects=False)
        try:
            yield CourierSession(node.office, node.audit)
        finally:
            node.client.close()
            node.office.book.engine.dispose()
            node.audit.close()
