"""What the commands do. Only `referrals --open` shows a person, and writes an audit entry before it does."""

from __future__ import annotations

import argparse
import logging
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from agency_node.agreements import FILE as AGREEMENTS
from agency_node.agreements import agreement_lines, load_agreements
from agency_node.check import check_file, check_folder
from agency_node.config import Config, load_config
from agency_node.datasets import office_presets
from agency_node.decisions import Decisions, DecisionState
from agency_node.entering import enter_record, parse_cells, titles_of
from agency_node.initial import write_initial
from agency_node.referrals import Referrals
from agency_node.releases import Releases
from agency_node.scan import FileEntry, Problem, Shelf
from linkage.audit.checkpoint import origin_of
from linkage.audit.log import AuditLog
from linkage.errors import ConfigError, InputError, LinkageError, NotFoundError
from linkage.keys.files import PRIVATE, write_file
from linkage.keys.store import PartyKeys, load_party_keys
from linkage.owner.database import FILE, open_database
from linkage.owner.participation import Participation, Step
from linkage.owner.referrals import FIELD_TITLES, Answer
from linkage.owner.trail import AuditTrail

MAX_REASON = 200


def now_utc() -> datetime:
    return datetime.now(UTC)


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
    from agency_node.measuring import Request, measure_dataset

    config = load_config(arguments.config)
    keys = load_party_keys(config.state)
    asked = Request(keys.party.id, arguments.dataset, arguments.snapshot, arguments.people, arguments.schema)
    measured, passes = measure_dataset(open_registers(config, keys, now_utc), asked, clock=now_utc)
    facts = {"dataset": measured.dataset, "as_of": measured.as_of, "schema": measured.schema_digest}
    shares = {attack: f"{share:.4f}" for attack, share in measured.found.items()}
    _note(config, keys, "risk.measured", facts | shares | {"people": str(measured.people)})
    _decisions(config).risks.put(measured)
    return 0 if passes else 1


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
    config = load_config(arguments.config)
    config.require_operator(arguments.by)
    keys = load_party_keys(config.state)
    preset = Shelf.split(office_presets(config.folder), keys.party.datasets).owned.get(arguments.register)
    if preset is None:
        zh, en = f"本单位没有登记表 {arguments.register}", f"this office has no register {arguments.register}"
        raise InputError(zh, en, hint_zh="agency-node datasets")
    titles = titles_of(preset)
    cells = parse_cells(list(_typed(titles)), titles)
    _note(config, keys, "register.entered", {"register": preset.id, "by": arguments.by})
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

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    return serve(load_config(arguments.config))


def run_serve(arguments: argparse.Namespace) -> int:
    """Serve the console's pages."""
    from agency_node.console.serving import serve_console

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    return serve_console(arguments.config, port=arguments.port)


def run_status(arguments: argparse.Namespace) -> int:
    """Say who the node is, which epoch it holds and what waits."""
    config = load_config(arguments.config)
    keys = load_party_keys(config.state)
    epoch = keys.manifest.active_epoch
    decisions = _decisions(config).all()
    open_rounds = _book(config).rounds()
    print(f"单位 party：{keys.party.name}（{keys.party.id}）  联合体 consortium：{keys.manifest.consortium}")
    print(f"协调方 coordinator：{config.coordinator}  密钥期 epoch：{epoch.number}  校验值 kcv：{epoch.kcv}")
    waiting = sum(d.state is DecisionState.WAITING for d in decisions)
    releases = len(Releases(_book(config).engine).all("WAITING"))
    referrals = sum(r.state == "RECEIVED" for r in Referrals(_book(config).engine).all())
    print(f"待决定轮次 rounds waiting：{waiting}")
    print(f"待决定调取 releases waiting：{releases}  新转介 new referrals：{referrals}")
    for found in open_rounds:
        fault = f"  问题 fault：{found.fault}" if found.fault else ""
        print(f"{found.round_id}  {found.step}  {found.state}{fault}")
    return 0


def run_rounds(arguments: argparse.Namespace) -> int:
    """List every round this office was asked about."""
    config = load_config(arguments.config)
    book = _book(config)
    steps = {found.round_id: found for found in book.rounds(tuple(Step))}
    for found in _decisions(config).all():
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
    print(_decisions(load_config(arguments.config)).named(arguments.round).preview, end="")
    return 0


def run_approve(arguments: argparse.Namespace) -> int:
    """Approve a waiting round in the operator's name."""
    return _decide(arguments, DecisionState.APPROVED, reason="")


def run_refuse(arguments: argparse.Namespace) -> int:
    """Refuse a waiting round with a reason."""
    return _decide(arguments, DecisionState.REFUSED, reason=_reason(arguments.reason))


def _decide(arguments: argparse.Namespace, state: DecisionState, *, reason: str) -> int:
    config = load_config(arguments.config)
    config.require_operator(arguments.by)
    decisions = _decisions(config)
    found = decisions.named(arguments.round)
    decisions.decide(found.round_id, state, by=arguments.by, reason=reason, at=now_utc())
    print(f"{found.round_id}：{state}（{arguments.by}）。节点运行时会签名送出 | the running node signs and sends it")
    return 0


def run_releases(arguments: argparse.Namespace) -> int:
    """List requests for release."""
    for found in Releases(_book(load_config(arguments.config)).engine).all():
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
    return _decide_release(arguments, approve=False, reason=_reason(arguments.reason))


def _decide_release(arguments: argparse.Namespace, *, approve: bool, reason: str) -> int:
    config = load_config(arguments.config)
    config.require_operator(arguments.by)
    Releases(_book(config).engine).decide(arguments.request, approve=approve, by=arguments.by, reason=reason)
    print("已记下，节点运行时会送出 | noted; the running node sends it")
    return 0


def run_referrals(arguments: argparse.Namespace) -> int:
    """List referrals, or open one, which shows a person and is written to the audit log first."""
    config = load_config(arguments.config)
    store = Referrals(_book(config).engine)
    if arguments.open:
        return _open_referral(arguments, config, store)
    today = config.day(date.today()).isoformat()
    for found in store.all():
        late = found.is_overdue(today)
        if arguments.overdue and not late:
            continue
        marks = "  逾期 OVERDUE" if late else ""
        print(f"{found.relay_id}  {found.state}  {found.sender}  {found.number}  {found.title}{marks}")
        print(f"  收到 received {found.received_at}  答复期限 due {found.expected.due}")
        if found.reason or found.item:
            print(f"  {found.by}：{' '.join(filter(None, (found.item, found.day, found.band, found.reason)))}")
    return 0


def _open_referral(arguments: argparse.Namespace, config: Config, store: Referrals) -> int:
    config.require_operator(arguments.by)
    keys = load_party_keys(config.state)
    found = store.named(arguments.open)
    content = found.open(keys)
    facts = {"relay": found.relay_id, "by": arguments.by}
    if arguments.save:
        if content.letter is None:
            raise NotFoundError("这件转介没有附函", "no letter is enclosed in this referral")
        facts |= {"letter": content.letter.digest}
    _note(config, keys, "referral.opened", facts)
    expected = content.expected
    print(f"{content.number}  {found.state}  {found.sender}  事项 service：{content.title}（{content.service}）")
    print(f"  依据 basis：{content.basis}  经办 asked by：{content.asked_by}  批准 approved by：{content.approved_by}")
    for name, value in content.person.items():
        print(f"  {FIELD_TITLES[name]} {name}：{value}")
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
    config = load_config(arguments.config)
    config.require_operator(arguments.by)
    store, reason = Referrals(_book(config).engine), arguments.reason and _reason(arguments.reason)
    answer = Answer(arguments.item, arguments.date, arguments.band)
    store.update(arguments.referral, arguments.state, by=arguments.by, reason=reason, at=now_utc(), answer=answer)
    print("已记下，节点运行时会送出 | noted; the running node sends it")
    return 0


def _note(config: Config, keys: PartyKeys, kind: str, facts: dict[str, str]) -> None:
    origin = origin_of(keys.manifest.consortium, keys.party.id)
    with AuditLog.open(config.state / "audit", origin=origin, signer=keys.signing, clock=now_utc) as log:
        AuditTrail(log, peer=keys.manifest.coordinator.id).note(kind, facts)


def _reason(text: str) -> str:
    """Return an operator's reason fit to sign and show: one line. Raises InputError when it looks like a person."""
    from linkage.audit.entry import reject_personal

    tidy = " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())
    if not tidy or len(tidy) > MAX_REASON:
        raise InputError(f"理由不能为空，最长 {MAX_REASON} 字", f"a reason has 1 to {MAX_REASON} characters")
    try:
        reject_personal(tidy, "reason")
    except LinkageError as error:
        raise InputError(
            "理由里有像个人号码的内容，请删去", "the reason holds what looks like a personal number"
        ) from error
    return tidy


def _book(config: Config) -> Participation:
    if not (config.state / "keys").exists():
        raise ConfigError(
            "state 目录里还没有密钥",
            "there are no keys in the state folder yet",
            hint_zh="先完成入网仪式，把 keys 目录放进 state",
            hint_en="finish the ceremony first and put keys/ into the state folder",
        )
    return Participation(open_database(config.state / FILE))


def _decisions(config: Config) -> Decisions:
    return Decisions(_book(config).engine)
