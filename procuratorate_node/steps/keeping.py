"""backup, verify-backup, restore, accept-restart."""

from __future__ import annotations

import argparse
from typing import Final

from linkage.accounts.book import FILE as ACCOUNTS
from linkage.audit.commitment import FILE as SALTS
from linkage.backup.commands import run_command
from linkage.backup.holdings import Holdings
from linkage.keys.store import load_party_keys
from linkage.owner.database import OWNER
from linkage.owner.keeping import accept
from procuratorate_node.config import load_config
from procuratorate_node.rounds.asked import KEY_FILE
from procuratorate_node.settling import settle
from procuratorate_node.store import PROCURATORATE

PROGRAM: Final = "procuratorate"


def backup(asked: argparse.Namespace) -> int:
    return run_command("backup", _holdings(asked), asked, settle=settle)


def verify_backup(asked: argparse.Namespace) -> int:
    return run_command("verify-backup", _holdings(asked), asked, settle=settle)


def restore(asked: argparse.Namespace) -> int:
    return run_command("restore", _holdings(asked), asked, settle=settle)


def accept_restart(asked: argparse.Namespace) -> int:
    return accept(_holdings(asked), asked)


def _holdings(asked: argparse.Namespace) -> Holdings:
    config = load_config(asked.config)
    keys, files = load_party_keys(config.state), (ACCOUNTS, SALTS, KEY_FILE)
    return Holdings(PROGRAM, config.state, config.place, (OWNER, PROCURATORATE), keys, files)
