"""`python -m docs.sbom FILE`: check every pin, then write the bill of materials."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

from docs.sbom.components import bill, faults, read

ROOT = Path(__file__).resolve().parents[2]


def main(argv: list[str]) -> int:
    """Return 0 once written, 1 when a pin has a fault (all are told, nothing is written), 2 for wrong words."""
    if len(argv) != 1:
        print("用法 usage: python -m docs.sbom FILE", file=sys.stderr)
        return 2
    pins, runtime, rules = read(ROOT)
    found = faults(pins, runtime, rules)
    if found:
        print("错误：依赖有问题\nerror: the dependencies have faults\n  " + "\n  ".join(found), file=sys.stderr)
        return 1
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    target = Path(argv[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    document = bill(pins, runtime, rules, version=version)
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    count = len(pins)
    print(f"{target.name}：{count} 个依赖，许可证与散列均已核对 | {count} dependencies, licences and hashes checked")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
