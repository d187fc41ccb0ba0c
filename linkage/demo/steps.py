"""The steps of a demonstration, each by the commands that people would type."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from linkage.demo.consortium import APPROVING, OPERATOR, RELEASED, REQUESTING
from linkage.demo.parties import COORDINATOR, PROCURATORATE
from linkage.demo.processes import Program, wait_until
from linkage.demo.running import NODE, Running
from linkage.demo.view import View
from linkage.demo.watching import AGENCY_LINE, NODE_LINE, newest, round_states
from linkage.errors import RoundStateError

ROUND = re.compile(r"^[0-9a-f]{32}$", re.MULTILINE)
CLUE = re.compile(r"^([0-9a-f]{12}) (\S+)\s+\S+ yes/([A-D]) ", re.MULTILINE)
LINK = re.compile(r"^匹配：(\S+) #\d+ ([A-D])", re.MULTILINE)
NAME = re.compile(r"name=([^；\n]+)")
FINGERPRINT = re.compile(r"fingerprint in person: ([0-9a-f]+)$", re.MULTILINE)
WANTS_OPERATOR = re.compile(r"^policy says .*wants a person to decide")
ROUND_SECONDS, ANSWER_SECONDS = 3600.0, 120.0
EVERY = 0.5


def propose(running: Running, models: Sequence[str], view: View) -> str:
    """Let one officer ask for a round and another approve it; return its id."""
    wanted = ",".join(models) or "all"
    asked = ["screen", "request", "--models", wanted, "--reference", "演示 demonstration", "--by", REQUESTING]
    view.stage(PROCURATORATE, "申请筛查 asking for a round")
    round_id = _found(ROUND, running.procuratorate(*asked))[0]
    view.stage(PROCURATORATE, "读取案件、签批 reading the cases, approving")
    _watched(running, ["screen", "approve", round_id, "--by", APPROVING], view)
    view.say(f"委托书已由两名检察人员签批 | a warrant approved by two officers: round {round_id[:8]}")
    return round_id


def _watched(running: Running, words: Sequence[str], view: View) -> None:
    """Run one of the procuratorate's commands that may take minutes, and show how far it says it is.

    Raises TransportError when it fails.
    """
    program = running.programs.begin("approval", [NODE, "--config", str(running.files[PROCURATORATE]), *words])
    others = [other for other in running.programs.started if other is not program]

    def done() -> bool:
        stage = newest(program.text().splitlines(), NODE_LINE)
        if stage:
            view.stage(PROCURATORATE, stage)
        return not program.running

    wait_until(done, seconds=ROUND_SECONDS, every=EVERY, programs=running.programs, watched=others)
    running.programs.forget(program)
    if program.process.returncode:
        code = program.process.returncode
        raise program.failure(f"退出码 {code}", f"exited with {code}")


def start_round(running: Running, round_id: str, *, seconds: float = ROUND_SECONDS) -> Program:
    """Let the round run; the program ends when the clues are there, or after so many seconds."""
    config = str(running.files[PROCURATORATE])
    words = [NODE, "--config", config, "screen", "run", round_id, "--wait", "--timeout", str(seconds)]
    return running.programs.begin("round", words)


def decide_by_hand(running: Running, office: str, round_id: str, view: View) -> None:
    """Show the operator's preview and approve in the operator's name."""
    preview = running.agency(office, "preview", round_id)
    rows = len(re.findall(r"rows now", preview))
    view.say(f"{office}: 值班员查看披露预览（{rows} 个群体）并批准 | the operator reads the preview and approves")
    running.agency(office, "approve", round_id, "--by", OPERATOR)


def follow(running: Running, waiting: Program, view: View, *, operator: Callable[[str], object]) -> dict[str, float]:
    """Show every party's stage until the round is delivered; return the seconds each state of the round took.

    `operator` is called once with each office whose policy wants a person to decide. Raises RoundStateError with the
    round's reason when it ends otherwise, TransportError when a program ends.
    """
    entered: list[tuple[str, float]] = []
    asked: set[str] = set()

    def done() -> bool:
        for state, detail in round_states(waiting.text().splitlines())[-1:]:
            view.stage(COORDINATOR, f"{state} {detail}".strip())
            if not entered or entered[-1][0] != state:
                entered.append((state, view.seconds()))
        for program in running.programs.started:
            if program.name not in (COORDINATOR, waiting.name):
                form = NODE_LINE if program.name == PROCURATORATE else AGENCY_LINE
                stage = newest(program.text().splitlines(), form)
                view.stage(program.name, stage or "就绪 ready")
                if WANTS_OPERATOR.search(stage) and program.name not in asked:
                    asked.add(program.name)
                    operator(program.name)
        return not waiting.running

    others = [program for program in running.programs.started if program is not waiting]
    wait_until(done, seconds=ROUND_SECONDS, every=EVERY, programs=running.programs, watched=others)
    done()
    running.programs.forget(waiting)
    if waiting.process.returncode:
        zh, en = "这一轮没有交付", "the round was not delivered"
        raise RoundStateError(zh, en, hint_zh=waiting.tail(), hint_en="see above")
    ends = [moment for _, moment in entered[1:]] + [view.seconds()]
    return {state: end - begun for (state, begun), end in zip(entered, ends, strict=True)}


def open_one_clue(running: Running, view: View) -> str | None:
    """Confirm a sure clue and open it with two officers; return its id, None when there is none.

    The name is never written anywhere; the screen shows the surname only.
    """
    view.stage(PROCURATORATE, "由两人打开一条线索 two officers open one clue")
    found = CLUE.findall(running.procuratorate("clues", "list", "--status", "candidate"))
    if not found:
        view.say("没有把握足够的线索可供打开 | no clue that is sure enough to open")
        return None
    clue, model, grade = (str(part) for part in min(found, key=lambda item: (item[2], item[1])))
    running.procuratorate("clues", "confirm", clue, "--by", APPROVING, "--reason", "演示核实")
    asked = running.procuratorate("reidentify", "request", clue, "--by", REQUESTING, "--reason", "演示：告知救助权利")
    opening = asked.split()[-1]
    shown = running.procuratorate("reidentify", "approve", opening, "--by", APPROVING, secret=True)
    name = _found(NAME, shown)[0].strip()
    log = running.linkage("audit", "show", str(audit_of(running, PROCURATORATE)), "--kind", "person.opened")
    index = _found(re.compile(r"^(\d+) ", re.MULTILINE), log)[-1]
    masked = name[:1] + "某" * max(1, len(name) - 1)
    view.say(f"线索 clue {clue} ({model}, {grade}) 由两人打开 opened by two: {masked}，审计条目 audit entry {index}")
    return clue


def ask_release(running: Running, clue: str, view: View) -> None:
    """Ask the office behind a confirmed clue for named fields and wait for its answer."""
    links = LINK.findall(running.procuratorate("clues", "show", clue))
    if not links:
        view.say("这条线索没有可调取的匹配 | this clue has no link to ask about")
        return
    population = min(links, key=lambda link: link[1])[0]
    words = ["release", "ask", clue, "--population", population, "--fields", ",".join(RELEASED)]
    words += ["--purpose", "核实救助条件", "--by", REQUESTING]
    relay = running.procuratorate(*words).split()[0]
    answers: list[list[str]] = []

    def answered() -> bool:
        rows = [line.split() for line in running.procuratorate("release", "list").splitlines()]
        answers[:] = [row for row in rows if row[0] == relay and row[3] in ("GIVEN", "REFUSED")]
        return bool(answers)

    if not wait_until(answered, seconds=ANSWER_SECONDS, every=EVERY, programs=running.programs):
        raise RoundStateError("单位没有答复调取请求", "the office did not answer the release request")
    office, state = answers[0][2], answers[0][3]
    given = 0
    if state == "GIVEN":
        given = len(running.procuratorate("release", "show", relay, "--by", REQUESTING, secret=True).splitlines())
    view.say(f"{office} 答复调取请求 answers the release request: {state}，字段 fields {given}")


def close_round(running: Running, round_id: str, view: View) -> None:
    """Close the round and wait until every party has erased its part and said so."""
    running.procuratorate("round", "close", round_id, "--by", REQUESTING)

    def closed() -> bool:
        return f"{round_id} CLOSED" in running.procuratorate("rounds")

    if not wait_until(closed, seconds=ANSWER_SECONDS, every=EVERY, programs=running.programs):
        raise RoundStateError("这一轮没有结束", "the round did not close", hint_zh=running.procuratorate("rounds"))
    view.say("各方已销毁本轮数据并签署声明 | every party has erased its part and signed for it")


def review_logs(running: Running, out: Path, view: View) -> None:
    """Hand every party's log over to <out>/audit, then verify, reconcile and report from that alone, as a reviewer.

    Raises TransportError when a log is not sound, or the logs do not agree.
    """
    view.say("复核各方日志 | the logs are copied, verified and held together")
    public = str(running.root / "ceremony" / "consortium")
    logs = [str(out / "audit" / party) for party in running.files]
    for party, log in zip(running.files, logs, strict=True):
        running.linkage("audit", "copy", str(audit_of(running, party)), log, "--manifest", public)
    told = _found(FINGERPRINT, running.linkage("audit", "verify", logs[0], "--manifest", public))[0]
    trusted = ("--manifest", logs[0], "--fingerprint", told)
    said = running.linkage("audit", "verify", *logs, *trusted)
    entries = sum(int(n) for n in re.findall(r"条目 \| entries: (\d+)", said))
    view.say(f"{len(logs)} 份审计日志全部完好，共 {entries} 条 | {len(logs)} audit logs are sound, {entries} entries")
    agreed = running.linkage("audit", "reconcile", *logs, *trusted).splitlines()[-1]
    view.say(agreed)
    running.linkage("audit", "report", *logs, *trusted, "--out", str(out / "report.html"))


def audit_of(running: Running, party: str) -> Path:
    return running.root / party / "audit"


def _found(pattern: re.Pattern[str], text: str) -> list[str]:
    found = pattern.findall(text)
    if not found:
        raise RoundStateError("命令的输出不是预期的样子", "a command did not print what was expected")
    return found
