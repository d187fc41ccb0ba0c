"""backup, verify-backup, restore, accept-restart."""

from __future__ import annotations

import argparse
from typing import Final

from linkage.accounts.book import FILE as ACCOUNTS
from linkage.audit.commitment import FILE as SALTS
from linkage.backup.holdings import Holdings
from linkage.keys.store import load_party_keys
from linkage.owner import keeping
from linkage.owner.database import OWNER, open_database
from procuratorate_node.config import load_config
from procuratorate_node.rounds.asked import KEY_FILE
from procuratorate_node.settling import settle
from procuratorate_node.store import PROCURATORATE

PROGRAM: Final = "procuratorate"


def backup(asked: argparse.Namespace) -> int:
    return keeping.run("backup", _holdings(asked), asked, settle=settle)


def verify_backup(asked: argparse.Namespace) -> int:
    return keeping.run("verify-backup", _holdings(asked), asked, settle=settle)


def restore(asked: argparse.Namespace) -> int:
    return keeping.run("restore", _holdings(asked), asked, settle=settle)


def accept_restart(asked: argparse.Namespace) -> int:
    holdings = _holdings(asked)
    return keeping.accept(holdings, asked, opened=lambda: open_database(holdings.place))


def _holdings(asked: argparse.Namespace) -> Holdings:
    config = load_config(asked.config)
    keys, files = load_party_keys(config.state), (ACCOUNTS, SALTS, KEY_FILE)
    return Holdings(PROGRAM, config.state, config.place, (OWNER, PROCURATORATE), keys, files)
