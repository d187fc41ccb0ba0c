"""Put the console together from a configuration and serve it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from agency_node.admission import ENTRANCE
from agency_node.config import Config, load_config
from agency_node.console import SECTIONS
from agency_node.rights import APPROVER, OPERATOR
from linkage.keys.store import PartyKeys, load_party_keys
from linkage.web.roles import ADMINISTRATORS
from linkage.web.serving import serve
from linkage.web.site import Site
from linkage.web.texts import Text

ROLES: Final[Mapping[str, Text]] = {
    **ADMINISTRATORS,
    OPERATOR: Text("经办人", "operator"),
    APPROVER: Text("审批人", "approver"),
}


@dataclass(frozen=True, slots=True, repr=False)
class Console:
    """What the pages work on: the same files as the commands."""

    config: Config
    keys: PartyKeys


def open_console(file: Path) -> Site:
    """Return the site of the node with this configuration. Raises LinkageError for what is missing."""
    config = load_config(file)
    keys = load_party_keys(config.state)
    return Site(
        name=Text("数据单位控制台", "Agency console"),
        party=keys.party.id,
        party_name=keys.party.name,
        gate=ENTRANCE.gate(file),
        sections=SECTIONS,
        templates="agency_node.console",
        roles=ROLES,
        node=Console(config, keys),
        settings=config.web,
    )


def serve_console(file: Path, *, port: int | None = None) -> int:
    """Serve until SIGTERM; another port than the configured one may be given. Raises LinkageError."""
    site = open_console(file)
    if port is not None:
        site.settings = replace(site.settings, port=port)
    return serve(site, say=lambda address: print(f"控制台 console: {address}", flush=True))
