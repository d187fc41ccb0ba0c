"""The words of the courier's commands, the same in every program."""

from __future__ import annotations

import argparse
from pathlib import Path

DEFAULT_MIB = 2048
Steps = argparse._SubParsersAction  # The only name argparse has for it.


def add_courier_steps(steps: Steps[argparse.ArgumentParser]) -> dict[str, argparse.ArgumentParser]:
    """Add import, export and status, and return them by name."""
    texts = {
        "import": "导入对方的文件 | take the other side's files",
        "export": "写出要带给对方的文件 | write the files to be carried",
        "status": "文件往来情况 | how the files stand",
    }
    found = {name: steps.add_parser(name, help=text, description=text) for name, text in texts.items()}
    place = "一个文件，或 U 盘文件夹：按编号导入其中所有新文件 | a file, or a folder: all new files in it, in order"
    found["import"].add_argument("place", type=Path, metavar="FILE_OR_FOLDER", help=place)
    missing = "编号有缺也导入，仅在一方从备份恢复之后使用 | in spite of a gap: only after a restore from a backup"
    found["import"].add_argument("--skip-missing", action="store_true", help=missing)
    found["export"].add_argument("folder", type=Path, help="U 盘文件夹 | the folder to be carried")
    most = f"单个文件上限，默认 {DEFAULT_MIB} MiB（FAT32 须小于 4096） | greatest size of one file"
    found["export"].add_argument("--max-mib", type=int, default=DEFAULT_MIB, help=most)
    return found
