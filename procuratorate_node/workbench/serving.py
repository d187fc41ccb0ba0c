"""Put the workbench together from a configuration and serve it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from linkage.web.serving import serve
from linkage.web.site import Site
from linkage.web.texts import Text
from procuratorate_node.admission import ENTRANCE
from procuratorate_node.config import load_config
from procuratorate_node.node import open_node
from procuratorate_node.workbench import SECTIONS


def open_workbench(file: Path) -> Site:
    """Return the site of the node with this configuration; its pages work on the Node. Raises LinkageError."""
    node = open_node(load_config(file))
    return Site(
        name=Text("检察官工作台", "Prosecutor's workbench"),
        party=node.keys.party.id,
        party_name=node.keys.party.name,
        gate=ENTRANCE.gate(file),
        sections=SECTIONS,
        templates="procuratorate_node.workbench",
        node=node,
        settings=node.config.web,
    )


def serve_workbench(file: Path, *, port: int | None = None) -> int:
    """Serve until SIGTERM; another port than the configured one may be given. Raises LinkageError."""
    site = open_workbench(file)
    if port is not None:
        site.settings = replace(site.settings, port=port)
    return serve(site, say=lambda address: print(f"工作台 workbench: {address}", flush=True))
