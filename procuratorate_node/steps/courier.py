"""courier import, export, status: ask for rounds and take part in them by carried files, without any connection."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from linkage.owner.courier.session import CourierSession
from linkage.owner.courier.steps import alone, export_files, import_files, say_progress, show_status
from linkage.rpc.client import LinkageClient
from procuratorate_node.config import load_config
from procuratorate_node.node import Node, office_of, open_node


def take(asked: argparse.Namespace) -> int:
    return import_files(asked, _session(asked))


def pack(asked: argparse.Namespace) -> int:
    return export_files(asked, _session(asked))


def status(asked: argparse.Namespace) -> int:
    return show_status(asked, _session(asked))


@contextmanager
def _session(asked: argparse.Namespace) -> Iterator[CourierSession]:
    config = load_config(asked.config)
    with alone(config.state):
        node = open_node(config, connects=False)
        try:
            office = office_of(node, wake=lambda: None, report=say_progress)
            yield CourierSession(office, node.audit, carry_on=_requester(node))
        finally:
            node.store.engine.dispose()
            node.audit.close()


def _requester(node: Node) -> Callable[[LinkageClient], None]:
    """Return what we do beside being an owner: start what stands ordered, propose, take results."""
    follower = node.follower(threading.Event())

    def carry_on(client: LinkageClient) -> None:
        node.standing.work(node.clock())
        follower.follow(client)

    return carry_on
