"""What the commands do. Only `referrals --open` shows a person, and writes an audit entry before it does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import date

from agency_node.agreements import FILE as AGREEMENTS
from agency_node.agreements import agreement_lines, load_agreements
from agency_node.answers import Answers, now_utc
from agency_node.check import check_file, check_folder
from agency_node.config import load_config
from agency_node.datasets import office_presets
from agency_node.decisions import DecisionState
from agency_node.entering import enter_record, parse_cells, titles_of
from agency_node.initial import write_initial
from agency_node.scan import FileEntry, Problem, Shelf
from linkage.errors import InputError
from linkage.keys.files import PRIVATE, write_file
from linkage.keys.store import load_party_keys
from linkage.operations.bundle import diagnose
from linkage.operations.doctor import show_report
from linkage.operations.logs import start_logging
from linkage.operations.settings import Operations
from linkage.owner.participation import Step
from linkage.owner.referrals import REFERRED, Answer


def run_init(arguments: argparse.Namespace) -> int:
    """Write agency.toml and policy.toml, then check every file of the data folder."""
    config = write_initial(
        arguments.folder,
        data=arguments.data,
        coordinator=arguments.coordinator,
        operators=tuple(arguments.operator),
        requesters=tuple(arguments.requester),
        auto=arguments.auto,
        today=arguments.today,
    )
    print(f"已写好 {config.folder.name}/agency.toml 和 policy.toml | wrote agency.toml and policy.toml")
    owned = load_party_keys(config.state).party.datasets if (config.state / "keys").exists() else None
    shelf = Shelf.split(office_presets(config.folder), owned)
    rejects = config.state / "rejects"
    rejects.mkdir(exist_ok=True)
    for found in check_folder(config.data, shelf, today=config.day(date.today()), rejects=rejects):
        if isinstance(found, Problem):
            print(f"文件 file：{found.file}\n  未采用 not taken：{found.error.zh} | {found.error.en}")
        else:
            print("\n".join(found.lines()))
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Check one file. 1 when it cannot be taken."""
    entry = FileEntry(arguments.file, preset=arguments.preset) if arguments.preset else None
    config = load_config(arguments.config) if arguments.config.exists() else None
    today = config.day(date.today()) if config else date.today()
    reports = check_file(arguments.file, today=today, entry=entry, config=config.folder if config else None)
    for report in reports:
        print("\n".join(report.lines()))
    return 0


def run_datasets(arguments: argparse.Namespace) -> int:
    """List what the office has."""
    from agency_node.daemon import open_registers

    config = load_config(arguments.config)
    registers = open_registers(config, load_party_keys(config.state), now_utc)
    for info in registers.datasets():
        print(
            f"{info.id}  {info.title}  类别 classes {'、'.join(info.tags)}  快照 snapshots {'、'.join(info.snapshots)}"
        )
        print(f"  可调取 releasable：{'、'.join(info.releasable) or '—'}")
    for problem in registers.problems:
        print(f"未采用 not taken：{problem.file}：{problem.error.zh} | {problem.error.en}")
    return 0


def run_risk(arguments: argparse.Namespace) -> int:
    """Attack a dataset's own encodings, print what is found and keep it for the policy. 1 when a limit is passed."""
    from agency_node.daemon import open_registers
    from agency_node.measuring import Request

    answers = _answers(arguments)
    own = answers.keys.party.id
    asked = Request(own, arguments.dataset, arguments.snapshot, arguments.people, arguments.schema)
    return 0 if answers.measure_risk(open_registers(answers.config, answers.keys, now_utc), asked) else 1


def run_agreements(arguments: argparse.Namespace) -> int:
    """List the agreements beside the policy, and whether they are in force."""
    config = load_config(arguments.config)
    found = load_agreements(config.policy.with_name(AGREEMENTS))
    print("\n".join(agreement_lines(found, day=config.day(date.today()))))
    return 0


def run_enter(arguments: argparse.Namespace) -> int:
    """Type in one record of a register the office owns; the next round asks about it too.

    Its columns come from the keyboard or a pipe, never from the command line, which other users of a machine can see.
    """
    answers = _answers(arguments)
    config, keys = answers.config, answers.keys
    config.require_operator(arguments.by)
    preset = Shelf.split(office_presets(config.folder), keys.party.datasets).owned.get(arguments.register)
    if preset is None:
        zh, en = f"本单位没有登记表 {arguments.register}", f"this office has no register {arguments.register}"
        raise InputError(zh, en, hint_zh="agency-node datasets")
    titles = titles_of(preset)
    cells = parse_cells(list(_typed(titles)), titles)
    answers.note("register.entered", {"register": preset.id, "by": arguments.by})
    number = enter_record(config.state, preset, cells, today=config.day(date.today()))
    print(f"已保存，{preset.title} 手工录入共 {number} 条 | kept; {number} records typed in for {preset.id}")
    return 0


def _typed(titles: Sequence[str]) -> Iterator[str]:
    """Yield COLUMN=VALUE lines: asked for one by one at a keyboard, else as they come until the end."""
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    for title in titles:
        yield f"{title}={input(f'{title}：')}"


def run_run(arguments: argparse.Namespace) -> int:
    """Run the daemon."""
    from agency_node.daemon import serve

    config = load_config(arguments.config)
    start_logging(config.operations)
    return serve(config)


def run_doctor(arguments: argparse.Namespace) -> int:
    """Look at everything; 1 where something keeps the node from its work."""
    from agency_node.doctor import checks_of

    first, checks = checks_of(arguments.config)
    return show_report(checks, [first], as_json_text=arguments.json)


def run_diagnose(arguments: argparse.Namespace) -> int:
    """Say what a diagnostic bundle holds and write it where a file is named."""
    from agency_node.doctor import bundle_source

    return diagnose(bundle_source(arguments.config), arguments.file)


def run_serve(arguments: argparse.Namespace) -> int:
    """Serve the console's pages."""
    from agency_node.console.serving import serve_console

    start_logging(Operations())  # To standard error: the log file is the daemon's.
    return serve_console(arguments.config, port=arguments.port)


def run_status(arguments: argparse.Namespace) -> int:
    """Say who the node is, which epoch it holds and what waits."""
    answers = _answers(arguments)
    config, keys = answers.config, answers.keys
    epoch = keys.manifest.active_epoch
    decisions = answers.decisions.all()
    open_rounds = answers.book.rounds()
    print(f"单位 party：{keys.party.name}（{keys.party.id}）  联合体 consortium：{keys.manifest.consortium}")
    print(f"链接单元 coordinator：{config.coordinator}  密钥期 epoch：{epoch.number}  校验值 kcv：{epoch.kcv}")
    waiting = sum(d.state is DecisionState.WAITING for d in decisions)
    releases = len(answers.releases.all("WAITING"))
    referrals = sum(r.state == "RECEIVED" for r in answers.referrals.all())
    print(f"待决定轮次 rounds waiting：{waiting}")
    print(f"待决定调取 releases waiting：{releases}  新转介 new referrals：{referrals}")
    for found in open_rounds:
        fault = f"  问题 fault：{found.fault}" if found.fault else ""
        print(f"{found.round_id}  {found.step}  {found.state}{fault}")
    return 0


def run_rounds(arguments: argparse.Namespace) -> int:
    """List every round this office was asked about."""
    answers = _answers(arguments)
    steps = {found.round_id: found for found in answers.book.rounds(tuple(Step))}
    for found in answers.decisions.all():
        own = steps.get(found.round_id)
        print(f"{found.round_id}  {found.state}  {own.step if own else '—'}  {own.state if own else '—'}")
        print(f"  {found.requester}  {found.purpose}  数据集 {'、'.join(found.datasets)}  到期 {found.expires_at}")
        if found.state is DecisionState.WAITING:
            print(f"  待决定 waiting：{found.advice}")
        elif found.reason:
            print(f"  {found.decided_by}：{found.reason}")
    return 0


def run_preview(arguments: argparse.Namespace) -> int:
    """Show what saying yes would disclose."""
    print(_answers(arguments).decisions.named(arguments.round).preview, end="")
    return 0


def run_approve(arguments: argparse.Namespace) -> int:
    """Approve a waiting round in the operator's name."""
    return _decide(arguments, DecisionState.APPROVED, reason="")


def run_refuse(arguments: argparse.Namespace) -> int:
    """Refuse a waiting round with a reason."""
    return _decide(arguments, DecisionState.REFUSED, reason=arguments.reason)


def _decide(arguments: argparse.Namespace, state: DecisionState, *, reason: str) -> int:
    answers = _answers(arguments)
    found = answers.decide_round(arguments.round, state, by=arguments.by, reason=reason)
    print(f"{found.round_id}：{state}（{arguments.by}）。节点运行时会签名送出 | the running node signs and sends it")
    return 0


def run_releases(arguments: argparse.Namespace) -> int:
    """List requests for release."""
    for found in _answers(arguments).releases.all():
        request = found.request
        print(f"{found.relay_id}  {found.state}  {found.sender}  轮次 {found.round_id}  群体 {request.population}")
        print(f"  栏目 fields：{'、'.join(request.fields)}  用途 purpose：{request.purpose}")
        print(f"  线索 clue：{request.clue}  确认人 confirmed by：{'、'.join(request.confirmed_by)}")
        if found.state == "WAITING" and found.advice:
            print(f"  待决定 waiting：{found.advice}")
        if found.reason:
            print(f"  {found.decided_by}：{found.reason}")
    return 0


def run_release_approve(arguments: argparse.Namespace) -> int:
    """Approve a release in the operator's name."""
    return _decide_release(arguments, approve=True, reason="")


def run_release_refuse(arguments: argparse.Namespace) -> int:
    """Refuse a release with a reason."""
    return _decide_release(arguments, approve=False, reason=arguments.reason)


def _decide_release(arguments: argparse.Namespace, *, approve: bool, reason: str) -> int:
    answers = _answers(arguments)
    answers.decide_release(arguments.request, approve=approve, by=arguments.by, reason=reason)
    print("已记下，节点运行时会送出 | noted; the running node sends it")
    return 0


def run_referrals(arguments: argparse.Namespace) -> int:
    """List referrals, or open one, which shows a person and is written to the audit log first."""
    answers = _answers(arguments)
    if arguments.open:
        return _open_referral(arguments, answers)
    today = answers.today.isoformat()
    for found in answers.referrals.all():
        late = found.is_overdue(today)
        if arguments.overdue and not late:
            continue
        marks = "  逾期 OVERDUE" if late else ""
        print(f"{found.relay_id}  {found.state}  {found.sender}  {found.number}  {found.title}{marks}")
        print(f"  收到 received {found.received_at}  答复期限 due {found.expected.due}")
        if found.reason or found.item:
            print(f"  {found.by}：{' '.join(filter(None, (found.item, found.day, found.band, found.reason)))}")
    return 0


def _open_referral(arguments: argparse.Namespace, answers: Answers) -> int:
    found = answers.referrals.named(arguments.open)
    content = answers.open_referral(arguments.open, by=arguments.by, letter=bool(arguments.save))
    expected = content.expected
    print(f"{content.number}  {found.state}  {found.sender}  事项 service：{content.title}（{content.service}）")
    print(f"  依据 basis：{content.basis}  经办 asked by：{content.asked_by}  批准 approved by：{content.approved_by}")
    for name, value in content.person.items():
        print(f"  {REFERRED[name][0]} {name}：{value}")
    for caution in content.cautions:
        print(f"  注意 caution：{caution}")
    if content.note:
        print(f"  说明 note：{content.note}")
    print(f"  请于 {expected.due} 前答复，结果 item：{'、'.join(expected.items)} | answer by that day")
    if expected.bands:
        print(f"  金额档次 band：{'、'.join(expected.bands)}")
    if content.letter is not None and arguments.save:
        write_file(arguments.save, content.letter.content, mode=PRIVATE)
        print(f"  附函已存 letter saved：{arguments.save.name}")
    elif content.letter is not None:
        print(f"  附函 letter：{content.letter.name}（--save FILE 另存）")
    return 0


def run_referral_update(arguments: argparse.Namespace) -> int:
    """Take a referral one step on."""
    answers = _answers(arguments)
    answer = Answer(arguments.item, arguments.date, arguments.band)
    answers.update_referral(
        arguments.referral, arguments.state, by=arguments.by, reason=arguments.reason, answer=answer
    )
    print("已记下，节点运行时会送出 | noted; the running node sends it")
    return 0


def _answers(arguments: argparse.Namespace) -> Answers:
    return Answers.open(load_config(arguments.config), clock=now_utc)
