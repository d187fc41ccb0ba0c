"""backup, verify-backup, restore, accept-restart."""

from __future__ import annotations

import argparse
from typing import Final

from agency_node.config import load_config
from agency_node.entering import FOLDER as ENTERED
from agency_node.settling import settle
from agency_node.store import AGENCY
from linkage.accounts.book import FILE as ACCOUNTS
from linkage.backup.commands import run_command
from linkage.backup.holdings import Holdings
from linkage.keys.store import load_party_keys
from linkage.owner.database import FILE, OWNER
from linkage.owner.keeping import accept

PROGRAM: Final = "agency"


def run_backup(arguments: argparse.Namespace) -> int:
    return run_command("backup", _holdings(arguments), arguments, settle=settle)


def run_verify_backup(arguments: argparse.Namespace) -> int:
    return run_command("verify-backup", _holdings(arguments), arguments, settle=settle)


def run_restore(arguments: argparse.Namespace) -> int:
    return run_command("restore", _holdings(arguments), arguments, settle=settle)


def run_accept_restart(arguments: argparse.Namespace) -> int:
    return accept(_holdings(arguments), arguments)


def _holdings(arguments: argparse.Namespace) -> Holdings:
    state = load_config(arguments.config).state
    return Holdings(PROGRAM, state, state / FILE, (OWNER, AGENCY), load_party_keys(state), (ACCOUNTS, ENTERED))
