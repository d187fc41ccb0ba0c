"""How the tables of commands are written: a step, a group of steps, and the words that many steps take."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

Steps = argparse._SubParsersAction  # argparse has no public name for what add_subparsers returns.


def add_step(
    steps: Steps[argparse.ArgumentParser], name: str, does: str, text: str, *arguments: tuple[str, Mapping[str, object]]
) -> argparse.ArgumentParser:
    """Add one command; `does` is "module.function" below procuratorate_node.steps."""
    step = steps.add_parser(name, help=text, description=text, allow_abbrev=False)
    step.set_defaults(does=does)
    for flag, options in arguments:
        step.add_argument(flag, **options)  # type: ignore[arg-type]
    return step


def add_group(steps: Steps[argparse.ArgumentParser], name: str, text: str) -> Steps[argparse.ArgumentParser]:
    """Add a command that has steps of its own."""
    group = steps.add_parser(name, help=text, description=text, allow_abbrev=False)
    return group.add_subparsers(dest="step", required=True, metavar="STEP")


BY = ("--by", {"default": None, "help": "经办人 | the officer acting"})
REASON = ("--reason", {"required": True, "help": "理由 | reason"})
CLUE = ("clue", {"metavar": "CLUE", "help": "线索编号 | clue id"})
ROUND = ("round", {"metavar": "ROUND", "help": "轮次编号或其开头 | round id or its beginning"})
