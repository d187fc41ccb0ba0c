"""`linkage coordinator courier import | export | status`: exchange files with parties that no network joins to us."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linkage.coordinator.config import load_config
from linkage.coordinator.courier import UnitCourier
from linkage.coordinator.records import load_round
from linkage.coordinator.round import State
from linkage.coordinator.running import open_unit
from linkage.coordinator.service import Service
from linkage.coordinator.unit import Unit
from linkage.courier.grammar import add_courier_steps
from linkage.courier.packing import check_size
from linkage.courier.post import Post, copy_to, files_for
from linkage.courier.taking import next_file
from linkage.courier.telling import Ticker, describe, traffic_lines
from linkage.errors import InputError, LinkageError, NotFoundError, PermissionRefused
from linkage.keys.manifest import Party

FOLDER = "courier"
Commands = argparse._SubParsersAction  # The only name argparse has for it.


def add_courier(commands: Commands[argparse.ArgumentParser]) -> dict[str, argparse.ArgumentParser]:
    """Add the group to the coordinator's commands and return its steps by name."""
    group = commands.add_parser(
        "courier", help="用文件与未联网的单位往来 | exchange files with offices off the network"
    )
    steps = add_courier_steps(group.add_subparsers(required=True, metavar="STEP"))
    party = "发给哪个单位，可多次；默认所有用文件往来的单位 | to whom; repeat; default all who exchange files"
    steps["export"].add_argument("--to", action="append", default=[], metavar="PARTY", help=party)
    for name, run in (("import", run_import), ("export", run_export), ("status", run_status)):
        steps[name].set_defaults(run=run)
    return steps


def run_import(arguments: argparse.Namespace) -> int:
    """Take every new file at that place, in order; one that is refused does not keep other offices' from it."""
    refused = False
    with _opened(arguments) as (unit, courier):
        for file in files_for(arguments.place, unit.id, lambda sender: courier.post.traffic(sender).taken):
            try:
                _import(unit, courier, file, skip_missing=arguments.skip_missing)
            except LinkageError as error:
                refused = True
                print("\n".join((f"未导入 not taken：{file.name}", *error.lines())), file=sys.stderr)
    return int(refused)


def _import(unit: Unit, courier: UnitCourier, file: Path, *, skip_missing: bool) -> None:
    arrived = next_file(file, unit.keys, courier.post, now=unit.clock(), note=unit.note, skip_missing=skip_missing)
    refused = courier.take(arrived, Ticker("导入 import"))
    print(f"已导入 taken：{describe(arrived.header)}")
    for call in refused:
        print(f"  未受理 refused {call.method}：{call.reply.zh} | {call.reply.en}")
    for round_id in arrived.header.rounds:
        print(f"  轮次 round {round_id[:8]}：{_state_of(unit, round_id)}")


def run_export(arguments: argparse.Namespace) -> int:
    """Write what parties have to get into the folder, with whatever they have not confirmed yet."""
    most, written = check_size(arguments.max_mib), 0
    with _opened(arguments) as (unit, courier):
        for party in _receivers(unit, courier.post, arguments.to):
            new = courier.pack(party, most=most)
            for header in new:
                print(f"新文件 new：{describe(header)}")
            kept = courier.post.kept(party.id)
            written += len(copy_to(kept, arguments.folder) if kept else [])
            if not new:
                print(f"{party.id}：没有新内容，重写未确认的 {len(kept)} 个 | nothing new, {len(kept)} written again")
    print(f"共写入 {written} 个文件 | {written} files written")
    return 0


def run_status(arguments: argparse.Namespace) -> int:
    """Tell how the files to and from each party stand."""
    with _opened(arguments) as (_, courier):
        for found in courier.post.peers():
            print("\n".join(traffic_lines(found)))
    return 0


def _state_of(unit: Unit, round_id: str) -> str:
    try:
        with unit.step() as step:
            state = load_round(step.connection, round_id).round.state
    except NotFoundError:
        return "未开始 not begun"  # Its warrant was refused.
    if state is State.MATCHING:
        return f"{state} 各方数据已齐，运行中的链接单元会比对 | all data are here; the running coordinator matches them"
    return str(state)


def _receivers(unit: Unit, post: Post, named: list[str]) -> list[Party]:
    names = named or [found.peer for found in post.peers()]
    if not names:
        raise InputError("还没有用文件往来的单位，请用 --to 指明", "no party exchanges files yet; name one with --to")
    parties = [unit.keys.manifest.party(name) for name in names]
    if not all(party.is_owner for party in parties):
        raise PermissionRefused("只能发给数据单位或检察院", "files go to agencies and procuratorates only")
    return parties


@contextmanager
def _opened(arguments: argparse.Namespace) -> Iterator[tuple[Unit, UnitCourier]]:
    unit, log = open_unit(load_config(arguments.config))
    try:
        service = Service(unit, log, authenticate=_nobody, start=lambda unit, round_id: None)
        post = Post(unit.store.transaction, unit.config.state / FOLDER, unit.id)
        with post.alone():
            yield unit, UnitCourier(unit, log, service, post)
    finally:
        log.close()
        unit.store.close()


def _nobody(certificate: bytes) -> Party:
    """Refuse every certificate: a file's sender is known by its signature alone."""
    raise PermissionRefused("传递文件不带证书", "a carried file comes without a certificate")
