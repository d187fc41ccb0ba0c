"""backup, verify-backup, restore, accept-restart."""

from __future__ import annotations

import argparse
from typing import Final

from agency_node.config import load_config
from agency_node.entering import FOLDER as ENTERED
from agency_node.settling import settle
from agency_node.store import AGENCY
from linkage.accounts.book import FILE as ACCOUNTS
from linkage.backup.holdings import Holdings
from linkage.keys.store import load_party_keys
from linkage.owner import keeping
from linkage.owner.database import FILE, OWNER, open_database

PROGRAM: Final = "agency"


def run_backup(arguments: argparse.Namespace) -> int:
    return keeping.run("backup", _holdings(arguments), arguments, settle=settle)


def run_verify_backup(arguments: argparse.Namespace) -> int:
    return keeping.run("verify-backup", _holdings(arguments), arguments, settle=settle)


def run_restore(arguments: argparse.Namespace) -> int:
    return keeping.run("restore", _holdings(arguments), arguments, settle=settle)


def run_accept_restart(arguments: argparse.Namespace) -> int:
    holdings = _holdings(arguments)
    return keeping.accept(holdings, arguments, opened=lambda: open_database(holdings.place))


def _holdings(arguments: argparse.Namespace) -> Holdings:
    state = load_config(arguments.config).state
    return Holdings(PROGRAM, state, state / FILE, (OWNER, AGENCY), load_party_keys(state), (ACCOUNTS, ENTERED))
