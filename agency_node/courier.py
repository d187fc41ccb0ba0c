"""courier import, export, status: take part in rounds by carried files, without any connection."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from agency_node.config import load_config
from agency_node.daemon import open_node
from linkage.owner.courier.session import CourierSession
from linkage.owner.courier.steps import STEPS, alone, say_progress


def run_courier_import(arguments: argparse.Namespace) -> int:
    return STEPS["import"](arguments, _session(arguments))


def run_courier_export(arguments: argparse.Namespace) -> int:
    return STEPS["export"](arguments, _session(arguments))


def run_courier_status(arguments: argparse.Namespace) -> int:
    return STEPS["status"](arguments, _session(arguments))


@contextmanager
def _session(arguments: argparse.Namespace) -> Iterator[CourierSession]:
    config = load_config(arguments.config)
    with alone(config.state):
        node = open_node(config, connects=False)
        try:
            yield CourierSession(replace(node.office, report=say_progress), node.audit)
        finally:
            node.client.close()
            node.office.book.engine.dispose()
            node.audit.close()
