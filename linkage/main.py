"""The `linkage` command: looks at its first word and loads that part only.

`linkage keys` runs on a machine that holds key material, so it must not load the coordinator or anything else.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import cast

from linkage.errors import LinkageError
from linkage.memory import forbid_core_dumps

PARTS = {
    "keys": ("密钥与仪式", "keys and the ceremony"),
    "audit": ("审计日志", "audit logs"),
    "coordinator": ("链接单元服务", "the coordinator's service"),
    "demo": ("本机演示", "a demonstration on this machine"),
}
PAGES = {"audit serve": "review"}  # A step that loads a web server, which no other step of its part needs.


def usage() -> str:
    """Return the help text."""
    lines = ["用法 usage: linkage <command> …", ""]
    return "\n".join(lines + [f"  {name:<12} {zh} | {en}" for name, (zh, en) in PARTS.items()])


def main(argv: list[str] | None = None) -> int:
    """Run one part; 0 is success, 1 a refused or failed step, 2 a wrong command line."""
    forbid_core_dumps()
    words = sys.argv[1:] if argv is None else argv
    if not words or words[0] not in PARTS:
        asked = bool(words) and words[0] in ("-h", "--help", "help")
        print(usage(), file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    try:
        name = PAGES.get(" ".join(words[:2]), words[0])
        part = importlib.import_module(f"linkage.{name}.command")
        return cast("Callable[[list[str]], int]", part.main)(words[1:])
    except LinkageError as error:
        print("\n".join(error.lines()), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("已中断 | interrupted", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of our output has gone (for example `| head`); what it wanted it has.
        sys.stderr.close()
        return 0


if __name__ == "__main__":
    raise SystemExit(main())
