"""`linkage coordinator init | serve | status | doctor | backup | …`: set up, run and keep the linkage unit."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import sqlalchemy as sa

from linkage.backup.words import add_backup_commands
from linkage.coordinator.config import FILE, Config, load_config
from linkage.coordinator.courier_command import add_courier
from linkage.coordinator.running import ENDPOINT_FILE, Coordinator
from linkage.coordinator.store import Store
from linkage.coordinator.tables import ROUNDS, UPLOADS
from linkage.errors import ConfigError, LinkageError
from linkage.keys.files import PUBLIC, make_folder, write_file
from linkage.operations.logs import start_logging
from linkage.operations.stopping import stop_by_signal, wait_for
from linkage.operations.words import add_bundle_argument, add_json_option
from linkage.schema import shipped_schemas


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 when it worked, 1 when it did not, 2 for a wrong command line."""
    try:
        arguments = parser().parse_args(argv)
    except SystemExit as exc:
        return 0 if exc.code in (0, None) else 2
    try:
        return int(arguments.run(arguments))
    except LinkageError as exc:
        print("\n".join(exc.lines()), file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    top = argparse.ArgumentParser(prog="linkage coordinator", description="链接单元 | the linkage unit")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    init = commands.add_parser("init", help="建立目录和配置 | make a folder with a configuration")
    init.add_argument("folder", type=Path)
    init.set_defaults(run=run_init)
    schemas = commands.add_parser("schemas", help="编码方案及其摘要 | encoding schemas and their digests")
    schemas.set_defaults(run=run_schemas)
    serve = commands.add_parser("serve", help="运行，SIGTERM 平稳停止 | run until SIGTERM")
    _add_config(serve)
    serve.set_defaults(run=run_serve)
    status = commands.add_parser("status", help="列出轮次 | list the rounds")
    _add_config(status)
    status.set_defaults(run=run_status)
    doctor = commands.add_parser("doctor", help="检查一切，说明怎么办 | look at everything, say what to do")
    _add_config(doctor)
    add_json_option(doctor)
    doctor.set_defaults(run=run_doctor)
    diagnose = commands.add_parser("diagnose", help="诊断包，不含个人信息 | a diagnostic bundle, no personal data")
    _add_config(diagnose)
    add_bundle_argument(diagnose)
    diagnose.set_defaults(run=run_diagnose)
    for step in add_courier(commands).values():
        _add_config(step)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        found = commands.add_parser(name, help=text, description=text)
        _add_config(found)
        found.set_defaults(run=lambda asked: run_kept(name, asked))
        return found

    add_backup_commands(add)
    return top


def _add_config(command: argparse.ArgumentParser) -> None:
    command.add_argument("--config", type=Path, default=Path(FILE), help=f"配置文件 | configuration, default {FILE}")


def run_schemas(arguments: argparse.Namespace) -> int:
    """List what `linkage keys make-consortium --schema-digest` wants."""
    for schema in shipped_schemas():
        print(f"{schema.id}  {schema.digest}")
    return 0


def run_init(arguments: argparse.Namespace) -> int:
    """Write coordinator.toml and the state folder; an existing configuration is left alone."""
    folder: Path = arguments.folder
    file = folder / FILE
    if file.exists():
        raise ConfigError(f"{FILE} 已存在，不覆盖", f"{FILE} exists and is not overwritten")
    folder.mkdir(parents=True, exist_ok=True)
    make_folder(folder / "state")
    example = resources.files("linkage.coordinator").joinpath("config.example.toml").read_bytes()
    write_file(file, example, mode=PUBLIC)
    print(f"已写好 {FILE}；密钥放进 state/keys 后运行 serve")
    print(f"wrote {FILE}; put the keys into state/keys, then run `linkage coordinator serve --config {FILE}`")
    return 0


def run_serve(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT, then drain. Raises ClaimLost when another coordinator has the database."""
    stop = stop_by_signal()
    config = load_config(arguments.config)
    start_logging(config.operations)
    coordinator = Coordinator(config, given_up=stop.set)
    coordinator.start()
    print(f"ready {coordinator.port}", flush=True)
    wait_for(stop)
    coordinator.stop()
    if coordinator.fault is not None:
        raise coordinator.fault
    return 0


def run_status(arguments: argparse.Namespace) -> int:
    """List the rounds, newest last: id, requester, state, uploads sealed of begun, reason."""
    config = load_config(arguments.config)
    endpoint = config.state / ENDPOINT_FILE
    print(f"endpoint {endpoint.read_text().strip() if endpoint.exists() else '-'}")
    for line in _round_lines(config):
        print(line)
    return 0


def run_doctor(arguments: argparse.Namespace) -> int:
    """Look at everything; 1 where something keeps the coordinator from its work."""
    from linkage.coordinator.doctor import checks_of
    from linkage.operations.doctor import show_report

    first, checks = checks_of(arguments.config)
    return show_report(checks, [first], as_json_text=arguments.json)


def run_diagnose(arguments: argparse.Namespace) -> int:
    """Say what a diagnostic bundle holds and write it where a file is named."""
    from linkage.coordinator.doctor import bundle_source
    from linkage.operations.bundle import diagnose

    return diagnose(bundle_source(arguments.config), arguments.file)


def run_kept(name: str, arguments: argparse.Namespace) -> int:
    """Make, prove or restore a backup, or accept another party's restart."""
    from linkage.coordinator import keeping

    return keeping.run(name, load_config(arguments.config), arguments)


def _round_lines(config: Config) -> list[str]:
    if isinstance(config.place, Path) and not config.place.exists():
        return []
    store = Store(config.place)
    sealed = sa.func.coalesce(sa.func.sum(sa.case((UPLOADS.c.sealed, 1), else_=0)), 0)
    begun = sa.func.count(UPLOADS.c.population)
    wanted = (
        sa.select(ROUNDS.c.id, ROUNDS.c.requester, ROUNDS.c.state, sealed, begun, ROUNDS.c.reason)
        .select_from(ROUNDS.outerjoin(UPLOADS, UPLOADS.c.round_id == ROUNDS.c.id))
        .group_by(ROUNDS.c.id, ROUNDS.c.requester, ROUNDS.c.state, ROUNDS.c.reason, ROUNDS.c.proposed_ms)
        .order_by(ROUNDS.c.proposed_ms)
    )
    try:
        with store.transaction() as connection:
            return [f"{r[0]} {r[1]} {r[2]} {r[3]}/{r[4]} {r[5]}".rstrip() for r in connection.execute(wanted)]
    finally:
        store.close()
