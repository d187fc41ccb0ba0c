"""doctor, diagnose."""

from __future__ import annotations

import argparse

from linkage.operations.bundle import diagnose
from linkage.operations.doctor import show_report
from procuratorate_node.doctor import bundle_source, checks_of


def doctor(asked: argparse.Namespace) -> int:
    """Look at everything; 1 where something keeps the node from its work."""
    first, checks = checks_of(asked.config)
    return show_report(checks, [first], as_json_text=asked.json)


def make_bundle(asked: argparse.Namespace) -> int:
    """Say what a diagnostic bundle holds and write it where a file is named."""
    return diagnose(bundle_source(asked.config), asked.file)
