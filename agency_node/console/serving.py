"""Put the console together from a configuration and serve it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from agency_node.admission import ENTRANCE
from agency_node.answers import Answers
from agency_node.config import load_config
from agency_node.console import SECTIONS
from agency_node.console.office import Console
from agency_node.importing import FOLDER
from linkage.keys.files import make_folder
from linkage.web.serving import serve
from linkage.web.site import Site
from linkage.web.texts import Text


def open_console(file: Path) -> Site:
    """Return the site of the node with this configuration. Raises LinkageError for what is missing."""
    console = Console.of(Answers.open(load_config(file)))
    return Site(
        name=Text("数据单位控制台", "Agency console"),
        party=console.keys.party.id,
        party_name=console.keys.party.name,
        gate=ENTRANCE.gate(file),
        sections=SECTIONS,
        templates="agency_node.console",
        node=console,
        settings=console.config.web,
    )


def serve_console(file: Path, *, port: int | None = None) -> int:
    """Serve until SIGTERM; another port than the configured one may be given. Raises LinkageError."""
    site = open_console(file)
    imports = load_config(file).state / FOLDER
    make_folder(imports)
    tempfile.tempdir = str(imports)  # What is being uploaded belongs in the state folder, not in the system's own.
    if port is not None:
        site.settings = replace(site.settings, port=port)
    return serve(site, say=lambda address: print(f"控制台 console: {address}", flush=True))
