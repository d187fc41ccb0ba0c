"""`python -m deploy.offline OUT`: make the folder. Needs the network; whoever installs from it needs none.

1. Every wheel the programs need is fetched by the hashes this repository pins (`pip download --require-hashes`).
2. The project's own wheel is built from a clean copy of the sources.
3. requirements.txt pins exactly the files of the folder; SHA256SUMS covers every file, the installer included.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

from deploy.offline.folder import REQUIREMENTS, SUMS, WHEELS, digest_of, requirements_of, sums_of
from deploy.offline.pins import needed, roots_of

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("linkage", "agency_node", "procuratorate_node", "pyproject.toml", "README.md", "LICENSE")
CARRIED = ("install.sh", "README.md", "README.zh-CN.md")  # Beside this file; they go along as they are.
NEWEST_GLIBC = 28  # 2.28: what Kylin V10, UOS 20, openEuler 20.03 and RHEL 8 have.
UNITS = ROOT / "deploy" / "systemd"


def main(argv: Sequence[str] | None = None) -> int:
    """Make the folder. Returns 0, or 1 when a step fails; a folder that is there is not overwritten."""
    asked = _parser().parse_args(argv)
    out: Path = asked.out
    if out.exists():
        print(f"错误：{out.name} 已存在\nerror: {out.name} is there already", file=sys.stderr)
        return 1
    part = out.with_name(out.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        version = fill(part, asked.target)
    except subprocess.CalledProcessError as error:
        print(f"错误：pip 返回 {error.returncode}\nerror: pip returned {error.returncode}", file=sys.stderr)
        return 1
    part.rename(out)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{out.name}: linkage {version}, {len(list((out / WHEELS).iterdir()))} wheels, {size / 2**20:.0f} MiB")
    print(f"SHA-256 of {SUMS} {digest_of(out / SUMS)}")
    print("请把上面的摘要用另一渠道告诉安装的人 | tell this digest to whoever installs, by another way than the folder")
    return 0


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m deploy.offline", description="制作离线安装目录 | make the offline installation folder"
    )
    made.add_argument("out", type=Path, metavar="OUT")
    made.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="ARCH:PYTHON",
        help="另加一种机器，如 aarch64:3.12，可多次 | another kind of machine too; repeat",
    )
    return made


def fill(folder: Path, targets: Sequence[str]) -> str:
    """Put everything into an empty folder and return the project's version. Raises CalledProcessError."""
    wheels = folder / WHEELS
    wheels.mkdir(parents=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    with tempfile.TemporaryDirectory() as scratch:
        pins = Path(scratch) / "pins.txt"
        pins.write_text(needed((ROOT / "requirements-dev.txt").read_text("utf-8"), roots_of(project)), "utf-8")
        for kind in ([], *map(target_options, targets)):
            _pip("download", "--no-deps", "--require-hashes", "--only-binary", ":all:", *kind, "-r", pins, "-d", wheels)
        _build(Path(scratch) / "source", wheels)
    found = [(wheel.name, digest_of(wheel)) for wheel in wheels.iterdir()]
    (folder / REQUIREMENTS).write_text(requirements_of(found), "utf-8")
    for name in CARRIED:
        shutil.copy(Path(__file__).with_name(name), folder / name)
    shutil.copytree(UNITS, folder / UNITS.name)
    (folder / "VERSION").write_text(f"{project['version']}\n", "utf-8")
    (folder / SUMS).write_text(sums_of(folder), "utf-8")
    return str(project["version"])


def target_options(target: str) -> list[str]:
    """Return pip's options for "ARCH:PYTHON": every platform tag that a Linux with glibc NEWEST_GLIBC takes."""
    arch, _, python = target.partition(":")
    tags = [*(f"manylinux_2_{minor}" for minor in range(NEWEST_GLIBC, 4, -1)), "manylinux2014", "manylinux2010"]
    platforms = [word for tag in tags for word in ("--platform", f"{tag}_{arch}")]
    return [*platforms, "--python-version", python, "--implementation", "cp"]


def _build(source: Path, wheels: Path) -> None:
    # From a copy: a build folder left in the checkout could carry files that were deleted since.
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    _pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", wheels, source)


def _pip(*words: str | Path) -> None:
    command = [sys.executable, "-m", "pip", *map(str, words)]
    command[4:4] = ["--quiet", "--disable-pip-version-check"]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    raise SystemExit(main())
