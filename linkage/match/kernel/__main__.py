"""Compile the kernel for this processor and keep the code: `python -m linkage.match.kernel [WORDS]`."""

from __future__ import annotations

import sys
import time

from linkage.match.kernel.targets import best_lanes
from linkage.match.kernel.warm import warm_up


def main(arguments: list[str]) -> int:
    """Warm up for filters of WORDS 64-bit words, 16 by default, and print what it took."""
    words = int(arguments[0]) if arguments else 16
    print(f"正在编译比较程序 | compiling the comparison, {best_lanes()} x 64 bit", flush=True)
    seconds = warm_up(words, monotonic=time.monotonic)
    print(f"就绪 | ready: {seconds:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
