"""The words of the command line that all three programs share."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_json_option(step: argparse.ArgumentParser) -> None:
    """Add the doctor's one option."""
    step.add_argument("--json", action="store_true", help="输出 JSON | print JSON")


def add_bundle_argument(step: argparse.ArgumentParser) -> None:
    """Add the file of a diagnostic bundle."""
    text = "写到哪里，如 bundle.zip；不写则只列内容 | where to write it; without it the contents are listed only"
    step.add_argument("file", type=Path, nargs="?", metavar="FILE", help=text)
