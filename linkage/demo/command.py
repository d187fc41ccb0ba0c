"""`linkage demo`: a county, a consortium of real programs, one round, and what came of it."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from linkage.demo import steps
from linkage.demo.consortium import County, read_county
from linkage.demo.county import generate_county
from linkage.demo.options import Options, parse_options
from linkage.demo.parties import PROCURATORATE, find_offices
from linkage.demo.processes import Programs
from linkage.demo.running import Running, start_consortium
from linkage.demo.tally import clue_table, party_table, tally_clues, tally_sent, time_table
from linkage.demo.view import View
from linkage.errors import ConfigError

BY_HAND = "disabled_federation"  # Its policy wants a person to decide, so that this way is seen too.
CLUES, AUDIT, REPORT = "clues.csv", "audit", "report.html"
PLAIN_WIDTH = 120  # Columns of the tables where there is no screen to ask.


def main(argv: list[str]) -> int:
    """Run the demonstration; 0 when everything worked. Raises LinkageError with the reason when it did not."""
    try:
        options = parse_options(argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    console = Console()
    if not console.is_terminal:
        console = Console(width=PLAIN_WIDTH)
    with _interruptible(), _folder(options) as out, View(console) as view:
        county = read_county(_county_folder(options, out, view))
        play(options, out, county, view=view, console=console)
    if options.out:
        console.print(f"线索 clues: {out / CLUES}", markup=False, soft_wrap=True)
        console.print(f"审计日志 audit logs: {out / AUDIT}, 报告 report: {out / REPORT}", markup=False, soft_wrap=True)
    return 0


def play(options: Options, out: Path, county: County, *, view: View, console: Console) -> None:
    """Start everything, run one round, open one clue, close, verify; stop everything in any case."""
    root, logs = out / "state", out / "logs"
    logs.mkdir()
    offices = find_offices(county.folder)
    seconds = {"启动 start": view.seconds()}
    with Programs(logs, {}) as programs:
        running = start_consortium(programs, root, county, offices=offices, by_hand=BY_HAND, view=view)
        seconds["启动 start"] = view.seconds() - seconds["启动 start"]
        round_id = steps.propose(running, options.models, view)
        waiting = steps.start_round(running, round_id)

        def operator(office: str) -> None:
            steps.decide_by_hand(running, office, round_id, view)

        seconds |= steps.follow(running, waiting, view, operator=operator)
        view.stage(PROCURATORATE, "导出线索 writing the clues down")
        running.procuratorate("export", str(out / CLUES), "--score")
        clue = steps.open_one_clue(running, view)
        if clue is not None:
            steps.ask_release(running, clue, view)
        steps.close_round(running, round_id, view)
        programs.stop()
        steps.review_logs(running, out, view)
    view.close()
    seconds["合计 total"] = view.seconds()
    _report(options, out, running, seconds=seconds, console=console)


def _report(options: Options, out: Path, running: Running, *, seconds: dict[str, float], console: Console) -> None:
    models = options.models or _all_models(running)
    parties = [office.id for office in running.offices] + [PROCURATORATE]
    sent = {party: tally_sent(steps.audit_of(running, party) / "entries.jsonl") for party in parties}
    console.print(party_table(sent, running.programs.peaks))
    console.print(time_table(seconds))
    console.print(clue_table(tally_clues(out / CLUES, models)))


def _all_models(running: Running) -> tuple[str, ...]:
    listed = running.procuratorate("models", "list")
    return tuple(line.split()[0] for line in listed.splitlines() if line.strip())


def _county_folder(options: Options, out: Path, view: View) -> Path:
    if options.county is not None:
        return options.county
    folder = out / "county"
    view.say(f"正在生成虚构的县，{options.population} 人 | a fictitious county is being made")
    made = generate_county(folder, seed=options.seed, population=options.population, profile=options.profile)
    rows = sum(made.files.values())
    view.say(f"生成了虚构的县：{made.population} 人，{rows} 行 | made a fictitious county of {made.population} people")
    return folder


@contextmanager
def _folder(options: Options) -> Iterator[Path]:
    """Yield where things go; remove the parties' state afterwards, and everything when no folder was named."""
    out = options.out or Path(tempfile.mkdtemp(prefix="linkage-demo-"))
    if any((out / name).exists() for name in ("state", "logs", "county", AUDIT)):
        raise ConfigError(f"{out} 里已有一次演示", f"{out} holds a demonstration already", hint_zh="请换一个空文件夹")
    out.mkdir(parents=True, exist_ok=True)
    try:
        yield out
    finally:
        if not options.keep:
            shutil.rmtree(out if options.out is None else out / "state", ignore_errors=True)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Treat SIGTERM as Ctrl-C, so that the programs are stopped then too."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
