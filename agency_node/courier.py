"""courier import, export, status: take part in rounds by carried files, without any connection."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from agency_node.config import Config, load_config
from agency_node.daemon import open_node
from linkage.owner.courier.session import CourierSession
from linkage.owner.courier.steps import STEPS, alone, say_progress
from linkage.owner.progress import Report


def run_courier_import(arguments: argparse.Namespace) -> int:
    return STEPS["import"](arguments, courier_session(load_config(arguments.config)))


def run_courier_export(arguments: argparse.Namespace) -> int:
    return STEPS["export"](arguments, courier_session(load_config(arguments.config)))


def run_courier_status(arguments: argparse.Namespace) -> int:
    return STEPS["status"](arguments, courier_session(load_config(arguments.config)))


@contextmanager
def courier_session(config: Config, *, report: Report = say_progress) -> Iterator[CourierSession]:
    """Yield a session of the office without a connection. Raises ConfigError while its node runs."""
    with alone(config.state):
        node = open_node(config, connects=False)
        try:
            yield CourierSession(replace(node.office, report=report), node.audit)
        finally:
            node.client.close()
            node.office.book.engine.dispose()
            node.audit.close()
