"""clues assign, note, check, confirm, reject, defer, resume, explain, follow, close, reopen, needs, elements, watch."""

from __future__ import annotations

import argparse

from linkage.errors import InputError
from procuratorate_node.cluework.checks import Check
from procuratorate_node.cluework.elements import known_elements, load_elements
from procuratorate_node.cluework.measures import measures
from procuratorate_node.cluework.states import Action
from procuratorate_node.config import load_config
from procuratorate_node.node import Node, open_node
from procuratorate_node.referrals.catalogue import load_catalogue
from procuratorate_node.steps.clues import chosen, parse_day


def _node(asked: argparse.Namespace) -> Node:
    return open_node(load_config(asked.config))


def _done() -> int:
    print("已记录 | noted")
    return 0


def assign(asked: argparse.Namespace) -> int:
    """Give named clues, or all that pass the filters, to officers in turn."""
    node = _node(asked)
    filtered = any((asked.model, asked.status, asked.change, asked.colour, asked.grade, asked.officer))
    if bool(asked.clues) == filtered:
        raise InputError("请写明线索编号，或用筛选条件，二者选一", "name the clues or filter them, one of both")
    keys = asked.clues or [i.clue.clue_id for i in chosen(node, asked)]
    given = node.work.assign(
        keys, [name.strip() for name in asked.to.split(",") if name.strip()], by=asked.by, now=node.clock()
    )
    for key, name in given.items():
        print(f"{key} → {name}")
    return 0


def note(asked: argparse.Namespace) -> int:
    node = _node(asked)
    node.work.note(asked.clue, asked.text, by=asked.by, now=node.clock())
    return _done()


def check(asked: argparse.Namespace) -> int:
    node = _node(asked)
    node.work.check(asked.clue, _verdict(asked), by=asked.by, now=node.clock(), note=asked.note)
    return _done()


def confirm(asked: argparse.Namespace) -> int:
    node = _node(asked)
    node.work.confirm(asked.clue, by=asked.by, now=node.clock(), reason=asked.reason)
    return _done()


def reject(asked: argparse.Namespace) -> int:
    node = _node(asked)
    node.work.reject(asked.clue, by=asked.by, now=node.clock(), reason=asked.reason, verdict=_verdict(asked))
    return _done()


def _verdict(asked: argparse.Namespace) -> Check:
    return Check(asked.person, asked.link, asked.facts, asked.helped, asked.searched)


def defer(asked: argparse.Namespace) -> int:
    node = _node(asked)
    node.work.defer(asked.clue, parse_day(asked.until), by=asked.by, now=node.clock(), reason=asked.reason)
    return _done()


def resume(asked: argparse.Namespace) -> int:
    return _simply(asked, Action.RESUME)


def explain(asked: argparse.Namespace) -> int:
    return _simply(asked, Action.EXPLAIN)


def follow(asked: argparse.Namespace) -> int:
    return _simply(asked, Action.FOLLOW)


def close(asked: argparse.Namespace) -> int:
    return _simply(asked, Action.CLOSE)


def reopen(asked: argparse.Namespace) -> int:
    return _simply(asked, Action.REOPEN)


def _simply(asked: argparse.Namespace, action: Action) -> int:
    node = _node(asked)
    node.work.simply(asked.clue, action, by=asked.by, now=node.clock(), reason=asked.reason)
    return _done()


def needs(asked: argparse.Namespace) -> int:
    node = _node(asked)
    codes = [code.strip() for code in asked.needs.split(",") if code.strip()]
    measures(codes, load_catalogue(node.config.office.catalogue), tags=())  # An unknown need is refused.
    node.work.set_needs(asked.clue, codes, by=asked.by, now=node.clock())
    return _done()


def elements(asked: argparse.Namespace) -> int:
    """Store the governance elements of a case and name the units to coordinate with."""
    node = _node(asked)
    codes = [code.strip() for code in asked.elements.split(",") if code.strip()]
    found = known_elements(codes, load_elements(node.config.work.elements))
    node.work.set_elements(asked.clue, codes, by=asked.by, now=node.clock())
    for element in found:
        print(f"{element.code} {element.zh} | {element.en}：{element.unit}")
    return _done()


def watch(asked: argparse.Namespace) -> int:
    node = _node(asked)
    node.work.watch(asked.clue, on=not asked.off, by=asked.by, now=node.clock(), reason=asked.reason)
    return _done()
