"""Play one round with a register of a million rows between real programs; print rates, bytes and peak memory.

    python -m benchmarks.million_rows [--rows 1000000] [--out FOLDER]

One agency with a GB18030 file, the procuratorate of a generated county and the linkage unit, over mTLS on this
machine. A process passes when its greatest resident size stays below 1 GiB. With --out, logs and state are kept.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rich.console import Console

from linkage.demo import steps
from linkage.demo.consortium import read_county
from linkage.demo.county import generate_county
from linkage.demo.parties import COORDINATOR, find_offices
from linkage.demo.processes import Programs, wait_until
from linkage.demo.running import Running, start_consortium
from linkage.demo.view import View
from linkage.normalise.checkdigit import check_character

AGENCY, MODEL = "disabled_federation", "SX-3"
LIMIT_KIB = 1 << 20
ROUND_SECONDS = 7200.0
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟"
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰文斌红梅建国志春荣海燕凤琴云飞雪松龙波鹏辉宇浩然欣怡子轩梓涵"
)
VILLAGES = ("大源村", "苏坪村", "龙潭村", "新苑社区", "迎宾社区", "石桥村", "上河村", "李家湾村")
KINDS = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")
HEADINGS = "姓名,身份证号,残疾证号,性别,出生日期,残疾类别,残疾等级,监护人,发证日期,证件状态,户籍地址,联系电话"
PROGRESS = re.compile(r"^(\S+) INFO \S+: (encode|shuffle|upload): (\d+)(?:/(\d+))?, (\d+)/s", re.MULTILINE)


def register_lines(count: int, *, seed: int) -> Iterator[str]:
    """Yield a disability register: invented people with valid numbers, in the form offices export."""
    rng = random.Random(f"million/{seed}")
    first_day = date(1935, 1, 1)
    yield HEADINGS
    for at in range(count):
        birth = first_day + timedelta(rng.randrange(31000))
        digits = f"367523{birth:%Y%m%d}{rng.randrange(1000):03d}"
        number = digits + check_character(digits)
        kind, grade = rng.randrange(7), rng.randrange(4)
        name = rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=2 if at % 8 else 1))
        sex = "男" if int(digits[16]) % 2 else "女"
        place = f"湖东省棠州市澄溪县金鸡镇{rng.choice(VILLAGES)}{rng.randrange(1, 20)}组{rng.randrange(1, 400)}号"
        phone = f"1{rng.randrange(3, 10)}{rng.randrange(10**9):09d}"
        certificate = f"{number}{kind + 1}{grade + 1}"
        disability = f"{KINDS[kind]},{'一二三四'[grade]}级,,2019-09-03,有效"
        yield f"{name},{number},{certificate},{sex},{birth:%Y%m%d},{disability},{place},{phone}"


def make_county(folder: Path, rows: int) -> Path:
    """Write a small county whose only office has `rows` more people in its newest list."""
    generate_county(folder, seed=7, population=3000)
    for office in (folder / "agencies").iterdir():
        if office.name != AGENCY:
            shutil.rmtree(office)
    with (folder / "agencies" / AGENCY / "持证残疾人全市_202610.csv").open("w", encoding="gb18030") as target:
        target.writelines(line + "\r\n" for line in register_lines(rows, seed=1))
    return folder


@dataclass(frozen=True, slots=True)
class Measured:
    """What one round took: seconds by stage, the agency's progress lines, peak KiB by process."""

    stages: Mapping[str, float]
    agency_log: str
    match_lines: int
    peaks: Mapping[str, int]
    uploads: Mapping[str, tuple[int, int]]  # population → rows, bytes

    def report(self) -> Iterator[str]:
        """Yield the report's lines."""
        for population, (rows, size) in self.uploads.items():
            yield f"{population:<28} {rows:>10} rows  {size:>14} bytes  {size / max(rows, 1):.0f} bytes a row"
        for stage, unit in (("encode", "rows"), ("shuffle", "rows"), ("upload", "bytes")):
            lines = [m for m in PROGRESS.finditer(self.agency_log) if m[2] == stage]
            done, rate = lines[-1][3], lines[-1][5]
            shown = f"{len(lines)} progress lines, {sum(bool(m[4]) for m in lines)} with a total"
            yield f"{stage:<10} {done} {unit} at {rate} {unit}/s; {shown}"
        yield f"matching   {self.match_lines} progress lines"
        yield from (f"{stage:<28} {seconds:8.1f} s" for stage, seconds in self.stages.items())
        for name, size in sorted(self.peaks.items()):
            yield f"{name:<28} {size / 1024:8.0f} MiB peak  {'ok' if size < LIMIT_KIB else 'OVER 1 GiB'}"

    @property
    def fits(self) -> bool:
        return max(self.peaks.values()) < LIMIT_KIB


def measure(county: Path, out: Path) -> Measured:
    """Play the round. Raises what a program that fails raises."""
    logs = out / "logs"
    logs.mkdir(parents=True)
    view = View(Console(file=sys.stderr, width=120))
    offices = find_offices(county)
    with Programs(logs, {}) as programs:
        running = start_consortium(programs, out / "state", read_county(county), offices=offices, by_hand="", view=view)
        begun = datetime.now(UTC)
        round_id = steps.propose(running, (MODEL,), view)
        waiting = steps.start_round(running, round_id)
        others = [program for program in programs.started if program is not waiting]
        wait_until(lambda: not waiting.running, seconds=ROUND_SECONDS, every=0.2, programs=programs, watched=others)
        if waiting.process.returncode:
            raise waiting.failure("没有交付", "was not delivered")
        programs.forget(waiting)
        agency = running.program(AGENCY).text()
        stages = stage_seconds(agency, round_id, begun)
        steps.close_round(running, round_id, view)
        programs.stop()
    lines = [line for line in waiting.text().splitlines() if " MATCHING " in line]
    return Measured(stages, agency, len(lines), programs.peaks, uploads_of(running, round_id))


def stage_seconds(log: str, round_id: str, begun: datetime) -> dict[str, float]:
    """Return the seconds between the agency's lines about the round."""
    marks = [
        ("count and decide", "APPROVED"),
        ("wait for all consents", "COLLECTING"),
        ("encode and upload", "uploaded"),
    ]
    marks += [("match", "READY"), ("fetch and make clues", "DELIVERED")]
    found, last = {}, begun
    for stage, word in marks:
        line = next(line for line in log.splitlines() if f"round {round_id}: " in line and word in line)
        moment = datetime.fromisoformat(line.split()[0])
        found[stage], last = (moment - last).total_seconds(), moment
    return found


def uploads_of(running: Running, round_id: str) -> dict[str, tuple[int, int]]:
    """Return rows and bytes of every upload, from the linkage unit's audit log."""
    log = steps.audit_of(running, COORDINATOR) / "entries.jsonl"
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    mine = [e for e in entries if e["facts"].get("round") == round_id]
    rows = {e["facts"]["population"]: e["facts"]["rows"] for e in mine if e["kind"] == "upload.sealed"}
    sizes = {e["facts"]["population"]: e["facts"]["offset"] for e in mine if e["kind"] == "upload.chunk"}
    return {name: (count, sizes.get(name, 0)) for name, count in rows.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    out = args.out or Path(tempfile.mkdtemp(prefix="linkage-million-"))
    try:
        begun = time.monotonic()
        county = make_county(out / "county", args.rows)
        print(f"register written in {time.monotonic() - begun:.1f} s", flush=True)
        found = measure(county, out)
    finally:
        if args.out is None:
            shutil.rmtree(out, ignore_errors=True)
    print("\n".join(found.report()))
    return 0 if found.fits else 1


if __name__ == "__main__":
    sys.exit(main())
