"""`linkage audit serve`: read and reconcile the logs once, then show them."""

from __future__ import annotations

import argparse

from linkage.audit import command
from linkage.audit.steps.reconcile import read
from linkage.review.material import Material
from linkage.review.serving import review_site
from linkage.web.serving import serve


def main(argv: list[str]) -> int:
    """Run the step; 0 after SIGTERM, 2 for a wrong command line. Raises LinkageError."""
    return command.run(argv, {"serve": _serve})


def _serve(args: argparse.Namespace) -> int:
    print("正在重算并核对日志…… | verifying and reconciling the logs…", flush=True)
    site = review_site(Material.of(read(args)), port=args.port)
    return serve(site, say=lambda address: print(f"审查人页面 reviewer's view: {address}", flush=True))
