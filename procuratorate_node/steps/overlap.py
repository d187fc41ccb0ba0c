"""overlap verify: whether every signed statement about whom we asked holds."""

from __future__ import annotations

import argparse

from procuratorate_node.config import load_config
from procuratorate_node.node import open_node
from procuratorate_node.rounds.overlap_check import check_statements


def verify(asked: argparse.Namespace) -> int:
    """Recompute the statements; 1 when one does not hold."""
    node = open_node(load_config(asked.config))
    bad = 0
    for checked in check_statements(node.store, node.requests.asked):
        if not checked.kept:
            print(f"{checked.round_id}  指纹已到期销毁，不再核对 | fingerprints are gone by age; not checked")
        for zh, en in checked.faults:
            print(f"{checked.round_id}  {zh} | {en}")
        if checked.kept and not checked.faults:
            print(f"{checked.round_id}  {checked.people} 人，声明属实 | {checked.people} people, the statement holds")
        bad += bool(checked.faults)
    return 1 if bad else 0
