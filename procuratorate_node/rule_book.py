"""Changes to models, lexicon, tree and charge models: one officer proposes, another approves, every version is kept.

A change takes effect with its approval and not before; a later one may take it back (`revert`), which is a change like
any other. The content of every version stays in the node's database, so that a clue's digests can always be resolved.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from linkage.errors import NotFoundError, PermissionRefused, RoundStateError
from linkage.keys.canonical import JSON
from linkage.owner.trail import AuditTrail
from linkage.warrant import utc_text
from procuratorate_node.config import Config
from procuratorate_node.model import ScreeningModel
from procuratorate_node.rounds.register import model_ids
from procuratorate_node.rule_files import MODEL, RuleFile, RuleSet, read_rule_file
from procuratorate_node.store import ENDED, REQUESTS, RULE_FILES, Store

PROPOSED, ACTIVE, RETIRED = "PROPOSED", "ACTIVE", "RETIRED"


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One change of a file. `replaced` is what was in force when it was asked for, b"" where nothing was."""

    change_id: str
    kind: str
    rule_key: str
    version: int
    digest: str
    content: bytes = field(repr=False)
    replaced: bytes = field(repr=False)
    effect: Mapping[str, int]
    requested_by: str
    requested_at: str
    approved_by: str
    approved_at: str
    state: str


def _change(row: sa.RowMapping) -> RuleChange:
    values = {name: row[name] for name in RuleChange.__slots__}
    contents = {name: bytes(row[name]) for name in ("content", "replaced")}
    return RuleChange(**values | contents | {"effect": json.loads(row["effect"])})


def active_files(store: Store) -> dict[tuple[str, str], bytes]:
    """Return the contents in force that were approved here, by (kind, key)."""
    rows = store.select(sa.select(RULE_FILES).where(RULE_FILES.c.state == ACTIVE))
    return {(str(r["kind"]), str(r["rule_key"])): bytes(r["content"]) for r in rows}


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Keep the changes. `base` are the model files the node starts from, by file name."""

    store: Store = field(repr=False)
    trail: AuditTrail = field(repr=False)
    config: Config = field(repr=False)
    base: Mapping[str, bytes] = field(repr=False)

    def rules(self) -> RuleSet:
        """Return the files in force."""
        return RuleSet(self.base, active_files(self.store))

    def propose(self, file: RuleFile, *, by: str, now: datetime, effect: Mapping[str, int]) -> str:
        """Ask for a file to take effect; return the change's id. `effect` are counts that were shown to the officer.

        Raises PermissionRefused, RoundStateError where it is in force already or its version was not raised.
        """
        old = self.rules().content(file.kind, file.key)
        if old is not None:
            before = read_rule_file(old, name=file.key, bases=self._bases())
            if before.digest == file.digest:
                raise RoundStateError("这个文件已经生效", "this file is in force already")
            if file.version <= before.version:
                raise RoundStateError(
                    f"版本号应大于现行的 {before.version}",
                    f"the version must be greater than {before.version}, the one in force",
                    hint_zh="提高文件头里的 version 再申请",
                    hint_en="raise `version` in the file's head and ask again",
                )
        return self._ask(file, by=by, now=now, effect=effect)

    def revert(self, kind: str, key: str, *, by: str, now: datetime) -> str:
        """Ask for the version before the one in force; return the change's id. Raises NotFoundError."""
        chosen = sa.select(RULE_FILES).where(RULE_FILES.c.kind == kind, RULE_FILES.c.rule_key == key)
        rows = self.store.select(chosen.order_by(RULE_FILES.c.approved_at.desc(), RULE_FILES.c.number.desc()))
        current = next((r for r in rows if r["state"] == ACTIVE), None)
        if current is None:
            raise NotFoundError(f"{key} 没有可撤回的变更", f"there is no change of {key} to take back")
        content = bytes(current["replaced"])
        if not content:
            raise NotFoundError(f"{key} 之前没有版本", f"there was no version of {key} before")
        return self._ask(read_rule_file(content, name=key, bases=self._bases()), by=by, now=now, effect={})

    def _ask(self, file: RuleFile, *, by: str, now: datetime, effect: Mapping[str, int]) -> str:
        self.config.require(by, "request")
        change = secrets.token_hex(6)
        counts: dict[str, JSON] = dict(effect)
        facts: dict[str, JSON] = {"change": change, "by": by, "effect": counts}
        self.trail.note("rules.proposed", facts | _named(file.kind, file.key, file.version, file.digest))
        self.store.insert(
            RULE_FILES,
            {
                "change_id": change,
                "number": 0,
                "kind": file.kind,
                "rule_key": file.key,
                "version": file.version,
                "digest": file.digest,
                "content": file.content,
                "replaced": self.rules().content(file.kind, file.key) or b"",
                "effect": json.dumps(dict(effect)),
                "requested_by": by,
                "requested_at": utc_text(now),
                "approved_by": "",
                "approved_at": "",
                "state": PROPOSED,
            },
        )
        return change

    def approve(self, change: str, *, by: str, now: datetime, apply: Callable[[RuleFile], None]) -> RuleFile:
        """Approve as a second person; the file is in force from here on, `apply` then brings open clues up to it.

        Raises PermissionRefused, RoundStateError while a round that uses the model is under way.
        """
        self.config.require(by, "approve")
        row = self.store.get(RULE_FILES, change)
        if row["state"] != PROPOSED:
            raise RoundStateError("这项变更已经批准", "this change is approved already")
        if row["requested_by"] == by:
            raise PermissionRefused("申请人与批准人必须是两个人", "who asks and who approves are two people")
        file = read_rule_file(bytes(row["content"]), name=str(row["rule_key"]), bases=self._bases())
        self._refuse_under_way(file)
        rules = self.rules()
        rules.changed(file).library()
        if (rules.content(file.kind, file.key) or b"") != bytes(row["replaced"]):
            raise RoundStateError(
                "申请之后现行文件已变，请重新申请", "the file in force has changed since this was asked for; ask again"
            )
        named = _named(file.kind, file.key, file.version, file.digest)
        facts: dict[str, JSON] = {"change": change, "by": by, "requested_by": str(row["requested_by"])}
        self.trail.note("rules.activated", facts | named)
        self._activate(change, file, by=by, now=now)
        apply(file)
        return file

    def _activate(self, change: str, file: RuleFile, *, by: str, now: datetime) -> None:
        same = (RULE_FILES.c.kind == file.kind, RULE_FILES.c.rule_key == file.key, RULE_FILES.c.state == ACTIVE)
        highest = sa.select(sa.func.coalesce(sa.func.max(RULE_FILES.c.number), 0))
        values = {"approved_by": by, "approved_at": utc_text(now), "state": ACTIVE}
        with self.store.engine.begin() as connection:
            number = int(connection.execute(highest).scalar_one()) + 1
            connection.execute(RULE_FILES.update().where(*same).values(state=RETIRED))
            mine = RULE_FILES.update().where(RULE_FILES.c.change_id == change)
            connection.execute(mine.values(values | {"number": number}))

    def history(self) -> tuple[RuleChange, ...]:
        """Return every change, oldest first."""
        rows = self.store.select(sa.select(RULE_FILES).order_by(RULE_FILES.c.requested_at, RULE_FILES.c.number))
        return tuple(_change(row) for row in rows)

    def change(self, change_id: str) -> RuleChange:
        """Return one change. Raises NotFoundError."""
        return _change(self.store.get(RULE_FILES, change_id))

    def file_of(self, change: RuleChange) -> RuleFile:
        """Return the file a change asks for. Raises ConfigError where it no longer fits what it extends."""
        return read_rule_file(change.content, name=change.rule_key, bases=self._bases())

    def _bases(self) -> Sequence[ScreeningModel]:
        return self.rules().library().models

    def _refuse_under_way(self, file: RuleFile) -> None:
        """Keep a round's models as they were until its result is taken."""
        if file.kind != MODEL:
            return
        affected = {m.id for m in self._bases() if file.key in (m.id, m.extends)}
        open_ = sa.and_(REQUESTS.c.envelope != b"", REQUESTS.c.delivered_at == "", REQUESTS.c.state.not_in(ENDED))
        for row in self.store.select(sa.select(REQUESTS).where(open_)):
            if affected & set(model_ids(row["models"])):
                raise RoundStateError(
                    "有轮次正在使用这个模型，待其交付后再批准",
                    "a round that uses this model is under way; approve after it is delivered",
                )


def _named(kind: str, key: str, version: int, digest: str) -> dict[str, JSON]:
    return {"kind": kind, "rule": key, "version": version, "digest": digest}
