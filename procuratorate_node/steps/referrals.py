"""referral catalogue / suggest / draft / approve / send / letter / list / show / record / verify / close."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import cast

from linkage.errors import InputError
from linkage.keys.files import PRIVATE, PUBLIC, write_file
from linkage.owner.referrals import REFERRED, Answer, ReferralState, ReferralStatus
from linkage.warrant import utc_text
from procuratorate_node.config import load_config
from procuratorate_node.node import Node, open_node
from procuratorate_node.referrals import answers, desk
from procuratorate_node.referrals.after_round import verify_by_rounds
from procuratorate_node.referrals.catalogue import Catalogue, load_catalogue, shipped_text
from procuratorate_node.referrals.composing import masked, number_text
from procuratorate_node.referrals.least import titles
from procuratorate_node.referrals.states import TITLES, State
from procuratorate_node.referrals.subject import subject_of
from procuratorate_node.referrals.suggestions import suggest
from procuratorate_node.referrals.table import StoredReferral
from procuratorate_node.referrals.workplace import open_particulars
from procuratorate_node.working_days import local_moment


def catalogue(asked: argparse.Namespace) -> int:
    """Show the catalogue or one unit, check a changed file, or write the shipped one out for editing."""
    if asked.write:
        write_new(asked.write, shipped_text(), mode=PUBLIC)
        print(f"已写出 {asked.write.name}，改好后写入 [office] catalogue | written; name it in [office] catalogue")
        return 0
    found = load_catalogue(asked.check or _own_catalogue(asked.config))
    print(f"{found.head.title}  {found.head.id} v{found.head.version}  {found.digest[:12]}")
    codes = {asked.unit} if asked.unit else {u.code for u in found.units}
    if asked.unit:
        found.unit(asked.unit)
    for unit in (u for u in found.units if u.code in codes):
        mark = "  上门走访 field visits" if unit.field_visit else ""
        print(f"{unit.code}  {unit.title} {unit.title_en}  节点 node {unit.party or '无 none'}{mark}")
        _show_services(found, unit.code, full=bool(asked.unit))
    return 0


def _own_catalogue(config: Path) -> Path | None:
    return load_config(config).office.catalogue if config.exists() else None


def _show_services(found: Catalogue, unit: str, *, full: bool) -> None:
    for service in (s for s in found.services if s.unit == unit):
        need = found.need(service.need)
        print(f"  {service.code}  {service.title}  {need.code} {need.title}  {service.days} 个工作日 working days")
        if full:
            bands = f"；金额档次 {'、'.join(found.head.bands)}" if service.banded else ""
            print(f"    最少数据 least：{titles(service.least)}")
            print(f"    答复 answer：{'、'.join(service.items)}{bands}  函件 letter：{service.letter}")


def suggestions(asked: argparse.Namespace) -> int:
    """Suggest services for one person of a clue; masked facts only, so it needs no opening."""
    node = open_node(load_config(asked.config))
    place, clue, today = node.workplace, node.book.get(asked.clue), local_moment(node.clock()).date()
    subject = subject_of(clue, asked.person, node.casework(), place.colours, asked=node.models_asked(clue), today=today)
    for found in suggest(place.catalogue, subject):
        print(f"{found.service.code}  {found.unit.title} {found.service.title}  {found.service.title_en}")
        print(f"  因为 because：{'；'.join(found.why)} | {'; '.join(found.why_en)}")
        if found.unasked:
            print(f"  以下名册本次未查，先核实 not asked, check first：{'、'.join(found.unasked)}")
        if found.barred:
            print(f"  不得发送 barred：{found.barred}")
    return 0


def draft(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    without = tuple(part.strip() for part in asked.without.split(",") if part.strip())
    wish = desk.Wish(asked.clue, asked.service, asked.person, asked.give, without, asked.note)
    found = desk.draft(node.workplace, wish, node.casework(), by=asked.by, now=node.clock())
    print(found.referral_id)
    way = f"节点 node {found.party}" if found.party else "纸质函件 letter by hand"
    print(f"将发送 would send：{titles(found.fields)}；{way}；待另一人批准 | another officer must approve")
    for caution in found.cautions:
        print(f"注意 caution：{caution}")
    return 0


def approve(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    found = desk.approve(node.workplace, asked.referral, by=asked.by, now=node.clock())
    print(f"已批准 approved  {number_text(node.workplace, found)}")
    return 0


def send(asked: argparse.Namespace) -> int:
    """Send one; a unit without a node gets the letter by hand, so it must be written to a file."""
    node = open_node(load_config(asked.config))
    place = node.workplace
    if not place.table.named(asked.referral).party and asked.letter is None:
        raise InputError(
            "该单位没有节点，须用 --letter 文件 写出纸质函件",
            "this unit has no node: write the letter with --letter FILE",
        )
    if asked.letter is not None:
        require_new(asked.letter)
    found, letter = desk.send(place, asked.referral, by=asked.by, now=node.clock())
    if asked.letter is not None:
        write_new(asked.letter, letter.content, mode=PRIVATE)
    way = f"节点 node {found.party}" if found.party else "纸质 by hand"
    print(f"已发出 sent  {letter.name.removesuffix('.docx')}  {way}  答复期限 due {_due(node, found)}")
    return 0


def letter(asked: argparse.Namespace) -> int:
    """Write a referral's letter: masked, or in clear with an audit entry."""
    node = open_node(load_config(asked.config))
    require_new(asked.file)
    content = desk.letter_of(node.workplace, asked.referral, by=asked.by, now=node.clock(), mask=asked.masked)
    write_new(asked.file, content, mode=PRIVATE)
    print(f"{len(content)} 字节 bytes → {asked.file.name}")
    return 0


def list_referrals(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    states = (State(asked.state),) if asked.state else ()
    today = local_moment(node.clock()).date()
    place = node.workplace
    refused = desk.undelivered(place)
    for found in place.table.all(*states, clue_id=asked.clue):
        late = found.is_overdue(today)
        if not asked.overdue or late:
            print(_line(found, node, late=late))
            if found.relay_id in refused:
                fault = refused[found.relay_id].fault
                print(f"  未送达 not delivered：{fault}；排除后用 referral resend | then `referral resend`")
    return 0


def resend(asked: argparse.Namespace) -> int:
    desk.resend(open_node(load_config(asked.config)).workplace, asked.referral, by=asked.by)
    print("已交给常驻进程重发 | left to the running node")
    return 0


def _line(found: StoredReferral, node: Node, *, late: bool) -> str:
    marks = "  逾期 OVERDUE" if late else ""
    due = f"  期限 due {_due(node, found)}" if found.due else ""
    answer = " ".join(filter(None, (found.item, found.done_on, found.band, found.reason)))
    state = f"{found.state} {TITLES[found.state]}"
    which = f"{found.referral_id[:12]}  {found.clue_id}  {found.unit}/{found.service}"
    return f"{which}  {state}{due}{marks}  {answer}".rstrip()


def _due(node: Node, found: StoredReferral) -> str:
    """Return the due day, marked where the table of holidays does not know its year."""
    from datetime import date

    known = node.workplace.calendar.is_known(date.fromisoformat(found.due))
    return found.due if known else f"{found.due}（推定 assumed）"


def show(asked: argparse.Namespace) -> int:
    """Show one with its steps; with --open also the person's data, after an audit entry."""
    node = open_node(load_config(asked.config))
    place = node.workplace
    if asked.open:
        found, particulars = desk.open_referral(place, asked.referral, by=asked.by)
        person, note = particulars.person, particulars.note
    else:
        found = place.table.named(asked.referral)
        hidden = open_particulars(node.keys, found.referral_id, found.sealed)
        person, note = masked(hidden.person), "（有说明 hidden）" if hidden.note else ""
    print(_line(found, node, late=found.is_overdue(local_moment(node.clock()).date())))
    print(f"  {number_text(place, found)}  依据 basis：{found.basis}  {found.days} 个工作日 working days")
    for name, value in person.items():
        print(f"  {REFERRED[name][0]} {name}：{value}")
    for line in (*found.cautions, *((f"说明 note：{note}",) if note else ())):
        print(f"  {line}")
    for step in place.table.steps(found.referral_id):
        print(f"  {step.at}  {step.state} {TITLES[step.state]}  {step.by}  {step.reason}".rstrip())
    if found.evidence:
        print(f"  核实依据 evidence：{found.evidence}")
    return 0


def record(asked: argparse.Namespace) -> int:
    """Record what a unit without a node answered on paper."""
    node = open_node(load_config(asked.config))
    answer = Answer(asked.item, asked.date, asked.band)
    state = cast("ReferralState", asked.state)
    status = ReferralStatus(state, asked.reason, asked.by, utc_text(node.clock()), answer)
    answers.record(node.workplace, asked.referral, status, by=asked.by, now=node.clock())
    print("已记录 | noted")
    return 0


def verify(asked: argparse.Namespace) -> int:
    """Verify by the newest rounds, or one referral by hand with what shows it."""
    node = open_node(load_config(asked.config))
    place = node.workplace
    if asked.referral:
        answers.verify_by_hand(place, asked.referral, by=asked.by, evidence=asked.evidence, now=node.clock())
        print("已核实 | verified")
        return 0
    for outcome in verify_by_rounds(place, node.store, node.casework(), now=node.clock()):
        print(f"{outcome.referral.referral_id[:12]}  已核实 verified  {' '.join(outcome.tags)}")
    print(f"待核实 still to verify：{len(place.table.all(State.DONE))}")
    return 0


def close(asked: argparse.Namespace) -> int:
    node = open_node(load_config(asked.config))
    answers.close(node.workplace, asked.referral, by=asked.by, reason=asked.reason, now=node.clock())
    print("已归档 | closed")
    return 0


def require_new(file: Path) -> None:
    """Raise InputError where a file would be overwritten."""
    if file.exists():
        raise InputError(f"{file.name} 已经存在，不覆盖", f"{file.name} is there already and is not overwritten")


def write_new(file: Path, content: bytes, *, mode: int) -> None:
    """Write a file that is not there yet. Raises InputError, KeyMaterialError."""
    require_new(file)
    write_file(file, content, mode=mode)
